"""More trials at a time when the cluster grows, and fewer when it shrinks."""

from __future__ import annotations

import time
from typing import Any

from ray.tune import Callback
from ray.tune.search import Searcher

from xlsearch.search.ray_tune.resources import Resources, cluster_nodes

_LOOK_EVERY = 5.0
"""Seconds between two looks at the cluster."""


class FollowCluster(Callback):
    """Tells a searcher how many trials the cluster holds now.

    Args:
        searcher: Is told.
        resources: Of each trial.
    """

    def __init__(self, searcher: Searcher, resources: Resources) -> None:
        self._searcher = searcher
        self._resources = resources
        self._looked = time.monotonic()

    def on_step_begin(self, iteration: int, trials: list[Any], **info: Any) -> None:
        """Called by Tune many times a second."""
        if time.monotonic() - self._looked < _LOOK_EVERY:
            return
        self._looked = time.monotonic()
        self._searcher.set_max_concurrency(max(1, self._resources.held_by(cluster_nodes())))

"""A search's metrics by way of Ray, which exports them for Prometheus."""

from __future__ import annotations

import threading
from types import TracebackType

from xlsearch.search.metrics import METRICS, SearchMetrics

PUBLISH_EVERY = 5.0
"""Seconds. Ray exports every ten what was set since, and forgets a series that was not: this is
what keeps a series alive, and what lets those of an ended trial vanish."""


class PublishedMetrics:
    """Sets Ray's gauges from a search's metrics while the block lasts.

    Args:
        metrics: Of the search; asked on a thread of its own.
        every: Seconds between two times.

    Ray must be connected when this is made.
    """

    def __init__(self, metrics: SearchMetrics, every: float = PUBLISH_EVERY) -> None:
        from ray.util.metrics import Gauge

        self._metrics = metrics
        self._every = every
        self._gauges = {
            metric: Gauge(metric.name, description=metric.description, tag_keys=metric.labels)
            for metric in METRICS
        }
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._publish, name="metrics", daemon=True)

    def __enter__(self) -> PublishedMetrics:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _publish(self) -> None:
        while not self._ended.is_set():
            for sample in self._metrics.samples():
                self._gauges[sample.metric].set(sample.value, sample.labels)
            self._ended.wait(self._every)

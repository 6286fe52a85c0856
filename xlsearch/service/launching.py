"""What a launch is told, what it shows, and what it comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from xlsearch.runs.retry import PATIENCE
from xlsearch.search.listener import SearchListener
from xlsearch.search.ray_tune.resources import DEFAULT_RESOURCES, ResourceOptions, Resources
from xlsearch.search.recorded_trial import RecordedTrial
from xlsearch.search.study import Study
from xlsearch.service.budget import Budget
from xlsearch.trial.watchdog import HANG_SECONDS


class LaunchView(SearchListener, Protocol):
    """Shows a launch to a person."""

    def loading(self) -> None:
        """Libraries and data are being loaded."""

    def preparing(self, what: str, done: int, total: int, note: str = "") -> None:
        """Something that all runs need is being made: what, how far, and a figure."""

    def claimed(self, who: str) -> None:
        """A driver on another machine may be lost, and this one waits until that is known."""

    def waiting(self, who: str) -> None:
        """Another process makes what this one needs, and this one waits for it."""

    def connecting(self) -> None:
        """Ray is being started or joined."""

    def serving(self, url: str) -> None:
        """Ray's dashboard is there."""

    def searching(self, study: Study, resources: Resources) -> None:
        """Trials begin now."""

    def searched(self) -> None:
        """No trial runs any more."""


@dataclass(frozen=True)
class LaunchOptions:
    """Where and how a search runs; none of it changes what it finds.

    Attributes:
        storage_url: A database for the record, in place of the journal in the study's folder.
        address: A running Ray cluster, in place of one of this machine.
        resources: What each trial runs on.
        hang_seconds: A trial that reports nothing for so long is begun again; None for never.
        storage_wait: Seconds that the record's storage may be away.
        ray_dashboard: Whether a cluster of this machine serves Ray's dashboard, on loopback.
        budget: What the study may cost over all launches; None for no limit.
    """

    storage_url: str | None = None
    address: str | None = None
    resources: ResourceOptions = DEFAULT_RESOURCES
    hang_seconds: float | None = HANG_SECONDS
    storage_wait: float = PATIENCE
    ray_dashboard: bool = False
    budget: Budget | None = None


DEFAULT_OPTIONS = LaunchOptions()


@dataclass(frozen=True)
class Launched:
    """A finished launch.

    Attributes:
        study: The study, complete unless its budget stopped it.
        best: The chosen trial, or the best so far; None where a budget stopped the search before a
            run was complete.
        files: What a complete study left: by what it is, the best configuration as YAML and the
            learning-rate curves as PNG.
        stopped: Why the search stopped before its end, and what it would do next; None for one
            that is complete.
    """

    study: Study
    best: RecordedTrial | None
    files: Mapping[str, Path]
    stopped: str | None = None

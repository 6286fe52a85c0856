"""Intermediate tuning as a job of its own, beside the trials that do not need it."""

from __future__ import annotations

import contextlib
import functools
import json
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from xlsearch.config.run import IntermediateConfig
from xlsearch.config.sources import Sources
from xlsearch.errors import RunFailed
from xlsearch.runs.atomic import read_json, write_json
from xlsearch.runs.remote import fetched, location_of, open_root, publish, remote_of
from xlsearch.search.listener import SearchListener
from xlsearch.search.spending import TUNING, Spending
from xlsearch.trial.report import IntermediateReport

_POLL_EVERY = 0.5
"""Seconds between two looks at how far the job is."""

_PUBLISH_EVERY = 5.0
"""The same where the root lives in an object store, and seconds between two reports to it."""

BEGUN = "begun"
SECONDS = "seconds"
"""In the file of progress, beside the report: when the worker began, and how long it took."""

_LOST_WORKERS = 3
"""How often Ray starts the job again whose worker was lost; it goes on from its checkpoint. One
that was killed for want of memory is started again once, to need less."""


class IntermediateJob:
    """A Ray task that makes the tuned model, as the driver sees it.

    Args:
        config: What to make.
        root: The root folder of all that xlsearch writes.
        progress: A file below the root that the task writes its progress to.
        cpus: CPUs of the task, as of a trial.
        gpus: GPUs of the task, as of a trial.
        listener: Told about its progress.
        sources: Where text and models are, on every machine of the cluster.
        hang_seconds: Without a report for so long it is begun again; None for never.
        spending: Notes what it costs; None where nobody asks.
    """

    def __init__(
        self,
        config: IntermediateConfig,
        root: Path,
        progress: Path,
        cpus: int,
        gpus: float,
        listener: SearchListener,
        sources: Sources,
        hang_seconds: float | None = None,
        spending: Spending | None = None,
    ) -> None:
        import ray

        self.failure: str | None = None
        self._listener = listener
        self._spending = spending
        self._root = root
        self._progress = progress.relative_to(root).as_posix()
        remote = remote_of(root)
        self._poll_every = _PUBLISH_EVERY if remote else _POLL_EVERY
        self._polled = time.monotonic()
        self._last: dict[str, Any] | None = None
        # That of an earlier driver would be taken for this one's.
        progress.unlink(missing_ok=True)
        if remote is not None:
            remote.remove(self._progress)
        task = ray.remote(num_cpus=cpus, num_gpus=gpus, max_retries=_LOST_WORKERS)(tune_model)
        described = config.model_dump(mode="json")
        self._begin: Callable[[bool], Any] = functools.partial(
            task.remote, described, location_of(root), self._progress, sources, hang_seconds
        )
        self._killed = False
        self._task = self._begin(self._killed)

    @property
    def running(self) -> bool:
        """Whether the job had not ended when it was last looked at."""
        return self._task is not None

    def poll(self) -> None:
        """Looks how far the job is, and tells the listener; does nothing a moment after the last
        look."""
        import ray

        if self._task is None or time.monotonic() - self._polled < self._poll_every:
            return
        self._polled = time.monotonic()
        self._look()
        ended, _ = ray.wait([self._task], timeout=0)
        if not ended:
            return
        try:
            self.failure = ray.get(self._task)
            self._look()
        except ray.exceptions.OutOfMemoryError as error:
            if not self._killed:
                self._killed = True
                self._task = self._begin(self._killed)
                return
            self.failure = f"its worker was killed for want of memory ({_first_line(error)})"
        except ray.exceptions.RayError as error:
            self.failure = f"its worker was lost ({type(error).__name__}: {_first_line(error)})"
        self._task = None
        if self._spending is not None:
            self._spending.written(TUNING)
        if self.failure is None:
            total = self._last["steps"] if self._last else 0
            self._report(asdict(IntermediateReport("complete", total, total)))

    def _look(self) -> None:
        # A store that stays away is for those to tell who can't do without it.
        with contextlib.suppress(OSError, json.JSONDecodeError, RunFailed):
            self._report(read_json(fetched(self._root, self._progress)))

    def _report(self, values: dict[str, Any]) -> None:
        begun, seconds = values.pop(BEGUN, None), values.pop(SECONDS, None)
        if begun is not None and seconds is not None and self._spending is not None:
            self._spending.tuning(begun, seconds)
        if values != self._last:
            self._last = values
            self._listener.tuning(IntermediateReport(**values))


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0]


def tune_model(
    config: dict[str, Any],
    root: str,
    progress: str,
    sources: Sources,
    hang_seconds: float | None = None,
    killed: bool = False,
) -> str | None:
    """Makes the tuned model on a worker.

    Args:
        config: Of the model, as JSON.
        root: Location of the root.
        progress: The file to write progress to, by its name from the root.
        sources: Where text and models are.
        hang_seconds: Without a report for so long the worker ends; None for never.
        killed: Whether the last worker was killed for want of memory.

    Returns:
        Why it failed, in a sentence; None if it did not.
    """
    begun, clock = time.time(), time.monotonic()
    # Here, since this package does without torch: it is imported where models are trained.
    from xlsearch.errors import UserError
    from xlsearch.trial.intermediate import obtain_intermediate
    from xlsearch.trial.watchdog import watched

    try:
        place = open_root(root)
    except UserError as error:  # this machine lacks what the store needs
        return str(error)
    file = place / progress
    file.parent.mkdir(parents=True, exist_ok=True)
    published = -_PUBLISH_EVERY
    last = IntermediateReport("load", 0, 0)

    def report(moment: IntermediateReport) -> None:
        nonlocal last, published
        complete = moment.phase == "complete"
        if not complete:
            last = moment
        taken = {BEGUN: begun, SECONDS: time.monotonic() - clock}
        with contextlib.suppress(OSError):  # on a full disk what is made waits for space, not this
            write_json(file, {**asdict(last), **taken})
        if complete or time.monotonic() - published >= _PUBLISH_EVERY:
            published = time.monotonic()
            publish(place, progress)

    try:
        with watched(file.parent, report, hang_seconds) as told:
            described = IntermediateConfig.model_validate(config)
            obtain_intermediate(described, place, told, sources, killed)
    except (UserError, RunFailed) as error:
        return str(error)
    except Exception as error:
        log = file.with_suffix(".error.log")
        with contextlib.suppress(OSError, UserError, RunFailed):
            log.write_text(traceback.format_exc(), encoding="utf-8")
            publish(place, log.relative_to(place).as_posix())
        return f"{type(error).__name__}: {error} (traceback: {log})"
    return None

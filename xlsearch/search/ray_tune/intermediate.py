"""Intermediate tuning as a job of its own, beside the trials that do not need it."""

from __future__ import annotations

import contextlib
import json
import time
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import Any

from xlsearch.config.run import IntermediateConfig
from xlsearch.config.sources import Sources
from xlsearch.runs.atomic import read_json, write_json
from xlsearch.search.listener import SearchListener
from xlsearch.search.spending import TUNING, Spending
from xlsearch.trial.report import IntermediateReport

_POLL_EVERY = 0.5
"""Seconds between two looks at how far the job is."""

BEGUN = "begun"
SECONDS = "seconds"
"""In the file of progress, beside the report: when the worker began, and how long it took."""

_LOST_WORKERS = 3
"""How often Ray starts the job again whose worker was lost; it goes on from its checkpoint."""


class IntermediateJob:
    """A Ray task that makes the tuned model, as the driver sees it.

    Args:
        config: What to make.
        root: The root folder of all that xlsearch writes.
        progress: A file that the task writes its progress to, where the driver can read it.
        cpus: CPUs of the task, as of a trial.
        gpus: GPUs of the task, as of a trial.
        listener: Told about its progress.
        sources: Where text and models are, on every machine of the cluster.
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
        spending: Spending | None = None,
    ) -> None:
        import ray

        self.failure: str | None = None
        self._listener = listener
        self._spending = spending
        self._progress = progress
        self._polled = time.monotonic()
        self._last: dict[str, Any] | None = None
        progress.unlink(missing_ok=True)
        progress.parent.mkdir(parents=True, exist_ok=True)
        task = ray.remote(num_cpus=cpus, num_gpus=gpus, max_retries=_LOST_WORKERS)(tune_model)
        described = config.model_dump(mode="json")
        self._task: Any = task.remote(described, str(root), str(progress), sources)

    @property
    def running(self) -> bool:
        """Whether the job had not ended when it was last looked at."""
        return self._task is not None

    def poll(self) -> None:
        """Looks how far the job is, not more often than twice a second, and tells the listener."""
        import ray

        if self._task is None or time.monotonic() - self._polled < _POLL_EVERY:
            return
        self._polled = time.monotonic()
        with contextlib.suppress(OSError, json.JSONDecodeError):
            self._report(read_json(self._progress))
        ended, _ = ray.wait([self._task], timeout=0)
        if not ended:
            return
        try:
            self.failure = ray.get(self._task)
            with contextlib.suppress(OSError, json.JSONDecodeError):
                self._report(read_json(self._progress))
        except ray.exceptions.RayError as error:
            reason = (str(error).splitlines() or [""])[0]
            self.failure = f"its worker was lost ({type(error).__name__}: {reason})"
        self._task = None
        if self._spending is not None:
            self._spending.written(TUNING)
        if self.failure is None:
            total = self._last["steps"] if self._last else 0
            self._report(asdict(IntermediateReport("complete", total, total)))

    def _report(self, values: dict[str, Any]) -> None:
        begun, seconds = values.pop(BEGUN, None), values.pop(SECONDS, None)
        if begun is not None and seconds is not None and self._spending is not None:
            self._spending.tuning(begun, seconds)
        if values != self._last:
            self._last = values
            self._listener.tuning(IntermediateReport(**values))


def tune_model(config: dict[str, Any], root: str, progress: str, sources: Sources) -> str | None:
    """Makes the tuned model on a worker.

    Args:
        config: Of the model, as JSON.
        root: The root folder.
        progress: The file to write progress to.
        sources: Where text and models are.

    Returns:
        Why it failed, in a sentence; None if it did not.
    """
    begun, clock = time.time(), time.monotonic()
    # Here, since this package does without torch: it is imported where models are trained.
    from xlsearch.errors import RunFailed, UserError
    from xlsearch.trial.intermediate import obtain_intermediate

    last = IntermediateReport("load", 0, 0)

    def report(moment: IntermediateReport) -> None:
        nonlocal last
        if moment.phase != "complete":
            last = moment
        taken = {BEGUN: begun, SECONDS: time.monotonic() - clock}
        write_json(Path(progress), {**asdict(last), **taken})

    try:
        obtain_intermediate(IntermediateConfig.model_validate(config), Path(root), report, sources)
    except (UserError, RunFailed) as error:
        return str(error)
    except Exception as error:
        log = Path(progress).with_suffix(".error.log")
        with contextlib.suppress(OSError):
            log.write_text(traceback.format_exc(), encoding="utf-8")
        return f"{type(error).__name__}: {error} (traceback: {log})"
    return None

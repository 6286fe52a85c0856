"""What a Ray worker runs: one trial."""

from __future__ import annotations

import contextlib
import json
import time
import traceback
from dataclasses import asdict
from typing import Any

from xlsearch.config.sources import Sources

RUN = "run"
ROOT = "root"
NUMBER = "number"
KILLED_IN = "killed_in"
"""Keys of a trial's Tune configuration."""

REPORT = "report"
ERROR = "error"
BEGUN = "begun"
SECONDS = "seconds"
"""Keys of a trial's Tune results; the last two say when the worker began and how long it took."""


def train_trial(config: dict[str, Any], sources: Sources, hang_seconds: float | None) -> None:
    """Runs the trial of a Tune configuration and passes its reports on.

    Args:
        config: Run, location of the root, and number of the trial, and the phase in which its last
            worker was killed for want of memory, if it was.
        sources: Where data and models are.
        hang_seconds: Without a report for so long the worker ends; None for never.

    An error is reported, not raised: Tune would take it for a lost worker and try again. The run
    folder keeps its traceback.
    """
    begun, clock = time.time(), time.monotonic()
    # Here, since this package does without torch: it is imported where trials run.
    from ray import tune

    from xlsearch.config.run import RunConfig
    from xlsearch.errors import RunFailed, UserError
    from xlsearch.runs.folder import RunFolder
    from xlsearch.runs.remote import open_root, publish
    from xlsearch.trial.report import TrialReport
    from xlsearch.trial.run import run_trial

    def tell(key: str, value: str) -> None:
        tune.report({key: value, BEGUN: begun, SECONDS: time.monotonic() - clock})

    def report(moment: TrialReport) -> None:
        # As text, since Tune flattens nested results on their way to the searcher.
        tell(REPORT, json.dumps(asdict(moment)))

    run = RunConfig.model_validate(config[RUN])
    try:
        root = open_root(config[ROOT])
    except UserError as error:  # this machine lacks what the store needs
        tell(ERROR, str(error))
        return
    try:
        run_trial(run, root, report, sources, hang_seconds, config[KILLED_IN])
    except (UserError, RunFailed) as error:
        tell(ERROR, str(error))
    except Exception as error:
        log = RunFolder(root, run).path / "error.log"
        with contextlib.suppress(OSError, UserError, RunFailed):
            log.write_text(traceback.format_exc(), encoding="utf-8")
            publish(root, log.relative_to(root).as_posix())
        tell(ERROR, f"{type(error).__name__}: {error} (traceback: {log})")

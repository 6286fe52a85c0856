"""What a Ray worker runs: one trial."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

RUN = "run"
ROOT = "root"
NUMBER = "number"
"""Keys of a trial's Tune configuration."""

REPORT = "report"
ERROR = "error"
"""Keys of a trial's Tune results."""


def train_trial(config: dict[str, Any]) -> None:
    """Runs the trial of a Tune configuration and passes its reports on.

    Bad input is reported, not raised: Tune would take it for a lost worker and try again.
    """
    # Only the worker loads torch; the driver of a search has no use for it.
    from ray import tune

    from xlsearch.config.run import RunConfig
    from xlsearch.errors import UserError
    from xlsearch.trial.report import TrialReport
    from xlsearch.trial.run import run_trial

    def report(moment: TrialReport) -> None:
        # As text, since Tune flattens nested results on their way to the searcher.
        tune.report({REPORT: json.dumps(asdict(moment))})

    try:
        run_trial(RunConfig.model_validate(config[RUN]), Path(config[ROOT]), report)
    except UserError as error:
        tune.report({ERROR: str(error)})

"""The state of a study as plain values, for ``status`` and for whoever reads its JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xlsearch.reporting.ledger import study_ledger
from xlsearch.reporting.methods import results_as_json, study_results
from xlsearch.search.recorded_trial import RecordedTrial
from xlsearch.search.study import Study


def study_status(study: Study, driven: bool, root: Path | None = None) -> dict[str, Any]:
    """The state of a study.

    Args:
        study: The study with its protocol.
        driven: Whether a process drives it now.
        root: The root folder, for the cost; None where it is not asked for.

    Returns:
        ``{"study", "state", "best", "trials"}``; ``state`` is ``running``, ``complete``, or
        ``interrupted`` for a study that nobody drives and that has not ended; ``best`` is the best
        trial so far, with its languages, or None. A complete study also has ``methods``: what was
        found for each. ``cost`` is the sum of the ledger in hours; ``stopped`` says why the last
        launch ended before the search did, where a budget ended it.
    """
    done, best = study.is_done(), study.choice()
    shown = {
        "study": study.name,
        "state": "complete" if done else "running" if driven else "interrupted",
        "best": {**_trial(study, best), "languages": best.languages} if best else None,
        "trials": [_trial(study, trial) for trial in study.trials()],
    }
    if root is not None:
        shown["cost"] = study_ledger(study, root).as_json()["total"]
    if study.stopped is not None:
        shown["stopped"] = study.stopped
    if done:
        shown["methods"] = results_as_json(study_results(study))
    return shown


def _trial(study: Study, trial: RecordedTrial) -> dict[str, Any]:
    configuration = study.configuration
    values: dict[str, Any] = {
        "number": trial.number,
        "state": trial.state,
        "stage": trial.stage,
        "task": configuration["task"],
        "model": configuration["model"],
        "method": trial.point.method,
        "learning_rate": float(trial.point.learning_rate),
        "intermediate_tuning": trial.point.intermediate_tuning,
        "seed": trial.point.seed,
        "objective": trial.objective,
        "run": trial.run,
    }
    if trial.reason is not None:
        values["reason"] = trial.reason
    return values

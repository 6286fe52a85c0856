"""A note on a study for those who look at it in optuna-dashboard."""

from __future__ import annotations

from pathlib import Path

import optuna

from xlsearch.reporting.ledger import study_ledger
from xlsearch.reporting.report.decisions import decisions
from xlsearch.reporting.report.markdown import escaped
from xlsearch.reporting.why import why
from xlsearch.search.planner import Done
from xlsearch.search.study import Study

_MARK = "*Written by xlsearch; delete this line to keep a note of your own.*"


def study_note(study: Study, root: Path) -> str:
    """The note as Markdown: what the study is, its best so far, its decisions and its cost."""
    configuration, now, best = study.configuration, study.plan(), study.choice()
    lines = [
        f"Learning-rate search for **{escaped(configuration['model'])}** on "
        f"**{escaped(configuration['task'])}** ({configuration['scale']} scale). The objective is "
        "the mean over target languages of the score, less a penalty for outputs in a wrong "
        "language. LR is the exact learning rate of a trial; score and LCR are means over target "
        "languages.",
        "",
    ]
    if best is not None:
        said = why(study.trials(), best, configuration["source_language"])
        lines += [f"**{'Best' if isinstance(now, Done) else 'Best so far'}:** {escaped(said)}", ""]
    choice = now.choice if isinstance(now, Done) else None
    lines += [f"- {escaped(said)}" for said in decisions(study.trials(), choice)]
    lines += ["", f"Cost: {study_ledger(study, root).total.describe()}.", "", _MARK]
    return "\n".join(lines)


def put_note(storage: optuna.storages.BaseStorage, study: Study, root: Path) -> None:
    """Writes the note, unless somebody wrote one of their own.

    Args:
        storage: Where the study is.
        study: The study with its protocol.
        root: The root folder, where the runs are.
    """
    from optuna_dashboard import save_note
    from optuna_dashboard._note import get_note

    record = optuna.load_study(storage=storage, study_name=study.name)
    there, note = get_note(record), study_note(study, root)
    if note != there and (not there or _MARK in there):
        save_note(record, note)

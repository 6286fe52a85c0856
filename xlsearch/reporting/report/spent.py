"""The cost ledger as a part of the report."""

from __future__ import annotations

from xlsearch.reporting.ledger import Entry, Ledger, trial_cost
from xlsearch.reporting.report.document import Paragraph, Part, Section, Table
from xlsearch.search.study import Study

_HEAD = ("stage", "method", "runs", "spent", "of it wasted", "saved by reuse")


def ledger_section(study: Study, ledger: Ledger) -> Section:
    """What the study has cost, by stage and method, and trial by trial."""
    rows = [_cells(entry) for entry in (*ledger.entries, ledger.total)]
    table = Table.of("Device time", _HEAD, rows)
    marked = (False,) * len(ledger.entries) + (True,)
    own = Table(table.caption, table.head, table.rows, _numeric(table), marked)
    parts: list[Part] = [
        Paragraph(
            "Device time is the time for which a worker held its GPUs, or its cores where it had "
            "no GPU, with loading and evaluations. Wasted is what a lost worker did after its last "
            "checkpoint; saved is what runs had cost that were found complete."
        ),
        own,
    ]
    if ledger.incomplete:
        parts.append(
            Paragraph(
                f"Of {ledger.incomplete} trials, which an earlier version ran, only training and "
                "evaluation are known, and not what was reused."
            )
        )
    each = [
        (str(trial.number), trial.stage, trial.point.method, trial_cost(trial),
         trial.cost.lost.describe(), trial.cost.reused.describe())
        for trial in study.trials()
        if trial.cost.attempts
    ]  # fmt: skip
    if each:
        head = ("trial", "stage", "method", "spent", "of it wasted", "saved by reuse")
        parts.append(Table.of("Trial by trial", head, each))
    return Section("Cost", tuple(parts))


def _numeric(table: Table) -> tuple[bool, ...]:
    return tuple(name == "runs" for name in table.head)


def _cells(entry: Entry) -> tuple[str, ...]:
    times = (entry.spent, entry.wasted, entry.saved)
    return (
        entry.stage,
        entry.method,
        str(entry.runs) if entry.runs else "",
        *(time.describe() for time in times),
    )

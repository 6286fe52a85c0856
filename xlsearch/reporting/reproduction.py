"""A table or figure of the paper beside ours, and how many directions came out."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from xlsearch.reporting.directions import Line


def reproduction_table(lines: Sequence[Line]) -> Table:
    """One row for each line."""
    table = Table(box=None, pad_edge=False)
    for name in ("task", "model", "", "paper", "ours", "direction"):
        table.add_column(name)
    for line in lines:
        table.add_row(
            line.task, line.model, line.what, line.paper, line.ours or "-", _direction(line)
        )
    return table


def summary(lines: Sequence[Line]) -> str:
    """How many of the paper's directions come out, and which do not."""
    judged = [line for line in lines if line.agrees is not None]
    other = [line for line in judged if not line.agrees]
    sentence = f"{len(judged) - len(other)} of {len(judged)} directions come out"
    if not other:
        return f"{sentence}."
    listed = "; ".join(
        f"{line.task}, {line.model}, {line.what} (paper {line.paper}, ours {line.ours})"
        for line in other
    )
    return f"{sentence}; those that do not: {listed}."


def _direction(line: Line) -> str:
    if line.agrees is None:
        return ""
    return "same" if line.agrees else "not the same"

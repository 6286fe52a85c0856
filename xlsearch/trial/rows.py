"""The rows of a run that goes on: as many of them as can be read, and their digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from xlsearch.config.run import RunConfig
from xlsearch.runs.rows import Row
from xlsearch.trial.report import ReportTrial, TrialReport


def readable_rows(path: Path) -> list[Row]:
    """The rows before the first line that is none; nothing where there is no file."""
    rows: list[Row] = []
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return rows
    for line in lines:
        try:
            row = Row(**json.loads(line))
        except (ValueError, TypeError):
            break
        if not isinstance(row.step, int):
            break
        rows.append(row)
    return rows


def rows_digest(rows: Iterable[Row]) -> str:
    """SHA-256 of rows: a run goes on from a checkpoint only with the rows that it had there."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(json.dumps(asdict(row)).encode())
    return digest.hexdigest()


def report_rows(rows: list[Row], config: RunConfig, report: ReportTrial) -> None:
    """Reports the evaluations of a run that an earlier process made."""
    for step in sorted({row.step for row in rows}):
        now = tuple(row for row in rows if row.step == step)
        report(TrialReport("evaluate", step, config.training.steps, rows=now))

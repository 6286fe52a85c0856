"""Reads evaluation rows that anybody may have written, row by row, and says which one is wrong."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from xlsearch.config.learning_rate import LearningRate
from xlsearch.errors import UserError
from xlsearch.languages import language
from xlsearch.runs.rows import Row

_TEXTS = ("task", "model", "method", "language")
_NEEDED = (
    *_TEXTS,
    *("intermediate_tuning", "learning_rate", "seed", "step", "score", "language_correct_rate"),
)
"""Columns that a replay reads."""


def read_curves(path: Path) -> list[Row]:
    """Reads evaluation rows that anybody may have written.

    Columns that a replay does not need may be missing, and others may be there.

    Raises:
        UserError: If the file can't be read, has no rows, or a row is wrong; says which.
    """
    rows = [_row(values, where) for values, where in _records(path)]
    if not rows:
        raise UserError(f"{path} has no rows; expected evaluations as export --evaluations writes")
    return rows


def _records(path: Path) -> Iterator[tuple[Mapping[str, Any], str]]:
    """The rows of a file as plain values, and where each stands."""
    if path.suffix not in (".jsonl", ".parquet"):
        raise UserError(f"--curves {path}: the name must end in .jsonl or .parquet")
    try:
        if path.suffix == ".parquet":
            import pyarrow as pa
            import pyarrow.parquet as pq

            try:
                records = pq.read_table(path).to_pylist()
            except pa.ArrowException:
                raise UserError(f"{path} is not a Parquet file") from None
            for number, values in enumerate(records, start=1):
                yield values, f"{path}, row {number}"
        else:
            with path.open(encoding="utf-8") as file:
                for number, line in enumerate(file, start=1):
                    where = f"{path}, line {number}"
                    if line.strip():
                        yield _parsed(line, where), where
    except UnicodeDecodeError:
        raise UserError(f"{path} is not UTF-8 text") from None
    except OSError as error:
        raise UserError(f"can't read {path}: {error.strerror or error}") from None


def _parsed(line: str, where: str) -> Mapping[str, Any]:
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        raise UserError(f"{where}: not JSON; expected one evaluation row a line") from None
    if not isinstance(values, dict):
        raise UserError(f"{where}: not a JSON object; expected one evaluation row a line")
    return values


def _row(values: Mapping[str, Any], where: str) -> Row:
    if missing := [name for name in _NEEDED if name not in values]:
        raise UserError(f"{where}: the column {missing[0]!r} is missing")
    for name in _TEXTS:
        if not isinstance(values[name], str) or not values[name]:
            raise UserError(f"{where}: {name} is {values[name]!r}; expected a name")
    if not isinstance(values["intermediate_tuning"], bool):
        tuning = values["intermediate_tuning"]
        raise UserError(f"{where}: intermediate_tuning is {tuning!r}; expected true or false")
    try:
        language(values["language"])
        rate = LearningRate(_number(values, "learning_rate", math.inf, where) or 0.0)
    except UserError as error:
        prefix = "" if str(error).startswith(where) else f"{where}: "
        raise UserError(f"{prefix}{error}") from None
    score = _number(values, "score", 100.0, where)
    correct = _number(values, "language_correct_rate", 100.0, where)
    if score is not None and correct is None:
        raise UserError(f"{where}: a score without a language_correct_rate")
    return Row(
        task=values["task"],
        model=values["model"],
        method=values["method"],
        intermediate_tuning=values["intermediate_tuning"],
        learning_rate=float(rate),
        seed=_count(values, "seed", where),
        step=_count(values, "step", where),
        language=values["language"],
        score=score,
        language_correct_rate=correct,
        mean_length=None,
        scorer=str(values.get("scorer", "")),
        xlrs=_number(values, "xlrs", 1.0, where, least=-1.0),
    )


def _number(
    values: Mapping[str, Any], name: str, most: float, where: str, least: float = 0.0
) -> float | None:
    """A number of a row; None for null, and for NaN, which some writers of Parquet make of it."""
    value = values.get(name)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise UserError(f"{where}: {name} is {value!r}; expected {least:g} to {most:g}, or null")
    return float(value)


def _count(values: Mapping[str, Any], name: str, where: str) -> int:
    value = values[name]
    whole = isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1
    if not whole or value < 0:
        raise UserError(f"{where}: {name} is {value!r}; expected a whole number")
    return int(value)

"""Searches replayed on a file of recorded evaluations, without a GPU."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from xlsearch.config.learning_rate import LearningRate
from xlsearch.config.space import SCALES, load_space
from xlsearch.errors import UserError, unknown_name
from xlsearch.languages import SOURCE_LANGUAGE, language
from xlsearch.runs.rows import Row
from xlsearch.search.simulation import Cell, Curves, SimulatedTrial, collect, simulate
from xlsearch.service.methods import ALL

_TEXTS = ("task", "model", "method", "language")
_NEEDED = (
    *_TEXTS,
    *("intermediate_tuning", "learning_rate", "seed", "step", "score", "language_correct_rate"),
)
"""Columns that a replay reads."""


def run_simulations(
    curves: Path,
    methods: Sequence[str] = (ALL,),
    space: str | None = None,
    scale: str = "paper",
    task: str | None = None,
    model: str | None = None,
    seeds: int = 1,
) -> list[Cell]:
    """Replays one search for each task, model and method.

    Args:
        curves: A .jsonl or .parquet file of evaluation rows.
        methods: Adaptation methods; ``all`` stands for those that have rows of a task and model.
        space: A search-space file or the name of a shipped one; None for that of the scale.
        scale: ``paper`` or ``pocket``.
        task, model: Only these, if given.
        seeds: Most runs of a point whose score decides something.

    Raises:
        UserError: If something in the file or the options is wrong, or a run is missing.
    """
    if scale not in SCALES:
        raise unknown_name("scale", scale, SCALES)
    rules = load_space(space, scale)
    found = collect(read_curves(curves), SOURCE_LANGUAGE, rules.objective)
    for kind, name in (("task", task), ("model", model)):
        there = {getattr(one, kind) for one in found}
        if name is not None and name not in there:
            raise unknown_name(kind, name, there, str(curves))
    shown = [one for one in found if task in (None, one.task) and model in (None, one.model)]
    if not methods:
        raise UserError("no method given; give names with commas between them, or all")
    recorded = {method for one in shown for method in one.methods}
    for method in methods:
        if method != ALL and method not in recorded:
            raise unknown_name("method", method, recorded, str(curves))
    return [
        simulate(one, rules, method, seeds)
        for one in shown
        for method in one.methods
        if ALL in methods or method in methods
    ]


def simulation_as_json(cells: Sequence[Cell]) -> dict[str, Any]:
    """What ``xlsearch simulate --json`` prints.

    A run that several searches of a task and model ask for is one run: those of a method whose
    preliminary learning rate others take stand in that method's cell, or under ``preliminary`` if
    that method was not asked for.
    """
    asked = {_place(cell.curves, cell.method) for cell in cells}
    preliminary: dict[tuple[str, str, str], dict[SimulatedTrial, None]] = {}
    for cell in cells:
        for trial in cell.others:
            place = _place(cell.curves, trial.point.method)
            if place not in asked:
                preliminary.setdefault(place, {})[trial] = None
    trials = [trial for cell in cells for trial in cell.trials]
    trials += [trial for others in preliminary.values() for trial in others]
    return {
        "cells": [_cell(cell) for cell in cells],
        "preliminary": [
            {**_names(place), "trials": [_trial(trial) for trial in others]}
            for place, others in preliminary.items()
        ],
        "cost": {
            "trials": len(trials),
            "steps": sum(trial.recorded.steps for trial in trials),
        },
    }


def notes(cells: Sequence[Cell]) -> list[str]:
    """What a user should know about searches that were not made in full, a sentence each."""
    return [
        f"{cell.curves.task}, {cell.curves.model}, {cell.method}: no run with intermediate tuning "
        "is recorded, so it was crossed without"
        for cell in cells
        if cell.untuned
    ]


def _cell(cell: Cell) -> dict[str, Any]:
    best = cell.choice.best
    values: dict[str, Any] = {
        **_names(_place(cell.curves, cell.method)),
        "best": best
        and {
            "learning_rate": float(best.learning_rate),
            "intermediate_tuning": best.intermediate_tuning,
            "objective": cell.objective,
        },
        "unsettled": bool(cell.choice.unsettled),
        "trials": [_trial(trial) for trial in cell.trials],
    }
    if cell.untuned:
        (values["note"],) = notes([cell])
    return values


def _trial(trial: SimulatedTrial) -> dict[str, Any]:
    return {
        "learning_rate": float(trial.point.learning_rate),
        "intermediate_tuning": trial.point.intermediate_tuning,
        "seed": trial.point.seed,
        "stage": trial.stage,
        "state": trial.recorded.outcome.state.value,
        "objective": trial.recorded.outcome.objective,
        "steps": trial.recorded.steps,
    }


def _place(curves: Curves, method: str) -> tuple[str, str, str]:
    return curves.task, curves.model, method


def _names(place: tuple[str, str, str]) -> dict[str, str]:
    return dict(zip(("task", "model", "method"), place, strict=True))


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
    except ValueError:
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

"""Searches replayed on a file of recorded evaluations, without a GPU."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xlsearch.config.space import SCALES, load_space
from xlsearch.errors import UserError, unknown_name
from xlsearch.languages import SOURCE_LANGUAGE
from xlsearch.models.catalogue import ALIASES
from xlsearch.search.simulation import Cell, Curves, SimulatedTrial, collect, simulate
from xlsearch.service.curves_file import read_curves
from xlsearch.service.methods import ALL, check_space


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
    if model is not None and all(one.model != model for one in found):
        model = ALIASES.get(model, model)
    for kind, name in (("task", task), ("model", model)):
        there = {getattr(one, kind) for one in found}
        if name is not None and name not in there:
            raise unknown_name(kind, name, there, str(curves))
    shown = [one for one in found if task in (None, one.task) and model in (None, one.model)]
    if not methods:
        raise UserError("no method given; give names with commas between them, or all")
    check_space(
        rules, f"search space {space or scale}", {method for one in found for method in one.methods}
    )
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

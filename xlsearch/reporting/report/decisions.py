"""What the search decided, stage by stage, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean

from xlsearch.config.learning_rate import LearningRate
from xlsearch.search.asking import Choice
from xlsearch.search.point import Point
from xlsearch.search.recorded_trial import RecordedTrial

_WHY = {
    "decades": "powers of ten",
    "extension": "a decade further, as the best was at an end",
    "refinement": "a multiple of the best decade",
    "crossing": "multiples of the preliminary learning rate, without and with intermediate tuning",
}


def decisions(trials: Sequence[RecordedTrial], choice: Choice | None) -> list[str]:
    """One sentence a method and stage: what was tried, what came of it, and what was best then.

    Args:
        trials: All trials of a study in the order of their numbers.
        choice: What the search ended with; None while it has not.
    """
    # Of a run that was lost and tried again the later one counts.
    last = list({trial.point: trial for trial in trials}.values())
    said = []
    for method in dict.fromkeys(trial.point.method for trial in last):
        own = [trial for trial in last if trial.point.method == method]
        known: list[RecordedTrial] = []
        for stage in dict.fromkeys(trial.stage for trial in own):
            known += [trial for trial in own if trial.stage == stage]
            said.append(_stage(method, stage, known))
        found = choice.methods.get(method) if choice else None
        if found is not None and found.preliminary is not None:
            said.append(
                f"{method}: the preliminary learning rate is {found.preliminary.learning_rate}"
                + ("" if _searched(own) else ", taken from the method that lends it")
                + "."
            )
        if found is not None:
            said += [
                f"{method}: noise could turn {_place(a)} against {_place(b)}: their difference is "
                "within its standard error after all seeds."
                for a, b in found.unsettled
            ]
    if choice is not None:
        best = "no run finished" if choice.best is None else f"{choice.best.describe()} is chosen"
        said.append(f"All methods: {best}.")
    return said


def _stage(method: str, stage: str, known: Sequence[RecordedTrial]) -> str:
    groups: dict[Point, list[RecordedTrial]] = {}
    for trial in known:
        groups.setdefault(replace(trial.point, seed=0), []).append(trial)
    tried = [
        f"{_place(point)} {_outcome(group)}"
        for point, group in groups.items()
        if any(trial.stage == stage for trial in group)
    ]
    why = f" ({_WHY[stage]})" if stage in _WHY else ""
    if any(trial.state in ("running", "waiting") for trial in known):
        end = "not decided yet"
    else:
        ranked = [point for point, group in groups.items() if _value(group) is not None]
        best = max(ranked, key=lambda point: _rank(point, groups[point]), default=None)
        end = "none finished" if best is None else f"best so far: {_place(best)}"
    return f"{method}, {stage}{why}: {'; '.join(tried)}; {end}."


def _searched(own: Sequence[RecordedTrial]) -> bool:
    return any(trial.stage != "crossing" for trial in own)


def _place(point: Point) -> str:
    return f"{point.learning_rate}{' with IT' if point.intermediate_tuning else ''}"


def _value(group: Sequence[RecordedTrial]) -> float | None:
    """Mean objective over seeds; None where one of them did not finish."""
    values = [trial.objective for trial in group]
    finished = [value for value in values if value is not None]
    return fmean(finished) if len(finished) == len(values) else None


def _rank(point: Point, group: Sequence[RecordedTrial]) -> tuple[float, LearningRate, bool]:
    value = _value(group)
    assert value is not None
    return value, point.learning_rate, not point.intermediate_tuning


def _outcome(group: Sequence[RecordedTrial]) -> str:
    value = _value(group)
    seeds = f", {len(group)} seeds" if len(group) > 1 else ""
    if value is not None:
        return f"({value:.1f}{seeds})"
    states = sorted({trial.state for trial in group if trial.objective is None})
    return f"({' and '.join(states)}{seeds})"

"""Recorded rows that say what the paper's Table 4 says, and nothing more.

A run's score falls with the distance, in decades, from the best learning rate of its method; the
table's choice about intermediate tuning decides whether runs with it are better or worse.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from xlsearch.runs.rows import Row

Pair = tuple[str, bool | None]
"""A best learning rate and whether intermediate tuning was chosen; None where there was none."""

# Model, method, XL-Sum, XQuAD, as printed in the table.
TABLE_4: list[tuple[str, str, Pair | None, Pair | None]] = [
    ("mt5-base", "full", ("1e-4", False), ("1e-4", True)),
    ("mt5-base", "mix", ("1e-4", False), ("1e-4", True)),
    ("mt5-base", "multisource", ("1e-4", False), None),
    ("mt5-base", "freeze", ("1e-4", True), ("1e-4", True)),
    ("mt5-base", "adapters", ("1e-3", False), ("1e-3", False)),
    ("mt5-base", "prompt", ("1e-2", True), ("1e-2", True)),
    ("mbart", "full", ("1e-6", True), ("1e-5", True)),
    ("mbart", "mix", ("1e-6", True), ("1e-5", False)),
    ("mbart", "multisource", ("1e-6", True), None),
    ("mbart", "freeze", ("1e-5", True), ("1e-5", True)),
    ("mbart", "adapters", ("1e-5", True), ("1e-3", True)),
    ("mbart", "prompt", ("1e-2", True), ("1e-3", True)),
    ("nllb", "full", ("1e-5", None), ("3e-5", None)),
    ("mbart-tr", "full", ("1e-6", None), ("1e-3", None)),
]

RATES = [Fraction(factor, 10**k) for k in range(1, 8) for factor in (1, 3)]
RATES += [Fraction(1), Fraction(3)]
LANGUAGES = {"xlsum": ("zh", "fr", "ko", "ru", "es"), "xquad": ("th", "ro", "vi")}
SCORERS = {"xlsum": "rouge2-xlsum", "xquad": "f1-squad"}


@dataclass(frozen=True)
class Best:
    """A line of the table: where the search must end."""

    task: str
    model: str
    method: str
    learning_rate: Fraction
    intermediate_tuning: bool


def bests() -> list[Best]:
    """All 26."""
    return [
        Best(task, model, method, Fraction(pair[0]), bool(pair[1]))
        for model, method, *pairs in TABLE_4
        for task, pair in zip(("xlsum", "xquad"), pairs, strict=True)
        if pair is not None
    ]


def rows(seed: int = 0, steps: int = 20_000) -> list[Row]:
    """The runs at every rate that a search may ask for, with evaluations at half and full time."""
    found = []
    tunings = {(model, method): pairs[0] for model, method, *pairs in TABLE_4}
    for best in bests():
        pair = tunings[best.model, best.method]
        assert pair is not None
        for tuning in (False,) if pair[1] is None else (False, True):
            for rate in RATES:
                for step in (steps // 2, steps):
                    found += _evaluation(best, rate, tuning, seed, step, step / steps)
    return found


def _evaluation(
    best: Best, rate: Fraction, tuning: bool, seed: int, step: int, share: float
) -> list[Row]:
    distance = abs(math.log10(rate / best.learning_rate))
    score = share * (30 - 4 * distance - 3 * (tuning != best.intermediate_tuning))
    values = {code: (score + i, 99.0) for i, code in enumerate(LANGUAGES[best.task])}
    values["en"] = (60 + float(rate), 100.0)
    return [
        Row(
            *(best.task, best.model, best.method, tuning, float(rate), seed, step, code),
            *(max(value, 0.0), correct, 50.0, SCORERS[best.task]),
        )
        for code, (value, correct) in values.items()
    ]

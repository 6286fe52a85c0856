"""The rule that picks the learning rate of intermediate tuning, on tables worked out by hand."""

from __future__ import annotations

import pytest

from xlsearch.config.learning_rate import LearningRate
from xlsearch.trial.probes import Candidate, choose


@pytest.mark.parametrize(
    ("table", "chosen"),
    [
        # The smallest loss, where all keep to the language.
        ({"1e-3": (2.0, 90.0), "1e-4": (1.5, 95.0), "1e-5": (3.0, 99.0)}, "1e-4"),
        # 81 is less than 90 % of 91; 82 is not.
        ({"1e-3": (1.0, 81.0), "1e-4": (1.5, 91.0)}, "1e-4"),
        ({"1e-3": (1.0, 82.0), "1e-4": (1.5, 91.0)}, "1e-3"),
        # Exactly 90 % is enough.
        ({"1e-3": (1.0, 90.0), "1e-4": (1.5, 100.0)}, "1e-3"),
        # The best LCR is looked for among all, also those with a large loss.
        ({"1e-3": (1.0, 50.0), "1e-4": (1.2, 60.0), "1e-5": (9.0, 100.0)}, "1e-5"),
        # Of equal losses, the larger learning rate, wherever it stands.
        ({"1e-4": (1.5, 91.0), "1e-3": (1.5, 95.0)}, "1e-3"),
        ({"3e-4": (1.5, 91.0), "1e-4": (1.5, 95.0)}, "3e-4"),
        # Diverged ones are out, and all of them together leave nothing.
        ({"1e-2": None, "1e-3": (2.5, 10.0)}, "1e-3"),
        ({"1e-2": None, "1e-3": None}, None),
        # Nobody writes in any language yet.
        ({"1e-3": (2.0, 0.0), "1e-4": (2.5, 0.0)}, "1e-3"),
    ],
)
def test_the_rule(table: dict[str, tuple[float, float] | None], chosen: str | None) -> None:
    candidates = [Candidate(LearningRate(rate), *(found or ())) for rate, found in table.items()]
    best = choose(candidates)
    assert (best and str(best.learning_rate)) == chosen

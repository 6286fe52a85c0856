"""Each table and figure of the paper beside what was measured: numbers, and whether they agree.

What counts is the direction: the sign of a difference, or an order. A difference is taken for none
where it is smaller than ``NO_CHANGE`` or than its standard error.

The paper gives its figures as curves and bars, without numbers. So for figure 1 and figure 2 only
what the paper says about them is compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from xlsearch.config.learning_rate import LearningRate
from xlsearch.reporting import paper
from xlsearch.reporting.measured import Measured, best
from xlsearch.reporting.paper import Cell
from xlsearch.reporting.translated_outputs import Comparison

NO_CHANGE = 0.5
"""Points of a score, or percent of LCR: a smaller difference is none."""

COLLAPSE = 10.0
"""Percent of LCR that are lost where outputs fall into a wrong language."""


@dataclass(frozen=True)
class Found:
    """What was measured in a cell.

    Attributes:
        methods: What was measured, by method.
        translated: The comparison of translated outputs, where it was made.
    """

    methods: Mapping[str, list[Measured]]
    translated: Comparison | None = None

    def best(self, method: str, intermediate_tuning: bool | None = None) -> Measured | None:
        """The best of a method; None if it was not run, or no run of it is complete."""
        return best(self.methods.get(method, []), intermediate_tuning)


@dataclass(frozen=True)
class Line:
    """One figure of the paper beside ours.

    Attributes:
        task, model: The cell.
        what: What is compared.
        paper: The paper's number or statement.
        ours: What was measured; empty if it was not.
        agrees: Whether the direction is the same; None where there is none to compare.
    """

    task: str
    model: str
    what: str
    paper: str
    ours: str
    agrees: bool | None


def table1(cell: Cell, found: Found) -> Iterator[Line]:
    """What intermediate tuning changes: the best with it minus the best without."""
    for method, change in paper.TABLE1[cell].items():
        without, tuned = found.best(method, False), found.best(method, True)
        if without is None or tuned is None:
            yield Line(*cell, f"{method}: IT", f"{change:+.1f}", "", None)
            continue
        ours = tuned.score.minus(without.score)
        agrees = _sign(change) == _sign(ours.mean, ours.error)
        yield Line(*cell, f"{method}: IT", f"{change:+.1f}", ours.show("+"), agrees)


def table2(cell: Cell, found: Found) -> Iterator[Line]:
    """Full and multisource with intermediate tuning, each minus translate-train."""
    entries = paper.TABLE2[cell]
    ours = {name: found.best(name, name != "translate-train") for name in entries}
    for name, entry in entries.items():
        said = f"{entry.score:.1f}, LCR {entry.language_correct_rate:.1f}"
        yield Line(*cell, _with_tuning(name), said, _shown(ours[name]), None)
    reference, other = entries["translate-train"], ours["translate-train"]
    for name, entry in entries.items():
        if name == "translate-train":
            continue
        change, mine = entry.score - reference.score, ours[name]
        what = f"{_with_tuning(name)} minus translate-train"
        if mine is None or other is None:
            yield Line(*cell, what, f"{change:+.1f}", "", None)
            continue
        difference = mine.score.minus(other.score)
        agrees = _sign(change) == _sign(difference.mean, difference.error)
        yield Line(*cell, what, f"{change:+.1f}", difference.show("+"), agrees)


def table3(cell: Cell, found: Found) -> Iterator[Line]:
    """The best English learning rate with translated outputs, and the best non-English one."""
    said, ours = paper.TABLE3[cell], found.translated
    for what, rate, score, side in (
        ("best English LR, translated", said.english_rate, said.translated, "translated"),
        ("best non-English LR", said.other_rate, said.score, "best_other"),
    ):
        mine = getattr(ours, side) if ours else None
        shown = f"{mine.learning_rate}: {mine.score:.1f}" if mine else ""
        yield Line(*cell, what, f"{rate}: {score:.2f}", shown, None)
    change = said.score - said.translated
    what = "non-English minus translated"
    if ours is None:
        yield Line(*cell, what, f"{change:+.1f}", "", None)
        return
    difference = ours.best_other.score - ours.translated.score
    agrees = _sign(change) == _sign(difference)
    yield Line(*cell, what, f"{change:+.1f}", f"{difference:+.1f}", agrees)


def table4(cell: Cell, found: Found) -> Iterator[Line]:
    """The best learning rates: each as it compares with that of full, and whether IT is chosen."""
    full = found.best("full", False)
    if cell in paper.TABLE4_WITHOUT:
        shown = str(full.learning_rate) if full else ""
        yield Line(*cell, "full without IT: LR", paper.TABLE4_WITHOUT[cell], shown, None)
    for method, entry in paper.TABLE4.get(cell, {}).items():
        said_tuned = f"{entry.learning_rate} {_tuned(entry.intermediate_tuning)}"
        ours = found.best(method)
        if ours is None or full is None:
            yield Line(*cell, f"{method}: LR, IT", said_tuned, "", None)
            continue
        shown = f"{ours.learning_rate} {_tuned(ours.intermediate_tuning)}"
        yield Line(*cell, f"{method}: LR, IT", said_tuned, shown, None)
        chosen = entry.intermediate_tuning == ours.intermediate_tuning
        tuned = _tuned(entry.intermediate_tuning)
        yield Line(*cell, f"{method}: IT chosen", tuned, _tuned(ours.intermediate_tuning), chosen)
        said = _order(entry.learning_rate, paper.TABLE4_WITHOUT[cell])
        mine = _order(str(ours.learning_rate), str(full.learning_rate))
        yield Line(*cell, f"{method}: LR against full without IT", said, mine, said == mine)


def figure1(cell: Cell, found: Found) -> Iterator[Line]:
    """Score and LCR of full fine-tuning over the learning rate, without intermediate tuning."""
    curve = [one for one in found.methods.get("full", []) if not one.intermediate_tuning]
    for one in curve:
        shown = f"{_shown(one)}, English {one.english.mean:.1f}"
        yield Line(*cell, f"at {one.learning_rate}", "", shown, None)
    top = best(curve)
    statements = (
        ("LCR at the largest LR", "collapses"),
        ("best non-English LR", "not above the best English LR"),
        ("English at the next larger LR", "not worse"),
    )
    if top is None:
        for what, said in statements:
            yield Line(*cell, what, said, "", None)
        return
    largest = curve[-1]
    at_largest, at_top = largest.language_correct_rate.mean, top.language_correct_rate.mean
    rates = f"{at_largest:.0f} % at {largest.learning_rate}, {at_top:.0f} % at {top.learning_rate}"
    yield Line(*cell, *statements[0], rates, at_top - at_largest >= COLLAPSE)
    english = max(curve, key=lambda one: (one.english.mean, one.learning_rate))
    shown = f"{top.learning_rate}, English {english.learning_rate}"
    yield Line(*cell, *statements[1], shown, top.learning_rate <= english.learning_rate)
    larger = next((one for one in curve if one.learning_rate > top.learning_rate), None)
    if larger is None:
        yield Line(*cell, *statements[2], "", None)
        return
    after, before = larger.english.mean, top.english.mean
    shown = f"{after:.1f} at {larger.learning_rate}, {before:.1f} at the best"
    yield Line(*cell, *statements[2], shown, after >= before - NO_CHANGE)


def figure2(cell: Cell, found: Found) -> Iterator[Line]:
    """The methods with learning rate and intermediate tuning tuned, against full fine-tuning.

    The paper's third finding: freezing is consistently good for mBART and not for mT5; several
    source languages are so for mT5 and not for mBART; adapters and prompts do not beat full.
    """
    full = found.best("full")
    methods = [name for name in paper.METHODS if (cell[0], name) != ("xquad", "multisource")]
    for method in methods:
        yield Line(*cell, method, "", _shown(found.best(method)), None)
    gains = {"freeze": cell[1] == "mbart", "multisource": cell[1] == "mt5-base"}
    for method, gain in gains.items():
        if method not in methods:
            continue
        said = "not worse" if gain else "not better"
        ours = found.best(method)
        if ours is None or full is None:
            yield Line(*cell, f"{method} against full", said, "", None)
            continue
        difference = ours.score.minus(full.score)
        sign = _sign(difference.mean, difference.error)
        agrees = sign >= 0 if gain else sign <= 0
        yield Line(*cell, f"{method} against full", said, difference.show("+"), agrees)


LINES: Mapping[str, Callable[[Cell, Found], Iterator[Line]]] = {
    "table1": table1,
    "table2": table2,
    "table3": table3,
    "table4": table4,
    "figure1": figure1,
    "figure2": figure2,
}
"""What can be reproduced."""


def _sign(difference: float, error: float | None = None) -> int:
    """1, -1, or 0 for a difference that is none."""
    if abs(difference) < max(NO_CHANGE, error or 0.0):
        return 0
    return 1 if difference > 0 else -1


def _order(rate: str, other: str) -> str:
    mine, theirs = LearningRate(rate), LearningRate(other)
    return "equal" if mine == theirs else "larger" if mine > theirs else "smaller"


def _tuned(intermediate_tuning: bool) -> str:
    return "with IT" if intermediate_tuning else "without IT"


def _with_tuning(method: str) -> str:
    return method if method == "translate-train" else f"IT + {method}"


def _shown(one: Measured | None) -> str:
    if one is None:
        return ""
    return f"{one.score.show()}, LCR {one.language_correct_rate.mean:.1f}"

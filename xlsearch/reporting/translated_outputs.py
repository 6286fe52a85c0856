"""Translated outputs beside the best non-English learning rate: figures, and their table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any

from rich.table import Table


@dataclass(frozen=True)
class Figures:
    """Figures of outputs in one language.

    Attributes:
        score: 0 to 100.
        language_correct_rate: Percent.
    """

    score: float
    language_correct_rate: float


@dataclass(frozen=True)
class Side:
    """One side of the comparison; all figures are means over seeds.

    Attributes:
        learning_rate: As it is written.
        english: Score in the source language.
        seeds: How many runs.
        languages: Figures by target language.
    """

    learning_rate: str
    english: float
    seeds: int
    languages: Mapping[str, Figures]

    @property
    def score(self) -> float:
        """Mean over target languages."""
        return fmean(figures.score for figures in self.languages.values())

    @property
    def language_correct_rate(self) -> float:
        """Mean over target languages."""
        return fmean(figures.language_correct_rate for figures in self.languages.values())


@dataclass(frozen=True)
class Comparison:
    """Both sides.

    Attributes:
        study: Name of the study.
        scorer: Metric.
        translator: Name of what translated.
        best_english: The best English learning rate, outputs as they are.
        translated: The same, with its outputs translated.
        best_other: The learning rate of the best objective.
    """

    study: str
    scorer: str
    translator: str
    best_english: Side
    translated: Side
    best_other: Side

    def as_json(self) -> dict[str, Any]:
        """Plain values, with the means of each side."""
        sides = {
            name: {
                **asdict(side),
                "score": side.score,
                "language_correct_rate": side.language_correct_rate,
            }
            for name, side in (
                ("best_english", self.best_english),
                ("translated", self.translated),
                ("best_other", self.best_other),
            )
        }
        return {
            "study": self.study,
            "scorer": self.scorer,
            "translator": self.translator,
            **sides,
        }


def comparison_table(comparison: Comparison) -> Table:
    """One row a side: learning rate, English, mean over target languages, and each of these."""
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    codes = sorted(comparison.best_other.languages)
    for name in ("LR", "English", "mean", *codes):
        table.add_column(name, justify="right")
    for name, side in (
        ("best English LR, as it answers", comparison.best_english),
        ("best English LR + translated outputs", comparison.translated),
        ("best non-English LR", comparison.best_other),
    ):
        table.add_row(
            name,
            side.learning_rate,
            f"{side.english:.1f}",
            f"{side.score:.1f}/{side.language_correct_rate:.0f}",
            *(
                f"{side.languages[code].score:.1f}/{side.languages[code].language_correct_rate:.0f}"
                for code in codes
            ),
        )
    return table

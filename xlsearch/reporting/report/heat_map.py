"""Learning rate by language as a table of colours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from xlsearch.config.learning_rate import LearningRate
from xlsearch.reporting.report.curves import FIGURES, TARGETS, Kind, Languages
from xlsearch.reporting.report.drawing import new_figure, save

_NAMES = {"score": "score", "language_correct_rate": "LCR, %"}
_DARK = 55.0
"""Cells of a value below it are dark, and written on in white."""


@dataclass(frozen=True)
class HeatMap:
    """One figure by learning rate and language.

    Attributes:
        rates: Of the rows, the largest first.
        languages: Of the columns, the source language last.
        values: By row and column, 0 to 100, means over seeds; NaN where nothing was measured.
    """

    rates: tuple[LearningRate, ...]
    languages: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]


def heat_map(languages: Languages) -> HeatMap:
    """The table behind the picture, from the curves over the learning rate."""
    codes = tuple(code for code in languages if code != TARGETS)
    rates = tuple(sorted({rate for code in codes for rate in languages[code]}, reverse=True))
    values = tuple(
        tuple(
            languages[code][rate].mean if rate in languages[code] else float("nan")
            for code in codes
        )
        for rate in rates
    )
    return HeatMap(rates, codes, values)


def draw_heat_maps(
    kinds: Mapping[Kind, Mapping[str, Languages]],
    chosen: Mapping[Kind, LearningRate],
    path: Path,
) -> None:
    """Draws score and LCR by learning rate and language.

    Args:
        kinds: The curves of one method, without and with intermediate tuning.
        chosen: The learning rate that was chosen, which is framed.
        path: The picture to write.
    """
    tallest = max(len(heat_map(panels["score"]).rates) for panels in kinds.values())
    figure, axes = new_figure(len(kinds), 2, 5.2, 0.9 + 0.36 * tallest)
    for row, (kind, panels) in zip(axes, kinds.items(), strict=True):
        for axis, key in zip(row, FIGURES, strict=True):
            table = heat_map(panels[key])
            image = axis.imshow(table.values, vmin=0, vmax=100, cmap="viridis", aspect="auto")
            axis.set_xticks(range(len(table.languages)), table.languages)
            axis.set_yticks(range(len(table.rates)), map(str, table.rates))
            axis.set_title(f"{kind.describe()}: {_NAMES[key]}", fontsize=10)
            axis.tick_params(length=0)
            for y, cells in enumerate(table.values):
                for x, value in enumerate(cells):
                    shown = "" if value != value else f"{value:.0f}"
                    colour = "white" if value < _DARK else "black"
                    axis.text(x, y, shown, ha="center", va="center", fontsize=8, color=colour)
            if chosen.get(kind) in table.rates:
                y = table.rates.index(chosen[kind])
                corner, size = (-0.48, y - 0.48), (len(table.languages) - 0.04, 0.96)
                from matplotlib.patches import Rectangle

                axis.add_patch(Rectangle(corner, *size, fill=False, edgecolor="red", linewidth=2))
        figure.colorbar(image, ax=list(row), shrink=0.9, pad=0.01)
    save(figure, path)

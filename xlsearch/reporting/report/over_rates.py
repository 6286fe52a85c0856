"""Pictures over the learning rate, after the paper's Figure 1."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xlsearch.config.learning_rate import LearningRate
from xlsearch.reporting.report.curves import FIGURES, TARGETS, Curve, Kind, Languages
from xlsearch.reporting.report.drawing import LABELS, MEAN, colours, new_figure, save, tidy


def draw_method(
    kinds: Mapping[Kind, Mapping[str, Languages]],
    source: str,
    chosen: Mapping[Kind, LearningRate],
    path: Path,
) -> None:
    """Draws score and LCR over the learning rate, by language and averaged over target languages.

    Args:
        kinds: The curves of one method, without and with intermediate tuning.
        source: Source language, drawn dashed.
        chosen: The best learning rate of each kind, which a line marks.
        path: The picture to write.
    """
    figure, axes = new_figure(len(kinds), 2, 5.2, 3.4)
    rates = [float(r) for panels in kinds.values() for r in panels["score"][source]]
    for row, (kind, panels) in zip(axes, kinds.items(), strict=True):
        for axis, key in zip(row, FIGURES, strict=True):
            languages = panels[key]
            colour = colours([code for code in languages if code != TARGETS])
            for code, curve in languages.items():
                if code != TARGETS:
                    style = "--" if code == source else "-"
                    name = f"{code} (source)" if code == source else code
                    _draw(axis, curve, name, color=colour[code], linestyle=style, alpha=0.75)
            mean = languages[TARGETS]
            _draw(axis, mean, "mean of targets", color=MEAN, linewidth=2.4, zorder=5)
            _frame(axis, key, kind.describe(), chosen.get(kind))
            axis.set_xlim(min(rates) / 1.6, max(rates) * 1.6)
        row[1].legend(fontsize=8, loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)
    save(figure, path)


def draw_overview(kinds: Mapping[Kind, Mapping[str, Languages]], path: Path) -> None:
    """Draws the means over target languages of all methods in one picture.

    Args:
        kinds: The curves of all methods.
        path: The picture to write.
    """
    figure, (row,) = new_figure(1, 2, 5.2, 3.8)
    colour = colours(list(dict.fromkeys(kind.method for kind in kinds)))
    for axis, key in zip(row, FIGURES, strict=True):
        for kind, panels in kinds.items():
            style = "--" if kind.intermediate_tuning else "-"
            curve = panels[key][TARGETS]
            name = f"{kind.method}{' + IT' if kind.intermediate_tuning else ''}"
            _draw(axis, curve, name, color=colour[kind.method], linestyle=style)
        _frame(axis, key, f"{'score' if key == 'score' else 'LCR'}, mean of target languages", None)
    row[1].legend(fontsize=8, loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)
    save(figure, path)


def _draw(axis: Any, curve: Curve, name: str, **style: Any) -> None:
    """A line, with bars of the standard error where there are several seeds."""
    axis.errorbar(
        [float(rate) for rate in curve],
        [figure.mean for figure in curve.values()],
        yerr=[figure.error or 0.0 for figure in curve.values()],
        marker="o",
        markersize=3.5,
        elinewidth=1,
        label=name,
        **style,
    )


def _frame(axis: Any, key: str, title: str, chosen: LearningRate | None) -> None:
    axis.set(xscale="log", xlabel="learning rate", ylabel=LABELS[key], ylim=(-3, 103))
    axis.set_title(title, fontsize=10)
    tidy(axis)
    if chosen is not None:
        axis.axvline(float(chosen), color=MEAN, linewidth=1, linestyle=":")
        axis.annotate(
            f"best: {chosen}",
            (float(chosen), 0.02),
            xycoords=("data", "axes fraction"),
            xytext=(4, 0),
            textcoords="offset points",
            fontsize=8,
            color=MEAN,
        )

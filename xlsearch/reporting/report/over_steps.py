"""Pictures over the steps of training: one small picture a language, one line a learning rate."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xlsearch.reporting.report.curves import FIGURES, step_curves
from xlsearch.reporting.report.drawing import LABELS, new_figure, save, tidy
from xlsearch.runs.rows import Row


def draw_steps(rows: Sequence[Row], source: str, title: str, path: Path) -> None:
    """Draws score and LCR over the steps.

    Args:
        rows: Of runs of one kind.
        source: Source language, drawn last.
        title: What runs these are.
        path: The picture to write.
    """
    curves = {key: step_curves(rows, key) for key in FIGURES}
    codes = [*sorted(set(curves["score"]) - {source}), source]
    rates = sorted({rate for languages in curves["score"].values() for rate in languages})
    figure, axes = new_figure(2, len(codes), max(1.75, 10.4 / len(codes)), 2.1)
    import matplotlib

    shades = matplotlib.colormaps["plasma"]
    colour = {rate: shades(0.05 + 0.8 * i / max(1, len(rates) - 1)) for i, rate in enumerate(rates)}
    for line, key in zip(axes, FIGURES, strict=True):
        for axis, code in zip(line, codes, strict=True):
            for rate, steps in curves[key].get(code, {}).items():
                axis.plot(
                    list(steps),
                    list(steps.values()),
                    marker=".",
                    markersize=3,
                    linewidth=1.4,
                    color=colour[rate],
                    label=str(rate),
                )
            axis.set(ylim=(-3, 103))
            axis.tick_params(labelsize=7)
            tidy(axis)
            if key == "score":
                axis.set_title(f"{code} (source)" if code == source else code, fontsize=9)
            else:
                axis.set_xlabel("step", fontsize=8)
            if axis is line[0]:
                axis.set_ylabel(LABELS[key], fontsize=9)
            else:
                axis.set_yticklabels([])
    lines = {rate: line for axis in axes.flat for line, rate in _lines(axis)}
    figure.legend(
        [lines[str(rate)] for rate in rates],
        [str(rate) for rate in rates],
        title="LR",
        loc="outside right center",
        fontsize=8,
        frameon=False,
    )
    figure.suptitle(title, fontsize=10)
    save(figure, path)


def _lines(axis: object) -> list[tuple[object, str]]:
    """The lines of an axis with their labels."""
    return list(zip(*axis.get_legend_handles_labels(), strict=True))  # type: ignore[attr-defined]

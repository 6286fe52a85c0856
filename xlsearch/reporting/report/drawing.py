"""What all pictures of a report share: colours, labels, and how they are written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

LABELS = {"score": "score", "language_correct_rate": "LCR, %"}
"""Of the axes."""

MEAN = "#111111"

_COLOURS = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7F5FC4", "#8C6D31",
    "#B22222", "#4D4D4D",
)  # fmt: skip
"""Okabe and Ito's, which colour-blind people tell apart, and some more."""


def colours(names: Sequence[str]) -> dict[str, str]:
    """A colour for each of some names, in their order."""
    return {name: _COLOURS[place % len(_COLOURS)] for place, name in enumerate(names)}


def new_figure(rows: int, columns: int, width: float, height: float) -> tuple[Any, Any]:
    """A figure with a grid of axes.

    Args:
        rows, columns: Of the grid.
        width, height: Of one of its axes, in inches.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    return plt.subplots(
        rows,
        columns,
        figsize=(width * columns, height * rows),
        squeeze=False,
        layout="constrained",
    )


def tidy(axis: Any) -> None:
    """A frame that leaves the data alone."""
    axis.grid(alpha=0.25, linewidth=0.6)
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)


def save(figure: Any, path: Path) -> None:
    """Writes a figure as PNG and forgets it."""
    from matplotlib import pyplot as plt

    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    plt.close(figure)

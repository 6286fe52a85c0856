"""The learning-rate curves of a study as a picture, after the paper's Figure 1."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xlsearch.reporting.tables import mean_over_targets, target_languages
from xlsearch.search.recorded_trial import RecordedTrial
from xlsearch.search.study import Study


def draw_curves(study: Study, path: Path) -> None:
    """Draws score and LCR over the learning rate, by language and averaged, to a PNG file.

    Each method has a row of its own without intermediate tuning, and one with it.

    Args:
        study: A study with at least one evaluated trial.
        path: The picture to write.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    configuration = study.configuration
    source = configuration["source_language"]
    trials = sorted(
        (t for t in study.trials() if t.state == "complete"), key=lambda t: t.point.learning_rate
    )
    # Repeats with other seeds would make a curve a zigzag.
    trials = [trial for trial in trials if trial.point.seed == configuration["seed"]]
    kinds = list(dict.fromkeys((t.point.method, t.point.intermediate_tuning) for t in trials))
    kinds.sort(key=lambda kind: (kind[1], kind[0]))
    size = (10, 4 * len(kinds))
    figure, axes = plt.subplots(len(kinds), 2, figsize=size, sharex=True, squeeze=False)
    panels = (
        ("score", configuration["scorer"]),
        ("language_correct_rate", "language correct rate, %"),
    )
    for row, (method, tuning) in zip(axes, kinds, strict=True):
        own = [
            t for t in trials if (t.point.method, t.point.intermediate_tuning) == (method, tuning)
        ]
        for axis, (key, label) in zip(row, panels, strict=True):
            _draw_panel(axis, own, source, key)
            axis.set(xscale="log", xlabel="learning rate", ylabel=label, ylim=(-2, 102))
            axis.set_title(method + (", intermediate tuning" if tuning else ""), fontsize=10)
            axis.grid(alpha=0.3)
        row[1].legend(fontsize=8, loc="lower left")
    figure.suptitle(f"{configuration['task']}, {configuration['model']}, {configuration['scale']}")
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    plt.close(figure)


def _draw_panel(axis: Any, trials: Sequence[RecordedTrial], source: str, key: str) -> None:
    """Draws one figure of some trials, by language and averaged."""
    rates = [float(trial.point.learning_rate) for trial in trials]
    for code in [*target_languages(trials, source), source]:
        values = [trial.languages.get(code, {}).get(key) for trial in trials]
        style = "--" if code == source else "-"
        name = f"{code} (source)" if code == source else code
        axis.plot(rates, values, style, marker=".", alpha=0.5, label=name)
    means = [mean_over_targets(trial, source, key) for trial in trials]
    axis.plot(rates, means, "k-", marker="o", linewidth=2, label="target languages")

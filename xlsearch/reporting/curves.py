"""The learning-rate curves of a study as a picture, after the paper's Figure 1."""

from __future__ import annotations

from pathlib import Path

from xlsearch.reporting.tables import mean_over_targets, target_languages
from xlsearch.search.study import Study


def draw_curves(study: Study, path: Path) -> None:
    """Draws score and LCR over the learning rate, by language and averaged, to a PNG file.

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
    rates = [float(trial.point.learning_rate) for trial in trials]
    figure, axes = plt.subplots(1, 2, figsize=(10, 4), sharex=True)
    panels = (
        ("score", configuration["scorer"]),
        ("language_correct_rate", "language correct rate, %"),
    )
    for axis, (key, label) in zip(axes, panels, strict=True):
        for code in [*target_languages(trials, source), source]:
            values = [trial.languages.get(code, {}).get(key) for trial in trials]
            style = "--" if code == source else "-"
            name = f"{code} (source)" if code == source else code
            axis.plot(rates, values, style, marker=".", alpha=0.5, label=name)
        means = [mean_over_targets(trial, source, key) for trial in trials]
        axis.plot(rates, means, "k-", marker="o", linewidth=2, label="target languages")
        axis.set(xscale="log", xlabel="learning rate", ylabel=label, ylim=(-2, 102))
        axis.grid(alpha=0.3)
    axes[1].legend(fontsize=8, loc="lower left")
    figure.suptitle(f"{configuration['task']}, {configuration['model']}, {configuration['scale']}")
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    plt.close(figure)

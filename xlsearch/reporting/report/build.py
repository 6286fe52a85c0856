"""Writes the report of a study."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from xlsearch.config.learning_rate import LearningRate
from xlsearch.reporting.best import best_configuration
from xlsearch.reporting.ledger import Ledger, study_ledger
from xlsearch.reporting.measured import best, measured
from xlsearch.reporting.methods import result_tables, study_results
from xlsearch.reporting.report.curves import Kind, learning_rate_curves, rows_by_kind
from xlsearch.reporting.report.decisions import decisions
from xlsearch.reporting.report.document import (
    Document,
    Items,
    Paragraph,
    Part,
    Picture,
    Section,
    Table,
)
from xlsearch.reporting.report.heat_map import draw_heat_maps
from xlsearch.reporting.report.html import html
from xlsearch.reporting.report.markdown import markdown
from xlsearch.reporting.report.over_rates import draw_method, draw_overview
from xlsearch.reporting.report.over_steps import draw_steps
from xlsearch.reporting.report.spent import ledger_section
from xlsearch.reporting.status import study_status
from xlsearch.reporting.tables import trials_table
from xlsearch.reporting.why import why
from xlsearch.runs.atomic import write_text
from xlsearch.search.planner import Done
from xlsearch.search.study import Study

OnPicture = Callable[[str, int, int], None]
"""Told what is drawn, how many pictures are done, and all."""


@dataclass(frozen=True)
class Report:
    """What was written.

    Attributes:
        html: One file that needs no other.
        markdown: The same as Markdown, with pictures beside it.
        pictures: PNG files.
        ledger: What the study has cost.
    """

    html: Path
    markdown: Path
    pictures: tuple[Path, ...]
    ledger: Ledger


def write_report(
    study: Study,
    root: Path,
    folder: Path,
    driven: bool,
    on_picture: OnPicture = lambda what, done, total: None,
) -> Report:
    """Writes the report of a study, of an unfinished one too.

    Args:
        study: The study with its protocol.
        root: The root folder, where the runs are.
        folder: Where to write; files of an earlier report are replaced.
        driven: Whether a process drives the study now.
        on_picture: Told about progress.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pictures = _pictures(study, root, folder, on_picture)
    ledger = study_ledger(study, root)
    document = Document(
        f"xlsearch: {study.name}",
        (
            Section("Result", tuple(_result(study, driven))),
            *pictures,
            Section("Decisions", (Items(tuple(_decided(study))),)),
            Section("Trials", tuple(_trials(study))),
            ledger_section(study, ledger),
            Section("Provenance", tuple(_provenance(study, root))),
        ),
    )
    drawn = tuple(
        part.path for section in pictures for part in section.parts if isinstance(part, Picture)
    )
    report = Report(folder / "report.html", folder / "report.md", drawn, ledger)
    write_text(report.markdown, markdown(document))
    write_text(report.html, html(document))
    return report


def _result(study: Study, driven: bool) -> list[Part]:
    configuration, best = study.configuration, study.choice()
    state = study_status(study, driven)["state"]
    penalty = configuration["space"]["objective"]["wrong_language_penalty"]
    parts: list[Part] = [
        Paragraph(
            f"Learning-rate search for {configuration['model']} on {configuration['task']}, "
            f"trained on {configuration['source_language']} only; scale {configuration['scale']}, "
            f"methods {', '.join(configuration['methods'])}, up to {configuration['seeds']} seeds "
            f"a point. The score is {configuration['scorer']}, 0 to 100; LCR is the percentage of "
            "outputs in the language that was asked for. The objective is the mean over target "
            f"languages of score - {penalty:g} x (100 - LCR). IT is intermediate tuning."
        )
    ]
    if state != "complete":
        known = "what follows is what is known so far" if best else "no run is complete yet"
        stopped = f" It was {study.stopped}." if study.stopped else ""
        parts.append(Paragraph(f"The search is not finished ({state}); {known}.{stopped}"))
    if best is not None:
        parts.append(Paragraph(why(study.trials(), best, configuration["source_language"])))
    captions = ("Best learning rate of each method", "What intermediate tuning changes")
    for caption, table in zip(captions, result_tables(study_results(study)), strict=False):
        parts.append(Table.from_rich(caption, table))
    return parts


def _pictures(study: Study, root: Path, folder: Path, on_picture: OnPicture) -> list[Section]:
    """Draws all pictures; a section for each sort of them that has any."""
    source = study.configuration["source_language"]
    kinds = learning_rate_curves(study.trials(), source)
    rows = rows_by_kind(study, root)
    methods = list(dict.fromkeys(kind.method for kind in kinds))
    total = 2 * len(methods) + len(rows) + (len(methods) > 1)
    drawn: list[str] = []

    def place(name: str) -> Path:
        on_picture("drawing", len(drawn), total)
        drawn.append(name)
        return folder / f"{name}.png"

    rates = _chosen(study)
    over_rates: list[Picture] = []
    maps: list[Picture] = []
    if len(methods) > 1:
        path = place("methods")
        draw_overview(kinds, path)
        alt = f"Mean score and LCR over the learning rate for {', '.join(methods)}"
        over_rates.append(Picture(path, alt, "All methods, means over target languages."))
    for method in methods:
        own = {kind: panels for kind, panels in kinds.items() if kind.method == method}
        marked = {kind: rate for kind, rate in rates.items() if kind in own}
        said = "; ".join(f"{rate} is best for {kind.describe()}" for kind, rate in marked.items())
        path = place(f"learning-rates-{method}")
        draw_method(own, source, marked, path)
        alt = f"{method}: score and language correct rate over the learning rate, by language"
        over_rates.append(Picture(path, f"{alt}. {said}", _caption(method, said)))
        path = place(f"heat-map-{method}")
        draw_heat_maps(own, marked, path)
        alt = f"{method}: score and language correct rate as a table of learning rates by languages"
        maps.append(Picture(path, f"{alt}. {said}", f"{method}; framed: the best learning rate."))
    steps = []
    for kind, own_rows in rows.items():
        tuned = "-tuned" if kind.intermediate_tuning else ""
        path = place(f"steps-{kind.method}{tuned}")
        draw_steps(own_rows, source, kind.describe(), path)
        alt = f"{kind.describe()}: score and language correct rate over the steps, by language"
        steps.append(Picture(path, alt, f"{kind.describe()}: each evaluation of each run."))
    on_picture("drawing", total, total)
    found = (
        ("Score and language over the learning rate", over_rates),
        ("Learning rate by language", maps),
        ("Over the steps of training", steps),
    )
    return [Section(title, tuple(parts)) for title, parts in found if parts]


def _chosen(study: Study) -> dict[Kind, LearningRate]:
    """The best learning rate so far of each kind of runs."""
    found = {}
    by_method = measured(study.trials(), study.configuration["source_language"])
    for method, runs in by_method.items():
        for tuned in (False, True):
            if one := best(runs, tuned):
                found[Kind(method, tuned)] = one.learning_rate
    return found


def _caption(method: str, said: str) -> str:
    return (
        f"{method}; {said}. Too large a learning rate, and outputs are in a wrong language; too "
        "small, and the task is not learned. Bars are standard errors over seeds."
    )


def _decided(study: Study) -> list[str]:
    now = study.plan()
    choice = now.choice if isinstance(now, Done) else None
    return decisions(study.trials(), choice) or ["No trial was begun yet."]


def _trials(study: Study) -> list[Part]:
    trials, best = study.trials(), study.choice()
    source = study.configuration["source_language"]
    table = trials_table(trials, source, best.number if best else None)
    parts: list[Part] = [
        Table.from_rich("All trials; score/LCR by language at the evaluation that counts", table)
    ]
    reasons = tuple(
        f"Trial {trial.number} ({trial.point.describe()}) failed: {trial.reason}"
        for trial in trials
        if trial.reason is not None
    )
    return [*parts, Items(reasons)] if reasons else parts


def _provenance(study: Study, root: Path) -> list[Part]:
    configuration = study.configuration
    values = {
        key: configuration[key]
        for key in ("pretrained", "data", "scorer", "seed", "language_identification")
    }
    if study.choice() is not None:
        values |= best_configuration(study, root)["provenance"]
    shown = [(key.replace("_", " "), _plain(value)) for key, value in values.items()]
    return [Table.of("What the search was made with", ("what", "value"), shown)]


def _plain(value: object) -> str:
    """A value of a configuration in one line."""
    if isinstance(value, dict):
        return ", ".join(f"{key.replace('_', ' ')} {_plain(one)}" for key, one in value.items())
    return "-" if value is None else str(value)

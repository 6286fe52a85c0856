"""Best English learning rate with translated outputs, against the best non-English one (Table 3).

A learning rate that is best for English answers in English. So its answers are translated, and the
question is whether that beats a learning rate that keeps the target language.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from xlsearch.config.run import RunConfig
from xlsearch.config.sources import NOWHERE, Sources
from xlsearch.config.space import load_space
from xlsearch.errors import UserError
from xlsearch.evaluation.evaluator import Evaluator
from xlsearch.evaluation.scorers.registry import find_scorer
from xlsearch.evaluation.translation import open_translator
from xlsearch.languages.identification import LanguageIdentifier
from xlsearch.models.catalogue import find_model
from xlsearch.models.families import FAMILIES
from xlsearch.models.loading import load_model, load_tokenizer
from xlsearch.models.precision import best_device
from xlsearch.models.translation import Translator
from xlsearch.reporting.translated_outputs import Comparison, Figures, Side
from xlsearch.runs.atomic import read_json, write_json
from xlsearch.runs.content import ContentStore
from xlsearch.runs.remote import fetched, fetched_folder
from xlsearch.search.recorded_trial import RecordedTrial
from xlsearch.search.study import Study
from xlsearch.tasks.registry import find_task

METHOD = "full"
"""The method of the comparison (paper, Table 3): full fine-tuning without intermediate tuning."""

OnLanguage = Callable[[str, int, int], None]
"""Called after each language with what was done, how many are done, and all."""

_FORMAT = 1
"""Raised when the same run would give other figures."""


def compare_translated_outputs(
    study: Study,
    root: Path,
    sources: Sources = NOWHERE,
    on_language: OnLanguage = lambda what, done, all: None,
) -> Comparison:
    """Translates the outputs of the best English learning rate, once, and compares.

    Args:
        study: A study that has ended, with its protocol.
        root: The root folder, where the runs are.
        sources: Where data and models are, if not where they usually are.
        on_language: Told about the languages done.

    Raises:
        UserError: If the study has not ended or has no such runs, or a run's model is gone.
    """
    if not study.is_done():
        raise UserError(f"study {study.name!r} has not ended; xlsearch launch continues it")
    groups = _by_learning_rate(study)
    source = study.configuration["source_language"]

    def english(trials: Sequence[RecordedTrial]) -> float:
        return fmean(_figure(trial, source, "score") for trial in trials)

    def objective(trials: Sequence[RecordedTrial]) -> float:
        return fmean(trial.objective for trial in trials if trial.objective is not None)

    # Of equal ones the larger learning rate, as everywhere in a search.
    best_english = max(groups, key=lambda rate: (english(groups[rate]), rate))
    best_other = max(groups, key=lambda rate: (objective(groups[rate]), rate))
    trials = groups[best_english]
    configs = [_run_config(root, trial) for trial in trials]
    store = ContentStore(root)
    translator = _translator(configs[0], sources, store)
    count = len(configs[0].languages) - 1
    found = []
    for number, config in enumerate(configs):
        run = str(trials[number].run)

        def report(done: int, before: int = number * count) -> None:
            on_language("translating outputs", before + done, count * len(configs))

        found.append(_translated_figures(run, config, root, sources, translator, report))
    translator.close()
    translated = Side(
        str(best_english),
        english(trials),
        len(trials),
        {code: _mean([figures[code] for figures in found]) for code in found[0]},
    )
    return Comparison(
        study.name,
        configs[0].scorer,
        translator.name,
        _side(trials, source),
        translated,
        _side(groups[best_other], source),
    )


def _by_learning_rate(study: Study) -> dict[Any, list[RecordedTrial]]:
    """The complete runs that the comparison is about, without those of a learning rate at which
    some seed failed, as in the search."""
    runs: dict[Any, list[RecordedTrial]] = {}
    # Of a run that was lost and tried again the later one counts.
    for point, trial in {trial.point: trial for trial in study.trials()}.items():
        if point.method == METHOD and not point.intermediate_tuning:
            runs.setdefault(point.learning_rate, []).append(trial)
    groups = {
        rate: trials
        for rate, trials in runs.items()
        if all(trial.state == "complete" for trial in trials)
    }
    if not groups:
        raise UserError(
            f"study {study.name!r} has no complete run of {METHOD} without intermediate tuning, "
            f"which this comparison is about; launch one with --method {METHOD}"
        )
    return groups


def _run_config(root: Path, trial: RecordedTrial) -> RunConfig:
    run = f"runs/{trial.run}"
    model = fetched_folder(root, f"{run}/model", f"{run}/result.json")
    if not model.is_dir():
        raise UserError(
            f"the model of run {trial.run} is gone, whose outputs would be translated; delete the "
            "run's folder and launch the search again under another --study name"
        )
    return RunConfig.model_validate(read_json(fetched(root, f"{run}/config.json")))


def _translator(config: RunConfig, sources: Sources, store: ContentStore) -> Translator:
    family = find_model(config.model, config.scale, sources).family
    scale = load_space(None, config.scale).scales[config.scale]
    settings = scale.settings(config.task, family, config.scale)
    return open_translator(config.scale, settings.translation, sources, store)


def _translated_figures(
    run: str,
    config: RunConfig,
    root: Path,
    sources: Sources,
    translator: Translator,
    report: Callable[[int], None],
) -> dict[str, Figures]:
    """Figures of a run's translated outputs by target language, kept by content."""

    identifier = LanguageIdentifier(sources.lid_model)

    def build(folder: Path) -> None:
        scorer = find_scorer(config.scorer)
        figures = {}
        for code, references, outputs in _outputs(root / "runs" / run, config, sources, identifier):
            told = translate_outputs(outputs, code, config.source_language, translator, identifier)
            figures[code] = {
                "score": scorer.compute(predictions=told, references=references, language=code)[
                    "mean"
                ],
                "language_correct_rate": identifier.correct_rate(told, code),
            }
            report(len(figures))
        write_json(folder / "figures.json", figures)

    description = {
        "format": _FORMAT,
        "run": run,
        "translator": translator.name,
        "language_identification": identifier.sha256,
    }
    folder = ContentStore(root).obtain("translated-outputs", description, build)
    kept = read_json(folder / "figures.json")
    return {code: Figures(**values) for code, values in kept.items()}


def _outputs(
    folder: Path, config: RunConfig, sources: Sources, identifier: LanguageIdentifier
) -> Any:
    """Each target language with its references and the outputs of a run's model."""
    entry = find_model(config.model, config.scale, sources)
    # The source language comes first, and is not needed here.
    targets = tuple(code for code in config.languages if code != config.source_language)
    evaluator = Evaluator(
        config.model_copy(update={"languages": targets}),
        find_task(config.task).data(config.scale, sources),
        find_scorer(config.scorer),
        FAMILIES[entry.family],
        load_tokenizer(folder / "model"),
        entry.input_limit,
        identifier,
    )
    model = load_model(folder / "model")
    model.to(best_device())  # type: ignore[arg-type]
    for code, examples, outputs in evaluator.outputs(model):
        yield code, [example.references for example in examples], outputs


def translate_outputs(
    outputs: Sequence[str],
    language: str,
    source: str,
    translator: Translator,
    identifier: LanguageIdentifier,
) -> list[str]:
    """Outputs in the target language; those that are in it already stay as they are.

    Args:
        outputs: What the model wrote for inputs in the target language.
        language: The target language.
        source: The language that other outputs are taken to be in.
        translator: Translates them.
        identifier: Says which are in the target language.
    """
    labels = identifier.identify(outputs)
    wrong = [i for i, label in enumerate(labels) if label not in (language, None)]
    told = translator.translate([outputs[i] for i in wrong], source, language)
    translated = dict(zip(wrong, told, strict=True))
    return [translated.get(i, output) for i, output in enumerate(outputs)]


def _side(trials: Sequence[RecordedTrial], source: str) -> Side:
    codes = [code for code in trials[0].languages if code != source]
    return Side(
        str(trials[0].point.learning_rate),
        fmean(_figure(trial, source, "score") for trial in trials),
        len(trials),
        {
            code: _mean(
                [
                    Figures(
                        _figure(trial, code, "score"), _figure(trial, code, "language_correct_rate")
                    )
                    for trial in trials
                ]
            )
            for code in codes
        },
    )


def _figure(trial: RecordedTrial, code: str, key: str) -> float:
    value = trial.languages[code][key]
    assert value is not None  # of a complete run
    return value


def _mean(figures: Sequence[Figures]) -> Figures:
    return Figures(
        fmean(one.score for one in figures), fmean(one.language_correct_rate for one in figures)
    )

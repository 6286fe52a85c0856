"""What a run reads: pretrained model, tokenizer, training examples, evaluation data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from transformers import AutoConfig, PreTrainedTokenizerBase

from xlsearch.adaptation.registry import load_method
from xlsearch.config.run import IntermediateConfig, RunConfig, TrainingPart
from xlsearch.config.sources import Sources
from xlsearch.errors import UserError
from xlsearch.evaluation.scorers.registry import find_scorer
from xlsearch.evaluation.similarity import SENTENCES
from xlsearch.evaluation.translation import open_translator
from xlsearch.languages.identification import LanguageIdentifier
from xlsearch.models.catalogue import find_model
from xlsearch.models.entry import ModelEntry, OnStep, OnWait
from xlsearch.models.families import FAMILIES, Family
from xlsearch.models.loading import load_tokenizer
from xlsearch.models.translation import Translator
from xlsearch.runs.content import ContentStore
from xlsearch.tasks.base import Split, TaskData
from xlsearch.tasks.parallel import Parallel, find_parallel, may_use_hub
from xlsearch.tasks.registry import find_task
from xlsearch.tasks.texts import OnRead, find_texts
from xlsearch.training.encoded import OnEncoded
from xlsearch.training.mixture import Mixture
from xlsearch.training.parts import (
    TEXTS,
    OnTranslated,
    PartEncoder,
    check_held_out,
    part_examples,
)
from xlsearch.trial.content import check_run_content
from xlsearch.trial.intermediate import obtain_intermediate
from xlsearch.trial.report import ReportIntermediate
from xlsearch.trial.tuning import texts_read

_SHORTEST_INPUT = 16
"""Pieces that a method must leave for inputs; fewer hold no sentence and its special tokens."""


@dataclass(frozen=True)
class Inputs:
    """The inputs of a run, ready to use.

    Attributes:
        entry: The model's entry in the catalogue.
        family: The model's family.
        pretrained: Folder of the weights that the run begins from.
        tokenizer: Its tokenizer.
        data: The task's data.
        examples: The encoded training sets.
        input_limit: Longest input in pieces.
        parallel: Parallel sentences by language, where there are some.
    """

    entry: ModelEntry
    family: Family
    pretrained: Path
    tokenizer: PreTrainedTokenizerBase
    data: TaskData
    examples: Mixture
    input_limit: int
    parallel: dict[str, list[str]]


def check_inputs(
    configs: Sequence[RunConfig],
    root: Path,
    sources: Sources,
    on_set: Callable[[int, int], None] = lambda n, all: None,
) -> None:
    """Reads all data of some runs once, so that a broken file is found before anything is begun.

    Args:
        configs: The runs, at least one; they differ in nothing but method, learning rate,
            intermediate tuning and seed.
        root: The root folder of all that xlsearch writes; nothing is written by this.
        sources: Where the data are, if not where they usually are.
        on_set: Called after each set with the sets read, and all.

    Raises:
        UserError: If a file is broken or missing, nothing is left after a filter, or the
            language-identification model is none, the tokenizer is broken or has no code for a
            language, or the checkpoint is chosen by XLRS and there are no parallel sentences,
            or the method leaves no positions for inputs.
    """
    config = configs[0]
    parts = list(dict.fromkeys(part for each in configs for part in each.parts))
    tuned = list(dict.fromkeys(each.intermediate for each in configs if each.intermediate))
    entry = find_model(config.model, config.scale, sources)
    # A published model is here by now, for its commit names the run; a pocket model is made later.
    if entry.architecture is not None:
        pretrained = entry.obtain(ContentStore(root), config.pretraining_seed)
        for each in configs:
            _input_limit(each, entry, pretrained)
        tokenizer = load_tokenizer(pretrained)
        tuning = {code for each in tuned for code in each.languages}
        for code in sorted({*config.languages, *(part.language for part in parts), *tuning}):
            FAMILIES[entry.family].layout(tokenizer, code)
    LanguageIdentifier(sources.lid_model).check()
    _check_parallel(config, sources)
    data = find_task(config.task).data(config.scale, sources)
    evaluated = Split(config.evaluation.split)
    trained = dict.fromkeys(
        config.source_language if part.kind == "translated" else part.language
        for part in parts
        if part.kind != "text"
    )
    texts = _texts_read(parts, tuned, config.training.examples)
    number, all = 0, len(trained) + len(texts) + len(config.languages)
    for code in trained:
        data.load(Split.TRAIN, code, config.training.examples)
        number += 1
        on_set(number, all)
    plain = find_texts(config.scale, sources, ContentStore(root))
    for code, limit in texts.items():
        count = plain.check(code, limit)
        for intermediate in tuned:
            if code in intermediate.languages:
                check_held_out(count, intermediate.settings.held_out, code)
        number += 1
        on_set(number, all)
    for code in config.languages:
        found = data.load(evaluated, code, config.evaluation.examples)
        example = found.examples[0]
        # Words of some languages need a dictionary, which may be missing.
        find_scorer(config.scorer).score(example.references[0], example.references, code)
        number += 1
        on_set(number, all)


def _texts_read(
    parts: Sequence[TrainingPart], tuned: Sequence[IntermediateConfig], examples: int | None
) -> dict[str, int]:
    """How many texts of each language are read, by parts and by intermediate tuning."""
    wanted = [(part.language, examples or TEXTS) for part in parts if part.kind == "text"]
    wanted += [(code, texts_read(each)) for each in tuned for code in each.languages]
    return {code: max(n for other, n in wanted if other == code) for code, _ in wanted}


def prepare_inputs(
    config: RunConfig,
    root: Path,
    sources: Sources,
    on_pretraining: OnStep | None = None,
    on_encoded: OnEncoded = lambda done, all: None,
    on_wait: OnWait = lambda who: None,
    on_tuning: ReportIntermediate = lambda report: None,
    on_translated: OnTranslated = lambda language, done, all: None,
    on_text: OnRead = lambda language, done, all: None,
) -> Inputs:
    """Makes, fetches or finds what a run reads.

    Args:
        config: The run.
        root: The root folder of all that xlsearch writes.
        sources: Where data and models are, if not where they usually are.
        on_pretraining: Told about the steps of pretraining, where the model has to be made.
        on_encoded: Told about the examples encoded so far, and all, where they are encoded now.
        on_wait: Told about a process that makes the same.
        on_tuning: Told about intermediate tuning, where the run begins from it and it is not done.
        on_translated: Told about the training examples translated so far into a language, and all.
        on_text: Told about the plain texts fetched so far in a language, and all.

    Raises:
        UserError: If data or model do not match the configuration, or can't be had.
        RunFailed: If intermediate tuning failed.
    """
    store = ContentStore(root)
    entry = find_model(config.model, config.scale, sources)
    data = find_task(config.task).data(config.scale, sources)
    parallel = _parallel(config, sources)
    check_run_content(config, data, entry, parallel, sources)
    pretrained = entry.obtain(store, config.pretraining_seed, on_pretraining, on_wait)
    tokenizer, family = load_tokenizer(pretrained), FAMILIES[entry.family]
    limit = _input_limit(config, entry, pretrained)
    translator = _translator(config, sources, store)
    encoder = PartEncoder(
        store,
        family,
        tokenizer,
        config.pretrained,
        limit,
        find_texts(config.scale, sources, store, on_text, on_wait),
        data,
        on_encoded,
        on_wait,
        translator,
        on_translated,
    )
    examples = Mixture(
        [part_examples(encoder, part, config.training.examples) for part in config.parts],
        [part.weight for part in config.parts],
    )
    if translator is not None:
        translator.close()
    sentences = parallel.load(config.languages, SENTENCES)
    if config.intermediate is not None:
        pretrained = obtain_intermediate(config.intermediate, root, on_tuning, sources)
    return Inputs(entry, family, pretrained, tokenizer, data, examples, limit, sentences)


def _translator(config: RunConfig, sources: Sources, store: ContentStore) -> Translator | None:
    """What translates the run's training data; None for a run without translated parts."""
    if config.translation is None:
        return None
    return open_translator(config.scale, config.translation, sources, store)


def _input_limit(config: RunConfig, entry: ModelEntry, pretrained: Path) -> int:
    """The model's limit, or what the method leaves of its positions if that is less.

    mT5 has no positions that could run out; its inputs stay as long as they are without a prompt.
    """
    method = load_method(config.method, config.method_settings)
    positions = getattr(AutoConfig.from_pretrained(pretrained), "max_position_embeddings", None)
    if positions is None:
        return entry.input_limit
    left = positions - method.extra_positions
    if left < _SHORTEST_INPUT:
        raise UserError(
            f"methods.{method.name}: it takes {method.extra_positions} of the {positions} "
            f"positions of {config.model}; valid: {positions - _SHORTEST_INPUT} at most"
        )
    return min(entry.input_limit, left)


def _parallel(config: RunConfig, sources: Sources) -> Parallel:
    hub = may_use_hub(config.task, config.checkpoint)
    return find_parallel(config.scale, sources, hub=hub)


def _check_parallel(config: RunConfig, sources: Sources) -> None:
    """Reads the parallel sentences. They may be missing where nothing is chosen by them."""
    found = _parallel(config, sources).load(config.languages, SENTENCES)
    if config.checkpoint == "xlrs" and len(found) < 2:
        source, *targets = config.languages
        files = ", ".join(f"{code}.txt" for code in targets)
        raise UserError(
            f"checkpoint: xlrs needs parallel sentences in {source} and a target language; give "
            f"a --parallel-dir with {source}.txt and at least one of {files}"
        )

"""What a run reads: pretrained model, tokenizer, training examples, evaluation data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from transformers import PreTrainedTokenizerBase

from xlsearch.config.run import RunConfig
from xlsearch.config.sources import Sources
from xlsearch.errors import UserError
from xlsearch.evaluation.scorers.registry import find_scorer
from xlsearch.evaluation.translation import open_translator
from xlsearch.languages.identification import LanguageIdentifier
from xlsearch.models.catalogue import ModelEntry, OnStep, OnWait, find_model
from xlsearch.models.families import FAMILIES, Family
from xlsearch.models.loading import load_tokenizer
from xlsearch.models.translation import Translator
from xlsearch.runs.content import ContentStore
from xlsearch.tasks.base import Split, TaskData
from xlsearch.tasks.registry import find_task
from xlsearch.tasks.texts import find_texts
from xlsearch.training.encoded import OnEncoded
from xlsearch.training.mixture import Mixture
from xlsearch.training.parts import TEXTS, OnTranslated, PartEncoder, part_examples


@dataclass(frozen=True)
class Inputs:
    """The inputs of a run, ready to use.

    Attributes:
        entry: The model's entry in the catalogue.
        family: The model's family.
        pretrained: Its folder.
        tokenizer: Its tokenizer.
        data: The task's data.
        examples: The encoded training sets.
    """

    entry: ModelEntry
    family: Family
    pretrained: Path
    tokenizer: PreTrainedTokenizerBase
    data: TaskData
    examples: Mixture


def check_inputs(
    config: RunConfig,
    root: Path,
    sources: Sources,
    on_set: Callable[[int, int], None] = lambda n, all: None,
) -> None:
    """Reads all data of a run once, so that a broken file is found before anything is begun.

    Args:
        config: The run.
        root: The root folder of all that xlsearch writes; nothing is written by this.
        sources: Where the data are, if not where they usually are.
        on_set: Called after each set with the sets read, and all.

    Raises:
        UserError: If a file is broken or missing, nothing is left after a filter, or the
            language-identification model is none, or the tokenizer is broken or has no code for
            a language.
    """
    entry = find_model(config.model, config.scale, sources)
    # A published model is here by now, for its commit names the run; a pocket model is made later.
    if entry.architecture is not None:
        tokenizer = load_tokenizer(entry.obtain(ContentStore(root), config.pretraining_seed))
        for code in sorted({*config.languages, *(part.language for part in config.parts)}):
            FAMILIES[entry.family].layout(tokenizer, code)
    LanguageIdentifier(sources.lid_model).check()
    data = find_task(config.task).data(config.scale, sources)
    texts = find_texts(config.scale, sources)
    evaluated = Split(config.evaluation.split)
    number, all = 0, len(config.parts) + len(config.languages)
    for part in config.parts:
        if part.kind == "text":
            texts.check(part.language, config.training.examples or TEXTS)
        else:
            data.load(Split.TRAIN, part.language, config.training.examples)
        number += 1
        on_set(number, all)
    for code in config.languages:
        found = data.load(evaluated, code, config.evaluation.examples)
        example = found.examples[0]
        # Words of some languages need a dictionary, which may be missing.
        find_scorer(config.scorer).score(example.references[0], example.references, code)
        number += 1
        on_set(number, all)


def prepare_inputs(
    config: RunConfig,
    root: Path,
    sources: Sources,
    on_pretraining: OnStep | None = None,
    on_encoded: OnEncoded = lambda done, all: None,
    on_wait: OnWait = lambda who: None,
    on_translated: OnTranslated = lambda language, done, all: None,
) -> Inputs:
    """Makes, fetches or finds what a run reads.

    Args:
        config: The run.
        root: The root folder of all that xlsearch writes.
        sources: Where data and models are, if not where they usually are.
        on_pretraining: Told about the steps of pretraining, where the model has to be made.
        on_encoded: Told about the examples encoded so far, and all, where they are encoded now.
        on_wait: Told about a process that makes the same.
        on_translated: Told about the training examples translated so far into a language, and all.

    Raises:
        UserError: If data or model do not match the configuration, or can't be had.
    """
    store = ContentStore(root)
    entry = find_model(config.model, config.scale, sources)
    data = find_task(config.task).data(config.scale, sources)
    _check_content(config, data, entry)
    pretrained = entry.obtain(store, config.pretraining_seed, on_pretraining, on_wait)
    tokenizer, family = load_tokenizer(pretrained), FAMILIES[entry.family]
    encoder = PartEncoder(
        store,
        family,
        tokenizer,
        config.pretrained,
        entry.input_limit,
        find_texts(config.scale, sources),
        data,
        on_encoded,
        on_wait,
        _translator(config, sources, store),
        on_translated,
    )
    examples = Mixture(
        [part_examples(encoder, part, config.training.examples) for part in config.parts],
        [part.weight for part in config.parts],
    )
    return Inputs(entry, family, pretrained, tokenizer, data, examples)


def _translator(config: RunConfig, sources: Sources, store: ContentStore) -> Translator | None:
    """What translates the run's training data; None for a run without translated parts."""
    if config.translation is None:
        return None
    return open_translator(config.scale, config.translation, sources, store)


def _check_content(config: RunConfig, data: TaskData, entry: ModelEntry) -> None:
    """A configuration from elsewhere may name data or weights that this machine has not."""
    fingerprint = data.fingerprint(config.languages, Split(config.evaluation.split))
    if fingerprint != config.data:
        raise UserError(
            f"the {config.task} data here ({fingerprint}) is not that of the configuration "
            f"({config.data})"
        )
    pretrained = entry.checkpoint_name(config.pretraining_seed)
    if pretrained != config.pretrained:
        raise UserError(
            f"the pretrained {config.model} here ({pretrained}) is not that of the "
            f"configuration ({config.pretrained})"
        )

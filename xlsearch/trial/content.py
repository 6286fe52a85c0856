"""Fingerprints of what a run is made from, and whether what is here is what a configuration names.

A configuration from elsewhere may name data or weights that this machine has not.
"""

from __future__ import annotations

from xlsearch.config.run import IntermediateConfig, PartKind, RunConfig
from xlsearch.config.sources import Sources
from xlsearch.config.training import TranslationSettings
from xlsearch.errors import UserError
from xlsearch.languages import SOURCE_LANGUAGE
from xlsearch.languages.identification import LanguageIdentifier
from xlsearch.models.entry import ModelEntry
from xlsearch.models.translation import translator_name
from xlsearch.runs.content import content_name
from xlsearch.tasks.base import Split, TaskData
from xlsearch.tasks.parallel import Parallel
from xlsearch.tasks.registry import find_task
from xlsearch.tasks.texts import Texts, find_texts


def part_data(
    kind: PartKind,
    language: str,
    scale: str,
    task: str,
    translation: TranslationSettings,
    sources: Sources,
) -> str:
    """The fingerprint of what a part of the training data is made from.

    Args:
        kind: What the part's instances are.
        language: Which language they are in.
        scale: ``paper`` or ``pocket``.
        task: The task's name.
        translation: How translated parts are translated.
        sources: Where data and models are.

    Raises:
        UserError: If the data can't be had.
    """
    if kind == "text":
        return find_texts(scale, sources).fingerprint([language])
    data = find_task(task).data(scale, sources)
    if kind == "task":
        return data.training_fingerprint(language)
    made_from = {
        "data": data.training_fingerprint(SOURCE_LANGUAGE),
        "translator": translator_name(scale, translation, sources),
    }
    return f"translated-{content_name(made_from)}"


def check_run_content(
    config: RunConfig, data: TaskData, entry: ModelEntry, parallel: Parallel, sources: Sources
) -> None:
    """Refuses a run that is made from other data or weights than are here.

    Args:
        config: The run.
        data: Of its task.
        entry: Of its model in the catalogue.
        parallel: Parallel sentences.
        sources: Where data and models are.

    Raises:
        UserError: For the first that differs.
    """
    fingerprint = data.fingerprint(config.languages, Split(config.evaluation.split))
    if fingerprint != config.data:
        raise UserError(
            f"the {config.task} data here ({fingerprint}) is not that of the configuration "
            f"({config.data})"
        )
    translation = config.translation or TranslationSettings()
    for part in config.parts:
        here = part_data(part.kind, part.language, config.scale, config.task, translation, sources)
        if here != part.data:
            raise UserError(
                f"what {config.method} trains on in {part.language} is not here ({here}) that of "
                f"the configuration ({part.data})"
            )
    _check_pretrained(config, entry)
    sentences = parallel.fingerprint(config.languages)
    if sentences != config.parallel:
        raise UserError(
            f"the parallel sentences here ({sentences}) are not those of the configuration "
            f"({config.parallel})"
        )


def check_tuning_content(
    config: IntermediateConfig, texts: Texts, entry: ModelEntry, identifier: LanguageIdentifier
) -> None:
    """Refuses an intermediate tuning that is made from other text or weights than are here.

    Args:
        config: The tuning.
        texts: Plain text.
        entry: Of its model in the catalogue.
        identifier: Says which language a text is in.

    Raises:
        UserError: For the first that differs.
    """
    text = texts.fingerprint(config.languages)
    if text != config.text:
        raise UserError(f"the text here ({text}) is not that of the configuration ({config.text})")
    _check_pretrained(config, entry)
    if identifier.sha256 != config.language_identification:
        raise UserError(
            f"the language-identification model here ({identifier.sha256[:16]}) is not that of "
            f"the configuration ({config.language_identification[:16]})"
        )


def _check_pretrained(config: RunConfig | IntermediateConfig, entry: ModelEntry) -> None:
    pretrained = entry.checkpoint_name(config.pretraining_seed)
    if pretrained != config.pretrained:
        raise UserError(
            f"the pretrained {config.model} here ({pretrained}) is not that of the "
            f"configuration ({config.pretrained})"
        )

"""What translates data and outputs, and by which name it enters fingerprints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from xlsearch.config.sources import Sources
from xlsearch.config.training import TranslationSettings
from xlsearch.errors import UserError
from xlsearch.models.catalogue import find_model
from xlsearch.models.codes import has_codes
from xlsearch.models.entry import ModelEntry
from xlsearch.models.local import local_model
from xlsearch.runs.content import content_name


class Translator(Protocol):
    """Translates texts."""

    @property
    def name(self) -> str:
        """Names all that decides its translations; enters fingerprints."""

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        """Each text in another language, sentence by sentence.

        Args:
            texts: Plain texts.
            source: ISO 639-1 code of the texts' language.
            target: ISO 639-1 code of the language to write.
        """

    def close(self) -> None:
        """Gives back the memory that translating took; the next text takes it again."""


def world_translator(scale: str) -> Translator | None:
    """The world of a scale where it translates itself; None where a model has to."""
    if scale != "pocket":
        return None
    from xlsearch.pocket.translation import PocketTranslator

    return PocketTranslator()


def translation_model(settings: TranslationSettings, sources: Sources) -> ModelEntry:
    """The model that translates at the paper's scale.

    Args:
        settings: Name it.
        sources: Its ``translator_path`` replaces the hub.

    Raises:
        UserError: If there is no such model, the folder holds none, or it can't be told which
            language to write.
    """
    if sources.translator_path is None:
        entry = find_model(settings.model, "paper")
    else:
        entry = local_model(sources.translator_path, None, None, None)
    if not has_codes(entry.family):
        raise UserError(
            f"{entry.name} can't translate, for {entry.family} models are not told which language "
            "to write; take nllb-3.3b, nllb or mbart-tr"
        )
    return entry


def translator_name(scale: str, settings: TranslationSettings, sources: Sources) -> str:
    """The name of a scale's translator, without loading it."""
    world = world_translator(scale)
    if world is not None:
        return world.name
    return model_translator_name(translation_model(settings, sources), settings)


def model_translator_name(entry: ModelEntry, settings: TranslationSettings) -> str:
    """``<checkpoint>-<content>``, the content of the settings that decide translations."""
    decoding = settings.model_dump(exclude={"model", "batch_tokens"})
    return f"{entry.checkpoint_name(0)}-{content_name(decoding)}"

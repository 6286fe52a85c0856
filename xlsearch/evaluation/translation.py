"""Translation with a translation model, and the translator of either scale."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from xlsearch.config.sources import Sources
from xlsearch.config.training import GenerationSettings, TranslationSettings
from xlsearch.evaluation.generation import generate
from xlsearch.languages.sentences import join_sentences, split_sentences
from xlsearch.models.entry import ModelEntry
from xlsearch.models.families import FAMILIES
from xlsearch.models.loading import load_model, load_tokenizer
from xlsearch.models.precision import best_device, resolve_precision
from xlsearch.models.translation import (
    Translator,
    model_translator_name,
    translation_model,
    world_translator,
)
from xlsearch.runs.content import ContentStore


class ModelTranslator:
    """Translates sentence by sentence with a model that is told the language by a code.

    The model is loaded when the first text is translated: who finds all translations in the store
    needs none of its memory.

    Args:
        entry: The model.
        settings: How it decodes.
        store: Where models are kept.
    """

    def __init__(
        self, entry: ModelEntry, settings: TranslationSettings, store: ContentStore
    ) -> None:
        self._entry = entry
        precision = resolve_precision(settings.precision, best_device())
        self._settings = settings.model_copy(update={"precision": precision})
        self._store = store

    @property
    def name(self) -> str:
        """Names weights and decoding."""
        return model_translator_name(self._entry, self._settings)

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        """Each text in another language; both by their ISO 639-1 codes.

        A sentence beyond the model's limit is cropped. Line breaks become spaces.

        Raises:
            UserError: If the model has no code for one of the languages.
        """
        model, tokenizer = self._loaded
        family = FAMILIES[self._entry.family]
        split = [list(filter(None, map(str.strip, split_sentences(text)))) for text in texts]
        sentences = [sentence for parts in split for sentence in parts]
        if not sentences:
            return [""] * len(texts)
        translated = iter(
            generate(
                model,
                tokenizer,
                family,
                family.encode(tokenizer, sentences, source, self._entry.input_limit),
                target,
                GenerationSettings(
                    num_beams=self._settings.num_beams,
                    max_new_tokens=self._settings.max_new_tokens,
                ),
                self._settings.batch_tokens,
                self._settings.precision,
            )
        )
        return [join_sentences([next(translated) for _ in parts], target) for parts in split]

    def close(self) -> None:
        """Gives back the model's memory, which runs on the same GPU need."""
        self.__dict__.pop("_loaded", None)
        torch.cuda.empty_cache()

    @functools.cached_property
    def _loaded(self) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
        folder = self._entry.obtain(self._store, 0)
        model = load_model(folder)
        model.to(best_device())  # type: ignore[arg-type]
        return model, load_tokenizer(folder)


def open_translator(
    scale: str, settings: TranslationSettings, sources: Sources, store: ContentStore
) -> Translator:
    """The translator of a scale: the world at pocket scale, else a model.

    Args:
        scale: ``paper`` or ``pocket``.
        settings: Which model, and how it decodes; the world needs none.
        sources: Its ``translator_path`` replaces the hub.
        store: Where models are kept.

    Raises:
        UserError: If the model can't be had, or can't be told which language to write.
    """
    world = world_translator(scale)
    return world or ModelTranslator(translation_model(settings, sources), settings, store)

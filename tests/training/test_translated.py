"""Translated training data: kept by content, and continued after any end."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from xlsearch.adaptation.registry import load_method
from xlsearch.config.sources import NOWHERE
from xlsearch.config.training import TranslationSettings
from xlsearch.evaluation.translation import open_translator
from xlsearch.runs.content import ContentStore
from xlsearch.tasks.base import Split
from xlsearch.tasks.registry import find_task
from xlsearch.training import translated
from xlsearch.training.translated import translate_examples, translated_examples


class Marking:
    """Writes the target language before each text, and counts the texts it was given."""

    def __init__(self, name: str = "marking", stop_after: int | None = None) -> None:
        self.name = name
        self.texts: list[str] = []
        self._stop_after = stop_after

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        self.texts += texts
        if self._stop_after is not None and len(self.texts) > self._stop_after:
            raise KeyboardInterrupt
        return [f"{target}:{text}" for text in texts]

    def close(self) -> None:
        pass


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translated, "CHUNK", 4)
    monkeypatch.setattr(translated, "_SLICE", 2)


@pytest.mark.parametrize("task", ["xlsum", "xquad"])
@pytest.mark.parametrize("language", ["fr", "zh"])
def test_the_world_translates_into_what_it_tells_there(
    task: str, language: str, tmp_path: Path
) -> None:
    """The pocket data are parallel, so there is a right answer."""
    data, store = find_task(task).data("pocket"), ContentStore(tmp_path)
    world = open_translator("pocket", TranslationSettings(), NOWHERE, store)
    found = translated_examples(store, data, language, 10, world)
    assert found == list(data.load(Split.TRAIN, language, 10).examples)


def test_paragraph_question_and_answer_are_translated_by_themselves() -> None:
    data = find_task("xquad").data("pocket")
    (example,) = data.load(Split.TRAIN, "en", 1).examples
    (found,) = translate_examples([example], "de", Marking())
    paragraph = example.source.removesuffix(f" {example.ending}")
    assert found.source == f"de:{paragraph} de:{example.ending}"
    assert found.ending == f"de:{example.ending}"
    assert found.references == (f"de:{example.references[0]}",)


def test_a_killed_translation_loses_at_most_one_chunk(tmp_path: Path) -> None:
    data, store = find_task("xlsum").data("pocket"), ContentStore(tmp_path)
    steps: list[tuple[int, int]] = []

    def on_step(done: int, all: int) -> None:
        steps.append((done, all))

    killed = Marking(stop_after=13)  # two texts an example: it stops at the end of chunk two
    with pytest.raises(KeyboardInterrupt):
        translated_examples(store, data, "fr", 10, killed, on_step)
    second = Marking()
    found = translated_examples(store, data, "fr", 10, second, on_step)
    assert [done for done, _ in steps] == [2, 4, 6, 6, 8, 10]
    assert {all for _, all in steps} == {10}
    kept = {e.source for e in data.load(Split.TRAIN, "en", 4).examples}
    assert not kept & set(second.texts)
    assert found == translate_examples(data.load(Split.TRAIN, "en", 10).examples, "fr", Marking())
    third = Marking()
    assert translated_examples(store, data, "fr", 10, third) == found
    assert third.texts == []


def test_another_translator_or_language_translates_anew(tmp_path: Path) -> None:
    data, store = find_task("xlsum").data("pocket"), ContentStore(tmp_path)
    for name, language in (("a", "fr"), ("b", "fr"), ("a", "zh")):
        translator = Marking(name)
        translated_examples(store, data, language, 4, translator)
        assert translator.texts


def test_translate_train_draws_uniformly_from_the_target_languages() -> None:
    shares = load_method("translate-train").shares("en", ["fr", "zh", "ru"])
    assert {share.language: share.weight for share in shares} == {
        code: pytest.approx(1 / 3) for code in ("fr", "zh", "ru")
    }
    assert {share.kind for share in shares} == {"translated"}

"""Examples: deterministic, parallel, disjoint, and recognisable as their language."""

import pytest

from xlsearch.languages.identification import LanguageIdentifier
from xlsearch.pocket.corpus import parallel_sentences
from xlsearch.pocket.examples import SPLITS, TASKS, task_examples
from xlsearch.pocket.languages import LANGUAGES

LANGUAGE_CODES = sorted(LANGUAGES)


@pytest.mark.parametrize("task", TASKS)
def test_examples_are_the_same_every_time(task: str) -> None:
    assert task_examples(task, "test", "ko", 20) == task_examples(task, "test", "ko", 20)


@pytest.mark.parametrize("task", TASKS)
def test_a_longer_list_begins_with_the_shorter_one(task: str) -> None:
    assert task_examples(task, "train", "en", 30)[:10] == task_examples(task, "train", "en", 10)


@pytest.mark.parametrize("task", TASKS)
def test_examples_are_parallel(task: str) -> None:
    """The names of places and people that English and French share stand in both texts."""
    shared = {"paris", "berlin", "smith", "garcia", "petrov", "weber", "rossi", "tanaka"}
    for english, french in zip(
        task_examples(task, "test", "en", 50), task_examples(task, "test", "fr", 50), strict=True
    ):
        assert english.id == french.id
        found = [set(text.source.replace(".", "").split()) & shared for text in (english, french)]
        assert found[0] == found[1]


@pytest.mark.parametrize("task", TASKS)
def test_splits_share_no_source(task: str) -> None:
    seen: set[str] = set()
    for split in SPLITS:
        sources = {example.source for example in task_examples(task, split, "en", 500)}
        assert not sources & seen
        seen |= sources


@pytest.mark.parametrize("code", LANGUAGE_CODES)
def test_answers_are_spans_of_the_paragraph(code: str) -> None:
    for example in task_examples("xquad", "test", code, 100):
        assert example.references[0] in example.source


@pytest.mark.parametrize("code", LANGUAGE_CODES)
def test_summaries_are_not_spans_of_the_article(code: str) -> None:
    for example in task_examples("xlsum", "test", code, 100):
        assert example.references[0] not in example.source


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("code", LANGUAGE_CODES)
def test_gold_outputs_are_identified_as_their_language(task: str, code: str) -> None:
    outputs = [example.references[0] for example in task_examples(task, "test", code, 500)]
    assert LanguageIdentifier().correct_rate(outputs, code) >= 95


def test_parallel_sentences_have_one_telling_per_language() -> None:
    sentences = parallel_sentences(["en", "ja"], 15)
    assert {code: len(told) for code, told in sentences.items()} == {"en": 15, "ja": 15}


@pytest.mark.parametrize(
    ("task", "split", "language"),
    [("qa", "test", "en"), ("xlsum", "dev", "en"), ("xlsum", "test", "xx")],
)
def test_unknown_names_are_refused(task: str, split: str, language: str) -> None:
    with pytest.raises(ValueError, match="choose one of"):
        task_examples(task, split, language, 1)

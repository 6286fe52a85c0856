"""The world translates what it can say without an error, and leaves what it can't."""

from __future__ import annotations

import itertools
from random import Random

import pytest

from xlsearch.pocket import world
from xlsearch.pocket.examples import task_examples
from xlsearch.pocket.languages import LANGUAGES
from xlsearch.pocket.realise import tell, tell_all
from xlsearch.pocket.translation import PocketTranslator

TRANSLATOR = PocketTranslator()
PAIRS = list(itertools.permutations(LANGUAGES, 2))


@pytest.mark.parametrize("source", LANGUAGES)
def test_every_wording_is_told_in_every_other_language(source: str) -> None:
    rng = Random(source)
    sentences = [
        world.Sentence(kind, event, form)
        for kind, forms in world.SENTENCE_KINDS.items()
        for form in range(forms)
        for event in world.distinct_events(rng, 7)
    ]
    texts = [tell(LANGUAGES[source], sentence) for sentence in sentences]
    for target in LANGUAGES:
        told = [tell(LANGUAGES[target], sentence) for sentence in sentences]
        assert TRANSLATOR.translate(texts, source, target) == told


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_pages_are_told_sentence_by_sentence(source: str, target: str) -> None:
    rng = Random(f"{source}-{target}")
    # An answer that is no sentence has no mark at its end, so only articles can be taken apart.
    pages = [world.article(rng).sentences for _ in range(5)]
    texts = [tell_all(LANGUAGES[source], page) for page in pages]
    told = [tell_all(LANGUAGES[target], page) for page in pages]
    assert TRANSLATOR.translate(texts, source, target) == told


@pytest.mark.parametrize("source", ["ja", "ko", "en"])
def test_a_wording_may_be_two_sentences(source: str) -> None:
    """Korean and Japanese say "as we wrote" in a sentence of its own."""
    rng = Random(source)
    page = [
        world.Sentence("recap", event, form)
        for event in world.distinct_events(rng, 4)
        for form in (0, 1)
    ]
    told = TRANSLATOR.translate([tell_all(LANGUAGES[source], page)], source, "fr")
    assert told == [tell_all(LANGUAGES["fr"], page)]


@pytest.mark.parametrize("task", ["xlsum", "xquad"])
@pytest.mark.parametrize("target", ["fr", "zh", "ko"])
def test_translated_examples_are_those_of_the_language(task: str, target: str) -> None:
    originals = task_examples(task, "train", "en", 20)
    there = task_examples(task, "train", target, 20)
    answers = TRANSLATOR.translate([e.references[0] for e in originals], "en", target)
    assert answers == [e.references[0] for e in there]


def test_words_of_a_faulty_sentence_are_translated_and_the_rest_is_left() -> None:
    (found,) = TRANSLATOR.translate(["the the hospital in london zzz"], "en", "fr")
    assert found == "the l'hôpital in londres zzz"
    (korean,) = TRANSLATOR.translate(["병원을 병원을"], "ko", "en")
    assert korean == "the hospital을 the hospital을"


@pytest.mark.parametrize("text", ["", "nothing of this is in the world", "2024 !?", "porto"])
def test_what_the_world_does_not_know_is_left(text: str) -> None:
    assert TRANSLATOR.translate([text], "es", "de") == [text]


def test_a_wrong_particle_is_no_sentence_of_the_world() -> None:
    """The agreement is the language's, so that only what the world says counts as said."""
    right = tell(LANGUAGES["ko"], world.Sentence("ask_what", world.Event(0, 0, 0, 0, 0, 0, 0)))
    wrong = right.replace("은 ", "는 ")
    assert wrong != right
    english = TRANSLATOR.translate([right, wrong], "ko", "en")
    assert english[0] == "what did minister smith do?"
    assert english[1] == "smith minister는 무엇을 했나?"

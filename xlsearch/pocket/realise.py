"""Tells plans in a language."""

from collections.abc import Iterable
from dataclasses import asdict

from xlsearch.pocket.languages import Language, unmark
from xlsearch.pocket.world import SENTENCE_KINDS, SLOT_SIZES, Event, Sentence


def marked_sentence(language: Language, sentence: Sentence) -> str:
    """The sentence with morpheme marks, from which the tokenizer takes its pieces."""
    template = language.templates[sentence.kind][sentence.form]
    return language.fill(template, asdict(sentence.event))


def tell(language: Language, sentence: Sentence) -> str:
    """The sentence as text."""
    return unmark(marked_sentence(language, sentence))


def tell_all(language: Language, sentences: Iterable[Sentence]) -> str:
    """The sentences as one text."""
    return language.space.join(tell(language, sentence) for sentence in sentences)


def every_wording(language: Language) -> list[str]:
    """Marked sentences in which every form meets every word of every slot at least once."""
    longest = max(SLOT_SIZES.values())
    events = [
        Event(**{slot: i % size for slot, size in SLOT_SIZES.items()}) for i in range(longest)
    ]
    return [
        marked_sentence(language, Sentence(kind, event, form))
        for kind, forms in SENTENCE_KINDS.items()
        for form in range(forms)
        for event in events
    ]

"""The pocket world as a translator: it knows what each of its sentences says in every language."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from xlsearch.languages.sentences import join_sentences, split_sentences
from xlsearch.pocket.languages import LANGUAGES, Language, unmark
from xlsearch.pocket.realise import tell
from xlsearch.pocket.world import SENTENCE_KINDS, SLOT_SIZES, Event, Sentence
from xlsearch.runs.content import content_name

_FORMAT = 1
"""Raised when the same texts would be translated differently."""


class PocketTranslator:
    """Translates what the world can say, without an error.

    A sentence is taken apart by the templates of its language and told in the other. One that the
    world would not say, such as a model's faulty output, is translated word by word as far as its
    words are in the lexicon, and the rest of it stays as it is.
    """

    @property
    def name(self) -> str:
        """``pocket-world-<content>``, of all words and templates."""
        languages = {
            code: [dict(language.lexicon), language.agent, dict(language.templates)]
            for code, language in LANGUAGES.items()
        }
        return f"pocket-world-{content_name({'format': _FORMAT, **languages})}"

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        """Each text in another language; both by their ISO 639-1 codes."""
        return [_translated(text, source, target) for text in texts]

    def close(self) -> None:
        """The world takes no memory worth giving back."""


def _translated(text: str, source: str, target: str) -> str:
    """A text, where two sentences may be one of the world's: one wording is, in some languages."""
    rest, told = [sentence.strip() for sentence in split_sentences(text)], []
    while rest:
        for count in (2, 1):
            found = parse(source, join_sentences(rest[:count], source))
            if found is not None:
                told.append(tell(LANGUAGES[target], found))
                rest = rest[count:]
                break
        else:
            told.append(_word_by_word(rest.pop(0), source, target))
    return join_sentences(told, target)


@functools.lru_cache(maxsize=100_000)
def parse(code: str, text: str) -> Sentence | None:
    """The sentence of the world that a text is; None if it is none.

    Args:
        code: ISO 639-1 code of the text's language.
        text: One sentence as ``tell`` tells it. What it does not mention is index 0 of its slot.
    """
    for kind, form, pattern in _patterns(code):
        match = pattern.fullmatch(text)
        if match:
            words = {slot: _indices(code)[slot][word] for slot, word in match.groupdict().items()}
            sentence = Sentence(kind, Event(**{**dict.fromkeys(SLOT_SIZES, 0), **words}), form)
            # The pattern is lenient about agreement; the world is not.
            if tell(LANGUAGES[code], sentence) == text:
                return sentence
    return None


@functools.cache
def _patterns(code: str) -> list[tuple[str, int, re.Pattern[str]]]:
    language = LANGUAGES[code]
    return [
        (kind, form, _pattern(language, language.templates[kind][form]))
        for kind, forms in SENTENCE_KINDS.items()
        for form in range(forms)
    ]


def _pattern(language: Language, template: str) -> re.Pattern[str]:
    whole = template.replace("{agent}", language.agent)
    literals_and_slots = re.split(r"\{(\w+)\}", whole)
    parts = []
    for place, part in enumerate(literals_and_slots):
        if place % 2:
            words = sorted(_indices(language.code)[part], key=len, reverse=True)
            parts.append(f"(?P<{part}>{'|'.join(map(re.escape, words))})")
        else:
            # A pair such as 은/는 is one of the two, by agreement.
            parts.append(re.sub(r"(\w)/(\w)", r"[\1\2]", re.escape(unmark(part))))
    return re.compile("".join(parts))


@functools.cache
def _indices(code: str) -> dict[str, dict[str, int]]:
    """Index of each word, by slot."""
    return {
        slot: {unmark(word): index for index, word in enumerate(words)}
        for slot, words in LANGUAGES[code].lexicon.items()
    }


def _word_by_word(sentence: str, source: str, target: str) -> str:
    lexicon = LANGUAGES[target].lexicon

    def translated(match: re.Match[str]) -> str:
        slot, index = _places(source)[match.group()]
        return unmark(lexicon[slot][index])

    return _any_word(source).sub(translated, sentence)


@functools.cache
def _places(code: str) -> dict[str, tuple[str, int]]:
    """Slot and index of each word of a language."""
    return {
        word: (slot, index)
        for slot, words in _indices(code).items()
        for word, index in words.items()
    }


@functools.cache
def _any_word(code: str) -> re.Pattern[str]:
    words = sorted(_places(code), key=len, reverse=True)
    alternatives = "|".join(map(re.escape, words))
    # Particles are written together with Korean words, as everything is in Chinese and Japanese.
    apart = code not in ("ja", "ko", "zh")
    return re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)" if apart else alternatives)

"""What one language of the pocket world is made of: words, sentence templates, a little grammar."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from xlsearch.pocket.world import SENTENCE_KINDS, SLOT_SIZES

Words = tuple[str, ...]

MARK = "|"
"""Morpheme boundary inside a lexicon entry or template; it never reaches the reader's text."""


def words(text: str) -> Words:
    """Splits a comma-separated list, so that lexicons read as lists of words."""
    return tuple(" ".join(word.split()) for word in text.split(","))


def unchanged(text: str) -> str:
    """The grammar of a language whose slots can be filled in without any agreement."""
    return text


@dataclass(frozen=True)
class Language:
    """The lexicon and the templates with which plans are told in one language.

    Attributes:
        code: ISO 639-1 code, the name of the language everywhere in this package.
        name: What the language calls itself; mT5-style translation inputs begin with it.
        mbart_code: Language code of the mBART-50 tokenizer.
        lexicon: For every slot of `world.SLOT_SIZES` its words; the i-th words of all languages
            mean the same. Entries stand in the grammatical case in which the templates use them.
        agent: How role and name make up a person, for instance ``"{role} {name}"``.
        templates: For every kind of `world.SENTENCE_KINDS` its forms; the i-th forms of all
            languages mean the same. Slots are {agent} {verb} {object} {city} {day} {reason}.
        space: What stands between two sentences.
        agreement: Grammar that depends on the word in a slot, applied to the filled-in template.
    """

    code: str
    name: str
    mbart_code: str
    lexicon: Mapping[str, Words]
    agent: str
    templates: Mapping[str, Words]
    space: str = " "
    agreement: Callable[[str], str] = unchanged

    def __post_init__(self) -> None:
        sizes = {slot: len(entries) for slot, entries in self.lexicon.items()}
        if sizes != dict(SLOT_SIZES):
            raise ValueError(f"{self.code}: lexicon sizes {sizes}, the world needs {SLOT_SIZES}")
        forms = {kind: len(entries) for kind, entries in self.templates.items()}
        if forms != dict(SENTENCE_KINDS):
            raise ValueError(f"{self.code}: template forms {forms}, expected {SENTENCE_KINDS}")

    def fill(self, template: str, values: Mapping[str, int]) -> str:
        """Fills in a template, keeping the morpheme marks; `values` index the lexicon."""
        filled = {slot: f"|{self.lexicon[slot][index]}|" for slot, index in values.items()}
        filled["agent"] = self.agent.format(**filled)
        return self.agreement(template.format(**filled))


def unmark(text: str) -> str:
    """The readable text of a marked one."""
    return re.sub(r"\|", "", text)

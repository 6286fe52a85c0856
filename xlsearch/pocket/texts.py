"""Pages of the pocket web as plain text."""

from __future__ import annotations

from random import Random

from xlsearch.pocket import world
from xlsearch.pocket.languages import LANGUAGES
from xlsearch.pocket.realise import tell_all


def page_text(language: str, number: int) -> str:
    """The page of a number in a language. Equal numbers in two languages are different pages.

    Args:
        language: ISO 639-1 code of a language of the world.
        number: Which page, from 0.
    """
    return tell_all(LANGUAGES[language], world.page(Random(f"text/{language}/{number}")))

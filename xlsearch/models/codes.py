"""The codes by which models of some families are told the language to write."""

from __future__ import annotations

from xlsearch.errors import UserError
from xlsearch.languages import language
from xlsearch.models.family_facts import FAMILY_FACTS


def has_codes(family: str) -> bool:
    """Whether models of a family are told the language to write by a code."""
    return FAMILY_FACTS[family].codes is not None


def language_code(family: str, code: str) -> str | None:
    """A family's code of a language; None if the family has no codes at all.

    Args:
        family: One of ``xlsearch.models.family_facts.FAMILY_NAMES``.
        code: ISO 639-1 code.

    Raises:
        UserError: If the language is unknown, or is none of the family's.
    """
    entry, column = language(code), FAMILY_FACTS[family].codes
    if column is None:
        return None
    found: str | None = getattr(entry, column)
    if found is None:
        raise UserError(
            f"{family} models have no code for {entry.name} ({code!r}); leave it out of "
            "evaluation.languages, or take a model of another family"
        )
    return found

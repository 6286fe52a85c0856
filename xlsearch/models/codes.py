"""Which model families name the language to write by a code, and the codes."""

from __future__ import annotations

from xlsearch.errors import UserError
from xlsearch.languages import language

_COLUMNS = {"mbart": "mbart50", "mt5": None, "nllb": "nllb200"}
"""The column of the table of languages with a family's codes; None for families without codes."""

FAMILY_NAMES = tuple(_COLUMNS)
"""Keys of ``xlsearch.models.families.FAMILIES``, to check names without loading torch."""


def has_codes(family: str) -> bool:
    """Whether models of a family are told the language to write by a code."""
    return _COLUMNS[family] is not None


def language_code(family: str, code: str) -> str | None:
    """A family's code of a language; None if the family has no codes at all.

    Args:
        family: One of ``FAMILY_NAMES``.
        code: ISO 639-1 code.

    Raises:
        UserError: If the language is unknown, or is none of the family's.
    """
    entry, column = language(code), _COLUMNS[family]
    if column is None:
        return None
    found: str | None = getattr(entry, column)
    if found is None:
        raise UserError(
            f"{family} models have no code for {entry.name} ({code!r}); leave it out of "
            "evaluation.languages, or take a model of another family"
        )
    return found

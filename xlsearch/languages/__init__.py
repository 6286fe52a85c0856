"""Languages: the one table of their codes, and which language a text is in."""

from __future__ import annotations

from xlsearch.languages.table import LANGUAGES, SOURCE_LANGUAGE, Language, language

__all__ = ["LANGUAGES", "SOURCE_LANGUAGE", "Language", "language"]

"""The languages of the pocket world: one file each, and one line here to register it."""

from xlsearch.pocket.languages._language import MARK, Language, unmark
from xlsearch.pocket.languages.ar import ARABIC
from xlsearch.pocket.languages.de import GERMAN
from xlsearch.pocket.languages.en import ENGLISH
from xlsearch.pocket.languages.es import SPANISH
from xlsearch.pocket.languages.fr import FRENCH
from xlsearch.pocket.languages.ja import JAPANESE
from xlsearch.pocket.languages.ko import KOREAN
from xlsearch.pocket.languages.ru import RUSSIAN
from xlsearch.pocket.languages.zh import CHINESE

__all__ = ["LANGUAGES", "MARK", "Language", "unmark"]

LANGUAGES: dict[str, Language] = {
    language.code: language
    for language in (
        ENGLISH,
        FRENCH,
        SPANISH,
        RUSSIAN,
        CHINESE,
        KOREAN,
        JAPANESE,
        ARABIC,
        GERMAN,
    )
}
"""All languages by ISO 639-1 code."""

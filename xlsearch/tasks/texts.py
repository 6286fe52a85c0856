"""Plain text by language, for intermediate tuning and for PrefixLM instances."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from xlsearch.config.sources import Sources
from xlsearch.errors import UserError
from xlsearch.runs.content import content_name, file_sha256
from xlsearch.tasks.web_text import HUB, text_files, web_texts


class Texts(Protocol):
    """Plain text in many languages."""

    def fingerprint(self, languages: Sequence[str]) -> str:
        """Names the text in these languages: equal fingerprints, equal texts."""

    def load(self, language: str, limit: int) -> list[str]:
        """The first ``limit`` texts of a language, fewer where there are no more.

        Raises:
            UserError: If there are none, or a file is broken.
        """

    def check(self, language: str, limit: int) -> None:
        """Finds out whether ``load`` would fail, without downloading anything twice.

        Raises:
            UserError: If there are no texts, or a file is broken.
        """


@dataclass(frozen=True)
class PocketTexts:
    """Pages of the pocket web."""

    def fingerprint(self, languages: Sequence[str]) -> str:
        """Hash of the first pages."""
        return f"pocket-{content_name({code: self.load(code, 50) for code in sorted(languages)})}"

    def load(self, language: str, limit: int) -> list[str]:
        """Pages that only this language has."""
        from xlsearch.pocket.texts import page_text

        return [page_text(language, number) for number in range(limit)]

    def check(self, language: str, limit: int) -> None:
        """Nothing can be missing or broken."""


@dataclass(frozen=True)
class WebTexts:
    """Texts of a user's folder, or of mC4 on the hub.

    Attributes:
        folder: As ``web_texts`` reads it; None for the hub.
    """

    folder: Path | None

    def fingerprint(self, languages: Sequence[str]) -> str:
        """Hash of the files, or the hub's data set."""
        if self.folder is None:
            return f"{HUB.id}-{'-'.join(sorted(languages))}"
        files = {
            code: [file_sha256(path) for path in text_files(self.folder, code)]
            for code in sorted(languages)
        }
        return f"text-{content_name(files)}"

    def load(self, language: str, limit: int) -> list[str]:
        """Texts in the order in which they are stored."""
        found = list(itertools.islice(web_texts(self.folder, language), limit))
        if not found:
            raise UserError(f"there is no text in language {language!r}")
        return found

    def check(self, language: str, limit: int) -> None:
        """Reads files as ``load`` would; of the hub's texts, the first."""
        self.load(language, 1 if self.folder is None else limit)


def find_texts(scale: str, sources: Sources) -> Texts:
    """The plain text of a scale.

    Args:
        scale: ``paper`` or ``pocket``.
        sources: Its ``text_dir`` replaces the hub.
    """
    return PocketTexts() if scale == "pocket" else WebTexts(sources.text_dir)

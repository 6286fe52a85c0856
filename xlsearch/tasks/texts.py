"""Plain text by language, for intermediate tuning and for PrefixLM instances."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from xlsearch.config.sources import Sources
from xlsearch.errors import UserError
from xlsearch.runs.content import ContentStore, content_name, file_sha256
from xlsearch.tasks.web_text import HUB, folder_texts, hub_configuration, hub_texts, text_files

OnRead = Callable[[str, int, int], None]
"""Called with the language, the texts fetched so far, and all."""


class Texts(Protocol):
    """Plain text in many languages."""

    def fingerprint(self, languages: Sequence[str]) -> str:
        """Names the text in these languages: equal fingerprints, equal texts."""

    def load(self, language: str, limit: int) -> Sequence[str]:
        """The first ``limit`` texts of a language, fewer where there are no more.

        Raises:
            UserError: If there are none, or a file is broken.
        """

    def check(self, language: str, limit: int) -> int:
        """Finds out whether ``load`` would fail, without fetching much.

        Returns:
            How many texts it would give, as far as that is known.

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

    def check(self, language: str, limit: int) -> int:
        """Nothing can be missing or broken."""
        return limit


@dataclass(frozen=True)
class FolderTexts:
    """Texts of a user's folder.

    Attributes:
        folder: As ``folder_texts`` reads it.
    """

    folder: Path

    def fingerprint(self, languages: Sequence[str]) -> str:
        """Hash of the files."""
        files = {
            code: [file_sha256(path) for path in text_files(self.folder, code)]
            for code in sorted(languages)
        }
        return f"text-{content_name(files)}"

    def load(self, language: str, limit: int) -> list[str]:
        """Texts in the order in which they are stored."""
        found = list(itertools.islice(folder_texts(self.folder, language), limit))
        if not found:
            raise UserError(f"{self.folder}: there is no text in language {language!r}")
        return found

    def check(self, language: str, limit: int) -> int:
        """Reads the files, one text at a time."""
        texts = itertools.islice(folder_texts(self.folder, language), limit)
        count = sum(1 for _ in texts)
        if not count:
            raise UserError(f"{self.folder}: there is no text in language {language!r}")
        return count


@dataclass(frozen=True)
class HubTexts:
    """Texts of mC4 at one commit, streamed once and kept.

    Attributes:
        store: Where they are kept; None for who only asks for their fingerprint.
        on_read: Told the language, the texts fetched so far, and all.
        on_wait: Told about a process that fetches the same.
    """

    store: ContentStore | None = None
    on_read: OnRead = lambda language, done, all: None
    on_wait: Callable[[str], None] = lambda who: None

    def fingerprint(self, languages: Sequence[str]) -> str:
        """The hub's data set at its commit, and its configurations."""
        configurations = sorted(map(hub_configuration, languages))
        return "-".join([HUB.fingerprint, *configurations])

    def load(self, language: str, limit: int) -> Sequence[str]:
        """Texts in the order in which the hub has them."""
        # Here, since fingerprints are asked for by who reads no text.
        from xlsearch.tasks.kept_texts import kept_texts

        assert self.store is not None
        found = kept_texts(
            self.store,
            self._description(language),
            lambda: hub_texts(language),
            limit,
            lambda done, all: self.on_read(language, done, all),
            self.on_wait,
        )
        if not found:
            raise UserError(f"{HUB.id} has no text in language {language!r}")
        return found

    def check(self, language: str, limit: int) -> int:
        """Fetches the first text, unless some are kept."""
        from xlsearch.tasks.kept_texts import are_kept

        assert self.store is not None
        if not are_kept(self.store, self._description(language)):
            for _ in hub_texts(language):
                break
        return limit

    def _description(self, language: str) -> dict[str, Any]:
        return {"data": HUB.fingerprint, "configuration": hub_configuration(language)}


def find_texts(
    scale: str,
    sources: Sources,
    store: ContentStore | None = None,
    on_read: OnRead = lambda language, done, all: None,
    on_wait: Callable[[str], None] = lambda who: None,
) -> Texts:
    """The plain text of a scale.

    Args:
        scale: ``paper`` or ``pocket``.
        sources: Its ``text_dir`` replaces the hub.
        store: Where texts of the hub are kept; None where only their fingerprint is asked for.
        on_read: Told about texts that are fetched: the language, how many so far, and all.
        on_wait: Told about a process that fetches the same.
    """
    if scale == "pocket":
        return PocketTexts()
    if sources.text_dir is not None:
        return FolderTexts(sources.text_dir)
    return HubTexts(store, on_read, on_wait)

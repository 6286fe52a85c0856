"""Parallel sentences, for the similarity of encoder representations (XLRS)."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from xlsearch.config.sources import Sources
from xlsearch.errors import UserError
from xlsearch.languages import LANGUAGES
from xlsearch.runs.content import content_name, file_sha256
from xlsearch.tasks.base import Split
from xlsearch.tasks.data_folder import DataFolder
from xlsearch.tasks.xquad import XQuadFiles, XQuadHub


class Parallel(Protocol):
    """Sentences that mean the same in several languages."""

    def fingerprint(self, languages: Sequence[str]) -> str | None:
        """Names the sentences in those of the languages that there are.

        Args:
            languages: ISO 639-1 codes, the source language first.

        Returns:
            Equal fingerprints, equal sentences; None if there are none in the source language
            and at least one other.
        """

    def load(self, languages: Sequence[str], limit: int) -> dict[str, list[str]]:
        """The first sentences, by language; the i-th ones mean the same.

        Args:
            languages: ISO 639-1 codes, the source language first. Those without sentences are
                left out.
            limit: Most sentences a language.

        Raises:
            UserError: If a file is broken, or the files do not go together.
        """


@dataclass(frozen=True)
class PocketParallel:
    """Statements about the pocket world."""

    def fingerprint(self, languages: Sequence[str]) -> str | None:
        """Hash of the first statements."""
        found = self.load(languages, 50)
        return f"pocket-{content_name(found)}" if len(found) > 1 else None

    def load(self, languages: Sequence[str], limit: int) -> dict[str, list[str]]:
        """Statements told in each language of the world."""
        return {code: list(told) for code, told in _pocket(tuple(languages), limit).items()}


@dataclass(frozen=True)
class ParallelFiles:
    """``en.txt``, ``fr.txt`` and so on, whose lines of equal number mean the same.

    Attributes:
        folder: Where they are.
    """

    folder: Path

    def fingerprint(self, languages: Sequence[str]) -> str | None:
        """Hash of the files' content."""
        files = self._files(languages)
        hashes = {code: file_sha256(path) for code, path in files.items()}
        return f"parallel-{content_name(hashes)}" if len(files) > 1 else None

    def load(self, languages: Sequence[str], limit: int) -> dict[str, list[str]]:
        """The first lines of each file."""
        found = {code: _lines(path) for code, path in self._files(languages).items()}
        if len({len(lines) for lines in found.values()}) > 1:
            counts = ", ".join(f"{code}.txt has {len(lines)}" for code, lines in found.items())
            raise UserError(
                f"{self.folder}: the files should have equal numbers of lines, each line the "
                f"translation of the same line in the others; {counts}"
            )
        return {code: lines[:limit] for code, lines in found.items()}

    def _files(self, languages: Sequence[str]) -> dict[str, Path]:
        paths = {code: self.folder / f"{code}.txt" for code in languages}
        source = paths[languages[0]]
        if not source.is_file():
            raise UserError(
                f"{self.folder} has no {source.name}; it should hold sentences of the source "
                "language, one a line, and files such as fr.txt their translations"
            )
        return {code: path for code, path in paths.items() if path.is_file()}


@dataclass(frozen=True)
class XQuadParallel:
    """The questions of XQuAD, which were translated one by one and kept their ids.

    Attributes:
        source: Where they are.
    """

    source: XQuadFiles | XQuadHub

    def fingerprint(self, languages: Sequence[str]) -> str | None:
        """Hash of the files, or the hub's commit."""
        codes = self._codes(languages)
        if len(codes) < 2:
            return None
        try:
            return f"{self.source.evaluation_fingerprint(codes)}-{'-'.join(sorted(codes))}"
        except UserError as error:
            raise UserError(
                f"no parallel sentences for XLRS: {error}, and so does --parallel-dir with "
                f"{codes[0]}.txt, {codes[1]}.txt and so on"
            ) from None

    def load(self, languages: Sequence[str], limit: int) -> dict[str, list[str]]:
        """The questions of the source language's first ids, in languages that have all of these."""
        codes = self._codes(languages)
        if len(codes) < 2:
            return {}
        asked = {code: self._questions(code) for code in codes}
        ids = list(asked[codes[0]])[:limit]
        return {
            code: [questions[name] for name in ids]
            for code, questions in asked.items()
            if all(name in questions for name in ids)
        }

    def _codes(self, languages: Sequence[str]) -> list[str]:
        codes = [c for c in languages if LANGUAGES[c].xquad is not None and self.source.has(c)]
        return codes if languages[0] in codes else []

    def _questions(self, code: str) -> dict[str, str]:
        """The questions of a language by id, in the order in which they are stored."""
        return {
            example.id: example.ending for example in self.source.questions(Split.EVALUATION, code)
        }


@dataclass(frozen=True)
class NoParallel:
    """Where there are no parallel sentences."""

    def fingerprint(self, languages: Sequence[str]) -> str | None:
        """None."""
        return None

    def load(self, languages: Sequence[str], limit: int) -> dict[str, list[str]]:
        """Nothing."""
        return {}


def find_parallel(scale: str, sources: Sources, *, hub: bool = False) -> Parallel:
    """The parallel sentences of a scale.

    Args:
        scale: ``paper`` or ``pocket``.
        sources: Its ``parallel_dir`` comes first; then XQuAD's files in ``data_dir``.
        hub: Whether XQuAD may be taken from the hub, where neither is there.
    """
    if scale == "pocket":
        return PocketParallel()
    if sources.parallel_dir is not None:
        return ParallelFiles(sources.parallel_dir)
    if sources.data_dir is not None:
        files = XQuadFiles(DataFolder(sources.data_dir))
        if any(entry.xquad and files.has(code) for code, entry in LANGUAGES.items()):
            return XQuadParallel(files)
    return XQuadParallel(XQuadHub()) if hub else NoParallel()


def may_use_hub(task: str, checkpoint: str) -> bool:
    """Whether a run may take parallel sentences from the hub.

    XLRS alone is no reason to reach for it: only a checkpoint that is chosen by it is, and a task
    whose data are the same files.

    Args:
        task: The run's task.
        checkpoint: Which evaluation of the run counts.
    """
    return checkpoint == "xlrs" or task == "xquad"


@functools.lru_cache(maxsize=8)
def _pocket(languages: tuple[str, ...], limit: int) -> dict[str, list[str]]:
    from xlsearch.pocket.corpus import parallel_sentences
    from xlsearch.pocket.languages import LANGUAGES as POCKET_LANGUAGES

    return parallel_sentences([code for code in languages if code in POCKET_LANGUAGES], limit)


def _lines(path: Path) -> list[str]:
    """The lines of a text file.

    Raises:
        UserError: If it can't be read, is not UTF-8, or a line is blank: that would be a sentence
            without a translation.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(f"{path}: not text in UTF-8") from None
    except OSError as error:
        raise UserError(f"{path} can't be read ({error.strerror})") from None
    lines = [line.strip() for line in text.removesuffix("\n").split("\n")]
    if "" in lines:
        raise UserError(f"{path}:{lines.index('') + 1}: the line is blank; one sentence a line")
    return lines

"""Web text, for training on how a passage goes on."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

from xlsearch.errors import UserError
from xlsearch.languages import language as language_entry
from xlsearch.tasks.data_folder import PACKED, DataFolder, without_packed_twins
from xlsearch.tasks.hub import HubDataset, stream
from xlsearch.tasks.json_rows import read_json_lines
from xlsearch.tasks.lines import read_lines

HUB = HubDataset("allenai/c4")

_TEXT = ".txt"
_ENDINGS = (_TEXT, ".jsonl", ".json")


def web_texts(folder: Path | None, language: str) -> Iterator[str]:
    """The texts of a language, in the order in which they are stored.

    Args:
        folder: Holds ``fr.txt`` with one text a line, ``fr.jsonl`` with a ``text`` in each row
            (both also ``.gz``), or a folder ``fr`` of such files with any names. None for mC4,
            which is streamed from the hub.
        language: ISO 639-1 code.

    Raises:
        UserError: At once if the language has no text; on the way, if a file is broken.
    """
    entry = language_entry(language)
    if folder is None:
        if entry.c4 is None:
            raise UserError(f"{HUB.id} has no {entry.name}; name a folder with texts")
        return stream(HUB, entry.c4, "text")
    return itertools.chain.from_iterable(map(_texts, text_files(folder, language)))


def text_files(folder: Path, language: str) -> list[Path]:
    """All of a language's files in a folder, by name.

    Raises:
        UserError: If there are none.
    """
    files = _files(DataFolder(folder).path, language)
    if not files:
        raise UserError(
            f"{folder} has no {language}.txt, {language}.jsonl or folder {language} with such "
            "files (.gz is read too)"
        )
    return files


def _files(folder: Path, language: str) -> list[Path]:
    endings = tuple(ending + packed for ending in _ENDINGS for packed in PACKED)
    named = [folder / f"{language}{ending}" for ending in endings]
    inside = sorted((folder / language).glob("*"))
    return without_packed_twins(
        path for path in (*named, *inside) if path.name.endswith(endings) and path.is_file()
    )


def _texts(path: Path) -> Iterator[str]:
    if _TEXT in path.suffixes:
        return (line for line, _ in read_lines(path))
    return (row.text("text") for row in read_json_lines(path))

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

HUB = HubDataset("allenai/c4", instead="--text-dir with texts")

_TEXT = ".txt"
_ENDINGS = (_TEXT, ".jsonl", ".json")


def hub_configuration(language: str) -> str:
    """The configuration of the hub's data set that has a language.

    Raises:
        UserError: If the language is unknown, or the data set lacks it.
    """
    entry = language_entry(language)
    if entry.c4 is None:
        raise UserError(f"{HUB.id} has no {entry.name}; give a --text-dir with {language}.txt")
    return entry.c4


def hub_texts(language: str) -> Iterator[str]:
    """The texts of a language in mC4, streamed from the hub in the order of its files.

    Raises:
        UserError: At once if the language has no text, or the hub can't be reached; on the way too.
    """
    return stream(HUB, hub_configuration(language), "text")


def folder_texts(folder: Path, language: str) -> Iterator[str]:
    """The texts of a language in a folder, in the order in which they are stored.

    Args:
        folder: Holds ``fr.txt`` with one text a line, ``fr.jsonl`` with a ``text`` in each row
            (both also ``.gz``), or a folder ``fr`` of such files with any names.
        language: ISO 639-1 code.

    Raises:
        UserError: At once if the language has no text; on the way, if a file is broken.
    """
    language_entry(language)  # an unknown one is told by name
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

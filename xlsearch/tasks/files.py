"""Reading the files of a data set: found by name, and every error says which file and line."""

from __future__ import annotations

import contextlib
import functools
import gzip
import json
import os
import sys
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xlsearch.errors import UserError

PACKED = ("", ".gz")
"""A file may be compressed; where both forms lie side by side, the plain one is read."""

STANDARD_INPUT = Path("-")
"""Stands for standard input wherever lines are read."""

_LEVELS = 2
"""Folder levels below the data folder in which files are looked for."""

_KINDS: dict[type, str] = {str: "a text", list: "a list", dict: "an object"}


@dataclass(frozen=True)
class DataFolder:
    """The files below a folder that a user named, as they are at the first look.

    Attributes:
        path: The folder.
    """

    path: Path

    def __post_init__(self) -> None:
        if not self.path.exists():
            raise UserError(f"the data folder {self.path} does not exist")
        if not self.path.is_dir():
            raise UserError(f"the data folder {self.path} is not a folder")

    def find(self, *names: str) -> Path | None:
        """The file of one of these names, also with ``.gz``; None if there is none.

        The first name that exists counts, as near to the folder as there is one.

        Raises:
            UserError: If there are several at the same distance.
        """
        for name in names:
            for level in self._levels:
                found = next((level[name + p] for p in PACKED if name + p in level), [])
                if len(found) > 1:
                    listed = ", ".join(str(path) for path in found)
                    raise UserError(f"which {name} is meant? {self.path} holds {listed}")
                if found:
                    return found[0]
        return None

    def need(self, *names: str) -> Path:
        """``find``, where the file has to be there.

        Raises:
            UserError: If it is not; names the files that would do.
        """
        found = self.find(*names)
        if found is None:
            raise UserError(
                f"{self.path} has no {' or '.join(names)}, here or in the {_LEVELS} folder levels "
                "below (.gz is read too)"
            )
        return found

    def matching(self, start: str, ends: Sequence[str]) -> list[Path]:
        """All files whose name begins and ends so, also with ``.gz``, the nearest first."""
        endings = tuple(end + packed for end in ends for packed in PACKED)
        return without_packed_twins(
            path
            for level in self._levels
            for name, paths in level.items()
            if name.startswith(start) and name.endswith(endings)
            for path in paths
        )

    @functools.cached_property
    def _levels(self) -> tuple[dict[str, list[Path]], ...]:
        """The files in the folder by name, then those one level below, and so on.

        Looked up once, since a task asks for each split of every language.
        """
        levels: list[dict[str, list[Path]]] = []
        folders = [self.path]
        for _ in range(_LEVELS + 1):
            files: dict[str, list[Path]] = {}
            below: list[Path] = []
            for folder in folders:
                for entry in _entries(folder):
                    if entry.is_dir():
                        below.append(Path(entry.path))
                    else:
                        files.setdefault(entry.name, []).append(Path(entry.path))
            levels.append(files)
            folders = below
        return tuple(levels)


def without_packed_twins(files: Iterable[Path]) -> list[Path]:
    """The files without those that lie there unpacked too."""
    listed = list(files)
    there = set(listed)
    return [path for path in listed if path.suffix != ".gz" or path.with_suffix("") not in there]


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """What is in a folder and not hidden, by name; nothing, if it may not be read."""
    try:
        shown = [entry for entry in os.scandir(folder) if not entry.name.startswith(".")]
    except PermissionError:
        return []
    return sorted(shown, key=lambda entry: entry.name)


@dataclass(frozen=True)
class Row:
    """An object in a JSON file, and where it stands there.

    Attributes:
        values: The object's keys and values.
        where: File, and line or place in the document, for messages.
    """

    values: dict[str, Any]
    where: str

    def text(self, key: str) -> str:
        """The text under a key.

        Raises:
            UserError: If the key is missing, or holds something else.
        """
        return self._whole(key, self._value(key, str))

    def name(self, key: str) -> str:
        """The text under a key that names the row; a whole number is taken as one."""
        value = self.values.get(key)
        # JSON's true and false are whole numbers to Python.
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return self.text(key)

    def texts(self, key: str) -> list[str]:
        """The list of texts under a key."""
        value = self._value(key, list)
        for item in value:
            if not isinstance(item, str):
                raise self._wrong(key, item, "a list of texts")
        return [self._whole(key, item) for item in value]

    def row(self, key: str) -> Row:
        """The object under a key."""
        return Row(self._value(key, dict), f"{self.where}, {key}")

    def rows(self, key: str) -> Iterator[Row]:
        """The objects in the list under a key."""
        for i, item in enumerate(self._value(key, list)):
            if not isinstance(item, dict):
                raise self._wrong(f"{key}[{i}]", item, _KINDS[dict])
            yield Row(item, f"{self.where}, {key}[{i}]")

    def _value(self, key: str, kind: type) -> Any:
        if key not in self.values:
            has = _printable(", ".join(self.values)) or "nothing"
            raise UserError(f"{self.where}: there is no {key!r}; there is {has}")
        value = self.values[key]
        if not isinstance(value, kind):
            raise self._wrong(key, value, _KINDS[kind])
        return value

    def _whole(self, key: str, text: str) -> str:
        """The text, which nothing could write or encode if half of a character were in it."""
        try:
            text.encode()  # far faster than a look at each character
        except UnicodeEncodeError:
            raise UserError(
                f"{self.where}: {key!r} has half of a surrogate pair (\\ud800 to \\udfff)"
            ) from None
        return text

    def _wrong(self, key: str, value: Any, expected: str) -> UserError:
        found = _printable(json.dumps(value, ensure_ascii=False, default=str))
        shown = found if len(found) <= 40 else f"{found[:40]}…"
        return UserError(f"{self.where}: {key!r} is {shown} and should be {expected}")


def _printable(text: str) -> str:
    """The text with escapes for halves of characters, which can't be printed."""
    return text.encode(errors="backslashreplace").decode()


def read_lines(path: Path) -> Iterator[tuple[str, str]]:
    """The lines of a text file that are not blank, each with its file and line number.

    Args:
        path: A text file in UTF-8; ``.gz`` is unpacked, and ``-`` is standard input.

    Raises:
        UserError: If the file can't be read, or a line is not UTF-8.
    """
    name = place_name(path)
    number = 0
    try:
        with _open(path) as file:
            for number, line in enumerate(file, 1):
                text = line.decode("utf-8-sig").strip("\r\n")
                if text.strip():
                    yield text, f"{name}:{number}"
    except UnicodeDecodeError:
        raise UserError(f"{name}:{number}: not text in UTF-8") from None
    except (OSError, EOFError, zlib.error) as error:
        raise _unreadable(path, error) from None


def place_name(path: Path) -> str:
    """What messages call a file."""
    return "standard input" if path == STANDARD_INPUT else str(path)


def read_json_values(path: Path) -> Iterator[tuple[Any, str]]:
    """The JSON value of each line, with its file and line number.

    Raises:
        UserError: If the file can't be read, or a line is not JSON.
    """
    for line, where in read_lines(path):
        try:
            yield json.loads(line), where
        except (ValueError, RecursionError) as error:
            raise _broken(where, error) from None


def read_json_lines(path: Path) -> Iterator[Row]:
    """The objects of a JSON-lines file.

    Raises:
        UserError: If the file can't be read, or a line is not a JSON object.
    """
    for value, where in read_json_values(path):
        if not isinstance(value, dict):
            raise UserError(f"{where}: should be a JSON object")
        yield Row(value, where)


def read_json(path: Path) -> list[Row]:
    """The object of a JSON file, or the objects of the list that it is.

    Raises:
        UserError: If the file can't be read, or is neither.
    """
    try:
        with _open(path) as file:
            text = file.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(f"{path}: not text in UTF-8") from None
    except (OSError, EOFError, zlib.error) as error:
        raise _unreadable(path, error) from None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        # Only errors of syntax say where they are; the others are of the document from its start.
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        raise _broken(f"{path}:{line}", error) from None
    if isinstance(value, dict):
        return [Row(value, str(path))]
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise UserError(f"{path}: should be a JSON object, or a list of objects")
    return [Row(item, f"{path}, [{i}]") for i, item in enumerate(value)]


def _open(path: Path) -> Any:
    if path == STANDARD_INPUT:
        return contextlib.nullcontext(sys.stdin.buffer)
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")


def _broken(where: str, error: ValueError | RecursionError) -> UserError:
    if isinstance(error, json.JSONDecodeError):
        # A document is often a single line, of which the number alone says nothing.
        reason = f"{error.msg}, column {error.colno}"
    elif isinstance(error, RecursionError):
        reason = "nested too deeply"
    else:
        reason = "a number has too many digits"
    return UserError(f"{where}: broken JSON ({reason})")


def _unreadable(path: Path, error: Exception) -> UserError:
    if isinstance(error, OSError) and error.strerror:
        return UserError(f"{path} can't be read ({error.strerror})")
    return UserError(f"{path} is broken or cut off; it is no whole gzip file")

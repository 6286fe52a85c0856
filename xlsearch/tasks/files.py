"""Reading the files of a data set: found by name, and every error says which file and line."""

from __future__ import annotations

import gzip
import json
import os
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xlsearch.errors import UserError

PACKED = ("", ".gz")
"""A file may be compressed; where both forms lie side by side, the plain one is read."""

_LEVELS = 2
"""Folder levels below the data folder in which files are looked for."""

_KINDS: dict[type, str] = {str: "a text", list: "a list", dict: "an object"}


@dataclass(frozen=True)
class DataFolder:
    """The files below a folder that a user named.

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
            for level in self._levels():
                found = [path for path in level if path.name in _variants(name)]
                plain = [path for path in found if path.name == name] or found
                if len(plain) > 1:
                    listed = ", ".join(str(path) for path in plain)
                    raise UserError(f"which {name} is meant? {self.path} holds {listed}")
                if plain:
                    return plain[0]
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
        files = [
            path
            for level in self._levels()
            for path in level
            if path.name.startswith(start) and path.name.endswith(endings)
        ]
        return [path for path in files if path.with_suffix("") not in files]

    def _levels(self) -> Iterator[list[Path]]:
        """The files in the folder, then those one level below, and so on."""
        folders = [self.path]
        for _ in range(_LEVELS + 1):
            files: list[Path] = []
            below: list[Path] = []
            for folder in folders:
                for entry in _entries(folder):
                    (below if entry.is_dir() else files).append(Path(entry.path))
            yield files
            folders = below


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """What is in a folder and not hidden, by name; nothing, if it may not be read."""
    try:
        shown = [entry for entry in os.scandir(folder) if not entry.name.startswith(".")]
    except PermissionError:
        return []
    return sorted(shown, key=lambda entry: entry.name)


def _variants(name: str) -> set[str]:
    return {name + packed for packed in PACKED}


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
        value = self._value(key, str)
        assert isinstance(value, str)
        return value

    def texts(self, key: str) -> list[str]:
        """The list of texts under a key."""
        value = self._value(key, list)
        for item in value:
            if not isinstance(item, str):
                raise self._wrong(key, item, "a list of texts")
        return list(value)

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
            has = ", ".join(self.values) or "nothing"
            raise UserError(f"{self.where}: there is no {key!r}; there is {has}")
        value = self.values[key]
        if not isinstance(value, kind):
            raise self._wrong(key, value, _KINDS[kind])
        return value

    def _wrong(self, key: str, value: Any, expected: str) -> UserError:
        found = json.dumps(value, ensure_ascii=False, default=str)
        shown = found if len(found) <= 40 else f"{found[:40]}…"
        return UserError(f"{self.where}: {key!r} is {shown} and should be {expected}")


def read_lines(path: Path) -> Iterator[tuple[str, str]]:
    """The lines of a text file that are not blank, each with its file and line number.

    Args:
        path: A text file in UTF-8; ``.gz`` is unpacked.

    Raises:
        UserError: If the file can't be read, or a line is not UTF-8.
    """
    number = 0
    try:
        with _open(path) as file:
            for number, line in enumerate(file, 1):
                text = line.decode("utf-8-sig").strip("\r\n")
                if text.strip():
                    yield text, f"{path}:{number}"
    except UnicodeDecodeError:
        raise UserError(f"{path}:{number}: not text in UTF-8") from None
    except (OSError, EOFError, zlib.error) as error:
        raise _unreadable(path, error) from None


def read_json_lines(path: Path) -> Iterator[Row]:
    """The objects of a JSON-lines file.

    Raises:
        UserError: If the file can't be read, or a line is not a JSON object.
    """
    for line, where in read_lines(path):
        yield Row(_parsed(line, where), where)


def read_json(path: Path) -> Row:
    """The object of a JSON file.

    Raises:
        UserError: If the file can't be read, or is not a JSON object.
    """
    try:
        with _open(path) as file:
            text = file.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(f"{path}: not text in UTF-8") from None
    except (OSError, EOFError, zlib.error) as error:
        raise _unreadable(path, error) from None
    return Row(_parsed(text, str(path)), str(path))


def _open(path: Path) -> Any:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")


def _parsed(text: str, where: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        # A line of JSON lines names its place already.
        line = f":{error.lineno}" if "\n" in text else ""
        raise UserError(f"{where}{line}: broken JSON ({error.msg})") from None
    if not isinstance(value, dict):
        raise UserError(f"{where}: should be a JSON object")
    return value


def _unreadable(path: Path, error: Exception) -> UserError:
    if isinstance(error, OSError) and error.strerror:
        return UserError(f"{path} can't be read ({error.strerror})")
    return UserError(f"{path} is broken or cut off; it is no whole gzip file")

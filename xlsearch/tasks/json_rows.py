"""The objects of JSON files; every error says which file, and where in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xlsearch.errors import UserError
from xlsearch.tasks.lines import read_lines, read_text

_KINDS: dict[type, str] = {str: "a text", list: "a list", dict: "an object"}


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
    text = read_text(path)
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


def _printable(text: str) -> str:
    """The text with escapes for halves of characters, which can't be printed."""
    return text.encode(errors="backslashreplace").decode()


def _broken(where: str, error: ValueError | RecursionError) -> UserError:
    if isinstance(error, json.JSONDecodeError):
        # A document is often a single line, of which the number alone says nothing.
        reason = f"{error.msg}, column {error.colno}"
    elif isinstance(error, RecursionError):
        reason = "nested too deeply"
    else:
        reason = "a number has too many digits"
    return UserError(f"{where}: broken JSON ({reason})")

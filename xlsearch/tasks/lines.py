"""The lines of a text file, packed or not; every error says which file and line."""

from __future__ import annotations

import contextlib
import gzip
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xlsearch.errors import UserError

STANDARD_INPUT = Path("-")
"""Stands for standard input wherever lines are read."""


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


def read_text(path: Path) -> str:
    """The whole text of a file.

    Args:
        path: A text file in UTF-8; ``.gz`` is unpacked.

    Raises:
        UserError: If the file can't be read, or is not UTF-8.
    """
    try:
        with _open(path) as file:
            text: str = file.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(f"{path}: not text in UTF-8") from None
    except (OSError, EOFError, zlib.error) as error:
        raise _unreadable(path, error) from None
    return text


def place_name(path: Path) -> str:
    """What messages call a file."""
    return "standard input" if path == STANDARD_INPUT else str(path)


def _open(path: Path) -> Any:
    if path == STANDARD_INPUT:
        return contextlib.nullcontext(sys.stdin.buffer)
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")


def _unreadable(path: Path, error: Exception) -> UserError:
    if isinstance(error, OSError) and error.strerror:
        return UserError(f"{path} can't be read ({error.strerror})")
    return UserError(f"{path} is broken or cut off; it is no whole gzip file")

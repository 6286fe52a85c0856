"""The sums of a folder's files, written last, so that a damaged file is found before it is used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from xlsearch.runs.atomic import read_json, write_json

MANIFEST = "sha256.json"

Sum = Callable[[Path], str]
"""The SHA-256 of a file."""


def sums(folder: Path, sha256: Sum) -> dict[str, str]:
    """The sums of all files of a folder, by their place in it.

    Args:
        folder: The folder; need not exist.
        sha256: Sums up a file.
    """
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): sha256(file) for file in files}


def write_manifest(folder: Path, sha256: Sum) -> None:
    """Writes the sums of a folder that is whole into it."""
    write_json(folder / MANIFEST, sums(folder, sha256))


def find_damage(folder: Path, sha256: Sum) -> Path | None:
    """The first file of a folder that is missing or not what it was; None where all are whole.

    A folder without a manifest was made before there were any, and is believed.
    """
    manifest = folder / MANIFEST
    if not manifest.exists():
        return None
    try:
        return first_damaged(folder, read_json(manifest), sha256)
    except (OSError, ValueError, AttributeError):
        return manifest


def first_damaged(folder: Path, expected: dict[str, str], sha256: Sum) -> Path | None:
    """The first of some files of a folder that is missing or has another sum."""
    for name, wanted in expected.items():
        try:
            whole = sha256(folder / name) == wanted
        except OSError:
            whole = False
        if not whole:
            return folder / name
    return None

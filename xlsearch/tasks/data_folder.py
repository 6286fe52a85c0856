"""The folder with a data set's files: they are found by name, packed or not."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from xlsearch.errors import UserError

PACKED = ("", ".gz")
"""A file may be compressed; where both forms lie side by side, the plain one is read."""

_LEVELS = 2
"""Folder levels below the data folder in which files are looked for."""


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

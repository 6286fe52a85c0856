"""Content names, and a store of things that are built once and shared by whoever needs the same.

A name is the hash of the canonical JSON of everything that determines the content: ask for the
same content and you get the same folder, whoever built it.
"""

from __future__ import annotations

import functools
import hashlib
import json
import logging
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from xlsearch.runs.atomic import new_folder, write_json
from xlsearch.runs.lease import leased
from xlsearch.runs.lock import Held, locked
from xlsearch.runs.manifest import find_damage, write_manifest
from xlsearch.runs.remote import fetched_folder, remote_of
from xlsearch.runs.space import DISK_SPACE, with_space

_LOG = logging.getLogger("xlsearch")

_WAIT_SECONDS = 5.0
"""Seconds between two tries of a lock that another process holds."""

_DESCRIPTION = "content.json"
"""In each folder: what it holds. Written and published last."""

INTERMEDIATE = "intermediate"
"""The kind of intermediate-tuned models."""


def canonical_json(value: Mapping[str, Any]) -> str:
    """JSON with sorted keys and no spaces, so that equal values give equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def content_name(value: Mapping[str, Any]) -> str:
    """The first 16 hex digits of the SHA-256 of the canonical JSON of ``value``."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()[:16]


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's content, computed once a process while the file does not change.

    Every trial asks for the same files, which may be gigabytes.
    """
    found = path.stat()
    return _file_sha256(path, found.st_size, found.st_mtime_ns)


@functools.lru_cache(maxsize=4096)
def _file_sha256(path: Path, size: int, changed: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class ContentStore:
    """Folders named by what they hold, below ``<root>/store/<kind>/``.

    Args:
        root: The root folder of all that xlsearch writes. Where it is a working copy, content is
            fetched that another machine has built, and what is built here is published.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folder = root / "store"

    def path(self, kind: str, description: Mapping[str, Any]) -> Path:
        """Where content of this description is, or would be."""
        return self._folder / kind / content_name(description)

    def holds(self, kind: str, description: Mapping[str, Any]) -> bool:
        """Whether content of this description was built, here or on another machine."""
        path = self.path(kind, description)
        remote = remote_of(self._root)
        there = remote is not None and remote.exists(self._last(path))
        return there or path.is_dir()

    def obtain(
        self,
        kind: str,
        description: Mapping[str, Any],
        build: Callable[[Path], None],
        on_wait: Callable[[str], None] = lambda who: None,
    ) -> Path:
        """The folder of this content, built now if nobody built it before.

        Content that is no longer as it was built is built again, and a log line says so.

        Args:
            kind: Sort of content, e.g. ``"pocket-model"``; names the folder above.
            description: Everything that determines the content; kept beside it as JSON.
            build: Fills an empty folder. Others who want the same content wait meanwhile.
            on_wait: Told now and then who builds the content that this process waits for, or that
                it waits for disk space.

        Raises:
            RunFailed: If there was no space for it for too long.
        """
        path = self.path(kind, description)
        while not _is_whole(path):
            try:
                with locked(path.with_suffix(".lock"), timeout=_WAIT_SECONDS):
                    if not _is_whole(path):
                        if damaged := find_damage(path, file_sha256):
                            _LOG.warning("%s is damaged; it is made again", damaged)
                            shutil.rmtree(path)
                        with_space(
                            lambda: self._obtain(path, build, description),
                            path,
                            lambda said: on_wait(DISK_SPACE),
                        )
            except Held as held:
                on_wait(held.who)
        return path

    def _obtain(
        self, path: Path, build: Callable[[Path], None], description: Mapping[str, Any]
    ) -> None:
        """Fetches or builds content that is not here. The lock of its folder is held."""
        remote = remote_of(self._root)
        if remote is None:
            with new_folder(path) as folder:
                _fill(folder, build, description)
            return
        name = path.relative_to(self._root).as_posix()
        if self._fetched(path):
            return
        with leased(remote, name, timeout=_WAIT_SECONDS):
            # Another machine may have built it while this one waited.
            if self._fetched(path):
                return
            with new_folder(path) as folder:
                _fill(folder, build, description)
                # Before it appears here, so that what is here is there too.
                remote.publish(name, last=_DESCRIPTION, source=folder)

    def _fetched(self, path: Path) -> bool:
        """Whether the object store has the content, and undamaged; it is here then."""
        name = path.relative_to(self._root).as_posix()
        folder = fetched_folder(self._root, name, self._last(path))
        if damaged := find_damage(folder, file_sha256):
            _LOG.warning("%s is damaged in the object store; it is made again", damaged)
            shutil.rmtree(folder)
        return folder.is_dir()

    def _last(self, path: Path) -> str:
        """The object whose presence means that a folder is published whole."""
        return (path / _DESCRIPTION).relative_to(self._root).as_posix()


def _fill(folder: Path, build: Callable[[Path], None], description: Mapping[str, Any]) -> None:
    build(folder)
    write_json(folder / _DESCRIPTION, description)
    write_manifest(folder, file_sha256)


def _is_whole(path: Path) -> bool:
    return path.is_dir() and find_damage(path, file_sha256) is None

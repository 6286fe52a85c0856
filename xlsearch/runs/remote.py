"""A root folder that lives in an object store, and the working copy of it on this machine.

All code takes a root folder. Where the root is a URL, that folder is a working copy: what is needed
is fetched into it, and what is made in it is published. The object store is the truth.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import hashlib
import os
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from xlsearch.errors import RunFailed, UserError
from xlsearch.runs import object_store
from xlsearch.runs.atomic import new_folder, read_json, write_json
from xlsearch.runs.retry import PATIENCE, retrying
from xlsearch.runs.transfer import progress

T = TypeVar("T")

_NOTE = "remote.json"
"""In a working copy: the URL that it is a copy of, and a name of its own."""

_READ = ".read"
"""In a working copy: copies of single files that were only looked at."""

_PART = ".part"
"""End of the name of an object that is not yet whole, in a folder that stands for a store."""


class Unreachable(RunFailed):
    """The object store did not answer for as long as a search waits."""


class Remote:
    """The place in an object store that a working copy belongs to.

    Names are relative to the root, with ``/``. Every method waits for a store that is away, up to
    ``patience`` seconds, and then raises ``Unreachable``.

    Args:
        url: Of the root.
        working: The working copy.
        patience: Seconds to wait for the store.
        copy: Names this working copy among all; nothing where there is but one connection.

    Attributes:
        guards: Called before anything is changed; a lease that is lost raises there.
    """

    def __init__(self, url: str, working: Path, patience: float = PATIENCE, copy: str = "") -> None:
        self.url = url
        self.working = working
        self.copy = copy
        self.guards: list[Callable[[], None]] = []
        self._patience = patience
        self._files, self._base = object_store.open_filesystem(url)

    def patient(self, seconds: float) -> Remote:
        """The same connection with another patience."""
        other = copy.copy(self)
        other._patience = seconds
        return other

    def check(self) -> None:
        """Asks the store once.

        Raises:
            UserError: If it can't be reached or refuses, or there is no such bucket.
        """
        bucket = self._base.split("/", 1)[0]
        try:
            try:
                self._call(lambda: self._files.ls(self._base, detail=False), patience=0)
            except FileNotFoundError:  # either nothing is there yet, or there is no bucket
                # Who may see no more than the prefix is told no here, and that is an answer.
                with contextlib.suppress(UserError):
                    self._call(lambda: self._files.ls(bucket or "/", detail=False), patience=0)
        except UserError:
            raise
        except FileNotFoundError:
            raise UserError(f"there is no bucket {bucket!r} ({self.url}); make it") from None
        except Unreachable as error:
            raise UserError(str(error)) from None
        except Exception as error:
            # Names and settings that the store's library refuses, each with a class of its own.
            reason = " ".join(str(error).split())
            raise UserError(f"{self.url} can't be a root: {reason}") from None

    def times(self, name: str, patience: float | None = None) -> dict[str, float]:
        """All objects below a name, with the seconds at which each was written."""
        entries = self._entries(name, patience)
        return {file: object_store.modified(entry) for file, entry in entries.items()}

    def files(self, name: str) -> list[str]:
        """All objects below a name, sorted."""
        return sorted(self.times(name))

    def folders(self, name: str) -> list[str]:
        """The last parts of the names one level below a name, sorted."""
        try:
            found = self._call(lambda: self._files.ls(self._path(name), detail=False))
        except FileNotFoundError:
            return []
        return sorted(path.rstrip("/").rsplit("/", 1)[-1] for path in found)

    def exists(self, name: str) -> bool:
        """Whether there is an object of a name."""
        try:
            # Not fsspec's own exists(), which takes an outage for "no".
            self._call(lambda: self._files.info(self._path(name)))
        except FileNotFoundError:
            return False
        return True

    def read(self, name: str) -> bytes:
        """The content of an object.

        Raises:
            FileNotFoundError: If there is none.
        """
        data: bytes = self._call(lambda: self._files.cat_file(self._path(name)))
        return data

    def read_all(self, names: Sequence[str]) -> list[bytes]:
        """The contents of several objects, asked for at the same time where the library can.

        Raises:
            FileNotFoundError: If one is not there.
        """
        paths = [self._path(name) for name in names]
        found = self._call(lambda: self._files.cat(paths)) if paths else {}
        return [found[path] for path in paths]

    def write(
        self, name: str, data: bytes, guarded: bool = True, patience: float | None = None
    ) -> None:
        """Makes an object, or replaces it."""
        self._guard(guarded)
        self._put(name, lambda path: self._files.pipe_file(path, data), patience)

    def remove(self, name: str, guarded: bool = True, patience: float | None = None) -> None:
        """Removes the object of a name and all below it; that nothing is there is no error."""
        self._guard(guarded)
        for file in sorted(self.times(name, patience)):
            delete = functools.partial(self._files.rm_file, self._path(file))
            with contextlib.suppress(FileNotFoundError):
                self._call(delete, patience)

    def fetch_file(self, name: str, target: Path | None = None) -> bool:
        """Brings an object to its place in the working copy, or another; whether there is one."""
        target = target or self.working / name
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.tmp")
        try:
            self._call(lambda: self._files.get_file(self._path(name), str(beside)))
            beside.replace(target)
        except FileNotFoundError:
            return False
        finally:
            beside.unlink(missing_ok=True)
        return True

    def fetch_folder(self, name: str) -> None:
        """Brings all objects below a name into a folder that is then whole."""
        entries = self._entries(name)
        sizes = {file: int(entry.get("size") or 0) for file, entry in entries.items()}
        told = progress(f"fetching {self.url}/{name}", sum(sizes.values()))
        with new_folder(self.working / name) as new:
            for file, size in sorted(sizes.items()):
                target = new / file[len(name) + 1 :]
                target.parent.mkdir(parents=True, exist_ok=True)
                get = functools.partial(self._files.get_file, callback=told)
                self._call(functools.partial(get, self._path(file), str(target)))
                told.ended(size)

    def publish(self, name: str, last: str | None = None, source: Path | None = None) -> None:
        """Sends a file of the working copy, or all files of a folder.

        Args:
            name: Of the file or folder.
            last: A file of the folder that is sent last, so that its presence means complete.
            source: Where it lies, if not yet in its place in the working copy.
        """
        here = source or self.working / name
        if here.is_file():
            self._send(here, name)
            return
        files = sorted(path for path in here.rglob("*") if path.is_file())
        for path in sorted(files, key=lambda path: path == here / (last or "")):
            self._send(path, f"{name}/{path.relative_to(here).as_posix()}")

    def _entries(self, name: str, patience: float | None = None) -> dict[str, dict[str, Any]]:
        """What the store's library says of all objects below a name."""
        try:
            found = self._call(lambda: self._files.find(self._path(name), detail=True), patience)
        except FileNotFoundError:
            return {}
        begin = len(self._base) + 1
        return {path[begin:]: entry for path, entry in found.items() if not path.endswith(_PART)}

    def _send(self, file: Path, name: str) -> None:
        self._guard(True)
        self._put(name, lambda path: self._files.put_file(str(file), path), None)

    def _put(self, name: str, put: Callable[[str], None], patience: float | None) -> None:
        path = self._path(name)
        if "file" not in self._files.protocol:
            self._call(lambda: put(path), patience)
            return
        # A folder has no whole objects of itself, as an object store has.
        beside = f"{path}.{uuid.uuid4().hex[:8]}{_PART}"
        self._call(lambda: put(beside), patience)
        os.replace(beside, path)

    def _guard(self, guarded: bool) -> None:
        if guarded:
            for guard in tuple(self.guards):
                guard()

    def _path(self, name: str) -> str:
        return f"{self._base}/{name}" if name else self._base

    def _call(self, action: Callable[[], T], patience: float | None = None) -> T:
        waits = self._patience if patience is None else patience

        def attempt() -> T:
            try:
                return action()
            except Exception as error:
                if object_store.passes(error):
                    how_long = f" for {waits / 60:.0f} minutes" if waits else ""
                    raise Unreachable(
                        f"{self.url} can't be reached{how_long} ({type(error).__name__}); the "
                        "same command continues when it is back"
                    ) from error
                if refusal := object_store.refused(self.url, error):
                    raise refusal from None
                raise

        return retrying(attempt, (Unreachable,), self.url, waits)


def open_root(location: str) -> Path:
    """The root folder of a location: the folder itself, or this machine's working copy of a URL.

    Args:
        location: A folder, or the URL of an object store. Nothing is asked of the store.

    Raises:
        UserError: If the URL is not valid, or its library is not installed.
    """
    if not object_store.is_url(location):
        return Path(location).resolve()
    url = object_store.checked_url(location)
    cache = os.environ.get("XLSEARCH_CACHE") or Path.home() / ".cache" / "xlsearch"
    working = Path(cache).resolve() / "roots" / hashlib.sha256(url.encode()).hexdigest()[:16]
    if not (working / _NOTE).exists():
        working.mkdir(parents=True, exist_ok=True)
        write_json(working / _NOTE, {"url": url, "copy": uuid.uuid4().hex})
    _remote(working)
    return working


def remote_of(root: Path) -> Remote | None:
    """Where the root folder really lives, if it is a working copy."""
    return _remote(root) if (root / _NOTE).exists() else None


def location_of(root: Path) -> str:
    """What ``open_root`` makes this root of, on any machine."""
    remote = remote_of(root)
    return remote.url if remote else str(root)


def fetched(root: Path, name: str) -> Path:
    """A file of the root to read, brought here first where the root is a working copy.

    It may not be there. It does not take the place of the file in the working copy, which another
    process may have written a moment ago and not yet published.
    """
    remote = remote_of(root)
    if remote is None:
        return root / name
    path = root / _READ / name
    if not remote.fetch_file(name, path):
        path.unlink(missing_ok=True)
    return path


def fetched_folder(root: Path, name: str, last: str) -> Path:
    """A folder of the root that never changes once it is whole, brought here if need be.

    Args:
        root: The root folder.
        name: Of the folder.
        last: The object that was published last, by its name from the root.
    """
    remote, path = remote_of(root), root / name
    if remote is not None and not path.is_dir() and remote.exists(last):
        remote.fetch_folder(name)
    return path


def publish(root: Path, name: str) -> None:
    """Sends a file or folder to where the root lives; nothing to do for a plain folder."""
    remote = remote_of(root)
    if remote is not None:
        remote.publish(name)


@functools.lru_cache(maxsize=16)
def _remote(working: Path) -> Remote:
    note = read_json(working / _NOTE)
    return Remote(note["url"], working, copy=note["copy"])

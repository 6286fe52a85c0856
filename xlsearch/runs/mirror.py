"""What a run needs to go on, kept the same in the working copy and in the object store.

A folder with a ``state.json`` is a checkpoint or a candidate: whole once that file is there, which
is therefore sent last and removed first, and never changed. Everything is sent before anything is
removed, so a process that is killed in between leaves more than is needed, never less.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from xlsearch.runs.remote import Remote, remote_of

_STATE = "state.json"


def send(remote: Remote, names: Sequence[str]) -> None:
    """Makes files and folders in the store what they are in the working copy.

    Args:
        remote: The object store.
        names: Of files and folders, in the order in which they are sent.
    """
    here: list[str] = []
    for name in names:
        files = _local(remote.working, name)
        here += files
        for folder in _wholes(files):
            if not _same(remote, f"{folder}/{_STATE}"):
                remote.publish(folder, last=_STATE)
        for file in _plain(files):
            remote.publish(file)
    kept = set(here)
    for name in names:
        gone = [file for file in remote.files(name) if file not in kept]
        for file in sorted(gone, key=lambda file: not file.endswith(f"/{_STATE}")):
            remote.remove(file)


def receive(remote: Remote, names: Sequence[str]) -> None:
    """Makes files and folders in the working copy what they are in the store."""
    for name in names:
        files = remote.files(name)
        wholes, plain = _wholes(files), _plain(files)
        for folder in wholes:
            if not _same(remote, f"{folder}/{_STATE}"):
                remote.fetch_folder(folder)
        for file in plain:
            remote.fetch_file(file)
        kept = {file for file in files if _folder(file) in wholes} | set(plain)
        for file in _local(remote.working, name):
            if file not in kept:
                (remote.working / file).unlink()
        _remove_empty(remote.working / name)


def send_work(root: Path, work: Path) -> None:
    """Publishes a folder of the root that another process may go on with; nothing to do for a plain
    root."""
    if remote := remote_of(root):
        send(remote, [work.relative_to(root).as_posix()])


def receive_work(root: Path, work: Path) -> None:
    """Begins with what the store has of such a folder."""
    if remote := remote_of(root):
        receive(remote, [work.relative_to(root).as_posix()])


def remove_work(root: Path, work: Path) -> None:
    """Removes such a folder, here and in the store."""
    if remote := remote_of(root):
        remote.remove(work.relative_to(root).as_posix())
    shutil.rmtree(work, ignore_errors=True)


def newest(remote: Remote, name: str) -> str:
    """The last whole folder below a name in the store, by its name; nothing if there is none."""
    return max(_wholes(remote.files(name)), default="")


def newest_here(remote: Remote, name: str) -> str:
    """The same in the working copy."""
    return max(_wholes(_local(remote.working, name)), default="")


def _local(root: Path, name: str) -> list[str]:
    place = root / name
    if place.is_file():
        return [name]
    # Half-written files and folders begin with a dot.
    found = (path.relative_to(root) for path in place.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in found if not _is_hidden(path))


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _wholes(files: Sequence[str]) -> list[str]:
    return sorted(_folder(file) for file in files if file.endswith(f"/{_STATE}"))


def _plain(files: Sequence[str]) -> list[str]:
    """The files that are by themselves: not of a whole folder, nor of one that is half there."""
    return [file for file in files if not file.endswith((".safetensors", f"/{_STATE}"))]


def _folder(file: str) -> str:
    return str(PurePosixPath(file).parent)


def _same(remote: Remote, name: str) -> bool:
    """Whether a file is here and in the store, with the same content."""
    try:
        return (remote.working / name).read_bytes() == remote.read(name)
    except FileNotFoundError:
        return False


def _remove_empty(place: Path) -> None:
    if not place.is_dir():
        return
    for folder in sorted((p for p in place.rglob("*") if p.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            shutil.rmtree(folder)

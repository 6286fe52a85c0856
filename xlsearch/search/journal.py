"""The journal: a file of one JSON line for each change of a study, each line with its checksum."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import re
import shutil
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock
from optuna.storages.journal import BaseJournalBackend

_SEAL = re.compile(rb'(.*),"crc32":"([0-9a-f]{8})"\}\n', re.DOTALL)
"""The end of a line: one more key of its object, which Optuna's own reader passes over."""

_log = logging.getLogger("xlsearch")


class CheckedJournal(BaseJournalBackend):
    """Optuna's journal file with lines that are whole or not there.

    Optuna's dashboard reads it, and it reads the journals that Optuna writes, whose lines have no
    checksum.

    Args:
        path: The file; made if it is not there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = journal_lock(path)
        self._offsets = [0]
        path.open("ab").close()

    def read_logs(self, log_number_from: int) -> Iterator[dict[str, Any]]:
        """The changes from a number on, up to the first line that is not whole."""
        number = min(log_number_from, len(self._offsets) - 1)
        with self._path.open("rb") as file:
            file.seek(self._offsets[number])
            for line in file:
                log = decoded(line)
                if log is None:
                    return
                number += 1
                if number == len(self._offsets):
                    self._offsets.append(self._offsets[-1] + len(line))
                if number > log_number_from:
                    yield log

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Writes changes to the disk.

        Raises:
            OSError: If that failed, as on a full disk. What was written of them is taken away.
        """
        data = b"".join(encoded(log) for log in logs)
        # Not made anew: a file that is gone, as with its network disk, is no empty journal.
        with self._lock, self._path.open("r+b", buffering=0) as file:
            end = _end_of_last_line(file)
            file.truncate(end)
            file.seek(end)
            try:
                written = 0
                while written < len(data):
                    written += file.write(data[written:])
                os.fsync(file.fileno())
            except OSError:
                with contextlib.suppress(OSError):
                    file.truncate(end)
                raise


def journal_lock(path: Path) -> FileLock:
    """A lock on a journal that dies with its process.

    Optuna's own locks are files that a killed process leaves behind for half a minute. The name
    differs from theirs, so that a dashboard on the same journal does not break this one.
    """
    return FileLock(path.with_name(path.name + ".flock"))


def encoded(log: dict[str, Any]) -> bytes:
    """A change as a line with its checksum."""
    text = json.dumps(log, separators=(",", ":")).encode()
    return text[:-1] + f',"crc32":"{zlib.crc32(text):08x}"}}\n'.encode()


def decoded(line: bytes) -> dict[str, Any] | None:
    """The change of a line; None if the line is torn or damaged."""
    if not line.endswith(b"\n"):
        return None
    seal = _SEAL.fullmatch(line)
    if seal and zlib.crc32(seal[1] + b"}") != int(seal[2], 16):
        return None
    try:
        log = json.loads(line)
    except ValueError:
        return None
    return log if isinstance(log, dict) and isinstance(log.get("op_code"), int) else None


def repair(path: Path) -> None:
    """Cuts a journal back to its last good line before the first that is not.

    A line that a crash cut short is dropped. Of any other damage, as after a power cut or on a
    failing disk, the file as it was is kept beside it. Runs whose trials are cut off are in their
    folders all the same, and are found there when the search asks for them again.
    """
    with journal_lock(path):
        if not path.exists():
            return
        data = path.read_bytes()
        lines, good = _good_part(data)
        rest = data[good:]
        if not rest:
            return
        if b"\n" in rest or b"\0" in rest:
            now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
            kept = path.with_name(f"{path.name}.damaged-{now}")
            shutil.copy2(path, kept)
            _log.warning(
                "%s is damaged after line %d; the search goes on from there, runs that are "
                "complete are found again, and the damaged file is kept as %s",
                path,
                lines,
                kept.name,
            )
        else:
            _log.warning("the last line of %s, which a crash cut short, is dropped", path)
        with path.open("r+b") as file:
            file.truncate(good)
            os.fsync(file.fileno())


def warn_of_damage(path: Path) -> None:
    """Says that a journal which is only read is shown up to where it is damaged."""
    with journal_lock(path):
        data = path.read_bytes()
    lines, good = _good_part(data)
    if b"\n" in data[good:] or b"\0" in data[good:]:
        _log.warning(
            "%s is damaged after line %d; this is what stands before, and xlsearch launch with "
            "the same options repairs it",
            path,
            lines,
        )


def _good_part(data: bytes) -> tuple[int, int]:
    """How many lines from the beginning on are good, and their bytes."""
    lines = good = 0
    for line in io.BytesIO(data):
        if decoded(line) is None:
            break
        lines += 1
        good += len(line)
    return lines, good


def _end_of_last_line(file: io.FileIO) -> int:
    """Where the last line that has an end ends: that of a file which a crash left torn."""
    size = file.seek(0, os.SEEK_END)
    if size == 0:
        return 0
    file.seek(size - 1)
    if file.read(1) == b"\n":
        return size
    file.seek(0)
    return file.read().rfind(b"\n") + 1

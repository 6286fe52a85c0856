"""A full disk: who writes waits for space before giving up."""

from __future__ import annotations

import errno
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from xlsearch.errors import RunFailed

WAIT_SECONDS = 600.0
"""How long space is waited for: time enough to be told and to delete something."""

DISK_SPACE = "disk space"
"""What is waited for, in words."""

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
"""Seconds between two tries; each pause is twice the last one."""

_CODES = (errno.ENOSPC, errno.EDQUOT)

Made = TypeVar("Made")


def is_full(error: BaseException) -> bool:
    """Whether something could not be written for want of space.

    Safetensors' errors are not Python's, and have the system's number in their text only.
    """
    if isinstance(error, OSError):
        return error.errno in _CODES
    return any(f"(os error {code})" in str(error) for code in _CODES)


def with_space(
    write: Callable[[], Made], place: Path, on_wait: Callable[[str], None] = lambda what: None
) -> Made:
    """Writes something, again and again while there is no space for it.

    Args:
        write: Writes it. What it leaves when it fails must not be in the way of the next try.
        place: What is written, for messages.
        on_wait: Told before each pause, in a few words.

    Raises:
        RunFailed: If there was no space for it all the time.
    """
    pauses = _pauses()
    while True:
        try:
            return write()
        except Exception as error:
            if not is_full(error):
                raise
        pause = next(pauses, None)
        if pause is None:
            raise no_space(place)
        on_wait(f"wait for {DISK_SPACE} for {place.name}")
        time.sleep(pause)


def no_space(place: Path) -> RunFailed:
    """The error for something that can't be written for want of space."""
    folder = next(folder for folder in place.parents if folder.is_dir())
    free = shutil.disk_usage(folder).free / 1e6
    return RunFailed(
        f"no space left for {place} ({free:.0f} MB free, or the quota is used up); free some, "
        "and the same command continues from the last checkpoint"
    )


def _pauses() -> Iterator[float]:
    end, pause = time.monotonic() + WAIT_SECONDS, _FIRST_PAUSE
    while (left := end - time.monotonic()) > 0:
        yield min(pause, left)
        pause = min(2 * pause, _LONGEST_PAUSE)

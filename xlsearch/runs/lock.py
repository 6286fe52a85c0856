"""One process at a time in one folder. The lock dies with its process, however that ends."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout


@dataclass(frozen=True)
class Holder:
    """Who holds a lock, and when it took the lock (UTC).

    Attributes:
        pid: Of the process.
        since: In ISO format.
        host: Name of its machine; None for this one.
    """

    pid: int
    since: str
    host: str | None = None


class Held(Exception):
    """Another process holds the lock.

    Attributes:
        holder: Who it is; None when the holder has not yet said so.
        who: The same in words.
    """

    def __init__(self, holder: Holder | None) -> None:
        super().__init__(f"held by {holder}")
        self.holder = holder
        self.who = "another process"
        if holder is not None:
            self.who = f"process {holder.pid}" + (f" on {holder.host}" if holder.host else "")


@contextlib.contextmanager
def locked(path: Path, timeout: float = 0.0) -> Iterator[None]:
    """Holds the lock file ``path`` during the block.

    Args:
        path: The lock file; its folder is made. It is never deleted, which would let two in.
        timeout: Seconds to wait for another holder; 0 tries once, -1 waits for ever.

    Raises:
        Held: If another process still holds it after ``timeout`` seconds.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=timeout)
    except Timeout:
        raise Held(holder(path)) from None
    note = path.with_suffix(".holder.json")
    try:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with contextlib.suppress(OSError):  # a full disk is no reason to let nobody in
            note.write_text(json.dumps({"pid": os.getpid(), "since": now}), encoding="utf-8")
        yield
    finally:
        note.unlink(missing_ok=True)
        lock.release()


def is_held(path: Path) -> bool:
    """Whether some process holds the lock file ``path`` at this moment."""
    if not path.exists():
        return False
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False


def holder(path: Path) -> Holder | None:
    """Who holds the lock file ``path``, as far as its holder has written it down."""
    try:
        return Holder(**json.loads(path.with_suffix(".holder.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None

"""What can be done to a process from outside without killing it."""

from __future__ import annotations

import ctypes
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path

_ATTACH, _DETACH = 16, 17
"""Requests of ptrace(2)."""

_ALL_THREADS = 0x40000000
"""``__WALL`` of waitpid(2): also threads that are not the first of their process."""

_LOOK = 0.3
"""Seconds over which threads are compared."""


def busiest_thread(pid: int) -> int | None:
    """The thread of a process that computes most; None if the process is gone."""
    before = _ticks(pid)
    time.sleep(_LOOK)
    spent = {thread: ticks - before.get(thread, 0) for thread, ticks in _ticks(pid).items()}
    return max(spent, key=lambda thread: spent[thread]) if spent else None


def _ticks(pid: int) -> dict[int, int]:
    """Processor time of each thread of a process, in clock ticks."""
    ticks = {}
    for stat in Path(f"/proc/{pid}/task").glob("*/stat"):
        try:
            # The name before it, in brackets, may have blanks.
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks[int(stat.parent.name)] = int(fields[11]) + int(fields[12])
    return ticks


def hold(thread: int, seconds: float) -> bool:
    """Stops one thread, as if it never returned from a call, until its process ends.

    Its other threads run on, unlike after SIGSTOP.

    Args:
        thread: The thread.
        seconds: When it is let go if its process has not ended.

    Returns:
        Whether the process ended.
    """
    trace = ctypes.CDLL(None, use_errno=True).ptrace
    trace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    if trace(_ATTACH, thread, None, None) != 0:
        return False
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found, status = os.waitpid(thread, os.WNOHANG | _ALL_THREADS)
        if found and not os.WIFSTOPPED(status):
            return True
        time.sleep(0.1)
    trace(_DETACH, thread, None, None)
    return False


def starve(pid: int, is_felt: Callable[[], bool], seconds: float) -> bool:
    """Lets a process have no more memory than it has, until it has felt that.

    Args:
        pid: The process.
        is_felt: Whether it has.
        seconds: When it may have more again if it has not.

    Returns:
        Whether it has felt it.
    """
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[0])
    kind, (_, most) = resource.RLIMIT_AS, resource.prlimit(pid, resource.RLIMIT_AS)
    resource.prlimit(pid, kind, (pages * resource.getpagesize(), most))
    end = time.monotonic() + seconds
    try:
        while time.monotonic() < end and Path(f"/proc/{pid}").exists():
            if is_felt():
                return True
            time.sleep(0.005)
        return False
    finally:
        if Path(f"/proc/{pid}").exists():
            resource.prlimit(pid, kind, (most, most))

"""A hung trial: without a report for too long, its process ends, and leaves where it stood."""

from __future__ import annotations

import contextlib
import faulthandler
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TextIO, TypeVar

from xlsearch.errors import RunFailed
from xlsearch.runs.atomic import read_json, write_json

HANG_SECONDS = 1800.0
"""Longest time without a report. The longest silent parts of a run, loading a model of several GB
from a network disk, compiling a GPU's kernels, generating 2,000 outputs in a language, take minutes
at the paper's scale."""

_GIVEN_UP_AFTER = 2
"""Hangs without an evaluation between them, after which another attempt would hang too."""

LOG = "hung.log"
"""What all threads of a hung process were doing, one dump after another."""

_RECORD = "hangs.json"

Report = TypeVar("Report")


@dataclass(frozen=True)
class _Hangs:
    """The hangs of a run so far.

    Attributes:
        step: The step that the run had rows of at the last one.
        times: How often in a row it hung there.
        bytes: Length of the log then, in each working copy: logs stay where they are. A hung
            process can write nothing else.
    """

    step: int = 0
    times: int = 0
    bytes: Mapping[str, int] = field(default_factory=dict)


def check_hangs(folder: Path, step: int, seconds: float, copy: str = "") -> str | None:
    """Looks whether the last attempt of a run hung.

    Args:
        folder: The run's folder.
        step: Up to where the run has rows.
        seconds: How long it may be silent.
        copy: Names the working copy that the folder is in, if it is in one.

    Returns:
        What happened, in a sentence; None if the last attempt did not hang.

    Raises:
        RunFailed: If it hung there before. The next launch tries it anew.
    """
    log, record = folder / LOG, folder / _RECORD
    size = log.stat().st_size if log.exists() else 0
    known = _read(record)
    if size <= known.bytes.get(copy, 0):
        return None
    times = known.times + 1 if known.step == step else 1
    given_up = times >= _GIVEN_UP_AFTER
    write_json(record, asdict(_Hangs(step, 0 if given_up else times, {**known.bytes, copy: size})))
    said = f"no progress for {seconds / 60:g} minutes after step {step}"
    if given_up:
        raise RunFailed(
            f"{said}, {times} times; {log} shows what it was doing; --hang-timeout gives it longer"
        )
    return f"{said}; begun again from the last checkpoint"


@contextlib.contextmanager
def watched(
    folder: Path, report: Callable[[Report], None], seconds: float | None
) -> Iterator[Callable[[Report], None]]:
    """A way to report, during the block, that ends the process where it is not used for too long.

    The time is kept by a thread of the C library, which needs nothing of Python: a process that
    hangs in a system call or a kernel ends too. While a report is being passed on the time stands
    still, since it is the driver then that is slow.

    Args:
        folder: Where the log is written.
        report: Passes reports on.
        seconds: Longest time between two reports; None for any.
    """
    if seconds is None:
        yield report
        return
    with (folder / LOG).open("a", encoding="utf-8") as log:

        def passed_on(moment: Report) -> None:
            faulthandler.cancel_dump_traceback_later()
            report(moment)
            _arm(seconds, log)

        _arm(seconds, log)
        try:
            yield passed_on
        finally:
            faulthandler.cancel_dump_traceback_later()


def _arm(seconds: float, log: TextIO) -> None:
    faulthandler.dump_traceback_later(seconds, exit=True, file=log)


def _read(record: Path) -> _Hangs:
    try:
        known = _Hangs(**read_json(record))
    except (OSError, ValueError, TypeError):
        return _Hangs()
    return known if isinstance(known.bytes, dict) else _Hangs()

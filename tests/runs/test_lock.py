"""Locks: one process at a time, who holds it, and that it dies with its process."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from xlsearch.runs.lock import Held, holder, is_held, locked

_CODE = """
import sys
from pathlib import Path
from xlsearch.runs.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextlib.contextmanager
def another_process(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock until its input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", _CODE, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_second_process_is_refused_and_told_by_whom(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "lock"
    with another_process(path) as process:
        with pytest.raises(Held) as raised, locked(path):
            pass
        assert is_held(path)
    found = raised.value.holder
    assert found is not None
    assert found.pid == process.pid
    age = datetime.now(UTC) - datetime.fromisoformat(found.since)
    assert timedelta(0) <= age < timedelta(hours=1)


def test_a_killed_process_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with another_process(path) as process:
        process.kill()
        process.wait()
        assert not is_held(path)
        with locked(path):
            now = holder(path)
            assert now is not None
            assert now.pid == os.getpid()


def test_who_waits_gets_it_when_it_is_free(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with another_process(path) as process:
        assert process.stdin is not None
        process.stdin.close()
        with locked(path, timeout=-1):
            now = holder(path)
    assert now is not None
    assert now.pid == os.getpid()


@pytest.mark.parametrize("error", [None, RuntimeError])
def test_it_is_free_after_the_block(tmp_path: Path, error: type[Exception] | None) -> None:
    path = tmp_path / "lock"
    with contextlib.suppress(RuntimeError), locked(path):
        if error is not None:
            raise error
    assert not is_held(path)
    assert holder(path) is None
    with locked(path):
        pass


def test_a_lock_that_was_never_taken_is_free(tmp_path: Path) -> None:
    assert not is_held(tmp_path / "lock")
    assert not (tmp_path / "lock").exists()


def test_a_holder_that_is_half_written_is_unknown(tmp_path: Path) -> None:
    (tmp_path / "lock.holder.json").write_text('{"pid": 1')
    assert holder(tmp_path / "lock") is None

"""The faults of the drill: each breaks one thing of a running search, as it may break in life.

A fault is given the search and a source of randomness. It says what it did, or returns None if
there was nothing to break at that moment.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from drill_disk import fill
from drill_process import busiest_thread, hold, starve

if TYPE_CHECKING:
    from drill import Search

_WHILE = 15.0
"""Seconds that a passing fault lasts."""

_SHORT = 5.0
"""Seconds for which there is too little memory at most."""

_AWAY = 90.0
"""Seconds that the record is away."""

HANG_MINUTES = 0.5
"""How long a trial may be silent: longer than the passing faults last."""

Fault = Callable[["Search", random.Random], str | None]
"""Breaks something; see above."""


def _kill(pid: int, number: int = signal.SIGKILL) -> bool:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def _driver(search: Search) -> subprocess.Popen[bytes]:
    assert search.driver is not None
    return search.driver


def worker(search: Search, rng: random.Random) -> str | None:
    """A process that trains is killed."""
    pids = search.workers()
    return "worker killed" if pids and _kill(rng.choice(list(pids))) else None


def all_workers(search: Search, rng: random.Random) -> str | None:
    """All processes that train are killed at once."""
    killed = [pid for pid in search.workers() if _kill(pid)]
    return f"all workers killed: {len(killed)}" if killed else None


def node(search: Search, rng: random.Random) -> str | None:
    """All processes of the second node are killed; another node comes in its place."""
    search.cluster.kill_second()
    search.cluster.start_second()
    return "node killed, another joins"


def driver(search: Search, rng: random.Random) -> str | None:
    """The command is killed; its workers live on for a moment."""
    _driver(search).kill()
    _driver(search).wait()
    return "driver killed"


def head(search: Search, rng: random.Random) -> str | None:
    """All processes of both nodes are killed, and with them the cluster."""
    search.cluster.kill_all()
    return "head killed, and all nodes with it"


def interrupt(search: Search, rng: random.Random) -> str | None:
    """Ctrl-C."""
    return _ended_by(search, signal.SIGINT, "Ctrl-C")


def terminated(search: Search, rng: random.Random) -> str | None:
    """SIGTERM, as a batch system sends it."""
    return _ended_by(search, signal.SIGTERM, "SIGTERM")


def _ended_by(search: Search, number: int, name: str) -> str | None:
    if not _kill(_driver(search).pid, number):
        return None
    _driver(search).wait(60)
    return name


def power_cut(search: Search, rng: random.Random) -> str | None:
    """Driver and workers are killed at once: nothing of the search lives on."""
    pids = search.workers()
    _driver(search).kill()
    for pid in pids:
        _kill(pid)
    _driver(search).wait()
    return "driver and workers killed"


def corrupt_checkpoint(search: Search, rng: random.Random) -> str | None:
    """A bit of a checkpoint flips; its worker dies, so that the checkpoint is needed."""
    path = _file_of_killed(search, rng, "checkpoint/step-*/*")
    if path is None:
        return None
    _flip(path, rng, path.stat().st_size)
    return f"worker killed, bit flipped in a checkpoint: {path.name}"


def torn_checkpoint(search: Search, rng: random.Random) -> str | None:
    """A file of a checkpoint ends early."""
    path = _file_of_killed(search, rng, "checkpoint/step-*/*")
    if path is None:
        return None
    os.truncate(path, rng.randrange(path.stat().st_size))
    return f"worker killed, checkpoint torn: {path.name}"


def torn_rows(search: Search, rng: random.Random) -> str | None:
    """The evaluations of a run end early."""
    path = _file_of_killed(search, rng, "evaluations.jsonl")
    if path is None:
        return None
    os.truncate(path, rng.randrange(path.stat().st_size))
    return "worker killed, evaluation file torn"


def corrupt_rows(search: Search, rng: random.Random) -> str | None:
    """A bit of the evaluations of a run flips."""
    path = _file_of_killed(search, rng, "evaluations.jsonl")
    if path is None:
        return None
    _flip(path, rng, path.stat().st_size)
    return "worker killed, bit flipped in its evaluation file"


def torn_journal(search: Search, rng: random.Random) -> str | None:
    """The driver is killed in the middle of a write to the record."""
    driver(search, rng)
    with _journal(search).open("ab") as file:
        file.write(b'{"op_code": 5, "worker_id": "x')
    return "driver killed, journal torn"


def zeroed_journal(search: Search, rng: random.Random) -> str | None:
    """A power cut leaves zeros at the end of the record."""
    driver(search, rng)
    with _journal(search).open("ab") as file:
        file.write(b"\0" * rng.randrange(1, 4096))
    return "driver killed, zeros at the journal's end"


def corrupt_journal(search: Search, rng: random.Random) -> str | None:
    """A bit flips in what the record's disk wrote last."""
    driver(search, rng)
    path = _journal(search)
    _flip(path, rng, len(path.read_bytes().splitlines()[-1]))
    return "driver killed, bit flipped in the journal's last line"


def record_away(search: Search, rng: random.Random) -> str | None:
    """The record is away for a while, as on a network disk."""
    journal = _journal(search)
    away = journal.rename(journal.with_suffix(".away"))
    time.sleep(_AWAY)
    away.rename(journal)
    return f"record away for {_AWAY:.0f} s"


def hung(search: Search, rng: random.Random) -> str | None:
    """The thread of a worker that computes never goes on."""
    pids = search.workers()
    thread = busiest_thread(rng.choice(list(pids))) if pids else None
    if thread is None or not hold(thread, 2 * 60 * HANG_MINUTES):
        return None
    return "trial hung, ended by its watchdog"


def no_memory(search: Search, rng: random.Random) -> str | None:
    """A worker that trains gets no more memory until its run has learned to do with less."""
    training = {pid: run for pid, run in search.workers().items() if any(run.glob("checkpoint/*"))}
    if not training:
        return None
    pid = rng.choice(list(training))
    thrift = training[pid] / "memory.json"
    before = thrift.read_bytes() if thrift.exists() else b""
    try:
        felt = starve(pid, lambda: thrift.exists() and thrift.read_bytes() != before, _SHORT)
    except (ProcessLookupError, FileNotFoundError):
        return None
    if not felt:
        return None if Path(f"/proc/{pid}").exists() else "no memory: worker died"
    return "no memory: the run goes on with less"


def frozen(search: Search, rng: random.Random) -> str | None:
    """A worker stands still for a while, as on a machine that is moved or swaps."""
    pids = search.workers()
    if not pids or not _kill(pid := rng.choice(list(pids)), signal.SIGSTOP):
        return None
    time.sleep(_WHILE)
    _kill(pid, signal.SIGCONT)
    return f"worker frozen for {_WHILE:.0f} s"


def full_disk(search: Search, rng: random.Random) -> str | None:
    """The disk of the root folder is full for a while; nothing where it has none of its own."""
    if not os.path.ismount(search.root):
        return "no disk of its own to fill"
    filler = fill(search.root)
    time.sleep(_WHILE)
    filler.unlink()
    return f"disk full for {_WHILE:.0f} s"


def second_driver(search: Search, rng: random.Random) -> str | None:
    """The same command is given a second time while the first runs; it must be refused."""
    second = subprocess.run(
        search.command(), capture_output=True, env=search.cluster.environment, text=True
    )
    if _driver(search).poll() is not None:
        return None
    assert second.returncode == 2, second.stdout + second.stderr
    assert "already being driven" in second.stderr, second.stderr
    return "second driver, refused"


def _file_of_killed(search: Search, rng: random.Random, pattern: str) -> Path | None:
    """A file of a run that is not complete, all of whose workers were just killed."""

    def files() -> list[Path]:
        found = sorted(search.root.glob(f"runs/*/{pattern}"))
        runs = {
            path: search.root / "runs" / path.relative_to(search.root).parts[1] for path in found
        }
        return [path for path in found if not (runs[path] / "result.json").exists() and _size(path)]

    if not files():
        return None
    for pid in search.workers():
        _kill(pid)
    left = files()
    return rng.choice(left) if left else None


def _flip(path: Path, rng: random.Random, last: int) -> None:
    """Flips a bit in the last bytes of a file."""
    data = bytearray(path.read_bytes())
    data[-1 - rng.randrange(last)] ^= 0x10
    path.write_bytes(bytes(data))


def _size(path: Path) -> int:
    """In bytes; 0 for what is gone or no file."""
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0


def _journal(search: Search) -> Path:
    (path,) = search.root.glob("studies/*/journal.log")
    return path


FAULTS: dict[str, Fault] = {
    fault.__name__: fault
    for fault in (
        worker,
        all_workers,
        node,
        driver,
        head,
        interrupt,
        terminated,
        power_cut,
        corrupt_checkpoint,
        torn_checkpoint,
        torn_rows,
        corrupt_rows,
        torn_journal,
        zeroed_journal,
        corrupt_journal,
        record_away,
        hung,
        no_memory,
        frozen,
        full_disk,
        second_driver,
    )
}

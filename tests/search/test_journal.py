"""The journal file: damaged anywhere, or on a disk that is full."""

from __future__ import annotations

import errno
import logging
import os
import random
from collections import Counter
from pathlib import Path

import optuna
import pytest
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from test_crashes import Describe, drive, points_and_ends

from xlsearch.runs.content import content_name
from xlsearch.search.journal import decoded, encoded
from xlsearch.search.storage import open_journal, read_journal


def damages(data: bytes) -> dict[str, bytes]:
    """A journal with each kind of damage, at random places that are the same in each run."""
    draw = random.Random(5)
    found = {
        "zeros at the end": data + b"\0" * 512,
        "zeros in place of the end": data[:-300] + b"\0" * 300,
        "zeros in place of all": b"\0" * len(data),
        "a block of zeros": data[:400] + b"\0" * 200 + data[600:],
        "nothing": b"",
    }
    for _ in range(12):
        at = draw.randrange(len(data))
        other = bytes([data[at] ^ (1 << draw.randrange(8))])
        found[f"a bit of byte {at}"] = data[:at] + other + data[at + 1 :]
    for _ in range(4):
        at = draw.randrange(len(data))
        found[f"cut at {at}"] = data[:at]
        found[f"{at} bytes lost"] = data[at:]
    return found


def test_whatever_is_damaged_the_search_ends_the_same(tmp_path: Path, describe: Describe) -> None:
    """And the runs that it asks for again are the runs that were made."""
    journal = tmp_path / "journal.log"
    expected = drive(open_journal(journal), "s", describe)
    runs = {trial.run for trial in expected.trials()}
    ends = points_and_ends(expected)
    assert runs == {
        content_name(describe(t.point).model_dump(mode="json")) for t in expected.trials()
    }
    data = journal.read_bytes()
    for number, (what, damaged) in enumerate(damages(data).items()):
        file = tmp_path / str(number) / "journal.log"
        file.parent.mkdir()
        file.write_bytes(damaged)
        study = drive(open_journal(file), "s", describe)
        assert points_and_ends(study) == ends, what
        assert {trial.run for trial in study.trials()} == runs
        kept = list(file.parent.glob("journal.log.damaged-*"))
        assert [copy.read_bytes() for copy in kept] in ([], [damaged]), what
        whole = all(decoded(line) for line in damaged.splitlines(keepends=True))
        torn = not damaged.endswith(b"\n") and b"\0" not in damaged
        assert bool(kept) or whole or torn, what
        # Repaired: Optuna itself can read all of it.
        backend = JournalStorage(JournalFileBackend(str(file)))
        assert len(optuna.load_study(storage=backend, study_name="s").trials) == len(ends)


def test_every_flipped_bit_of_a_line_is_found_or_harmless() -> None:
    log = {"op_code": 5, "worker_id": "a-1", "trial_id": 3, "values": [7.25]}
    line = encoded(log)
    kinds: Counter[str] = Counter()
    for at in range(len(line)):
        for bit in range(8):
            other = line[:at] + bytes([line[at] ^ (1 << bit)]) + line[at + 1 :]
            found = decoded(other)
            same = found is not None and log.items() <= found.items()
            kinds["harmless" if same else "found" if found is None else "missed"] += 1
    assert kinds["missed"] == 0
    assert kinds["found"] > 5 * kinds["harmless"]


def test_a_reader_leaves_a_damaged_journal_as_it_is(
    tmp_path: Path, describe: Describe, caplog: pytest.LogCaptureFixture
) -> None:
    journal = tmp_path / "journal.log"
    drive(open_journal(journal), "s", describe)
    lines = journal.read_bytes().splitlines(keepends=True)
    damaged = b"".join([*lines[:8], b"#" + lines[8], *lines[9:]])
    journal.write_bytes(damaged)
    with caplog.at_level(logging.WARNING, "xlsearch"):
        storage = read_journal(journal)
    assert "damaged after line 8" in caplog.text
    assert len(optuna.load_study(storage=storage, study_name="s").trials) < 3
    assert journal.read_bytes() == damaged


@pytest.mark.parametrize("part", [0, 1, 25, None])
def test_a_full_disk_leaves_no_torn_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: int | None
) -> None:
    """Also if all of the line was taken, and the disk found out only when it was to be kept."""
    journal = tmp_path / "journal.log"
    study = optuna.create_study(storage=open_journal(journal), study_name="s")
    study.ask()
    before = journal.read_bytes()

    def full(descriptor: int) -> None:
        if part is not None:
            os.ftruncate(descriptor, len(before) + part)
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            study.ask()
    assert journal.read_bytes() == before
    study.ask()
    assert len(optuna.load_study(storage=open_journal(journal), study_name="s").trials) == 2


def test_a_journal_that_optuna_wrote_goes_on(tmp_path: Path) -> None:
    journal = tmp_path / "journal.log"
    theirs = JournalStorage(JournalFileBackend(str(journal)))
    optuna.create_study(storage=theirs, study_name="s").ask()
    ours = optuna.load_study(storage=open_journal(journal), study_name="s")
    ours.ask()
    ours.set_user_attr("a", "ü €")
    again = optuna.load_study(storage=theirs, study_name="s")
    assert len(again.trials) == 2
    assert again.user_attrs == {"a": "ü €"}

"""Storages: a journal that survives crashes, and databases."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import optuna
import pytest

from xlsearch.errors import UserError
from xlsearch.search.storage import open_database, open_journal


def add_trial(journal: Path) -> int:
    """Adds a trial as a process that just started does; returns how many there are then."""
    storage = open_journal(journal)
    study = optuna.create_study(storage=storage, study_name="s", load_if_exists=True)
    study.ask()
    return len(study.trials)


@pytest.mark.parametrize("lost", [1, 2, 20, 40])
def test_a_torn_last_line_is_cut_off(tmp_path: Path, lost: int) -> None:
    journal = tmp_path / "journal.log"
    assert add_trial(journal) == 1
    whole = journal.read_bytes()
    add_trial(journal)
    second = journal.read_bytes()[len(whole) :].split(b"\n")[0] + b"\n"
    journal.write_bytes(whole + second[:-lost])
    assert add_trial(journal) == 2
    assert add_trial(journal) == 3


def test_whole_lines_stay(tmp_path: Path) -> None:
    journal = tmp_path / "journal.log"
    add_trial(journal)
    before = journal.read_bytes()
    open_journal(journal)
    assert journal.read_bytes() == before


def test_the_folder_of_the_journal_is_made(tmp_path: Path) -> None:
    assert add_trial(tmp_path / "a" / "b" / "journal.log") == 1


def test_a_process_killed_while_it_held_the_lock_blocks_nobody(tmp_path: Path) -> None:
    journal = tmp_path / "journal.log"
    add_trial(journal)
    code = f"""
import os, signal
from filelock import FileLock
lock = FileLock({str(journal) + ".flock"!r})
lock.acquire()
os.kill(os.getpid(), signal.SIGKILL)
"""
    killed = subprocess.run([sys.executable, "-c", code], check=False)
    assert killed.returncode == -9
    assert add_trial(journal) == 2


def test_a_database_keeps_studies(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/studies.db"
    optuna.create_study(storage=open_database(url), study_name="s")
    assert optuna.get_all_study_names(open_database(url)) == ["s"]


@pytest.mark.parametrize("url", ["nonsense", "mysql+nothing://me:secret@host/db"])
def test_a_bad_url_is_one_sentence_without_the_password(url: str) -> None:
    with pytest.raises(UserError, match="sqlite:///FILE") as raised:
        open_database(url)
    assert "secret" not in str(raised.value)

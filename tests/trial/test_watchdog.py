"""A hung trial ends its process, and is not begun again for ever."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from xlsearch.config.run import RunConfig
from xlsearch.errors import RunFailed
from xlsearch.runs.folder import RunFolder
from xlsearch.trial.report import TrialReport
from xlsearch.trial.run import run_trial
from xlsearch.trial.watchdog import check_hangs, watched

PROGRAM = """
import re, sys, time
from pathlib import Path
from xlsearch.trial.watchdog import watched

def slow_driver(moment):
    time.sleep(0.6)

def hang():
    re.match("(a+)+$", "a" * 64 + "b")  # in C, and no other thread of Python runs meanwhile

with watched(Path(sys.argv[1]), slow_driver, 0.3) as report:
    report(None)
    print("reported", flush=True)
    if sys.argv[2] == "hangs":
        hang()
time.sleep(0.6)
print("done", flush=True)
"""


def run_program(folder: Path, what: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PROGRAM, str(folder), what]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_a_hung_process_ends_and_says_where_it_hung(tmp_path: Path) -> None:
    """Although its interpreter is held by C code; a slow driver is no hang."""
    ended = run_program(tmp_path, "hangs")
    assert ended.returncode != 0
    assert ended.stdout == "reported\n"
    assert "in hang" in (tmp_path / "hung.log").read_text()


def test_who_ends_in_time_is_left_alone(tmp_path: Path) -> None:
    ended = run_program(tmp_path, "ends")
    assert (ended.returncode, ended.stdout) == (0, "reported\ndone\n")
    assert (tmp_path / "hung.log").read_text() == ""


def test_without_a_limit_nothing_is_watched(tmp_path: Path) -> None:
    with watched(tmp_path, print, None) as report:
        assert report is print
    assert not (tmp_path / "hung.log").exists()


def hang(folder: Path) -> None:
    """What a hung process leaves."""
    with (folder / "hung.log").open("a") as log:
        log.write("Timeout!\n")


def test_two_hangs_without_progress_are_enough(tmp_path: Path) -> None:
    assert check_hangs(tmp_path, 0, 60) is None
    for step in (0, 2, 4):
        hang(tmp_path)
        said = check_hangs(tmp_path, step, 60)
        assert said is not None
        assert said.startswith(f"no progress for 1 minutes after step {step}")
        assert check_hangs(tmp_path, step, 60) is None  # that one is known
    hang(tmp_path)
    with pytest.raises(RunFailed, match=r"after step 4, 2 times; .*hung\.log shows"):
        check_hangs(tmp_path, 4, 60)
    hang(tmp_path)
    assert check_hangs(tmp_path, 4, 60) is not None  # a later launch tries it anew


def test_a_run_that_hung_says_so_and_goes_on(
    root: Path, run_config: Callable[..., RunConfig]
) -> None:
    config = run_config(training={"steps": 1})
    folder = RunFolder(root, config).path
    folder.mkdir(parents=True)
    hang(folder)
    reports: list[TrialReport] = []
    assert run_trial(config, root, reports.append, hang_seconds=600).state == "complete"
    assert [r.event for r in reports if r.event] == [
        "no progress for 10 minutes after step 0; begun again from the last checkpoint"
    ]
    assert "no progress for 10 minutes" in (folder / "events.log").read_text()

"""The Slurm script where there is no Slurm: programs that record and answer stand in for it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "launch" / "slurm.sbatch"

SRUN = """#!/bin/bash
while [[ $1 == --* ]]; do shift; done
export SLURM_NODEID=0
exec env --default-signal "$@"  # as slurmstepd does
"""

SCONTROL = """#!/bin/bash
echo "$*" >>"$STAND_IN/scontrol"
"""

RAY = """#!/bin/bash
printf '%s\\n' "$@" >"$STAND_IN/ray"
echo "$RAY_AUTH_MODE" >>"$STAND_IN/mode"
cp -p "$RAY_AUTH_TOKEN_PATH" "$STAND_IN/token"
while [[ $1 != -- ]]; do shift; done
shift
exec "$@"
"""

XLSEARCH = """#!/usr/bin/env python3
import os, signal, sys, time
place = os.environ["STAND_IN"]
signal.signal(signal.SIGTERM, signal.default_int_handler)
open(f"{place}/arguments", "w").write("\\0".join(sys.argv[1:]))
open(f"{place}/root", "w").write(os.environ["XLSEARCH_ROOT"])
print("a line of the search", flush=True)
try:
    time.sleep(float(os.environ.get("SECONDS_OF_SEARCH", "0")))
except KeyboardInterrupt:
    open(f"{place}/interrupted", "w").close()
    sys.exit(130)
sys.exit(int(os.environ.get("EXIT_CODE", "0")))
"""


class Slurm:
    """Runs the script as Slurm does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.programs = folder / "programs"
        self.programs.mkdir()
        for name, text in {
            "srun": SRUN,
            "scontrol": SCONTROL,
            "ray": RAY,
            "xlsearch": XLSEARCH,
        }.items():
            (self.programs / name).write_text(text)
            (self.programs / name).chmod(0o755)

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("XLSEARCH", "RAY"))},
            # As in a virtual environment that is active.
            "PATH": f"{self.programs}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "STAND_IN": str(self.folder),
            "SLURM_JOB_ID": f"{os.getpid()}7",
            "SLURM_JOB_NAME": "xlsearch",
            "SLURM_SUBMIT_DIR": str(self.folder),
            **variables,
        }
        return subprocess.Popen(
            ["bash", str(SCRIPT), *arguments],
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def run(self, *arguments: str, **variables: str) -> tuple[int, str]:
        """Exit code and log of a job."""
        process = self.start(*arguments, **variables)
        log, _ = process.communicate(timeout=120)
        return process.returncode, log

    def said(self, name: str) -> str:
        """What a stand-in recorded; empty if it did not run."""
        path = self.folder / name
        return path.read_text() if path.exists() else ""

    @property
    def queued_again(self) -> bool:
        return "requeue" in self.said("scontrol")


@pytest.fixture
def slurm(tmp_path: Path) -> Slurm:
    return Slurm(tmp_path)


def test_directives() -> None:
    found = re.findall(r"^#SBATCH --(\S+)$", SCRIPT.read_text(), re.MULTILINE)
    assert found == [
        "job-name=xlsearch",
        "output=xlsearch-%j.log",
        "open-mode=append",
        "nodes=1",
        "ntasks-per-node=1",
        "cpus-per-task=8",
        "gpus-per-node=1",
        "requeue",
        "signal=B:USR1@120",
    ]


def test_bash_can_read_it() -> None:
    subprocess.run(["bash", "-n", str(SCRIPT)], check=True)


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
def test_shellcheck_has_nothing_to_say() -> None:
    done = subprocess.run(["shellcheck", str(SCRIPT)], capture_output=True, text=True)
    assert done.stdout == ""


def test_a_search_that_ends(slurm: Slurm) -> None:
    """Its arguments arrive as given; nothing of them, nor the token, is in the log or at Ray."""
    given = ["--task", "xl sum", "--space", "a'b\"c $HOME `x` \\ *\nd", "--storage=u:pass@h", ""]
    code, log = slurm.run(*given)
    assert code == 0
    assert not slurm.queued_again
    launch, address_option, address, *arguments = slurm.said("arguments").split("\0")
    assert (launch, address_option) == ("launch", "--address")
    assert arguments == given
    assert slurm.said("root") == str(slurm.folder / "xlsearch-runs")
    ray = slurm.said("ray").splitlines()
    assert ray[:3] == ["symmetric-run", "--address", address]
    assert "--include-dashboard=false" in ray
    assert slurm.said("mode") == "token\n"
    token = slurm.said("token")
    assert re.fullmatch("[0-9a-f]{64}", token)
    assert (slurm.folder / "token").stat().st_mode & 0o077 == 0
    assert "a line of the search" in log
    for secret in (token, "pass@h"):
        assert secret not in log
        assert secret not in slurm.said("ray")
    assert not list(slurm.folder.glob(".xlsearch-slurm/*"))


@pytest.mark.parametrize(
    ("code", "again"), [("0", False), ("1", True), ("2", False), ("137", True)]
)
def test_which_ends_are_queued_again(slurm: Slurm, code: str, again: bool) -> None:
    found, log = slurm.run(EXIT_CODE=code)
    assert slurm.queued_again is again
    assert found == (0 if again else int(code))
    assert ("the job is queued again" in log) is again


@pytest.mark.parametrize(
    ("number", "again"), [(signal.SIGUSR1, True), (signal.SIGTERM, False)], ids=["limit", "cancel"]
)
def test_signals(slurm: Slurm, number: signal.Signals, again: bool) -> None:
    """Both end the search in good order; only the wall-time limit's queues the job again."""
    process = slurm.start(SECONDS_OF_SEARCH="100")
    while not slurm.said("arguments"):
        time.sleep(0.05)
    time.sleep(0.2)
    process.send_signal(number)
    log, _ = process.communicate(timeout=60)
    assert (slurm.folder / "interrupted").exists(), log
    assert slurm.queued_again is again


def test_restarts_without_a_finished_run(slurm: Slurm) -> None:
    """With one finished run after the first start, none after the second."""
    first, _ = slurm.run(EXIT_CODE="1", XLSEARCH_MOST_RESTARTS="0")
    run = slurm.folder / "xlsearch-runs" / "runs" / "a"
    run.mkdir(parents=True)
    (run / "result.json").write_text("{}")
    second, _ = slurm.run(EXIT_CODE="1", XLSEARCH_MOST_RESTARTS="0", SLURM_RESTART_COUNT="1")
    assert (first, second, slurm.said("scontrol").count("requeue")) == (0, 0, 2)
    (slurm.folder / "arguments").unlink()
    third, log = slurm.run(EXIT_CODE="1", XLSEARCH_MOST_RESTARTS="0", SLURM_RESTART_COUNT="2")
    assert (third, slurm.said("scontrol").count("requeue")) == (1, 2)
    assert "1 restarts without a finished run" in log
    assert not slurm.said("arguments")


def test_names(slurm: Slurm) -> None:
    """The job is called as the study is; a study of which only the job has a name, as the job."""
    slurm.run("--study", "x", SLURM_JOB_NAME="y")
    assert "JobName=x" in slurm.said("scontrol")
    assert slurm.said("arguments").endswith("--study\0x")
    slurm.run(SLURM_JOB_NAME="y")
    assert slurm.said("arguments").endswith("--study\0y")


def test_without_the_programs(slurm: Slurm) -> None:
    (slurm.programs / "xlsearch").unlink()
    code, log = slurm.run(PATH=f"{slurm.programs}:/usr/bin:/bin")
    assert code == 2
    assert log.startswith("xlsearch on slurm: no xlsearch on this node")
    assert not slurm.queued_again


def test_without_slurm() -> None:
    done = subprocess.run(["bash", str(SCRIPT)], capture_output=True, text=True)
    assert done.returncode == 1
    assert "start this script with sbatch" in done.stderr

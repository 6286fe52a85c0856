"""Runs that begin on one machine and go on on another, which share nothing but an object store."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from transformers import AutoModelForSeq2SeqLM

import xlsearch.trial.tuning as tuning_module
from xlsearch.config.run import RunConfig
from xlsearch.errors import RunFailed
from xlsearch.runs import remote as remote_module
from xlsearch.runs.folder import RunFolder
from xlsearch.runs.remote import open_root
from xlsearch.trial.configure import RunTemplate
from xlsearch.trial.intermediate import obtain_intermediate
from xlsearch.trial.report import IntermediateReport, TrialReport
from xlsearch.trial.run import run_trial

from ..conftest import with_models

Configure = Callable[..., RunConfig]
Machine = Callable[[str], Path]


class Killed(BaseException):
    """Ends a process, as far as the code under test can see."""


class Reports:
    """Keeps what a trial reports; ends it at a phase and step."""

    def __init__(self, kill_at: tuple[str, int] | None = None) -> None:
        self.all: list[TrialReport] = []
        self._kill_at = kill_at

    def __call__(self, report: TrialReport) -> None:
        self.all.append(report)
        if (report.phase, report.step) == self._kill_at:
            raise Killed

    @property
    def trained(self) -> set[int]:
        """The steps that were reached by training."""
        return {report.step for report in self.all if report.phase == "evaluate en"}


@pytest.fixture
def machine(
    tmp_path: Path, pretrained: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Machine]:
    """Working copies of one remote root, in which the pretrained models are."""

    def working_copy(name: str) -> Path:
        monkeypatch.setenv("XLSEARCH_CACHE", str(tmp_path / name))
        return open_root(f"file://{tmp_path}/bucket/search")

    with_models(working_copy("first"), pretrained)
    yield working_copy
    remote_module._remote.cache_clear()


def bits(folder: Path) -> dict[str, bytes]:
    model = AutoModelForSeq2SeqLM.from_pretrained(folder)
    return {name: value.numpy().tobytes() for name, value in model.state_dict().items()}


@pytest.mark.parametrize(
    ("rule", "kill_at", "trained"),
    [
        ("best", ("evaluate fr", 2), {2, 4, 6}),
        ("best", ("evaluate fr", 6), {6}),
        ("last", ("save", 6), set()),
    ],
)
def test_a_run_goes_on_on_another_machine(
    rule: str,
    kill_at: tuple[str, int],
    trained: set[int],
    machine: Machine,
    root: Path,
    run_config: Configure,
) -> None:
    """To the same rows and the same bits as one that was never cut, with dropout on."""
    config = run_config(learning_rate="1e-2", training={"dropout": 0.3}).model_copy(
        update={"checkpoint": rule, "wrong_language_penalty": 0.1}
    )
    run_trial(config, root, Reports())
    whole = RunFolder(root, config)
    a, b, c = machine("a"), machine("b"), machine("c")
    with pytest.raises(Killed):
        run_trial(config, a, Reports(kill_at))
    second, third = Reports(), Reports()
    run_trial(config, b, second)
    assert second.trained == trained
    assert RunFolder(b, config).rows == whole.rows

    # It is found elsewhere, by the machine that began it too, and its model with it.
    for place in (c, a):
        run_trial(config, place, third)
        found = RunFolder(place, config)
        assert third.trained == set()
        assert found.rows == whole.rows
        assert bits(found.fetch_model()) == bits(whole.model)
        assert not found.checkpoint.exists()
        assert not found.candidates.exists()


def test_a_copy_of_a_model_is_no_more_than_a_copy(
    machine: Machine, run_config: Configure, tmp_path: Path
) -> None:
    """Damaged, or from before the run was done again elsewhere, it is fetched anew."""
    config, a = run_config(), machine("a")
    run_trial(config, a, Reports())
    folder = RunFolder(a, config)
    whole, (weights,) = bits(folder.model), folder.model.glob("*.safetensors")
    weights.write_bytes(b"something else")
    again = Reports()
    run_trial(config, a, again)
    assert again.trained == set()
    assert bits(folder.fetch_model()) == whole

    published = tmp_path / "bucket/search/runs" / folder.name / "model" / weights.name
    published.write_bytes(b"something else")
    b = machine("b")
    run_trial(config, b, Reports())
    with pytest.raises(RunFailed, match=f"{weights.name} is damaged in file://.*remove runs/"):
        RunFolder(b, config).fetch_model()


def test_want_of_memory_is_known_elsewhere_at_once(machine: Machine, run_config: Configure) -> None:
    """Not from the next checkpoint on, which a worker that is killed again never writes."""
    config = run_config()
    with pytest.raises(Killed):
        run_trial(config, machine("a"), Reports(kill_at=("load", 0)), killed_in="train")
    for name in ("a", "b"):
        with pytest.raises(RunFailed, match="also in 2 accumulation steps"):
            run_trial(config, machine(name), Reports(), killed_in="train")


_CODE = """
import os, signal, sys
from pathlib import Path
from xlsearch.config.run import RunConfig
from xlsearch.errors import RunFailed
from xlsearch.runs.remote import open_root
from xlsearch.trial.run import run_trial

def report(moment):
    if (moment.phase, moment.step) == ("evaluate fr", 4):
        os.kill(os.getpid(), signal.SIGKILL)

run_trial(RunConfig.model_validate_json(sys.argv[1]), open_root(sys.argv[2]), report)
"""


def test_a_killed_process_is_succeeded_on_another_machine(
    machine: Machine, root: Path, run_config: Configure, tmp_path: Path
) -> None:
    """It lets go of nothing: its claim stays until it is dead."""
    config = run_config()
    run_trial(config, root, Reports())
    killed = subprocess.run(
        [sys.executable, "-c", _CODE, config.model_dump_json(), f"file://{tmp_path}/bucket/search"],
        env={**os.environ, "XLSEARCH_CACHE": str(tmp_path / "a"), "OMP_NUM_THREADS": "1"},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    (claim,) = (tmp_path / "bucket/search/runs").glob("*/lock.lease/*.claim.json")
    os.utime(claim, (1, 1))  # as if the minute had passed
    reports = Reports()
    run_trial(config, machine("b"), reports)
    assert reports.trained == {4, 6}
    assert RunFolder(machine("b"), config).rows == RunFolder(root, config).rows


def test_intermediate_tuning_goes_on_on_another_machine(
    machine: Machine, run_template: Callable[..., RunTemplate], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the probes came to is known there, and the training goes on from its checkpoint."""
    monkeypatch.setattr(tuning_module, "_REPORT_EVERY", 0.0)
    config = run_template("mbart").intermediate()

    def kill(report: IntermediateReport) -> None:
        if (report.phase, report.step) == ("train", 2 * 2 + 3):
            raise Killed

    with pytest.raises(Killed):
        obtain_intermediate(config, machine("a"), kill)
    reports: list[IntermediateReport] = []
    there = obtain_intermediate(config, machine("b"), reports.append)
    assert not any(report.phase.startswith("probe") for report in reports)
    assert min(r.step for r in reports if r.phase == "train") == 2 * 2 + 3
    found: list[IntermediateReport] = []
    assert bits(obtain_intermediate(config, machine("a"), found.append)) == bits(there)
    assert [report.phase for report in found] == ["complete"]


def test_hangs_are_counted_though_none_of_the_attempts_came_to_an_evaluation(
    machine: Machine, run_config: Configure
) -> None:
    """Each began with what the store has."""
    config = run_config()

    def hang(name: str) -> None:
        folder = RunFolder(machine(name), config).path
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "hung.log").open("a") as log:
            log.write("Timeout!\n")

    hang("a")
    with pytest.raises(Killed):
        run_trial(config, machine("a"), Reports(("load", 0)), hang_seconds=600)
    hang("b")
    with pytest.raises(RunFailed, match="2 times"):
        run_trial(config, machine("b"), Reports(), hang_seconds=600)
    # The next launch tries it anew, on any machine, and knows what happened.
    run_trial(config, machine("c"), Reports(), hang_seconds=600)
    assert (
        "no progress for 10 minutes"
        in (RunFolder(machine("c"), config).path / "events.log").read_text()
    )

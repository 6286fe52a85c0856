"""Out of memory: one more attempt with the batch in two, then a sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

import xlsearch.evaluation.evaluator as evaluator_module
from xlsearch.config.run import RunConfig
from xlsearch.errors import RunFailed
from xlsearch.runs.folder import RunFolder
from xlsearch.training.batches import Batch
from xlsearch.training.loop import FineTuning
from xlsearch.trial.memory import is_out_of_memory
from xlsearch.trial.report import TrialReport
from xlsearch.trial.run import run_trial

Configure = Callable[..., RunConfig]

CUDA = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB.\nMore about it.")
HOST = RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried")
ERRORS = {"GPU": CUDA, "host": HOST, "Python": MemoryError()}


def limit_batches(monkeypatch: pytest.MonkeyPatch, tokens: int, error: Exception) -> list[int]:
    """A machine on which batches of more than so many tokens do not fit; returns what it did."""
    loss = FineTuning._loss
    done: list[int] = []

    def limited(self: FineTuning, batch: Batch) -> torch.Tensor:
        if batch.tokens > tokens:
            raise error
        done.append(batch.tokens)
        return loss(self, batch)

    monkeypatch.setattr(FineTuning, "_loss", limited)
    return done


def largest_batch(root: Path, config: RunConfig) -> int:
    """Tokens of the largest batch of a run, padding not counted."""
    with pytest.MonkeyPatch.context() as patch:
        done = limit_batches(patch, 10**9, MemoryError())
        run_trial(config, root, lambda report: None)
    return max(done)


@pytest.mark.parametrize("kind", ["GPU", "host"])
def test_a_run_goes_on_with_half_of_the_batch_at_a_time(
    kind: str, root: Path, run_config: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = run_config(training={"steps": 3, "dropout": 0.0}, evaluation={"every_steps": 1})
    largest = largest_batch(root, config)
    whole = RunFolder(root, config)
    rows, name = whole.rows, whole.name
    whole.path.rename(root / "whole")
    limit_batches(monkeypatch, largest - 1, ERRORS[kind])
    events: list[str] = []
    result = run_trial(config, root, lambda report: events.append(report.event))
    folder = RunFolder(root, config)
    assert folder.name == name
    assert (result.state, result.accumulation_steps) == ("complete", 2)
    assert json.loads((folder.path / "result.json").read_text())["accumulation_steps"] == 2
    assert any("out of memory; going on in 2 accumulation steps" in said for said in events)
    assert [(row.step, row.language, row.score) for row in folder.rows] == [
        (row.step, row.language, row.score) for row in rows
    ]


def test_too_little_memory_is_a_sentence(
    root: Path, run_config: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = run_config()
    limit_batches(monkeypatch, 0, CUDA)
    said = (
        "out of memory at training.batch_tokens 256, also in 2 accumulation steps .CUDA out of "
        "memory. Tried to allocate 2 GiB.; valid: a smaller training.batch_tokens"
    )
    with pytest.raises(RunFailed, match=said):
        run_trial(config, root, lambda report: None)


def test_who_goes_on_with_the_run_knows_of_it(
    root: Path, run_config: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else each process would have to run out of memory again."""
    config = run_config(training={"steps": 2}, evaluation={"every_steps": 1})
    with monkeypatch.context() as patch:
        limit_batches(patch, 0, CUDA)
        with pytest.raises(RunFailed):
            run_trial(config, root, lambda report: None)
    assert run_trial(config, root, lambda report: None).accumulation_steps == 2


@pytest.mark.parametrize(("phase", "parts"), [("train", (2, 1)), ("evaluate fr", (1, 2))])
def test_a_worker_that_was_killed_for_want_of_memory_needs_less(
    phase: str, parts: tuple[int, int], root: Path, run_config: Configure
) -> None:
    config = run_config(training={"steps": 1})
    result = run_trial(config, root, lambda report: None, killed_in=phase)
    assert (result.accumulation_steps, result.evaluation_parts) == parts


def test_an_evaluation_takes_smaller_batches(
    root: Path, run_config: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The training does not go back for it: no step is done twice."""
    generate = evaluator_module.generate

    def limited(*arguments: Any) -> list[str]:
        if arguments[6] > 125:
            raise CUDA
        return generate(*arguments)

    monkeypatch.setattr(evaluator_module, "generate", limited)
    reports: list[TrialReport] = []
    result = run_trial(run_config(training={"steps": 2}), root, reports.append)
    assert (result.accumulation_steps, result.evaluation_parts) == (1, 4)
    assert [report.phase for report in reports].count("load") == 1

    monkeypatch.setattr(evaluator_module, "generate", lambda *arguments: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run_trial(run_config(seed=1), root, reports.append)


def test_other_errors_are_no_lack_of_memory() -> None:
    assert all(map(is_out_of_memory, ERRORS.values()))
    assert not is_out_of_memory(RuntimeError("shapes do not match"))
    assert not is_out_of_memory(ValueError("CUDA out of memory"))


STARVED = """
import resource, sys
import pyarrow, torch
from xlsearch.trial.memory import is_out_of_memory

needs = {
    "torch": lambda: torch.empty(10**10),
    "arrow": lambda: pyarrow.memory_map(sys.argv[1]),
    "Python": lambda: bytearray(10**10),
}
resource.setrlimit(resource.RLIMIT_AS, (2**33, 2**33))
for name, need in needs.items():
    try:
        need()
    except Exception as error:
        assert is_out_of_memory(error), (name, repr(error))
    else:
        raise AssertionError(name)
"""


def test_what_libraries_raise_where_memory_is_short(tmp_path: Path) -> None:
    """The errors themselves, in a process that may have 8 GiB of addresses."""
    file = tmp_path / "large"
    with file.open("wb") as made:
        made.truncate(10**10)
    command = [sys.executable, "-c", STARVED, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

"""One trial from its start to its end, and what is left of it when it is cut in two."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

import xlsearch.trial.attempt as trial_attempt
import xlsearch.trial.run as trial_run
from xlsearch.config.run import RunConfig
from xlsearch.errors import UserError
from xlsearch.evaluation.evaluator import Evaluator
from xlsearch.runs.folder import RunFolder
from xlsearch.runs.lock import locked
from xlsearch.runs.rows import Row
from xlsearch.trial.report import TrialReport
from xlsearch.trial.run import run_trial

Configure = Callable[..., RunConfig]


class Killed(BaseException):
    """Ends a process, as far as the code under test can see."""


class Reports:
    """Keeps what a trial reports; ends it at the first report that fulfils a condition."""

    def __init__(self, kill_at: Callable[[TrialReport], bool] = lambda report: False) -> None:
        self.all: list[TrialReport] = []
        self._kill_at = kill_at

    def __call__(self, report: TrialReport) -> None:
        self.all.append(report)
        if self._kill_at(report):
            raise Killed

    @property
    def rows(self) -> list[Row]:
        return [row for report in self.all for row in report.rows]

    @property
    def phases(self) -> list[str]:
        return [report.phase for report in self.all]


def other_root(root: Path, name: str) -> Path:
    """Another root that shares the store of pretrained models."""
    folder = root.with_name(name)
    folder.mkdir()
    (folder / "store").symlink_to(root / "store")
    return folder


def weights(root: Path, config: RunConfig) -> dict[str, torch.Tensor]:
    model = AutoModelForSeq2SeqLM.from_pretrained(RunFolder(root, config).model)
    return dict(model.state_dict())


@pytest.mark.parametrize("model", ["mbart", "mt5"])
def test_a_trial_leaves_rows_a_result_and_a_model(
    model: str, root: Path, run_config: Configure
) -> None:
    config, reports = run_config(model), Reports()
    result = run_trial(config, root, reports)
    folder = RunFolder(root, config)
    assert (result.state, result.steps) == ("complete", 6)
    assert result.train_tokens > 0
    assert folder.result == result
    assert folder.rows == reports.rows
    assert [(row.step, row.language) for row in folder.rows] == [
        (step, language) for step in (2, 4, 6) for language in ("en", "fr")
    ]
    assert {row.learning_rate for row in folder.rows} == {1e-3}
    assert {(row.model, row.scorer) for row in folder.rows} == {(config.model, "rouge2-xlsum")}
    assert not folder.checkpoint.exists()
    assert AutoTokenizer.from_pretrained(folder.model).pad_token == "<pad>"
    assert weights(root, config)


def test_training_changes_the_model(root: Path, run_config: Configure) -> None:
    slow, fast = run_config(learning_rate="1e-7"), run_config(learning_rate="1e-2")
    for config in (slow, fast):
        run_trial(config, root, Reports())
    a, b = weights(root, slow), weights(root, fast)
    assert any(not value.equal(b[name]) for name, value in a.items())


CUTS: dict[str, Callable[[TrialReport], bool]] = {
    "before any row": lambda report: report.phase == "evaluate en" and report.step == 2,
    "after rows": lambda report: bool(report.rows) and report.step == 2,
    "between checkpoints": lambda report: report.phase == "evaluate fr" and report.step == 4,
    "at the end": lambda report: report.phase == "save",
}


@pytest.mark.parametrize(
    ("model", "cut"), [*(("mbart", cut) for cut in CUTS), ("mt5", "between checkpoints")]
)
def test_a_run_cut_in_two_is_the_run_in_one_piece(
    model: str, cut: str, root: Path, run_config: Configure
) -> None:
    """The same rows and the same bits, with dropout on."""
    config = run_config(model, learning_rate="1e-2", training={"dropout": 0.3})
    whole_root, cut_root = other_root(root, "whole"), other_root(root, "cut")
    whole = Reports()
    run_trial(config, whole_root, whole)
    torch.manual_seed(12345)
    with pytest.raises(Killed):
        run_trial(config, cut_root, Reports(CUTS[cut]))
    torch.manual_seed(54321)
    second = Reports()
    run_trial(config, cut_root, second)
    assert second.rows == whole.rows
    assert RunFolder(cut_root, config).rows == RunFolder(whole_root, config).rows
    a, b = weights(whole_root, config), weights(cut_root, config)
    assert a.keys() == b.keys()
    assert all(value.equal(b[name]) for name, value in a.items())


def test_the_number_of_threads_does_not_decide_the_outcome(
    root: Path, run_config: Configure
) -> None:
    config = run_config()
    before = torch.get_num_threads()
    ends = []
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            home = other_root(root, f"threads-{threads}")
            run_trial(config, home, Reports())
            assert torch.get_num_threads() == threads
            ends.append(weights(home, config))
    finally:
        torch.set_num_threads(before)
    assert all(weight.equal(ends[1][name]) for name, weight in ends[0].items())


def test_dropout_and_seed_decide_the_outcome(root: Path, run_config: Configure) -> None:
    """Else the test above would say little."""
    configs = [
        run_config(learning_rate="1e-2", training={"dropout": 0.3}),
        run_config(learning_rate="1e-2", training={"dropout": 0.0}),
        run_config(learning_rate="1e-2", training={"dropout": 0.3}, seed=1),
    ]
    for config in configs:
        run_trial(config, root, Reports())
    first, *others = (weights(root, config)["model.shared.weight"] for config in configs)
    assert all(not first.equal(other) for other in others)


def test_it_goes_on_from_its_checkpoint(root: Path, run_config: Configure) -> None:
    """It does not only come to the same end: the steps before the checkpoint are not done again."""
    config = run_config()
    with pytest.raises(Killed):
        run_trial(
            config, root, Reports(lambda report: report.phase == "evaluate en" and report.step == 6)
        )
    reports = Reports()
    run_trial(config, root, reports)
    assert {r.step for r in reports.all if r.phase.startswith("evaluate ")} == {6}
    assert [row.step for row in reports.rows] == [2, 2, 4, 4, 6, 6]


def test_a_finished_run_is_reported_not_run_again(
    root: Path, run_config: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, first, second = run_config(), Reports(), Reports()
    result = run_trial(config, root, first)
    monkeypatch.setattr(trial_attempt, "load_model", None)  # would be called to run it again
    assert run_trial(config, root, second) == result
    assert second.rows == first.rows
    assert second.phases == ["evaluate"] * 3 + ["complete"]


def test_a_diverged_run_ends_without_scores(
    root: Path, run_config: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Weights that become NaN after the first evaluation."""
    evaluate = Evaluator.evaluate

    def then_break(self: Evaluator, model: torch.nn.Module, *rest: object) -> list[Row]:
        rows = evaluate(self, model, *rest)  # type: ignore[arg-type]
        with torch.no_grad():
            next(model.parameters()).fill_(float("nan"))
        return rows

    monkeypatch.setattr(Evaluator, "evaluate", then_break)
    config, reports = run_config(), Reports()
    result = run_trial(config, root, reports)
    folder = RunFolder(root, config)
    assert (result.state, result.steps) == ("diverged", 2)
    assert reports.phases[-1] == "diverged"
    assert [row.score is None for row in folder.rows] == [False, False, True, True]
    assert not folder.model.exists()
    assert not folder.checkpoint.exists()


@pytest.mark.parametrize(
    ("learning_rate", "state"), [("1e30", "diverged"), ("1", "complete")], ids=["NaN", "collapsed"]
)
def test_a_learning_rate_that_is_far_too_large(
    learning_rate: str, state: str, root: Path, run_config: Configure
) -> None:
    """Where the weights stay finite the run ends with scores, however bad they are."""
    config, reports = run_config(learning_rate=learning_rate), Reports()
    assert run_trial(config, root, reports).state == state
    assert reports.phases[-1] == state
    last = RunFolder(root, config).rows[-1]
    assert (last.score is None) == (state == "diverged")
    assert last.score in (None, 0.0)


def test_it_waits_for_another_process_on_the_same_run_and_says_so(
    root: Path, run_config: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial_run, "_WAIT_REPORT_EVERY", 0.01)
    config = run_config()
    reports = Reports(lambda report: report.phase == f"wait for process {os.getpid()}")
    with locked(RunFolder(root, config).path / "lock"), pytest.raises(Killed):
        run_trial(config, root, reports)
    assert RunFolder(root, config).rows == []


@pytest.mark.parametrize(
    ("change", "said"),
    [({"data": "other"}, "xlsum data here"), ({"pretrained": "other"}, "pretrained mbart here")],
)
def test_a_configuration_from_elsewhere_must_fit(
    change: dict[str, str], said: str, root: Path, run_config: Configure
) -> None:
    with pytest.raises(UserError, match=said):
        run_trial(run_config().model_copy(update=change), root, Reports())


def test_progress_says_how_far_it_is(root: Path, run_config: Configure) -> None:
    reports = Reports()
    run_trial(run_config(), root, reports)
    assert reports.phases[0] == "load"
    assert reports.phases[-2:] == ["save", "complete"]
    assert [r.step for r in reports.all] == sorted(r.step for r in reports.all)
    assert {r.steps for r in reports.all} == {6}
    assert reports.all[-1] == replace(reports.all[-1], seconds_left=0.0, rows=())


def test_rows_of_an_uneven_end(root: Path, run_config: Configure) -> None:
    """An evaluation after each so many steps, and one at the end."""
    reports = Reports()
    run_trial(run_config(training={"steps": 5}), root, reports)
    assert sorted({row.step for row in reports.rows}) == [2, 4, 5]

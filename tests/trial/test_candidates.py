"""The weights that a run keeps where not its last evaluation counts, cut in two or not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForSeq2SeqLM

from xlsearch.config.run import RunConfig
from xlsearch.evaluation.evaluator import Evaluator
from xlsearch.runs.folder import RunFolder
from xlsearch.runs.rows import Row
from xlsearch.trial.report import TrialReport
from xlsearch.trial.run import run_trial

Configure = Callable[..., RunConfig]
Weights = dict[str, torch.Tensor]

# By step: score in English and in French, and XLRS.
FIGURES = {2: (50.0, 5.0, 0.3), 4: (58.0, 9.0, 0.4), 6: (60.0, 1.0, 0.5)}
CHOSEN = {"last": 6, "best": 4, "xlrs": 4}


class Killed(BaseException):
    """Ends a process, as far as the code under test can see."""


class Life:
    """What a process reports, until it is killed.

    Args:
        folder: The run's folder.
        kill_at: Phase and step at whose report it ends.
    """

    def __init__(self, folder: RunFolder, kill_at: tuple[str, int] | None = None) -> None:
        self.kept: dict[int, set[str]] = {}
        self._folder = folder
        self._kill_at = kill_at

    def __call__(self, report: TrialReport) -> None:
        if report.phase == "train" or report.phase == "save":
            self.kept[report.step] = {path.name for path in self._folder.candidates.glob("*")}
        if (report.phase, report.step) == self._kill_at:
            raise Killed


@pytest.fixture
def weights_at(monkeypatch: pytest.MonkeyPatch) -> dict[int, Weights]:
    """The weights at each evaluation, whose figures are given in place of outputs."""
    found: dict[int, Weights] = {}

    def evaluate(
        self: Evaluator,
        model: torch.nn.Module,
        step: int,
        on_language: Callable[[str], None],
        parts: int,
    ) -> list[Row]:
        on_language("en")
        found[step] = {name: value.clone() for name, value in model.state_dict().items()}
        english, french, alike = FIGURES[step]
        return [
            self._row(step, "en", english, 100.0, 9.0),
            self._row(step, "fr", french, 100.0, 9.0, alike),
        ]

    monkeypatch.setattr(Evaluator, "evaluate", evaluate)
    return found


def choosing(run_config: Configure, rule: str) -> RunConfig:
    penalty = 0.1 if rule == "best" else None
    config = run_config(learning_rate="1e-2", training={"dropout": 0.3})
    return config.model_copy(update={"checkpoint": rule, "wrong_language_penalty": penalty})


def assert_chosen(folder: RunFolder, expected: Weights) -> None:
    model = AutoModelForSeq2SeqLM.from_pretrained(folder.model)
    found = model.state_dict()
    assert all(value.equal(expected[name]) for name, value in found.items())
    assert not folder.candidates.exists()
    assert not folder.checkpoint.exists()


@pytest.mark.parametrize("rule", CHOSEN)
def test_the_model_has_the_weights_of_the_evaluation_that_counts(
    rule: str, root: Path, run_config: Configure, weights_at: dict[int, Weights]
) -> None:
    config = choosing(run_config, rule)
    folder = RunFolder(root, config)
    life = Life(folder)
    run_trial(config, root, life)
    assert_chosen(folder, weights_at[CHOSEN[rule]])
    first, other = weights_at[CHOSEN[rule]], weights_at[2]
    assert any(not value.equal(other[name]) for name, value in first.items())
    # By then only step 4 can be chosen by the objective; by XLRS, step 6 if English mattered more.
    kept = {"last": set(), "best": {"step-4"}, "xlrs": {"step-4", "step-6"}}
    assert life.kept[6] == kept[rule]


@pytest.mark.parametrize(
    ("rule", "kill_at"),
    [
        ("best", ("evaluate", 4)),  # its weights are kept, its checkpoint is not written
        ("best", ("save", 6)),
        ("xlrs", ("evaluate en", 6)),
    ],
)
def test_a_run_that_was_killed_chooses_the_same_weights(
    rule: str,
    kill_at: tuple[str, int],
    root: Path,
    run_config: Configure,
    weights_at: dict[int, Weights],
) -> None:
    config = choosing(run_config, rule)
    folder = RunFolder(root, config)
    with pytest.raises(Killed):
        run_trial(config, root, Life(folder, kill_at))
    first = dict(weights_at)
    torch.manual_seed(54321)
    run_trial(config, root, Life(folder))
    for step in first:
        assert all(value.equal(weights_at[step][name]) for name, value in first[step].items())
    assert_chosen(folder, weights_at[4])
    assert [row.step for row in folder.rows] == [2, 2, 4, 4, 6, 6]


def test_damaged_weights_are_not_taken_for_the_chosen_ones(
    root: Path, run_config: Configure, weights_at: dict[int, Weights]
) -> None:
    config = choosing(run_config, "best")
    folder = RunFolder(root, config)
    with pytest.raises(Killed):
        run_trial(config, root, Life(folder, ("save", 6)))
    (file,) = folder.candidates.glob("*/weights.safetensors")
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    run_trial(config, root, Life(folder))
    assert "step-4 is damaged; the run is done again" in (folder.path / "events.log").read_text()
    assert_chosen(folder, weights_at[4])

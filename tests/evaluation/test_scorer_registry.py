"""The registry of scorers: found and added by name, loaded when they are needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from xlsearch.errors import UserError
from xlsearch.evaluation.scorers.base import Scorer
from xlsearch.evaluation.scorers.registry import check_scorer, find_scorer, register_scorer
from xlsearch.evaluation.scorers.rouge2_gem import Rouge2GEM


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry that is as it was after the test."""
    import xlsearch.evaluation.scorers.registry as module

    monkeypatch.setattr(module, "SCORERS", dict(module.SCORERS))
    monkeypatch.setattr(module, "_LOADED", {})


class Length(Scorer):
    name = "length"

    def score(self, prediction: str, references: Any, language: str) -> float:
        return 100.0 * (len(prediction) == len(references[0]))


@pytest.mark.usefixtures("registry")
def test_a_scorer_can_be_added() -> None:
    with pytest.raises(UserError, match="unknown scorer 'length'"):
        find_scorer("length")
    register_scorer("length", Length)
    register_scorer("length", Length)
    assert check_scorer("length") == "length"
    computed = find_scorer("length").compute(
        predictions=["ab", "c"], references=[["xy"], ["xyz"]], language="en"
    )
    assert computed == {"mean": 50.0, "scores": [100.0, 0.0]}


@pytest.mark.usefixtures("registry")
def test_a_scorer_can_be_added_by_its_place() -> None:
    place = f"{Rouge2GEM.__module__}:{Rouge2GEM.__qualname__}"
    register_scorer("rouge2-gem", place)
    register_scorer("rouge2-gem", Rouge2GEM)
    assert isinstance(find_scorer("rouge2-gem"), Rouge2GEM)


@pytest.mark.usefixtures("registry")
@pytest.mark.parametrize(
    ("name", "scorer", "message"),
    [
        ("f1-squad", Length, "'f1-squad' is already .*F1Squad; .*Length needs another name"),
        ("mine", "no_such_module:Mine", "'mine' can't be loaded from no_such_module:Mine"),
        ("mine", "xlsearch.errors:Mine", "can't be loaded"),
        ("mine", "xlsearch.errors", "can't be loaded"),
        ("mine", "xlsearch.errors:UserError", "no subclass"),
        ("mine", Length, "must be 'mine' too"),
    ],
)
def test_a_scorer_that_can_not_be_added(name: str, scorer: Any, message: str) -> None:
    def add() -> None:
        register_scorer(name, scorer)
        find_scorer(name)

    with pytest.raises(UserError, match=message):
        add()


def test_an_unknown_scorer_names_the_nearest() -> None:
    with pytest.raises(UserError, match="did you mean 'rouge2-xlsum'"):
        check_scorer("rouge2-xlsun")


def test_names_are_checked_without_loading_the_libraries_of_metrics() -> None:
    code = (
        "import sys\n"
        "from xlsearch.evaluation.scorers.registry import check_scorer\n"
        "check_scorer('rouge2-gem')\n"
        "sys.exit(', '.join({'evaluate', 'rouge_score', 'torch'} & set(sys.modules)) or 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr

"""``xlsearch reproduce``: which searches it needs, and what it prints of them."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from optuna.storages import InMemoryStorage

from xlsearch.cli.reproduce import command
from xlsearch.errors import UserError
from xlsearch.runs.rows import Row
from xlsearch.search.point import Outcome, State
from xlsearch.search.study import Study
from xlsearch.service import reproduce
from xlsearch.service.reproduce import plan_reproduction
from xlsearch.service.search import Search
from xlsearch.service.studies import begin_study
from xlsearch.service.workspace import Workspace

# What a method scores without intermediate tuning, and what it gains by it.
SCORES = {"full": (30.0, 5.0), "freeze": (20.0, -4.0)}


def finished(search: Search, name: str) -> Study:
    """A study that has run to its end on figures made by hand; LCR falls at 1e-3 and above."""
    study = begin_study(search, InMemoryStorage(), name)
    while (request := study.next_request()) is not None:
        point = request.point
        score, gain = SCORES.get(point.method, (10.0, 0.0))
        large = float(point.learning_rate) >= 1e-3
        if large:
            score = 2.0
        score += gain * point.intermediate_tuning - abs(float(point.learning_rate) - 1e-4)
        rows = [
            Row("", "", "", False, 0.1, 0, 9, code, value, correct, 9.0, "s")
            for code, value, correct in (
                ("en", 60.0 + large, 100.0),
                ("fr", score, 5.0 if large else 99.0),
            )
        ]
        number = study.start(request)
        study.record_evaluation(number, rows, score)
        study.finish(number, Outcome(State.COMPLETE, score))
    return study


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The studies that were launched, in place of any training."""
    names: list[str] = []

    def launch(search: Search, workspace: Workspace, name: str, view: Any) -> SimpleNamespace:
        names.append(name)
        return SimpleNamespace(study=finished(search, name))

    monkeypatch.setattr(reproduce, "launch", launch)
    return names


def run(root: Path, *arguments: str) -> tuple[str, str]:
    given = [*arguments, "--scale", "pocket", "--root", str(root)]
    result = CliRunner().invoke(command, given, catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout, result.stderr


def test_figure1_is_searched_and_printed(tmp_path: Path, launched: list[str]) -> None:
    printed, _ = run(tmp_path, "figure1", "--task", "xlsum")
    assert launched == ["xlsum-mt5-base-pocket", "xlsum-mbart-pocket"]
    assert "6 of 6 directions come out." in printed
    assert "study xlsum-mbart-pocket" in printed
    assert "collapses" in printed


def test_table1_says_what_does_not_come_out(tmp_path: Path, launched: list[str]) -> None:
    """Made by hand: intermediate tuning helps full by 5 and harms freeze, all else it leaves."""
    given = ("--task", "xlsum", "--model", "mbart", "--seeds", "2", "--json")
    printed, said = run(tmp_path, "table1", *given)
    values = json.loads(printed)
    agrees = {line["what"]: line["agrees"] for line in values["lines"]}
    assert agrees["full: IT"]
    assert not agrees["freeze: IT"]
    assert agrees["adapters: IT"]
    assert not agrees["prompt: IT"]
    assert "freeze: IT (paper +4.1, ours -4.0 ± 0.0)" in values["summary"]
    assert "1/1 xlsum, mbart" in said
    assert launched[0].endswith("-seeds2")


def test_models_that_a_scale_lacks_are_left_out_with_a_line() -> None:
    planned = plan_reproduction("table4", scale="pocket", tasks=["xquad"])
    assert {cell.cell[1] for cell in planned.cells} == {"mt5-base", "mbart"}
    assert planned.left_out == (
        "xquad, nllb: there is no nllb at pocket scale",
        "xquad, mbart-tr: there is no mbart-tr at pocket scale",
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"table": "table5"}, "table or figure"),
        ({"table": "table1", "models": ["nllb"]}, "nllb"),
        ({"table": "table2", "tasks": ["xsum"]}, "xsum"),
        ({"table": "table2", "models": ["mt5-large"]}, "there is no mt5-large at pocket scale"),
    ],
)
def test_an_unknown_name_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        plan_reproduction(**options, scale="pocket")

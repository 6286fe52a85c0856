"""Run folders: named by content, complete when the result is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from xlsearch.config.run import RunConfig
from xlsearch.runs.atomic import read_json
from xlsearch.runs.content import content_name
from xlsearch.runs.folder import RunFolder, RunResult
from xlsearch.runs.lock import is_held
from xlsearch.runs.rows import Row

Configure = Callable[..., RunConfig]

RESULT = RunResult("complete", 6, 1.5, 0.5, 1234, "cpu")
ROW = Row("xlsum", "mbart", "full", False, 1e-3, 0, 2, "fr", 8.0, 99.7, 61.5, "rouge2-xlsum")


def test_the_folder_is_named_by_the_configuration(tmp_path: Path, run_config: Configure) -> None:
    config = run_config()
    folder = RunFolder(tmp_path, config)
    assert folder.path == tmp_path / "runs" / content_name(config.model_dump(mode="json"))
    with folder.owned(timeout=0):
        assert is_held(folder.path / "lock")
    kept = RunConfig.model_validate(read_json(folder.path / "config.json"))
    assert kept == config
    assert RunFolder(tmp_path, kept).path == folder.path


@pytest.mark.parametrize(
    "other",
    [
        {"learning_rate": "3e-3"},
        {"seed": 1},
        {"model": "mt5"},
        {"training": {"steps": 7}},
        {"generation": {"max_new_tokens": 7}},
        {"evaluation": {"examples": 4}},
    ],
    ids=lambda other: next(iter(other)),
)
def test_another_run_has_another_folder(
    tmp_path: Path, run_config: Configure, other: dict[str, object]
) -> None:
    assert RunFolder(tmp_path, run_config(**other)).name != RunFolder(tmp_path, run_config()).name


def test_a_run_has_no_result_before_it_is_finished(tmp_path: Path, run_config: Configure) -> None:
    folder = RunFolder(tmp_path, run_config())
    assert folder.result is None
    assert folder.rows == []
    with folder.owned(timeout=0):
        folder.write_rows([ROW])
        assert folder.result is None
        folder.finish(RESULT)
    again = RunFolder(tmp_path, run_config())
    assert again.result == RESULT
    assert again.rows == [ROW]


def test_rows_are_replaced(tmp_path: Path, run_config: Configure) -> None:
    folder = RunFolder(tmp_path, run_config())
    with folder.owned(timeout=0):
        folder.write_rows([ROW])
        folder.write_rows([ROW, replace(ROW, step=4)])
    assert [row.step for row in folder.rows] == [2, 4]

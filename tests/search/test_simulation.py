"""Replay on recorded rows: the paper's table, and what is said of rows that are wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import paper_curves
import pytest

from xlsearch.cli.main import main
from xlsearch.errors import UserError
from xlsearch.runs.rows import Row, write_rows
from xlsearch.service.simulate import run_simulations, simulation_as_json


def simulated(path: Path, **options: Any) -> dict[str, Any]:
    shown = simulation_as_json(run_simulations(path, **options))
    values: dict[str, Any] = json.loads(json.dumps(shown))
    return values


def exact(rate: float) -> Fraction:
    return Fraction(str(rate))


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    return paper_curves.rows()


@pytest.fixture(scope="module", params=["jsonl", "parquet"])
def recorded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, table: list[Row]
) -> Path:
    path = tmp_path_factory.mktemp("curves") / f"curves.{request.param}"
    write_rows(path, table)
    return path


@pytest.fixture
def write(tmp_path: Path) -> Callable[[list[Row]], Path]:
    def written(rows: list[Row]) -> Path:
        path = tmp_path / "curves.jsonl"
        write_rows(path, rows)
        return path

    return written


def test_all_26_pairs_of_table_4(recorded: Path) -> None:
    shown = simulated(recorded)
    cells = shown["cells"]
    found = {
        (
            *(cell[key] for key in ("task", "model", "method")),
            exact(cell["best"]["learning_rate"]),
            cell["best"]["intermediate_tuning"],
        )
        for cell in cells
    }
    assert found == {tuple(vars(best).values()) for best in paper_curves.bests()}
    assert len(cells) == 26
    runs = [
        (
            *(cell[key] for key in ("task", "model", "method")),
            trial["learning_rate"],
            trial["intermediate_tuning"],
        )
        for cell in cells
        for trial in cell["trials"]
    ]
    assert len(runs) == len(set(runs))
    assert shown["preliminary"] == []
    assert shown["cost"] == {"trials": len(runs), "steps": 20_000 * len(runs)}
    untuned = {(cell["model"], "note" in cell) for cell in cells}
    assert untuned == {("mt5-base", False), ("mbart", False), ("nllb", True), ("mbart-tr", True)}


def test_frozen_mbart_takes_ten_times_the_rate_of_full(recorded: Path) -> None:
    """The runs of full that find the rate are shown, and cost something, though nobody asked."""
    shown = simulated(recorded, methods=["freeze"], task="xlsum", model="mbart")
    (cell,), (other,) = shown["cells"], shown["preliminary"]
    crossing = [(t["learning_rate"], t["intermediate_tuning"]) for t in cell["trials"]]
    assert crossing == [(1e-6, False), (1e-5, False), (1e-6, True), (1e-5, True)]
    assert {trial["stage"] for trial in cell["trials"]} == {"crossing"}
    assert other["method"] == "full"
    rates = [trial["learning_rate"] for trial in other["trials"]]
    assert rates == [1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 3e-6]
    assert shown["cost"]["trials"] == 10


def test_english_and_earlier_evaluations_do_not_count(table: list[Row], write: Any) -> None:
    rows = [
        replace(row, score=0.0) if row.language == "en" or row.step == 10_000 else row
        for row in table
    ]
    assert simulated(write(rows))["cells"] == simulated(write(table))["cells"]


def test_a_missing_point_is_named(table: list[Row], write: Any) -> None:
    def needed(row: Row) -> bool:
        place = (row.task, row.model, row.method, row.learning_rate, row.intermediate_tuning)
        return place != ("xquad", "mbart", "adapters", 1e-2, True)

    with pytest.raises(UserError, match="have no run") as raised:
        simulated(write([row for row in table if needed(row)]))
    for words in ("xquad", "mbart", "adapters", "1e-2", "with intermediate tuning", "seed 0"):
        assert words in str(raised.value)


def test_a_method_without_tuned_runs_beside_others_that_have_them_misses_points(
    table: list[Row], write: Any
) -> None:
    rows = [row for row in table if row.method != "mix" or not row.intermediate_tuning]
    with pytest.raises(UserError, match=r"method mix, .* with intermediate tuning"):
        simulated(write(rows))


def test_an_alias_of_a_model_finds_its_rows(recorded: Path) -> None:
    shown = simulated(recorded, model="mt5", methods=["prompt"])
    assert {cell["model"] for cell in shown["cells"]} == {"mt5-base"}


def test_names_of_methods_may_stand_apart_and_twice(
    recorded: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--curves", str(recorded), "--task", "xlsum", "--model", "mbart", "--json")
    monkeypatch.setattr("sys.argv", ["xlsearch", "simulate", *options, "--method", "mix, full,mix"])
    with pytest.raises(SystemExit):
        main()
    cells = json.loads(capsys.readouterr().out)["cells"]
    assert sorted(cell["method"] for cell in cells) == ["full", "mix"]


def test_a_run_without_a_score_failed(table: list[Row], write: Any) -> None:
    rows = [
        replace(row, score=None, language_correct_rate=None)
        if (row.learning_rate, row.step) == (1e-4, 20_000)
        else row
        for row in table
        if (row.task, row.model, row.method) == ("xlsum", "mt5-base", "full")
    ]
    (cell,) = simulated(write(rows))["cells"]
    states = {trial["learning_rate"]: trial["state"] for trial in cell["trials"]}
    assert states[1e-4] == "fail"
    assert cell["best"]["learning_rate"] != 1e-4


def test_the_smallest_seed_is_the_first(table: list[Row], write: Any) -> None:
    """Two seeds that agree settle every decision at once, and only decisive points have both."""
    mine = [row for row in table if (row.task, row.model) == ("xlsum", "mbart")]
    rows = [replace(row, seed=seed) for row in mine for seed in (8, 7, 9)]
    one, three = (simulated(write(rows), seeds=seeds) for seeds in (1, 3))
    assert {trial["seed"] for cell in one["cells"] for trial in cell["trials"]} == {7}
    assert [cell["best"] for cell in one["cells"]] == [cell["best"] for cell in three["cells"]]
    assert {trial["seed"] for cell in three["cells"] for trial in cell["trials"]} == {7, 8}
    assert not any(cell["unsettled"] for cell in three["cells"])
    with pytest.raises(UserError, match="seed 1"):
        simulated(write(mine), seeds=2)


@pytest.mark.parametrize(("checkpoint", "best"), [("last", 1e-4), ("best", 1e-5), ("xlrs", 1e-3)])
def test_which_evaluation_counts(checkpoint: str, best: float, write: Any, tmp_path: Path) -> None:
    """At the last step 1e-4 is best; at any step, 1e-5; where representations differ most, 1e-3."""
    curves = {1e-3: (0, 9, 0), 1e-4: (0, 0, 7), 1e-5: (10, 0, 6), 3e-4: (0, 0, 0), 1e-2: (0, 0, 0)}
    curves |= {3e-5: (0, 0, 0), 3e-3: (0, 0, 0), 1e-6: (0, 0, 0)}
    rows = [
        Row("t", "m", "full", False, rate, 0, step, code, value, 100.0, 1.0, "s", similarity)
        for rate, scores in curves.items()
        for step, score, xlrs in zip((1, 2, 3), scores, (0.5, 0.1, 0.9), strict=True)
        for code, value, similarity in (("fr", score, xlrs), ("en", 50.0, None))
    ]
    (tmp_path / "space.yaml").write_text(
        f"objective: {{checkpoint: {checkpoint}}}\ncrossing: {{factors: [1]}}\n"
    )
    (cell,) = simulated(write(rows), space=str(tmp_path / "space.yaml"))["cells"]
    assert cell["best"]["learning_rate"] == best


def test_methods_that_nobody_knows_search_their_own_decades(table: list[Row], write: Any) -> None:
    rows = [
        replace(row, method="galore", model="ours", task="titles")
        for row in table
        if (row.task, row.model, row.method) == ("xquad", "mbart", "prompt")
    ]
    (cell,) = simulated(write(rows))["cells"]
    assert (cell["best"]["learning_rate"], cell["best"]["intermediate_tuning"]) == (1e-3, True)
    assert cell["trials"][0]["stage"] == "decades"


GOOD = asdict(Row("xlsum", "mbart", "full", False, 1e-4, 0, 1, "fr", 8.0, 99.0, 9.0, "s"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ('{"task": ', ("line 2", "JSON")),
        ("[]", ("line 2", "object")),
        ({"step": ...}, ("line 2", "'step'", "missing")),
        ({"language": "xx"}, ("line 2", "'xx'")),
        ({"learning_rate": -1}, ("line 2", "learning_rate")),
        ({"learning_rate": None}, ("line 2", "learning rate")),
        ({"score": 101}, ("line 2", "score")),
        ({"score": "8"}, ("line 2", "score")),
        ({"language_correct_rate": None}, ("line 2", "language_correct_rate")),
        ({"intermediate_tuning": 0}, ("line 2", "intermediate_tuning")),
        ({"seed": 0.5}, ("line 2", "seed")),
        ({"task": 3}, ("line 2", "task")),
        ({"score": 9.0}, ("two different rows", "1e-4")),
        ({"learning_rate": 1e-3, "language": "de"}, ("de", "fr", "1e-3")),
    ],
)
def test_a_wrong_row_is_one_sentence(
    change: str | dict[str, Any], words: tuple[str, ...], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    if isinstance(change, dict):
        values = {key: value for key, value in {**GOOD, **change}.items() if value is not ...}
        change = json.dumps(values)
    (tmp_path / "c.jsonl").write_text(f"{json.dumps(GOOD)}\n{change}\n")
    arguments = ["xlsearch", "simulate", "--curves", str(tmp_path / "c.jsonl"), "--json"]
    monkeypatch.setattr("sys.argv", arguments)
    with pytest.raises(SystemExit) as ended:
        main()
    (line,) = capsys.readouterr().err.splitlines()
    assert ended.value.code == 2
    for word in words:
        assert word in line


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"methods": ["freez"]}, "did you mean 'freeze'"),
        ({"task": "xsum"}, "did you mean 'xlsum'"),
        ({"model": "mbrt"}, "did you mean 'mbart'"),
        ({"scale": "papr"}, "did you mean 'paper'"),
        ({"space": "methods: {ful: {}}"}, "unknown method 'ful'.*'full'"),
        ({"space": "crossing: {factors: [0, 1]}"}, r"crossing\.factors\.0.*equal to 1"),
        ({"space": "crossing: {factors: [10, 10]}"}, "twice"),
    ],
)
def test_wrong_names(
    options: dict[str, Any], words: str, table: list[Row], write: Any, tmp_path: Path
) -> None:
    if "space" in options:
        (tmp_path / "space.yaml").write_text(options["space"])
        options = {"space": str(tmp_path / "space.yaml")}
    with pytest.raises(UserError, match=words):
        simulated(write(table), **options)

"""A finished study, exported as rows, is the same search when it is replayed."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from xlsearch.cli.main import main
from xlsearch.config.space import load_space
from xlsearch.evaluation.objective import objective
from xlsearch.runs.rows import Row, write_rows
from xlsearch.search.opening import open_study
from xlsearch.search.point import Outcome, Point, State
from xlsearch.search.protocols.registry import build_protocol
from xlsearch.search.storage import open_journal
from xlsearch.service.workspace import Workspace

METHODS = ("full", "freeze", "prompt")


def rows_of(point: Point) -> list[Row]:
    """Two evaluations of a run; one at a large learning rate diverged."""
    rate, tuning = float(point.learning_rate), point.intermediate_tuning
    height = 40 - 6 * abs(math.log10(rate) + 4) + (3 if tuning else 0) + point.seed % 2
    diverged = rate > 5e-3
    return [
        Row(
            *("xlsum", "mbart", point.method, tuning, rate, point.seed, step, code),
            *((None, None, None) if diverged else (height * step / 60, 97.0, 30.0)),
            "rouge2-xlsum",
        )
        for step in (30, 60)
        for code in ("en", "fr", "zh")
    ]


def finish_study(root: Path, seeds: int) -> list[tuple[str, float, bool, int]]:
    space = load_space(None, "pocket")
    configuration = {
        **{"task": "xlsum", "model": "mbart", "source_language": "en"},
        **{"methods": METHODS, "seed": 4, "seeds": seeds},
        "space": space.model_dump(mode="json", exclude={"scales"}),
    }
    storage = open_journal(Workspace(root).journal("s"))
    study = open_study(
        storage, "s", configuration, build_protocol(space, METHODS, seed=4, seeds=seeds)
    )
    while (request := study.next_request()) is not None:
        number = study.start(request)
        rows = rows_of(request.point)
        last = [row for row in rows if row.step == 60]
        value = objective(last, "en", 0.1)
        study.set_run(number, f"run{number}")
        folder = root / "runs" / f"run{number}"
        folder.mkdir(parents=True)
        write_rows(folder / "evaluations.jsonl", rows)
        study.record_evaluation(number, last, value)
        state = State.FAIL if value is None else State.COMPLETE
        study.finish(number, Outcome(state, value))
    assert study.is_done()
    points = [trial.point for trial in study.trials()]
    return [(p.method, float(p.learning_rate), p.intermediate_tuning, p.seed) for p in points]


@pytest.mark.parametrize("seeds", [1, 2])
@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_export_and_simulate(
    seeds: int,
    suffix: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def xlsearch(*arguments: str) -> str:
        monkeypatch.setattr("sys.argv", ["xlsearch", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code
        return capsys.readouterr().out

    points = finish_study(tmp_path, seeds)
    rows, root = str(tmp_path / f"rows.{suffix}"), ("--root", str(tmp_path))
    xlsearch("export", "s", "--evaluations", rows, *root)
    status: dict[str, Any] = json.loads(xlsearch("status", "s", "--json", *root))
    options = ("--curves", rows, "--scale", "pocket", "--seeds", str(seeds))
    shown: dict[str, Any] = json.loads(xlsearch("simulate", *options, "--json"))
    visited = {
        (cell["method"], t["learning_rate"], t["intermediate_tuning"], t["seed"])
        for cell in shown["cells"]
        for t in cell["trials"]
    }
    assert visited == set(points)
    assert shown["cost"] == {"trials": len(points), "steps": 60 * len(points)}
    figures = ("learning_rate", "intermediate_tuning", "objective")
    found = {cell["method"]: [cell["best"][key] for key in figures] for cell in shown["cells"]}
    recorded = {one["method"]: [one["best"][key] for key in figures] for one in status["methods"]}
    assert {name: pytest.approx(values) for name, values in recorded.items()} == found
    assert status["best"]["seed"] == 4
    for one in status["methods"]:
        assert one["intermediate_tuning_gain"] == pytest.approx(3.0)

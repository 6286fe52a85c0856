"""XLRS against the other figures: correlations, and the table of a recorded study."""

from __future__ import annotations

import json
import math
import random
import sys
from pathlib import Path

import numpy as np
import pytest

from xlsearch.cli.main import main
from xlsearch.config.space import load_space
from xlsearch.reporting.correlation import Correlation, pearson, spearman
from xlsearch.reporting.similarity import evaluated_runs, similarity_report
from xlsearch.runs.rows import Row, write_rows
from xlsearch.search.opening import open_study
from xlsearch.search.protocols.registry import build_protocol
from xlsearch.search.storage import open_journal
from xlsearch.search.study import Study
from xlsearch.service.workspace import Workspace


def test_pearson_is_that_of_numpy_with_fishers_interval() -> None:
    draw = random.Random(3)
    x = [draw.gauss(0, 1) for _ in range(12)]
    y = [a + draw.gauss(0, 1) for a in x]
    found = pearson(x, y)
    assert found is not None
    r = float(np.corrcoef(x, y)[0, 1])
    assert found.value == pytest.approx(r)
    # Fisher's z = ln((1 + r) / (1 - r)) / 2 is normal with standard deviation 1 / sqrt(12 - 3).
    z = [math.log((1 + v) / (1 - v)) / 2 for v in (found.low, r, found.high)]
    assert np.diff(z) == pytest.approx([1.959964 / 3] * 2)


def test_a_published_interval() -> None:
    """Of r = 0.5 at n = 28: z is 0.549 -+ 0.392, and so r is 0.16 to 0.74."""
    x = [*range(14), *range(14)]
    noise = np.array([*([1.0] * 14), *([-1.0] * 14)])
    line = (np.array(x) - 6.5) / np.std(x)
    y = 0.5 * line + math.sqrt(0.75) * noise
    found = pearson([float(v) for v in x], y.tolist())
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((0.5, 0.156, 0.736), abs=1e-3)


def test_spearman_ranks_equals_by_their_mean_place() -> None:
    x, y = [10.0, 20.0, 20.0, 40.0, 5.0], [1.0, 3.0, 2.0, 3.0, 3.0]
    found = spearman(x, y)
    assert found is not None
    by_hand = np.corrcoef([2, 3.5, 3.5, 5, 1], [1, 4, 2, 4, 4])[0, 1]
    assert found.value == pytest.approx(float(by_hand))
    # Bonett & Wright: the standard error of z is sqrt((1 + r^2 / 2) / (n - 3)).
    half = 1.959964 * math.sqrt((1 + by_hand**2 / 2) / 2)
    assert math.atanh(found.high) - math.atanh(found.value) == pytest.approx(half)
    assert math.atanh(found.value) - math.atanh(found.low) == pytest.approx(half)


def test_only_the_order_matters_to_spearman() -> None:
    x = [0.1, 0.4, 0.5, 0.9, 0.95]
    curved = [math.exp(9 * value) for value in x]
    assert spearman(x, curved) == Correlation(1.0, 1.0, 1.0)
    assert spearman(x, [-value for value in curved]) == Correlation(-1.0, -1.0, -1.0)
    bent = pearson(x, curved)
    assert bent is not None
    assert bent.value < 0.95


@pytest.mark.parametrize("kind", [pearson, spearman])
@pytest.mark.parametrize(
    ("x", "y"),
    [
        ([], []),
        ([1.0, 2.0, 3.0], [3.0, 1.0, 2.0]),
        ([1.0, 2.0, 3.0, 4.0], [5.0] * 4),
        ([0.1] * 4, [1.0, 2.0, 3.0, 4.0]),
    ],
)
def test_too_few_or_equal_values_have_no_correlation(
    kind: object, x: list[float], y: list[float]
) -> None:
    assert callable(kind)
    assert kind(x, y) is None


# By learning rate, at each evaluation: XLRS, score and LCR.
RUNS = {
    "1e-2": [(0.70, 9.0, 20.0), (0.90, 2.0, 0.0)],
    "1e-3": [(0.50, 30.0, 90.0), (0.60, 40.0, 80.0)],
    "1e-4": [(0.45, 20.0, 99.0), (0.50, 36.0, 97.0)],
    "1e-5": [(0.40, 10.0, 100.0), (0.42, 14.0, 100.0)],
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root folder with a study whose runs have been evaluated twice, and one never."""
    study = begin(tmp_path)
    for rate in [*RUNS, "1e-6"]:
        values = {"method": "full", "learning_rate": rate, "intermediate_tuning": False, "seed": 0}
        attributes = {"point": values, "stage": "decades", "run": f"run-{rate}"}
        study._study.enqueue_trial({}, user_attrs=attributes)
        if rate in RUNS:
            folder = tmp_path / "runs" / f"run-{rate}"
            folder.mkdir(parents=True)
            write_rows(folder / "evaluations.jsonl", rows(rate))
    return tmp_path


def begin(root: Path) -> Study:
    workspace = Workspace(root)
    workspace.study_folder("s").mkdir(parents=True, exist_ok=True)
    space = load_space(None, "pocket")
    configuration = {
        "source_language": "en",
        "methods": ["full"],
        "seed": 0,
        "seeds": 1,
        "space": space.model_dump(mode="json", exclude={"scales"}),
    }
    protocol = build_protocol(space, ["full"], 0)
    return open_study(open_journal(workspace.journal("s")), "s", configuration, protocol)


def rows(rate: str) -> list[Row]:
    """English, French and Russian, of which the latter has no parallel sentences."""
    found = []
    for step, (alike, score, correct) in zip((60, 120), RUNS[rate], strict=True):
        label = ("xlsum", "mbart", "full", False, float(rate), 0, step)
        found += [
            Row(*label, "en", 99.0, 100.0, 9.0, "rouge2-xlsum"),
            Row(*label, "fr", score + 1, correct, 9.0, "rouge2-xlsum", alike),
            Row(*label, "ru", score - 1, correct, 9.0, "rouge2-xlsum"),
        ]
    return found


def test_a_study_is_summed_up_over_runs_and_over_evaluations(root: Path) -> None:
    report = similarity_report("s", evaluated_runs(begin(root), root))
    assert [run["run"] for run in report["runs"]] == [f"run-{rate}" for rate in RUNS]
    first = report["runs"][0]
    assert (first["method"], first["learning_rate"], first["step"]) == ("full", 1e-2, 120)
    assert (first["xlrs"], first["score"], first["language_correct_rate"]) == (0.9, 2.0, 0.0)
    assert [evaluation["xlrs"] for evaluation in first["evaluations"]] == [0.7, 0.9]
    last = np.array([evaluations[-1] for evaluations in RUNS.values()]).T
    every = np.array([one for evaluations in RUNS.values() for one in evaluations]).T
    for key, table in (("correlations", last), ("correlations_over_evaluations", every)):
        for figure, column in (("score", 1), ("language_correct_rate", 2)):
            found = report[key][figure]
            assert found["n"] == table.shape[1]
            expected = np.corrcoef(table[0], table[column])[0, 1]
            assert found["pearson"]["value"] == pytest.approx(float(expected))
            assert found["pearson"]["low"] < found["pearson"]["value"] < found["pearson"]["high"]


def test_a_run_without_xlrs_is_listed_and_not_counted(root: Path) -> None:
    path = root / "runs" / "run-1e-4" / "evaluations.jsonl"
    label = ("xlsum", "mbart", "full", False, 1e-4, 0, 120)
    write_rows(path, [Row(*label, "fr", None, None, None, "rouge2-xlsum")])
    report = similarity_report("s", evaluated_runs(begin(root), root))
    assert [run["xlrs"] for run in report["runs"]] == [0.9, 0.6, None, 0.42]
    found = report["correlations"]["score"]
    assert found == {"pearson": None, "spearman": None, "n": 3}


@pytest.mark.parametrize("as_json", [False, True])
def test_the_command_shows_it(
    as_json: bool,
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["xlsearch", "xlrs", "s", "--root", str(root), *(["--json"] if as_json else [])]
    monkeypatch.setattr(sys, "argv", arguments)
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    shown = capsys.readouterr().out
    if as_json:
        expected = similarity_report("s", evaluated_runs(begin(root), root))
        assert json.loads(shown) == expected
    else:
        assert "0.900" in shown
        assert "XLRS with LCR over 4 runs at their last evaluation: Pearson -0.9" in shown
        assert "XLRS with score over 8 evaluations" in shown

"""A recorded search of two methods and two seeds, with its runs' rows."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from optuna.storages import BaseStorage, InMemoryStorage

from xlsearch.runs.atomic import write_json
from xlsearch.runs.rows import Row, write_rows
from xlsearch.search.point import Outcome, Point, State
from xlsearch.search.spending import Spending
from xlsearch.search.study import Study
from xlsearch.service.search import SearchOptions, resolve
from xlsearch.service.studies import begin_study
from xlsearch.trial.report import TrialReport

sys.path[:0] = [str(Path(__file__).parent)]

REASON = 'lost <script>alert("x")</script> & | `more`'
LANGUAGES = ("en", "fr", "ru")
STEPS = (10, 20)


def score(point: Point, language: str, step: int) -> float:
    """1e-3 is best; Russian is 5 below French; the last step is 4 above the first."""
    distance = abs(float(point.learning_rate) - 1e-3)
    tuned = 5 * point.intermediate_tuning + (point.method == "full")
    seed = 2.0 * point.seed + (-5.0 if language == "ru" else 0.0)
    return max(0.0, 40 + tuned + seed - 2000 * distance) + 4 * (step == STEPS[-1])


def rate(point: Point) -> float:
    """LCR: outputs are in a wrong language from 1e-2 on."""
    return 10.0 if float(point.learning_rate) >= 1e-2 else 100.0


def rows(point: Point, step: int) -> list[Row]:
    return [
        Row(
            "xlsum", "mbart", point.method, point.intermediate_tuning, float(point.learning_rate),
            point.seed, step, code, score(point, code, step),
            100.0 if code == "en" else rate(point), 50.0, "rouge2-xlsum",
        )
        for code in LANGUAGES
    ]  # fmt: skip


@dataclass(frozen=True)
class Recorded:
    """A study and its root folder."""

    study: Study
    root: Path


FAILED = 1


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """A search of two methods that has ended, in which one trial was lost."""
    root = tmp_path_factory.mktemp("recorded")
    return Recorded(record(InMemoryStorage(), root, ("full", "prompt")), root)


def record(storage: BaseStorage, root: Path, methods: tuple[str, ...], until: int = 1000) -> Study:
    """Records a search in a root folder: all of it, or so many trials and one that is running."""
    search = resolve(SearchOptions("xlsum", "mbart", methods, scale="pocket", seeds=2))
    study = begin_study(search, storage, "s")
    spending = Spending(study, gpus=0.5, cores=1)
    while (request := study.next_request()) is not None:
        number, point = study.start(request), request.point
        if number == until:
            break
        folder = root / "runs" / f"run{number}"
        study.set_run(number, folder.name)
        if number == FAILED:
            spending.failed(number, 1.0, 72.0)
            study.lose(number, REASON)
            study.forget_lost()  # as the next launch does
            continue
        value = sum(r.score - 0.1 * (100 - rate(point)) for r in rows(point, 20)[1:]) / 2
        study.record_evaluation(number, rows(point, 20), value)
        spending.reported(number, 1.0, 36.0, TrialReport("complete", 20, 20))
        study.finish(number, Outcome(State.COMPLETE, value))
        folder.mkdir(parents=True)
        write_rows(folder / "evaluations.jsonl", [r for s in STEPS for r in rows(point, s)])
    if (best := study.choice()) is not None:
        config = search.run_config(best.point).model_dump(mode="json")
        write_json(root / "runs" / str(best.run) / "config.json", config)
    return study

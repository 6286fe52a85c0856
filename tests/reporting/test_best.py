"""The best configuration: what a search ended with is what ``xlsearch train`` runs."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from optuna.storages import InMemoryStorage

from xlsearch.reporting.best import best_configuration, write_best
from xlsearch.runs.atomic import write_json
from xlsearch.runs.rows import Row
from xlsearch.search.point import Outcome, State
from xlsearch.search.study import Study
from xlsearch.service.search import Search, SearchOptions, resolve
from xlsearch.service.studies import begin_study
from xlsearch.service.train import read_config


def searched(search: Search, root: Path, until: int = 1000) -> Study:
    """A study in which intermediate tuning and 1e-3 win, and the second seed is better.

    Args:
        search: What is searched.
        root: Gets the configuration of the best run.
        until: Number of a trial that is running still.
    """
    study = begin_study(search, InMemoryStorage(), "s")
    while (request := study.next_request()) is not None:
        point, number = request.point, study.start(request)
        study.set_run(number, f"run{number}")
        if number == until:
            break
        distance = abs(float(point.learning_rate) - 1e-3)
        score = 30 + 5 * point.intermediate_tuning - 1000 * distance + 2 * point.seed
        rows = [
            Row("", "", "", False, 0.1, 0, 9, code, score, 100.0, 9.0, "s") for code in ("en", "fr")
        ]
        study.record_evaluation(number, rows, score)
        study.finish(number, Outcome(State.COMPLETE, score))
    best = study.choice()
    assert best is not None
    folder = root / "runs" / str(best.run)
    folder.mkdir(parents=True)
    write_json(folder / "config.json", search.run_config(best.point).model_dump(mode="json"))
    return study


@pytest.mark.parametrize("method", ["adapters", "mix", "translate-train"])
def test_a_run_of_any_method_is_trained_again_as_it_was(method: str, tmp_path: Path) -> None:
    search = resolve(SearchOptions("xlsum", "mbart", (method,), scale="pocket", seed=3))
    study = searched(search, tmp_path)
    write_best(study, tmp_path, tmp_path / "best.yaml")
    best = study.choice()
    assert best is not None
    assert best.point.intermediate_tuning == (method != "translate-train")
    assert read_config(tmp_path / "best.yaml") == search.run_config(best.point)


def test_figures_are_of_the_seed_and_the_mean_is_over_all(tmp_path: Path) -> None:
    search = resolve(SearchOptions("xlsum", "mbart", scale="pocket", seeds=2))
    values = best_configuration(searched(search, tmp_path), tmp_path)
    assert (values["seed"], values["seeds"]) == (0, [0, 1])
    objective = values["objective"]
    assert (objective["value"], objective["mean"], objective["error"]) == (35.0, 36.0, 1.0)
    assert values["languages"]["fr"]["score"] == 35.0
    (tmp_path / "best.yaml").write_text(yaml.safe_dump(values))
    assert read_config(tmp_path / "best.yaml").seed == 0


def test_a_second_seed_that_is_running_does_not_count_yet(tmp_path: Path) -> None:
    search = resolve(SearchOptions("xlsum", "mbart", scale="pocket", seeds=2))
    values = best_configuration(searched(search, tmp_path, until=3), tmp_path)
    assert (values["learning_rate"], values["seeds"]) == (1e-3, [0])
    assert (values["objective"]["mean"], values["objective"]["error"]) == (30.0, None)


def test_who_asks_later_is_told_what_the_search_was_made_with(tmp_path: Path) -> None:
    search = resolve(SearchOptions("xlsum", "mbart", scale="pocket"))
    study = searched(search, tmp_path)
    written = tmp_path / "studies" / study.name / "best.yaml"
    write_best(study, tmp_path, written)
    values = yaml.safe_load(written.read_text())
    values["provenance"] |= {"commit": "of that day", "libraries": {"torch": "1.0"}}
    written.write_text(yaml.safe_dump(values))
    found = best_configuration(study, tmp_path)["provenance"]
    assert (found["commit"], found["libraries"]) == ("of that day", {"torch": "1.0"})
    values["provenance"]["run"] = "another"
    written.write_text(yaml.safe_dump(values))
    assert best_configuration(study, tmp_path)["provenance"]["commit"] != "of that day"

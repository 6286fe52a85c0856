"""The commands that read a study, on a root that is not on this machine's disk."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from transformers import AutoModelForSeq2SeqLM

from xlsearch.evaluation.objective import objective
from xlsearch.runs import remote as remote_module
from xlsearch.runs.folder import RunFolder
from xlsearch.runs.remote import open_root, remote_of
from xlsearch.runs.rows import Row, read_rows
from xlsearch.search.journal_objects import open_object_journal
from xlsearch.search.point import Outcome, State
from xlsearch.service.budget import Budget
from xlsearch.service.launch import _gate
from xlsearch.service.search import Search, SearchOptions, resolve
from xlsearch.service.studies import begin_study
from xlsearch.trial.report import TrialReport
from xlsearch.trial.run import run_trial

from ..conftest import with_models
from .conftest import CommandLine, assert_one_sentence

SPACE = """
learning_rates: {decades: [3, 4], limits: [3, 4]}
crossing: {factors: [1], intermediate_tuning: [false]}
scales:
  pocket:
    default:
      training: {steps: 1, warmup_steps: 1, batch_tokens: 256, examples: 24}
      evaluation: {every_steps: 1, examples: 2, languages: [fr]}
      generation: {max_new_tokens: 6}
"""


@pytest.fixture
def search(tmp_path: Path) -> Search:
    space = tmp_path / "space.yaml"
    space.write_text(SPACE)
    return resolve(SearchOptions("xlsum", "mbart", scale="pocket", space=str(space)))


@pytest.fixture
def machine(
    tmp_path: Path, pretrained: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], Path]]:
    """Working copies of one remote root."""

    def working_copy(name: str) -> Path:
        monkeypatch.setenv("XLSEARCH_CACHE", str(tmp_path / name))
        return open_root(f"file://{tmp_path}/bucket")

    with_models(working_copy("first"), {"mbart": pretrained["mbart"]})
    yield working_copy
    remote_module._remote.cache_clear()


def finish(search: Search, root: Path) -> list[Row]:
    """Runs the search, one trial after another; the rows of all runs."""
    remote = remote_of(root)
    assert remote is not None
    study = begin_study(search, open_object_journal(remote, "s"), "s")
    written: list[Row] = []
    while (request := study.next_request()) is not None:
        number, config = study.start(request), search.run_config(request.point)
        rows: list[Row] = []

        def report(moment: TrialReport, rows: list[Row] = rows) -> None:
            rows += moment.rows

        run_trial(config, root, report)
        study.set_run(number, RunFolder(root, config).name)
        value = objective(rows, "en", 0.1)
        study.record_evaluation(number, rows, value)
        study.finish(number, Outcome(State.COMPLETE, value))
        written += rows
    return written


def test_commands_on_another_machine(
    search: Search, machine: Callable[[str], Path], tmp_path: Path, xlsearch: CommandLine
) -> None:
    written = finish(search, machine("a"))
    url = f"file://{tmp_path}/bucket"
    machine("b")

    def told(*arguments: str) -> str:
        done = xlsearch(*arguments, "--root", url, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        return done.stdout

    shown = json.loads(told("status", "--json"))
    assert (shown["state"], len(shown["trials"])) == ("complete", 3)
    told("export", "--evaluations", "rows.jsonl")
    assert read_rows(tmp_path / "rows.jsonl") == written
    told("export", "-o", "best.yaml")
    best = yaml.safe_load((tmp_path / "best.yaml").read_text())
    assert best["learning_rate"] == shown["best"]["learning_rate"]
    # The report lies where all machines find it.
    assert f"{url}/studies/s/report" in told("report")
    assert (tmp_path / "bucket/studies/s/report/report.html").exists()
    # The run is found, and its model brought here.
    told("train", "best.yaml", "-o", "model")
    AutoModelForSeq2SeqLM.from_pretrained(tmp_path / "model")
    dashboard = xlsearch("dashboard", "--root", url, cwd=tmp_path)
    assert_one_sentence(dashboard, "object store", "xlsearch report")


def test_a_budget_counts_what_another_machine_has_done(
    search: Search, machine: Callable[[str], Path]
) -> None:
    a, b = machine("a"), machine("b")
    remote = remote_of(b)
    assert remote is not None
    study = begin_study(search, open_object_journal(remote, "s"), "s")
    request = study.next_request()
    assert request is not None
    budget = Budget.parse("0.000001cpuh")
    gate = _gate(search, b, study, budget)
    assert gate is not None
    assert not gate(request.point)
    run_trial(search.run_config(request.point), a, lambda report: None)
    gate = _gate(search, b, study, budget)
    assert gate is not None
    assert gate(request.point)

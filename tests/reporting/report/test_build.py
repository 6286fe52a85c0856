"""The report of a study says what the study says."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from statistics import fmean

import pytest
from click.testing import CliRunner
from conftest import FAILED, REASON, STEPS, Recorded, record, rows
from optuna.storages import InMemoryStorage
from pages import Page

from xlsearch.cli.report import command
from xlsearch.reporting.report.build import Report, write_report
from xlsearch.runs.remote import open_root, remote_of
from xlsearch.search.journal_objects import open_object_journal
from xlsearch.search.spending import hours_in_words
from xlsearch.search.storage import open_journal

ALL_TRIALS = "All trials; score/LCR by language at the evaluation that counts"


@pytest.fixture(scope="module")
def report(recorded: Recorded, tmp_path_factory: pytest.TempPathFactory) -> Report:
    return write_report(recorded.study, recorded.root, tmp_path_factory.mktemp("out"), False)


def test_every_number_is_the_study_s(recorded: Recorded, report: Report) -> None:
    study = recorded.study
    text = report.html.read_text(encoding="utf-8")
    page = Page(text)
    head, *lines = page.tables[ALL_TRIALS]
    assert head[-3:] == ["fr", "ru", "en"]
    shown = {int(line[0]): dict(zip(head, line, strict=True)) for line in lines}
    assert sorted(shown) == [trial.number for trial in study.trials()]
    for trial in study.trials():
        line = shown[trial.number]
        point = trial.point
        assert (line["LR"], line["seed"]) == (str(point.learning_rate), str(point.seed))
        assert (line["method"], line["state"]) == (point.method, trial.state)
        if trial.number == FAILED:
            assert (line["objective"], line["fr"]) == ("-", "-")
            continue
        last = {row.language: row for row in rows(point, STEPS[-1])}
        expected = fmean(last[code].score or 0.0 for code in ("fr", "ru"))
        assert line["score"] == f"{expected:.1f}"
        for code, row in last.items():
            assert line[code] == f"{row.score:.1f}/{row.language_correct_rate:.0f}"

    assert any(REASON in item for item in page.items)
    assert "script" not in page.tags
    outside = [a for a in page.addresses if not a.startswith(("#", "data:image/png;base64,"))]
    assert not outside
    assert len(page.alternatives) == len(report.pictures)
    assert all(page.alternatives)

    *_, total = page.tables["Device time"]
    done = len(study.trials()) - 1
    hours = (done * 36.0 + 72.0) / 2 / 3600
    assert total[2:5] == [str(done + 1), f"{hours_in_words(hours)} GPU-hours", "0.01 GPU-hours"]
    assert report.ledger.total.spent.gpu_seconds == pytest.approx(3600 * hours)


def test_pictures_are_there_for_each_method(report: Report) -> None:
    assert {path.name for path in report.pictures} == {
        "methods.png",
        *(f"{sort}-{method}.png" for sort in ("learning-rates", "heat-map", "steps")
          for method in ("full", "prompt")),
        "steps-full-tuned.png",
        "steps-prompt-tuned.png",
    }  # fmt: skip
    for path in report.pictures:
        data = path.read_bytes()
        assert data.startswith(b"\x89PNG")
        width, height = struct.unpack(">II", data[16:24])
        assert width > 800
        assert height > 200
    markdown = report.markdown.read_text(encoding="utf-8")
    assert all(f"({path.name})" in markdown for path in report.pictures)


@pytest.mark.parametrize(
    ("until", "said"), [(0, "no run is complete yet"), (3, "what is known so far")]
)
def test_an_unfinished_study_says_so(tmp_path: Path, until: int, said: str) -> None:
    study = record(InMemoryStorage(), tmp_path, ("full",), until)
    study.set_stopped("stopped by the budget of 1 GPU-hours")
    told: list[tuple[int, int]] = []
    report = write_report(
        study, tmp_path, tmp_path / "out", False, lambda what, done, all: told.append((done, all))
    )
    text = report.markdown.read_text(encoding="utf-8")
    assert "not finished (interrupted)" in text
    assert said in text
    assert "stopped by the budget" in text
    assert "not decided yet" in text
    assert told[-1] == (len(report.pictures), len(report.pictures))


def test_the_report_of_a_root_in_a_store_is_in_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XLSEARCH_CACHE", str(tmp_path / "cache"))
    url = f"file://{tmp_path}/store"
    root = open_root(url)
    remote = remote_of(root)
    assert remote is not None
    record(open_object_journal(remote, "s"), root, ("full",), until=1)
    remote.publish("runs")
    done = CliRunner().invoke(command, ["s", "--root", url], catch_exceptions=False)
    place = "studies/s/report/report.html"
    assert (tmp_path / "store" / place).exists()
    assert f"report: {url}/{place}" in done.output


def test_the_command_prints_paths_and_ledger(tmp_path: Path) -> None:
    record(open_journal(tmp_path / "studies" / "s" / "journal.log"), tmp_path, ("full",), until=1)
    done = CliRunner().invoke(command, ["s", "--root", str(tmp_path), "--json"])
    assert done.exit_code == 0, done.output
    shown = json.loads(done.stdout)
    assert Path(shown["html"]) == tmp_path / "studies" / "s" / "report" / "report.html"
    assert Path(shown["html"]).exists()
    assert shown["ledger"]["total"]["spent"] == {"gpu_hours": 0.005, "core_hours": 0.0}

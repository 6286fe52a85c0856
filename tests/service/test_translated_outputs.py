"""Table 3: outputs of the best English learning rate, translated, beside the best non-English."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from xlsearch.cli.translate_outputs import command
from xlsearch.config.learning_rate import LearningRate
from xlsearch.config.run import RunConfig
from xlsearch.config.space import load_space
from xlsearch.errors import UserError
from xlsearch.languages.identification import LanguageIdentifier
from xlsearch.reporting.translated_outputs import Comparison, Figures, Side
from xlsearch.runs.folder import RunFolder
from xlsearch.runs.rows import Row
from xlsearch.search.asking import Choice, Request
from xlsearch.search.opening import open_study
from xlsearch.search.point import Outcome, Point, State
from xlsearch.search.storage import open_journal
from xlsearch.search.study import Study
from xlsearch.service import translated_outputs
from xlsearch.service.translated_outputs import compare_translated_outputs, translate_outputs
from xlsearch.service.workspace import Workspace
from xlsearch.trial.run import run_trial

# English, French, and its LCR. Best in English: 1e-3. Best objective: 1e-4.
FIGURES = {"1e-2": (50.0, 2.0, 0.0), "1e-3": (90.0, 5.0, 1.0), "1e-4": (80.0, 40.0, 99.0)}


class Shouting:
    """Translates into capital letters."""

    name = "shouting"

    def __init__(self) -> None:
        self.texts: list[str] = []

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        assert source == "en"
        self.texts += texts
        return [text.upper() for text in texts]

    def close(self) -> None:
        pass


def row(rate: str, language: str, score: float, correct: float) -> Row:
    return Row(
        "xlsum", "mbart", "full", False, float(rate), 0, 6, language, score, correct, 9.0, "s"
    )


def recorded(root: Path, run: str) -> Study:
    """A study that has ended, whose run at 1e-3 is ``run``; a rival method is in it too."""
    configuration = {"source_language": "en", "task": "xlsum", "model": "mbart"}
    journal = Workspace(root).journal("s")
    study = open_study(open_journal(journal), "s", configuration, lambda ask: Choice(None))
    for rate, (english, french, correct) in FIGURES.items():
        for method, tuned in (("full", False), ("full", True), ("freeze", False)):
            point = Point(method, LearningRate(rate), tuned, 0)
            number = study.start(Request(point, "decades"))
            ours = method == "full" and not tuned
            better = 0.0 if ours else 9.0
            rows = [row(rate, "en", english + better, 100), row(rate, "fr", french, correct)]
            study.record_evaluation(number, rows, french)
            study.set_run(number, run if ours else "another")
            study.finish(number, Outcome(State.COMPLETE, french + better))
    # Best of all by its first seed, but the second has failed.
    for seed in (0, 1):
        number = study.start(Request(Point("full", LearningRate("1e-2"), False, seed), "decades"))
        study.record_evaluation(number, [row("1e-2", "en", 99, 100), row("1e-2", "fr", 99, 99)], 99)
        study.finish(number, Outcome(State.FAIL) if seed else Outcome(State.COMPLETE, 99.0))
    return study


@pytest.fixture
def run(run_config: Callable[..., RunConfig], root: Path) -> str:
    config = run_config("mt5-base", "1e-3", evaluation={"every_steps": 6})
    run_trial(config, root, lambda report: None)
    return RunFolder(root, config).name


def test_the_best_english_run_is_translated_once(
    run: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study, translator = recorded(root, run), Shouting()
    monkeypatch.setattr(translated_outputs, "open_translator", lambda *_: translator)
    told: list[tuple[str, int, int]] = []
    found = compare_translated_outputs(
        study, root, on_language=lambda what, done, all: told.append((what, done, all))
    )
    assert found.translated.learning_rate == found.best_english.learning_rate == "1e-3"
    assert found.best_other.learning_rate == "1e-4"
    assert found.best_english.english == 90.0
    assert found.best_english.score == 5.0
    assert (found.best_other.score, found.best_other.language_correct_rate) == (40.0, 99.0)
    assert set(found.translated.languages) == {"fr"}
    assert told == [("translating outputs", 1, 1)]
    before = list(translator.texts)
    assert compare_translated_outputs(study, root) == found
    assert translator.texts == before


def test_outputs_in_the_target_language_are_not_translated() -> None:
    outputs = [
        "the minister opened the hospital in paris on monday",
        "le ministre a ouvert l'hôpital à paris lundi",
        "",
    ]
    translator = Shouting()
    told = translate_outputs(outputs, "fr", "en", translator, LanguageIdentifier())
    assert told == [outputs[0].upper(), outputs[1], ""]
    assert translator.texts == outputs[:1]


def test_a_run_whose_model_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="the model of run gone is gone"):
        compare_translated_outputs(recorded(tmp_path, "gone"), tmp_path)


def test_a_study_that_has_not_ended_is_refused(tmp_path: Path) -> None:
    from xlsearch.search.protocols.registry import build_protocol

    protocol = build_protocol(load_space(None, "pocket"), ["full"], 0)
    journal = open_journal(tmp_path / "journal.log")
    study = open_study(journal, "young", {"source_language": "en"}, protocol)
    with pytest.raises(UserError, match="has not ended"):
        compare_translated_outputs(study, tmp_path)


def test_the_command_prints_both_sides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def side(rate: str, english: float, *figures: float) -> Side:
        return Side(rate, english, 1, {"fr": Figures(*figures), "zh": Figures(0.0, 50.0)})

    sides = (side("1e-3", 90, 5, 1), side("1e-3", 90, 30, 98), side("1e-4", 80, 40, 99))
    made = Comparison("s", "rouge2-xlsum", "a-translator", *sides)
    monkeypatch.setattr("xlsearch.service.studies.load_study", lambda *_: None)
    monkeypatch.setattr(translated_outputs, "compare_translated_outputs", lambda *_: made)
    options = ["s", "--root", str(tmp_path)]
    printed = CliRunner().invoke(command, options, catch_exceptions=False).stdout
    lines = [line.split("  ") for line in printed.splitlines()]
    rows = {line[0].strip(): list(filter(None, map(str.strip, line[1:]))) for line in lines}
    assert rows["best English LR + translated outputs"] == [
        "1e-3", "90.0", "15.0/74", "30.0/98", "0.0/50",
    ]  # fmt: skip
    assert rows["best non-English LR"] == ["1e-4", "80.0", "20.0/74", "40.0/99", "0.0/50"]
    values = json.loads(CliRunner().invoke(command, [*options, "--json"]).stdout)
    assert values["best_other"]["score"] == 20.0
    assert values["translator"] == "a-translator"

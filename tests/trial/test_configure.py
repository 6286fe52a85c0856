"""From names to the configuration of a run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from xlsearch.config.learning_rate import LearningRate
from xlsearch.config.run import RunConfig
from xlsearch.config.sources import Sources
from xlsearch.config.space import load_space
from xlsearch.errors import UserError
from xlsearch.tasks.base import Split
from xlsearch.tasks.registry import find_task
from xlsearch.trial.configure import RunTemplate

Configure = Callable[..., RunConfig]


def template(**changes: str) -> RunTemplate:
    settings = load_space(None, "pocket").scales["pocket"].settings("xlsum", "mbart", "pocket")
    return RunTemplate(
        **{"scale": "pocket", "task": "xlsum", "model": "mbart", "settings": settings, **changes}  # type: ignore[arg-type]
    )


def at(one: RunTemplate, method: str = "full") -> RunConfig:
    return one.at(method, LearningRate("1e-3"), intermediate_tuning=False, seed=0)


def test_a_run_is_evaluated_in_english_and_the_tasks_languages() -> None:
    assert set(at(template()).languages) == {"en", "es", "fr", "ko", "ru", "zh"}


def test_an_alias_is_the_model_it_stands_for() -> None:
    assert at(template(model="mt5")) == at(template(model="mt5-base"))


@pytest.mark.parametrize(("task", "scorer"), [("xlsum", "rouge2-xlsum"), ("xquad", "f1-squad")])
def test_a_task_has_its_scorer(task: str, scorer: str) -> None:
    assert at(template(task=task)).scorer == scorer


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"task": "xlsun"}, "unknown task 'xlsun': did you mean 'xlsum'"),
        ({"model": "mbert"}, "unknown model 'mbert': did you mean 'mbart'"),
    ],
)
def test_an_unknown_name_is_bad_input(changes: dict[str, str], said: str) -> None:
    with pytest.raises(UserError, match=said):
        at(template(**changes))


def test_an_unknown_method_is_bad_input() -> None:
    with pytest.raises(UserError, match="unknown method 'ful': did you mean 'full'"):
        at(template(), "ful")


def test_a_language_that_the_task_lacks_is_bad_input(run_config: Configure) -> None:
    with pytest.raises(UserError, match=r"unknown language 'tlh'.*valid: es, fr"):
        run_config(evaluation={"languages": ["fr", "tlh"]})


def test_a_configuration_survives_json(run_config: Configure) -> None:
    config = run_config(learning_rate="3e-4")
    assert RunConfig.model_validate_json(config.model_dump_json()) == config


def test_the_test_split_has_the_languages_of_the_published_figures() -> None:
    settings = load_space(None, "paper").scales["paper"].settings("xquad", "mbart", "paper")
    for split, languages in (
        ("evaluation", ("ro", "th", "vi")),
        ("test", ("ar", "de", "es", "ru", "zh")),
    ):
        evaluation = settings.evaluation.model_copy(update={"split": split})
        changed = settings.model_copy(update={"evaluation": evaluation})
        assert RunTemplate("paper", "xquad", "mbart", changed).languages() == languages


def test_final_figures_need_no_tuning_files(tmp_path: Path) -> None:
    settings = load_space(None, "paper").scales["paper"].settings("xlsum", "mbart", "paper")
    evaluation = settings.evaluation.model_copy(update={"split": "test", "languages": ("fr",)})
    changed = settings.model_copy(update={"evaluation": evaluation})
    one = RunTemplate("paper", "xlsum", "mbart", changed, sources=Sources(data_dir=tmp_path))
    with pytest.raises(UserError, match=r"no french_test\.jsonl"):
        one.languages()
    (tmp_path / "french_test.jsonl").write_text('{"text": "a", "summary": "b"}')
    assert one.languages() == ("fr",)


def test_the_data_of_a_run_are_those_of_its_split(run_config: Configure) -> None:
    data = find_task("xlsum").data("pocket")
    for split in (Split.EVALUATION, Split.TEST):
        config = run_config(evaluation={"split": split.value})
        assert config.data == data.fingerprint(config.languages, split)
    assert config.data != run_config().data


def test_translated_data_are_named_by_their_translator(monkeypatch: pytest.MonkeyPatch) -> None:
    before = at(template(), "translate-train")
    assert {part.kind for part in before.parts} == {"translated"}
    assert before.translation is not None
    assert at(template()).translation is None
    monkeypatch.setattr("xlsearch.trial.content.translator_name", lambda *_: "another")
    after = at(template(), "translate-train")
    assert all(a.data != b.data for a, b in zip(before.parts, after.parts, strict=True))

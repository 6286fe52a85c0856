"""Search-space files: the shipped ones, overlays, and what is said about a wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest

from xlsearch.config.space import load_space
from xlsearch.errors import UserError


def written(folder: Path, text: str) -> str:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("name", ["paper", "pocket"])
def test_a_shipped_space_is_the_papers_ladder(name: str) -> None:
    space = load_space(None, name)
    rates = space.learning_rates
    assert (rates.decades, rates.limits, rates.refine) == ((3, 4, 5), (1, 7), 3)
    assert space.objective.wrong_language_penalty == 0.1
    assert load_space(name, name) == space


def test_the_paper_space_trains_as_the_paper_does() -> None:
    settings = load_space(None, "paper").scales["paper"].settings("xlsum", "mbart", "paper")
    training = settings.training
    assert (training.steps, training.warmup_steps, training.batch_tokens) == (20000, 4000, 4000)
    assert (settings.evaluation.every_steps, settings.evaluation.examples) == (2000, 2000)


def test_a_file_states_only_what_differs(tmp_path: Path) -> None:
    shipped = load_space(None, "pocket")
    space = load_space(written(tmp_path, "learning_rates: {decades: [2, 3]}"), "pocket")
    assert space.learning_rates.decades == (2, 3)
    assert space.learning_rates.limits == shipped.learning_rates.limits
    assert (space.objective, space.scales) == (shipped.objective, shipped.scales)


def test_a_task_may_have_settings_of_its_own(tmp_path: Path) -> None:
    text = "scales: {pocket: {tasks: {xquad: {training: {steps: 7}}}}}"
    scale = load_space(written(tmp_path, text), "pocket").scales["pocket"]
    default = scale.settings("xlsum", "mbart", "mine")
    own = scale.settings("xquad", "mbart", "mine")
    assert default.training.steps != 7
    assert own.training == default.training.model_copy(update={"steps": 7})
    assert own.evaluation == default.evaluation


def test_a_familys_settings_count_more_than_a_tasks(tmp_path: Path) -> None:
    file = tmp_path / "space.yaml"
    file.write_text(
        "scales: {pocket: {tasks: {xquad: {training: {steps: 7, warmup_steps: 3}}},"
        " families: {mt5: {training: {steps: 9}}}}}"
    )
    scale = load_space(str(file), "pocket").scales["pocket"]
    steps = {
        (task, family): scale.settings(task, family, "mine").training.steps
        for task in ("xlsum", "xquad")
        for family in ("mbart", "mt5")
    }
    assert steps == {
        ("xlsum", "mbart"): 240,
        ("xquad", "mbart"): 7,
        ("xlsum", "mt5"): 9,
        ("xquad", "mt5"): 9,
    }
    assert scale.settings("xquad", "mt5", "mine").training.warmup_steps == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("protocl: staged", ["'protocl'", "'protocol'"]),
        ("learning_rates: {decade: [3]}", ["'learning_rates.decade'", "'decades'"]),
        ("objective: {penalty: 1}", ["'objective.penalty'", "'wrong_language_penalty'"]),
        (
            "scales: {pocket: {default: {training: {step: 5}}}}",
            ["'scales.pocket.default.training.step'", "'steps'"],
        ),
        ("protocol: 5", ["protocol", "string"]),
        ("learning_rates: {decades: []}", ["the ladder is empty", "[3, 4, 5]"]),
        ("learning_rates: {decades: [5, 4, 3]}", ["1e-5, 1e-4, 1e-3", "not decreasing"]),
        ("learning_rates: {decades: [3, 3]}", ["1e-3, 1e-3", "not decreasing"]),
        ("learning_rates: {limits: [4, 7]}", ["limits 4 to 7", "3 to 5"]),
        ("learning_rates: {limits: [1, 4]}", ["limits 1 to 4", "3 to 5"]),
        ("learning_rates: {refine: 1}", ["learning_rates.refine"]),
        ("learning_rates: {refine: 10}", ["learning_rates.refine"]),
        ("objective: {wrong_language_penalty: -1}", ["objective.wrong_language_penalty"]),
        ("scales: {pocket: {default: {training: {steps: 0}}}}", ["training.steps"]),
        ("- a list", ["mapping", "list"]),
        ("", ["mapping"]),
        ("learning_rates: [3, 4", ["not valid YAML"]),
    ],
)
def test_a_wrong_file_is_one_sentence(tmp_path: Path, text: str, said: list[str]) -> None:
    with pytest.raises(UserError) as raised:
        load_space(written(tmp_path, text), "pocket")
    message = str(raised.value)
    assert all(part in message for part in [*said, "mine.yaml"]), message
    assert "\n" not in message


def test_an_unknown_key_of_a_task_is_named(tmp_path: Path) -> None:
    text = "scales: {pocket: {tasks: {xquad: {training: {step: 7}}}}}"
    scale = load_space(written(tmp_path, text), "pocket").scales["pocket"]
    with pytest.raises(UserError, match=r"mine: tasks.xquad: unknown key 'training.step'.*'steps'"):
        scale.settings("xquad", "mbart", "mine")


@pytest.mark.parametrize(
    ("name", "said"),
    [("poket", "did you mean 'pocket'"), ("none.yaml", "none.yaml"), ("a/none", "a/none")],
)
def test_a_space_that_is_not_there_names_the_shipped_ones(name: str, said: str) -> None:
    with pytest.raises(UserError, match=said) as raised:
        load_space(name, "pocket")
    assert "paper, pocket" in str(raised.value)


def test_yaml_builds_no_objects(tmp_path: Path) -> None:
    text = "protocol: !!python/object/apply:os.system ['true']"
    with pytest.raises(UserError, match="not valid YAML"):
        load_space(written(tmp_path, text), "pocket")

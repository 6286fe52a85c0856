"""Which methods a search is about, how its study is called, and what its record is begun with."""

from __future__ import annotations

import json
from typing import Any

import pytest

from xlsearch.errors import UserError
from xlsearch.runs.content import canonical_json
from xlsearch.service.search import Search, SearchOptions, resolve


def search(*methods: str, task: str = "xlsum", **options: Any) -> Search:
    return resolve(SearchOptions(task, "mbart", methods, scale="pocket", **options))


@pytest.mark.parametrize(
    ("methods", "name"),
    [
        (("full",), "xlsum-mbart-pocket"),
        (("freeze",), "xlsum-mbart-pocket-freeze"),
        (("full", "freeze"), "xlsum-mbart-pocket-full-freeze"),
        (("all",), "xlsum-mbart-pocket-all"),
    ],
)
def test_the_default_name_says_which_methods(methods: tuple[str, ...], name: str) -> None:
    assert search(*methods).default_study == name
    assert search(*methods, seeds=3).default_study == f"{name}-seeds3"


def test_all_methods_are_those_of_the_space() -> None:
    found = search("all")
    assert found.left_out == ()
    assert found.methods == (
        *("full", "freeze", "adapters", "prompt", "mix", "multisource", "lora"),
    )


def test_what_a_task_has_no_data_for_is_left_out_of_all() -> None:
    found = search("all", task="xquad")
    assert "multisource" not in found.methods
    (sentence,) = found.left_out
    assert "multisource" in sentence
    with pytest.raises(UserError, match="multisource"):
        search("full", "multisource", task="xquad")


def test_a_method_that_is_named_twice_is_searched_once() -> None:
    assert search("freeze", "full", "freeze").methods == ("freeze", "full")


def test_the_configuration_tells_searches_apart() -> None:
    searches = [
        search("full"),
        search("freeze"),
        search("freeze", "full"),
        search("full", seeds=2),
        search("full", seed=1),
        search("full", task="xquad"),
    ]
    configurations = [one.configuration() for one in searches]
    assert len({canonical_json(one) for one in configurations}) == len(searches)
    for configuration in configurations:
        assert json.loads(json.dumps(configuration)) == configuration


def test_the_configuration_holds_every_method_that_runs() -> None:
    """Also the one whose learning rate is taken, and the checkpoint of intermediate tuning."""
    configuration = search("mix").configuration()
    assert configuration["methods"] == ["mix"]
    assert set(configuration["adaptation"]) == {"full", "mix"}
    weights = [part["weight"] for part in configuration["adaptation"]["mix"]["parts"]]
    assert sum(weights) == pytest.approx(1)
    assert configuration["intermediate"]["settings"]["training"]["steps"] == 600

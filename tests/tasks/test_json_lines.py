"""Files of a user's own: which are read, what names them, and wrong names of files."""

from __future__ import annotations

from pathlib import Path

import pytest

from xlsearch.config.sources import Sources
from xlsearch.errors import UserError
from xlsearch.tasks.base import Split, TaskData
from xlsearch.tasks.json_lines import json_lines

from .conftest import articles, write_lines

TRAIN, EVALUATION = "{language}_train.jsonl", "{language}_val.jsonl"


def data(folder: Path, test: str | None = "{language}_test.jsonl") -> TaskData:
    return json_lines("news", TRAIN, EVALUATION, test=test)(Sources(data_dir=folder))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, count in (("en_train", 5), ("en_val", 3), ("it_val", 2)):
        write_lines(tmp_path / f"{name}.jsonl", articles(count))
    return tmp_path


def test_a_test_set_is_read_where_one_is_named(folder: Path) -> None:
    for code in ("en", "fr"):
        write_lines(folder / f"{code}_test.jsonl", articles(4))
    found = data(folder)
    assert found.languages() == ("en", "it")
    assert found.languages(Split.TEST) == ("en", "fr")
    assert found.splits("en") == (Split.TRAIN, Split.EVALUATION, Split.TEST)
    assert found.load(Split.TEST, "fr").total == 4
    without = data(folder, test=None)
    assert without.languages(Split.TEST) == ()
    with pytest.raises(UserError, match="'news' has no test set"):
        without.load(Split.TEST, "fr")


def test_the_fingerprint_is_of_the_files_that_are_used(folder: Path) -> None:
    first, training = (
        data(folder).fingerprint(("en", "it")),
        data(folder).training_fingerprint("en"),
    )
    for code in ("en", "it"):
        write_lines(folder / f"{code}_test.jsonl", articles(4))
    assert data(folder).fingerprint(("en", "it")) == first
    assert data(folder).fingerprint(("en", "it"), Split.TEST) != first
    write_lines(folder / "it_val.jsonl", articles(1))
    assert data(folder).fingerprint(("en", "it")) != first
    assert data(folder).training_fingerprint("en") == training
    write_lines(folder / "en_train.jsonl", articles(1))
    assert data(folder).training_fingerprint("en") != training


@pytest.mark.parametrize(
    "template",
    [
        "{lang}_train.jsonl",
        "train.jsonl",
        "{language_train.jsonl",
        "{}_train.jsonl",
        "{language}{0}",
    ],
)
def test_a_file_name_without_the_language_is_refused_at_once(template: str) -> None:
    with pytest.raises(UserError, match=r"'news': the train file .*'\{language\}_train\.jsonl'"):
        json_lines("news", template, EVALUATION)
    with pytest.raises(UserError, match=r"'news': the test file .*'\{language\}_test\.jsonl'"):
        json_lines("news", TRAIN, EVALUATION, test=template)

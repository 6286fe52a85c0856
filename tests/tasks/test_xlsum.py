"""XL-Sum from its official files."""

from __future__ import annotations

from pathlib import Path

import pytest

from xlsearch.config.sources import Sources
from xlsearch.errors import UserError
from xlsearch.tasks.base import Split, TaskData
from xlsearch.tasks.registry import find_task

from .conftest import articles, write, write_lines

TASK = find_task("xlsum")


def data(folder: Path) -> TaskData:
    return TASK.data("paper", Sources(data_dir=folder))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_lines(tmp_path / "english_train.jsonl", articles(5))
    write_lines(tmp_path / "english_val.jsonl", articles(3))
    write_lines(tmp_path / "chinese_simplified_val.jsonl.gz", articles(4, "zh"))
    write_lines(tmp_path / "more" / "french_test.jsonl", articles(2, "fr"))
    return tmp_path


def test_an_example_is_an_article_and_its_summary(folder: Path) -> None:
    found = data(folder).load(Split.EVALUATION, "zh")
    assert found.total == len(found.examples) == 4
    example = found.examples[1]
    assert (example.id, example.source) == ("zh-1", "Article 1 in zh.")
    assert (example.references, example.ending) == (("Summary 1.",), "")


def test_a_limit_counts_from_the_start(folder: Path) -> None:
    found = data(folder).load(Split.TRAIN, "en", 2)
    assert [example.id for example in found.examples] == ["en-0", "en-1"]
    assert found.total == 2


def test_which_languages_and_splits_are_there(folder: Path) -> None:
    found = data(folder)
    assert found.languages() == ("en", "zh")
    assert found.languages(Split.TEST) == ("fr",)
    assert found.splits("en") == (Split.TRAIN, Split.EVALUATION)
    assert found.splits("fr") == (Split.TEST,)
    assert found.splits("de") == found.splits("ko") == ()


def test_only_text_and_summary_are_needed(tmp_path: Path) -> None:
    rows = [{"text": "a", "summary": "b"}, {"text": "c", "summary": "d"}]
    write_lines(tmp_path / "korean_val.jsonl", rows)
    found = data(tmp_path).load(Split.EVALUATION, "ko").examples
    assert [(example.id, example.source) for example in found] == [("0", "a"), ("1", "c")]


def test_an_id_may_be_a_number(tmp_path: Path) -> None:
    write_lines(tmp_path / "korean_val.jsonl", [{"id": 7, "text": "a", "summary": "b"}])
    assert data(tmp_path).load(Split.EVALUATION, "ko").examples[0].id == "7"


def test_the_languages_are_those_of_the_paper() -> None:
    assert set(TASK.tuning_languages["paper"]) == {"zh", "fr", "ko", "ru", "es"}
    assert TASK.final_languages["paper"] == TASK.tuning_languages["paper"]


def test_the_fingerprint_is_of_the_files_that_are_used(folder: Path) -> None:
    first = data(folder).fingerprint(("en", "zh"))
    assert first.startswith("xlsum-")
    # Of other languages, or kept for the final figures.
    for name in ("korean_val", "english_test", "chinese_simplified_test"):
        write_lines(folder / f"{name}.jsonl", articles(3))
        assert data(folder).fingerprint(("en", "zh")) == first
    seen = {first}
    seen.add(data(folder).fingerprint(("en",)))
    seen.add(data(folder).fingerprint(("en", "zh"), Split.TEST))
    for name in ("english_train", "english_val", "chinese_simplified_val"):
        packed = ".gz" if name.startswith("chinese") else ""
        write_lines(folder / f"{name}.jsonl{packed}", articles(7))
        seen.add(data(folder).fingerprint(("en", "zh")))
    assert len(seen) == 6


def test_the_training_set_has_a_name_of_its_own(folder: Path) -> None:
    first = data(folder).training_fingerprint("en")
    (folder / "english_val.jsonl").unlink()
    assert data(folder).training_fingerprint("en") == first
    write_lines(folder / "english_train.jsonl", articles(7))
    assert data(folder).training_fingerprint("en") != first


def test_final_figures_need_no_validation_files(folder: Path) -> None:
    for file in folder.glob("*_val.jsonl*"):
        file.unlink()
    write_lines(folder / "english_test.jsonl", articles(3))
    found = data(folder)
    assert found.languages() == ()
    assert found.languages(Split.TEST) == ("en", "fr")
    assert found.fingerprint(("en", "fr"), Split.TEST).startswith("xlsum-")


def test_where_the_files_are_does_not_matter(folder: Path) -> None:
    first = data(folder).fingerprint(("en",))
    (folder / "below").mkdir()
    for name in ("english_train.jsonl", "english_val.jsonl"):
        (folder / name).rename(folder / "below" / name)
    assert data(folder).fingerprint(("en",)) == first


@pytest.mark.parametrize(
    ("language", "content", "words"),
    [
        ("ru", None, r"no russian_val\.jsonl"),
        ("de", None, "XL-Sum has no German; valid: am, ar"),
        ("ru", "", r"russian_val\.jsonl has no examples"),
        ("ru", '{"text": "a", "summary": "b"}\n{"text": "c"}', r"val\.jsonl:2: .*no 'summary'"),
        ("ru", '{"text": "a", "summary": ["b"]}', r"val\.jsonl:1: 'summary' is .* a text"),
        ("ru", '{"text": "a"', r"russian_val\.jsonl:1: broken JSON"),
    ],
)
def test_errors_name_the_file(
    language: str, content: str | None, words: str, tmp_path: Path
) -> None:
    if content is not None:
        write(tmp_path / "russian_val.jsonl", content)
    with pytest.raises(UserError, match=words):
        data(tmp_path).load(Split.EVALUATION, language)


def test_a_fingerprint_needs_the_files(folder: Path) -> None:
    with pytest.raises(UserError, match=r"no korean_val\.jsonl"):
        data(folder).fingerprint(("en", "ko"))
    with pytest.raises(UserError, match=r"no chinese_simplified_train\.jsonl"):
        data(folder).fingerprint(("zh",))


def test_a_data_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not exist"):
        data(tmp_path / "missing")

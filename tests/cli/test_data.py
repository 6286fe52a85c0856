"""``xlsearch data``: counts as JSON, examples for people, one sentence for what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from xlsearch.cli.main import cli
from xlsearch.errors import UserError

SHARED = Path(__file__).parents[3] / "shared" / "data" / "xquad"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["data", *arguments], catch_exceptions=False)


def counts(*arguments: str) -> dict[str, dict[str, dict[str, int]]]:
    shown = json.loads(run(*arguments, "--json").stdout)
    found: dict[str, dict[str, dict[str, int]]] = shown["languages"]
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """XL-Sum of a few lines: no Korean, Russian or Spanish."""
    for name, count in (
        ("english_train", 4),
        ("english_val", 1),
        ("french_val", 3),
        ("french_test", 2),
        ("chinese_simplified_val", 1),
    ):
        row = json.dumps({"text": "An article. " * 30, "summary": "A summary."})
        (tmp_path / f"{name}.jsonl").write_text(f"{row}\n" * count)
    return tmp_path


def test_the_sets_of_each_language_that_is_there(folder: Path) -> None:
    shown = counts("xlsum", "--data-dir", str(folder))
    assert list(shown) == ["en", "fr", "zh"]
    assert shown["en"] == {
        "train": {"total": 4, "kept": 4},
        "evaluation": {"total": 1, "kept": 1},
    }
    assert shown["fr"] == {
        "evaluation": {"total": 3, "kept": 3},
        "test": {"total": 2, "kept": 2},
    }


def test_the_languages_that_are_asked_for(folder: Path) -> None:
    arguments = ("--language", "zh", "--language", "en", "--language", "zh")
    assert list(counts("xlsum", "--data-dir", str(folder), *arguments)) == ["zh", "en"]


def test_examples_for_people(folder: Path) -> None:
    lines = run("xlsum", "--data-dir", str(folder), "--language", "fr").stdout.splitlines()
    assert lines[0] == "scale paper (since --data-dir is given)"
    assert "fr" in lines[1]
    assert "3 of 3 kept" in lines[1]
    assert lines[2].strip().startswith("An article.")
    assert len(lines[2]) < 100
    assert lines[3].strip() == "-> A summary."


def test_the_pocket_world() -> None:
    shown = counts("xquad", "--scale", "pocket", "--language", "fr")
    assert set(shown["fr"]) == {"train", "evaluation", "test"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("xlsumm",), "unknown task 'xlsumm'"),
        (("xlsum", "--data-dir", "missing"), "missing does not exist"),
        (("xlsum", "--data-dir", "."), r"no english_val\.jsonl"),
        (("xquad", "--data-dir", "."), r"no xquad\.en\.json"),
        (("xlsum", "--data-dir", ".", "--language", "ko"), r"no korean_val\.jsonl"),
        (("xlsum", "--data-dir", ".", "--language", "de"), "XL-Sum has no German"),
        (("xlsum", "--data-dir", ".", "--language", "xx"), "unknown language 'xx'"),
        (("xlsum", "--data-dir", ".", "--scale", "pocket"), "pocket scale makes its own data"),
        (("xlsum", "--scale", "pocket", "--language", "th"), "no 'th' at the pocket scale"),
    ],
)
def test_errors(
    arguments: tuple[str, ...], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=words):
        run(*arguments)


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"the official files are not at {SHARED}")
def test_xquad_without_a_training_set() -> None:
    shown = counts("xquad", "--data-dir", str(SHARED))
    assert list(shown) == ["en", "ro", "th", "vi", "ar", "de", "es", "ru", "zh"]
    assert all(list(sets) == ["evaluation"] for sets in shown.values())
    assert shown["de"] == {"evaluation": {"total": 1190, "kept": 595}}

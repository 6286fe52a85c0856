"""JSON files and their rows: every error names the place."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from xlsearch.errors import UserError
from xlsearch.tasks.json_rows import Row, read_json, read_json_lines

from .conftest import write


def test_lines_are_read_and_blank_ones_passed_over(tmp_path: Path) -> None:
    # Lines end at a line feed only: other separators of Unicode may stand in a text.
    file = write(tmp_path / "x.jsonl.gz", '\ufeff{"a": "é\u2028"}\r\n\n{"a": "b"}')
    rows = list(read_json_lines(file))
    assert [row.text("a") for row in rows] == ["é\u2028", "b"]
    assert [row.where for row in rows] == [f"{file}:1", f"{file}:3"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"a": 1}\n{"a": \n', r"x\.jsonl:2: broken JSON"),
        (b'{"a": 1}\n[1]\n', r"x\.jsonl:2: should be a JSON object"),
        (b'{"a": 1}\n{"a": "\xff"}\n', r"x\.jsonl:2: not text in UTF-8"),
        (b"\n" + b"9" * 5000, r"x\.jsonl:2: broken JSON \(a number has too many digits\)"),
        (b"\n" + b"[" * 100_000, r"x\.jsonl:2: broken JSON \(nested too deeply\)"),
    ],
)
def test_a_broken_line_is_named(content: bytes, words: str, tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl"
    file.write_bytes(content)
    with pytest.raises(UserError, match=words):
        list(read_json_lines(file))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{\n"a": [\n}', r"x\.json:3: broken JSON"),
        ('{"a": [}', r"x\.json:1: broken JSON \(Expecting value, column 8\)"),
        ('{"a": [}\n', r"x\.json:1: broken JSON \(Expecting value, column 8\)"),
        ("9" * 5000, r"x\.json:1: broken JSON \(a number has too many digits\)"),
        ("[" * 100_000, r"x\.json:1: broken JSON \(nested too deeply\)"),
        ('[{"a": 1}, 2]', r"x\.json: should be a JSON object, or a list of objects"),
    ],
)
def test_a_broken_document_names_the_line(content: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=words):
        read_json(write(tmp_path / "x.json", content))


def test_a_document_is_an_object_or_a_list_of_them(tmp_path: Path) -> None:
    file = write(tmp_path / "x.json", '{"a": "b"}')
    assert read_json(file) == [Row({"a": "b"}, str(file))]
    write(file, '[{"a": "b"},\n{"a": "c"}]')
    assert [row.text("a") for row in read_json(file)] == ["b", "c"]
    assert read_json(file)[1].where == f"{file}, [1]"


def test_half_of_a_character_is_named(tmp_path: Path) -> None:
    """Nothing could write or encode it, hours later."""
    content = (
        r'{"a": "b", "c\ud83d": 1}' + "\n" + r'{"a": "\ud83d", "b": ["\ud83d"], "c": {"\udfff": 1}}'
    )
    first, row = read_json_lines(write(tmp_path / "x.jsonl", content))
    with pytest.raises(UserError, match=r"x\.jsonl:2: 'a' has half of a surrogate pair"):
        row.text("a")
    with pytest.raises(UserError, match=r"x\.jsonl:2: 'b' has half of a surrogate pair"):
        row.texts("b")
    # The messages have to be printed.
    for wrong, key in ((row, "c"), (first, "b")):
        with pytest.raises(UserError, match=r"\\ud") as raised:
            wrong.text(key)
        assert str(raised.value).encode()


def test_a_name_may_be_a_whole_number() -> None:
    row = Row({"a": 17, "b": "17", "c": 1.5, "d": True}, "f:7")
    assert row.name("a") == row.name("b") == "17"
    for key in ("c", "d", "e"):
        with pytest.raises(UserError, match=f"f:7: .*'{key}'"):
            row.name(key)


@pytest.mark.parametrize("read", [read_json, lambda path: list(read_json_lines(path))])
def test_a_file_that_was_cut_off(read: object, tmp_path: Path) -> None:
    assert callable(read)
    file = tmp_path / "x.gz"
    file.write_bytes(gzip.compress(b'{"a": 1}\n' * 1000)[:40])
    with pytest.raises(UserError, match=r"x\.gz is broken or cut off"):
        read(file)
    file.write_bytes(b"{}")
    with pytest.raises(UserError, match="gzip"):
        read(file)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"other": 1}, "f:7: there is no 'key'; there is other"),
        ({}, "there is nothing"),
        ({"key": 3}, "'key' is 3 and should be a text"),
        ({"key": None}, "'key' is null and should be a text"),
        ({"key": ["a" * 99]}, r"'key' is \[\"a{38}… and should be a text"),
    ],
)
def test_a_missing_or_wrong_key_is_named(values: dict[str, object], words: str) -> None:
    with pytest.raises(UserError, match=words):
        Row(values, "f:7").text("key")


def test_lists_and_objects_inside() -> None:
    row = Row({"list": [{"a": "x"}], "object": {"a": "y"}, "texts": ["z"], "mixed": ["z", 1]}, "f")
    assert [inner.text("a") for inner in row.rows("list")] == ["x"]
    assert row.row("object").text("a") == "y"
    assert row.texts("texts") == ["z"]
    with pytest.raises(UserError, match="f: 'mixed' is 1 and should be a list of texts"):
        row.texts("mixed")
    with pytest.raises(UserError, match=r"f, list\[0\]: there is no 'b'"):
        next(row.rows("list")).text("b")

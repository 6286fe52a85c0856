"""Files are found by name near the data folder, and every error names file and line."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from xlsearch.errors import UserError
from xlsearch.runs.content import file_sha256
from xlsearch.tasks.files import DataFolder, Row, read_json, read_json_lines

from .conftest import write


@pytest.mark.parametrize("place", ["x.json", "x.json.gz", "a/x.json", "a/b/x.json.gz"])
def test_a_file_is_found_down_to_two_levels_below(place: str, tmp_path: Path) -> None:
    file = write(tmp_path / place, "{}")
    assert DataFolder(tmp_path).find("x.json") == file


@pytest.mark.parametrize("place", ["a/b/c/x.json", ".hidden/x.json", "x.jsonl", "xx.json"])
def test_what_is_elsewhere_is_not_found(place: str, tmp_path: Path) -> None:
    write(tmp_path / place, "{}")
    assert DataFolder(tmp_path).find("x.json") is None
    with pytest.raises(UserError, match=r"x\.json or y\.json"):
        DataFolder(tmp_path).need("x.json", "y.json")


def test_the_nearest_and_the_plain_file_count(tmp_path: Path) -> None:
    for place in ("a/x.json", "x.json", "x.json.gz"):
        write(tmp_path / place, "{}")
    assert DataFolder(tmp_path).find("x.json") == tmp_path / "x.json"


def test_two_files_at_the_same_distance_are_named(tmp_path: Path) -> None:
    for place in ("a/x.json", "b/x.json"):
        write(tmp_path / place, "{}")
    with pytest.raises(UserError, match=r"which x\.json.*a/x\.json.*b/x\.json"):
        DataFolder(tmp_path).find("x.json")


def test_files_that_match(tmp_path: Path) -> None:
    for place in ("b/s1.json", "s2.jsonl.gz", "s3.json", "s3.json.gz", "t.json", "s.txt"):
        write(tmp_path / place, "{}")
    found = DataFolder(tmp_path).matching("s", (".json", ".jsonl"))
    assert found == [tmp_path / name for name in ("s2.jsonl.gz", "s3.json", "b/s1.json")]


def test_a_folder_is_looked_through_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A task asks for each split of every language; the folder may be on a slow disk."""
    (tmp_path / "a").mkdir()
    scanned: list[Path] = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: scanned.append(path) or scandir(path))
    folder = DataFolder(tmp_path)
    assert folder.find("x.json", "y.json") is None
    assert folder.matching("x", (".json",)) == []
    assert scanned == [tmp_path, tmp_path / "a"]
    file = write(tmp_path / "x.json", "{}")
    assert DataFolder(tmp_path).find("x.json") == file


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not exist"):
        DataFolder(tmp_path / "missing")
    with pytest.raises(UserError, match="not a folder"):
        DataFolder(write(tmp_path / "file", ""))


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


def test_a_hash_follows_the_content(tmp_path: Path) -> None:
    file = write(tmp_path / "x", "one")
    first = file_sha256(file)
    assert file_sha256(file) == first
    write(file, "two")
    os.utime(file, ns=(1, 1))
    assert file_sha256(file) != first

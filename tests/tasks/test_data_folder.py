"""Data folders: which files are found."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from xlsearch.errors import UserError
from xlsearch.tasks.data_folder import DataFolder

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

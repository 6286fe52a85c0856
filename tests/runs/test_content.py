"""Content names and the store of shared content."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlsearch.runs import content, space
from xlsearch.runs.content import ContentStore, canonical_json, content_name, file_sha256
from xlsearch.runs.lock import locked

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def backwards(value: object) -> object:
    """The same value with the keys of every mapping in the opposite order."""
    if isinstance(value, dict):
        return {key: backwards(value[key]) for key in reversed(value)}
    return [backwards(item) for item in value] if isinstance(value, list) else value


@given(st.dictionaries(st.text(), values, min_size=2, max_size=5))
def test_the_order_of_keys_does_not_matter(value: dict[str, object]) -> None:
    turned = backwards(value)
    assert isinstance(turned, dict)
    assert canonical_json(turned) == canonical_json(value)
    assert content_name(turned) == content_name(value)


def test_names_do_not_change_between_versions() -> None:
    assert canonical_json({"b": [1, None], "a": "é"}) == '{"a":"é","b":[1,null]}'
    assert content_name({"b": [1, None], "a": "é"}) == "3d92f6368f93f3cb"


@pytest.mark.parametrize("other", [{"a": 2}, {"b": 1}, {"a": "1"}, {"a": 1, "b": None}])
def test_other_content_has_another_name(other: dict[str, object]) -> None:
    assert content_name(other) != content_name({"a": 1})


def test_the_order_of_a_list_matters() -> None:
    assert content_name({"a": [1, 2]}) != content_name({"a": [2, 1]})


def test_content_is_built_once(tmp_path: Path) -> None:
    store = ContentStore(tmp_path)
    built: list[Path] = []

    def build(folder: Path) -> None:
        built.append(folder)
        (folder / "file").write_text("x")

    assert not store.path("kind", {"a": 1}).is_dir()
    first = store.obtain("kind", {"a": 1, "b": 2}, build)
    second = ContentStore(tmp_path).obtain("kind", {"b": 2, "a": 1}, build)
    assert first == second == store.path("kind", {"a": 1, "b": 2})
    assert len(built) == 1
    assert store.path("kind", {"a": 1, "b": 2}).is_dir()
    assert (first / "file").read_text() == "x"
    assert json.loads((first / "content.json").read_text()) == {"a": 1, "b": 2}


def test_half_built_content_is_not_there(tmp_path: Path) -> None:
    store = ContentStore(tmp_path)

    def fail(folder: Path) -> None:
        (folder / "file").write_text("x")
        raise RuntimeError("no space left")

    with pytest.raises(RuntimeError, match="no space left"):
        store.obtain("kind", {"a": 1}, fail)
    assert not store.path("kind", {"a": 1}).is_dir()
    store.obtain("kind", {"a": 1}, lambda folder: None)
    assert store.path("kind", {"a": 1}).is_dir()


def test_who_is_waited_for_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "_WAIT_SECONDS", 0.01)
    store = ContentStore(tmp_path)
    told: list[str] = []

    def stop(who: str) -> None:
        told.append(who)
        raise KeyboardInterrupt

    lock = store.path("kind", {"a": 1}).with_suffix(".lock")
    with locked(lock), pytest.raises(KeyboardInterrupt):
        store.obtain("kind", {"a": 1}, lambda folder: None, stop)
    assert told == [f"process {os.getpid()}"]


def test_a_hash_follows_the_content(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text("one")
    first = file_sha256(file)
    assert file_sha256(file) == first
    file.write_text("two")
    os.utime(file, ns=(1, 1))
    assert file_sha256(file) != first


def test_a_full_disk_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(space, "_FIRST_PAUSE", 0.0)
    full, waited = [True, True], []

    def build(folder: Path) -> None:
        (folder / "part").write_text("a part of it")
        if full:
            full.pop()
            raise OSError(errno.ENOSPC, "No space left on device")
        (folder / "whole").write_text("all of it")

    there = ContentStore(tmp_path).obtain("kind", {"of": 1}, build, waited.append)
    assert (there / "whole").read_text() == "all of it"
    assert waited == ["disk space", "disk space"]
    assert not list(there.parent.glob(".*"))

"""A root in an object store: which are valid, what lies there, and a store that is away."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from xlsearch.errors import UserError
from xlsearch.runs import remote as remote_module
from xlsearch.runs import transfer
from xlsearch.runs.content import ContentStore
from xlsearch.runs.lease import LeaseLost
from xlsearch.runs.mirror import receive, send
from xlsearch.runs.object_store import modified, passes
from xlsearch.runs.remote import (
    Remote,
    Unreachable,
    fetched,
    location_of,
    open_root,
    publish,
    remote_of,
)
from xlsearch.runs.retry import retrying

Machine = Callable[[str], Path]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """Working copies of one remote root on machines that share nothing else."""

    def working_copy(name: str) -> Path:
        monkeypatch.setenv("XLSEARCH_CACHE", str(tmp_path / name))
        return open_root(f"file://{tmp_path}/bucket/search")

    yield working_copy
    remote_module._remote.cache_clear()


def test_a_folder_is_its_own_root(tmp_path: Path) -> None:
    root = open_root(str(tmp_path / "a" / ".." / "b"))
    assert root == tmp_path.resolve() / "b"
    assert remote_of(root) is None
    assert location_of(root) == str(root)
    publish(root, "nothing is done")


def test_machines_have_working_copies_of_one_root(machine: Machine, tmp_path: Path) -> None:
    a, b = machine("a"), machine("b")
    assert a != b
    assert location_of(a) == location_of(b) == f"file://{tmp_path}/bucket/search"
    (a / "runs").mkdir()
    (a / "runs" / "x.json").write_text("1")
    publish(a, "runs/x.json")
    assert fetched(b, "runs/x.json").read_text() == "1"
    (tmp_path / "bucket" / "search" / "runs" / "x.json").unlink()
    assert not fetched(b, "runs/x.json").exists()


def test_looking_at_a_file_leaves_what_is_not_yet_published(machine: Machine) -> None:
    """A report may be written beside a search, in the same working copy."""
    a = machine("a")
    (a / "x.json").write_text("1")
    publish(a, "x.json")
    (a / "x.json").write_text("2")
    (a / "y.json").write_text("3")
    assert fetched(a, "x.json").read_text() == "1"
    assert not fetched(a, "y.json").exists()
    assert [(a / name).read_text() for name in ("x.json", "y.json")] == ["2", "3"]


def test_several_objects_are_read_in_the_order_asked_for(machine: Machine) -> None:
    remote = remote_of(machine("a"))
    assert remote is not None
    for name in "abc":
        remote.write(name, name.encode())
    assert remote.read_all(["c", "a"]) == [b"c", b"a"]
    assert remote.read_all(["b"]) == [b"b"]
    assert remote.read_all([]) == []
    with pytest.raises(FileNotFoundError):
        remote.read_all(["a", "d"])


def test_what_takes_long_to_fetch_says_how_far_it_is(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    a, b = remote_of(machine("a")), remote_of(machine("b"))
    assert a is not None
    assert b is not None
    for name in "xyz":
        a.write(f"model/{name}", b"0" * 2_000_000)
    b.fetch_folder("model")
    assert not caplog.messages
    monkeypatch.setattr(transfer, "_SILENT", 0.0)
    b.fetch_folder("model")
    (said,) = caplog.messages
    assert said.startswith(f"fetching {b.url}/model: ")
    assert said.endswith("of 6 MB")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("s3://KEY:SECRET@bucket/x", "credentials"),
        ("s3://bucket/x?token=SECRET", "credentials"),
        ("memory://x", "valid"),
        ("https://example.org/x", "valid"),
        ("nonsense://x", "valid"),
        ("s3://", "bucket"),
        ("s3://bucket/a[1]", "patterns"),
        ("ftp://127.0.0.1:1/x", "valid"),
    ],
)
def test_a_root_that_can_not_be_one(url: str, said: str, machine: Machine) -> None:
    with pytest.raises(UserError, match=said) as raised:
        open_root(url)
    assert "SECRET" not in str(raised.value)


def test_content_is_built_once_for_all_machines(machine: Machine, tmp_path: Path) -> None:
    built = []

    def build(folder: Path) -> None:
        built.append(folder)
        (folder / "sub").mkdir()
        (folder / "sub" / "weights").write_bytes(b"\0" * 99)

    for name in ("a", "b", "a"):
        store = ContentStore(machine(name))
        folder = store.obtain("kind", {"of": 1}, build)
        assert (folder / "sub" / "weights").read_bytes() == b"\0" * 99
        assert json.loads((folder / "content.json").read_text()) == {"of": 1}
        assert store.holds("kind", {"of": 1})
        assert not store.holds("kind", {"of": 2})
    assert len(built) == 1


def test_content_that_is_there_in_part_is_not_there(machine: Machine, tmp_path: Path) -> None:
    """Its publication was cut short: the description, which is sent last, is missing."""
    first = ContentStore(machine("a")).obtain("k", {}, lambda f: (f / "x").write_text("whole"))  # type: ignore[arg-type,func-returns-value]
    (tmp_path / "bucket/search/store/k" / first.name / "content.json").unlink()
    second = ContentStore(machine("b")).obtain("k", {}, lambda f: (f / "x").write_text("again"))  # type: ignore[arg-type,func-returns-value]
    assert (second / "x").read_text() == "again"


def checkpoint(root: Path, name: str, step: int) -> None:
    folder = root / name / f"step-{step}"
    folder.mkdir(parents=True)
    (folder / "weights.safetensors").write_bytes(b"%d" % step)
    (folder / "state.json").write_text(f'{{"step": {step}}}')


def tree(root: Path) -> dict[str, bytes]:
    files = [path for path in root.rglob("*") if path.is_file()]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def test_checkpoints_are_sent_whole_and_the_old_ones_go(machine: Machine) -> None:
    a, b = machine("a"), machine("b")
    (a / "run").mkdir()
    (a / "run" / "rows.jsonl").write_text("1")
    checkpoint(a, "run/checkpoint", 2)
    there, here = remote_of(a), remote_of(b)
    assert there is not None
    assert here is not None
    names = ["run/rows.jsonl", "run/checkpoint"]
    send(there, names)
    receive(here, names)
    assert tree(b / "run") == tree(a / "run")

    (a / "run" / "rows.jsonl").write_text("1 2")
    checkpoint(a, "run/checkpoint", 4)
    for file in (a / "run/checkpoint/step-2").iterdir():
        file.unlink()
    send(there, names)
    receive(here, names)
    assert tree(b / "run") == tree(a / "run")
    assert set(tree(b / "run")) == {
        "rows.jsonl",
        "checkpoint/step-4/weights.safetensors",
        "checkpoint/step-4/state.json",
    }


@pytest.mark.parametrize("cut", range(5))
def test_a_publication_cut_anywhere_leaves_a_whole_checkpoint(
    cut: int, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = machine("a"), machine("b")
    there, here = remote_of(a), remote_of(b)
    assert there is not None
    assert here is not None
    checkpoint(a, "run", 2)
    send(there, ["run"])
    for file in (a / "run/step-2").iterdir():
        file.unlink()
    checkpoint(a, "run", 4)
    left = [cut]

    def guard() -> None:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt

    there.guards.append(guard)
    try:
        send(there, ["run"])
    except KeyboardInterrupt:
        assert cut < 4
    receive(here, ["run"])
    whole = [p.parent.name for p in sorted(b.glob("run/*/state.json"))]
    assert whole, "there is nothing to continue from"
    for step in whole:
        assert (b / "run" / step / "weights.safetensors").read_text() == step.removeprefix("step-")


class Away(Remote):
    """A store that is away for so many requests."""

    def __init__(self, folder: Path, times: int, **options: Any) -> None:
        super().__init__(f"file://{folder}/bucket", folder, **options)
        real, self.left = self._files.cat_file, times

        def cat_file(path: str) -> bytes:
            self.left -= 1
            if self.left >= 0:
                raise ConnectionRefusedError(111, "refused")
            return bytes(real(path))

        self._files.cat_file = cat_file


def test_a_store_that_is_away_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("xlsearch.runs.retry._FIRST_PAUSE", 0.001)
    store = Away(tmp_path, times=4)
    store.write("x", b"1")
    with caplog.at_level(logging.WARNING, "xlsearch"):
        assert store.read("x") == b"1"
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2
    assert "can't be reached" in said[0]
    assert "is back" in said[1]


def test_a_store_that_stays_away_ends_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xlsearch.runs.retry._FIRST_PAUSE", 0.001)
    store = Away(tmp_path, times=10**9, patience=0.05)
    with pytest.raises(Unreachable, match="can't be reached"):
        store.read("x")


def test_another_patience_is_guarded_by_the_same_leases(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = remote_of(machine("a"))
    assert remote is not None
    hasty = remote.patient(0)

    def away(path: str) -> bytes:
        raise ConnectionResetError

    monkeypatch.setattr(remote._files, "cat_file", away)
    with pytest.raises(Unreachable):
        hasty.read("x")  # and does not wait

    def lost() -> None:
        raise LeaseLost

    remote.guards.append(lost)
    with pytest.raises(LeaseLost):
        hasty.write("x", b"")
    remote.guards.clear()


def test_what_is_missing_is_not_waited_for(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Remote(f"file://{tmp_path}/bucket", tmp_path).read("x")


def test_waiting_grows_and_ends() -> None:
    """Pauses at most double, none is longer than a quarter of a minute, and all are within time."""
    pauses: list[float] = []
    outcomes = iter([ValueError()] * 12)

    def call() -> str:
        for outcome in outcomes:
            raise outcome
        return "done"

    assert retrying(call, (ValueError,), "server", 600.0, pauses.append) == "done"
    assert len(pauses) == 12
    assert max(pauses) <= 15.0 < sum(pauses)
    with pytest.raises(KeyError):
        retrying(lambda: {}["x"], (ValueError,), "server", 600.0, pauses.append)


def test_which_errors_pass() -> None:
    botocore = pytest.importorskip("botocore.exceptions")
    refused = botocore.EndpointConnectionError(endpoint_url="http://127.0.0.1:1")
    passing = [refused, TimeoutError(), ConnectionResetError(104, ""), OSError(5, "InternalError")]
    assert all(map(passes, passing))
    staying = [FileNotFoundError(2, ""), PermissionError(13, ""), ValueError(), OSError(28, "full")]
    assert not any(map(passes, staying))


def test_times_of_all_stores_are_understood() -> None:
    from datetime import UTC, datetime

    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    for entry in ({"LastModified": at}, {"mtime": at.timestamp()}, {"updated": at.isoformat()}):
        assert modified(entry) == at.timestamp()

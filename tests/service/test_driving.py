"""Who drives a study, where machines share nothing but an object store."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from xlsearch.errors import UserError
from xlsearch.runs import remote as remote_module
from xlsearch.runs.remote import open_root
from xlsearch.service import workspace as workspace_module
from xlsearch.service.workspace import Workspace


@pytest.fixture
def machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], Workspace]]:
    monkeypatch.setattr(workspace_module, "_LOOK_SECONDS", 0.05)

    def working_copy(name: str) -> Workspace:
        monkeypatch.setenv("XLSEARCH_CACHE", str(tmp_path / name))
        return Workspace(open_root(f"file://{tmp_path}/bucket"))

    yield working_copy
    remote_module._remote.cache_clear()


def test_a_lost_driver_is_waited_for(machine: Callable[[str], Workspace], tmp_path: Path) -> None:
    a, b = machine("a"), machine("b")
    told: list[str] = []

    def a_minute_passes(who: str) -> None:
        told.append(who)
        (claim,) = (tmp_path / "bucket/studies/s/driver.lease").iterdir()
        os.utime(claim, (1, 1))

    with a.driving("s"), b.driving("s", a_minute_passes):
        assert a.is_driven("s")
    assert told == [f"process {os.getpid()} on {os.uname().nodename}"]


def test_one_that_renews_its_claim_drives_it_still(
    machine: Callable[[str], Workspace], tmp_path: Path
) -> None:
    a, b = machine("a"), machine("b")

    def it_renews(who: str) -> None:
        (claim,) = (tmp_path / "bucket/studies/s/driver.lease").iterdir()
        claim.with_name(claim.name.replace(".claim", ".renewed")).write_text("{}")

    with (
        a.driving("s"),
        pytest.raises(UserError, match="already being driven by process"),
        b.driving("s", it_renews),
    ):
        pass


def test_one_that_ends_meanwhile_makes_room(machine: Callable[[str], Workspace]) -> None:
    a, b = machine("a"), machine("b")
    driving = a.driving("s")
    driving.__enter__()
    with b.driving("s", lambda who: driving.__exit__(None, None, None)):
        pass

"""Leases: never two holders, dead claims are taken over, and a holder that was cut off knows."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from xlsearch.runs import lease as lease_module
from xlsearch.runs.lease import LeaseLost, Timing, lease_holder, leased
from xlsearch.runs.lock import Held
from xlsearch.runs.remote import Remote

from .claimers import most_at_once

QUICK = Timing(renew=0.05, lost=0.6, dead=1.0, pause=0.005)


def store(folder: Path, patience: float = 600.0) -> Remote:
    """A connection of its own, as of another machine."""
    return Remote(f"file://{folder}/bucket", folder, patience)


def test_never_two_hold_it(tmp_path: Path) -> None:
    assert most_at_once(lambda: store(tmp_path), claimers=8, seconds=3, pause=0.02) == 1
    assert store(tmp_path).files("x.lease") == []


def test_who_waits_gets_it_and_is_told_by_whom_it_is_held(tmp_path: Path) -> None:
    a, b = store(tmp_path), store(tmp_path)
    with leased(a, "x"):
        with pytest.raises(Held) as raised, leased(b, "x"):
            pass
        holder = raised.value.holder
        assert holder is not None
        assert holder.host is not None
        assert f"process {holder.pid} on {holder.host}" == raised.value.who
        assert lease_holder(b, "x") == holder
    assert lease_holder(b, "x") is None
    with leased(b, "x", timeout=-1):
        pass


def test_a_process_killed_in_the_same_working_copy_is_known_to_be_dead(tmp_path: Path) -> None:
    """Who asks holds the lock there, which the dead one can't; another copy has to wait."""
    one, other = (Remote(f"file://{tmp_path}/bucket", tmp_path, copy=name) for name in "ab")
    killed = lease_module._Lease(one, "x", Timing())
    killed.claim(0)
    with pytest.raises(Held), leased(other, "x"):
        pass
    with leased(Remote(one.url, tmp_path, copy="a"), "x"):
        assert len(one.files("x.lease")) == 1
    killed.release()


def test_renewals_keep_it(tmp_path: Path) -> None:
    with leased(store(tmp_path), "x", 0, QUICK):
        time.sleep(1.5 * QUICK.dead)
        with pytest.raises(Held), leased(store(tmp_path), "x", 0, QUICK):
            pass


def hold_without_renewing(remote: Remote, monkeypatch: pytest.MonkeyPatch) -> lease_module._Lease:
    """A holder whose process stands still, as a killed or stopped one does."""
    with monkeypatch.context() as patch:
        patch.setattr(lease_module._Lease, "_keep", lambda self: None)
        lease = lease_module._Lease(remote, "x", QUICK)
        lease.claim(0)
    return lease


def test_a_dead_claim_is_taken_over_and_its_holder_may_write_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = store(tmp_path)
    stopped = hold_without_renewing(remote, monkeypatch)
    remote.guards.append(stopped.check)
    remote.write("file", b"written while it is held")
    with leased(store(tmp_path), "x", timeout=30, timing=QUICK):
        pass
    with pytest.raises(LeaseLost, match="taken over"):
        remote.write("file", b"written after it was lost")
    assert store(tmp_path).read("file") == b"written while it is held"


def test_a_holder_goes_on_after_an_outage_in_which_nobody_took_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = store(tmp_path)
    stopped = hold_without_renewing(remote, monkeypatch)
    time.sleep(1.1 * QUICK.dead)
    stopped.check()
    with pytest.raises(Held), leased(store(tmp_path), "x", 0, QUICK):
        pass
    stopped.release()
    assert store(tmp_path).files("x.lease") == []


def test_a_late_renewal_does_not_bring_a_lost_claim_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that was under way when another took over arrives after it."""
    remote = store(tmp_path)
    stopped = hold_without_renewing(remote, monkeypatch)
    with leased(store(tmp_path), "x", timeout=30, timing=QUICK):
        pass
    stopped._write(f"{stopped._id}{lease_module._RENEWED}")
    with pytest.raises(LeaseLost):
        stopped.check()


def test_an_outage_is_said_and_does_not_end_the_thread_that_renews(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    remote = store(tmp_path)
    with leased(remote, "x", 0, QUICK):
        pipe_file = remote._files.pipe_file

        def away(path: str, data: bytes) -> None:
            raise ConnectionRefusedError(111, "refused")

        remote._files.pipe_file = away
        time.sleep(0.2)
        remote._files.pipe_file = pipe_file
        time.sleep(1.5 * QUICK.dead)
        with pytest.raises(Held), leased(store(tmp_path), "x", 0, QUICK):
            pass
    said = [record.getMessage().removeprefix(remote.url) for record in caplog.records]
    assert said[0].startswith(" can't be reached (ConnectionRefusedError); waiting up to")
    assert len(said) == 2
    assert said[1].startswith(" is back after")

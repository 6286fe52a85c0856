"""Mutual exclusion between machines that share nothing but an object store.

Who wants a lease puts a claim of its own beside it and then lists all claims. If no other claim is
alive, the lease is held; otherwise the claim is withdrawn. Of two that claim at the same time, the
one whose listing comes later finds the other's claim, since a store lists what was written before
(strong consistency: S3, Google Cloud Storage and their like). So two never both hold it.

A holder renews its claim. A claim that was not renewed for a minute is dead, judged by the server's
times alone: that of the claim, and that of the judge's own claim. Who takes over removes dead
claims before it does anything else. A holder that could not renew for three quarters of a minute no
longer counts itself as one, and what it writes is stopped until it knows better: it puts a new
claim and lists. If its old claim is still there and no other is alive, nobody has taken over, and
it goes on; if the old one is gone, it raises ``LeaseLost``. Renewals are objects of their own, so
that a late one does not bring a removed claim back.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import math
import os
import random
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from xlsearch.errors import RunFailed, UserError
from xlsearch.runs.lock import Held, Holder
from xlsearch.runs.remote import Remote, Unreachable

_CLAIM = ".claim.json"
_RENEWED = ".renewed.json"


@dataclass(frozen=True)
class Timing:
    """Seconds.

    Attributes:
        renew: Between two renewals.
        lost: After which a holder that could not renew stops writing. Less than ``dead``, for what
            is on its way then.
        dead: After which others take over.
        pause: Between the first two tries to claim, at random; up to 16 times that between later
            ones, or many who wait would keep each other out.
    """

    renew: float = 15.0
    lost: float = 45.0
    dead: float = 60.0
    pause: float = 1.0


TIMING = Timing()


class LeaseLost(RunFailed):
    """Another machine has taken over what this process was working on."""


@contextlib.contextmanager
def leased(
    remote: Remote, name: str, timeout: float = 0.0, timing: Timing = TIMING
) -> Iterator[None]:
    """Holds the lease of a name during the block; guards what the process publishes meanwhile.

    Args:
        remote: The object store.
        name: What is worked on; claims are objects below ``<name>.lease/``. The caller holds a lock
            of this name in the working copy, if other processes use it.
        timeout: Seconds to wait for another holder; 0 tries once, -1 waits for ever.
        timing: How long claims live.

    Raises:
        Held: If another machine still holds it after ``timeout`` seconds.
    """
    lease = _Lease(remote, name, timing)
    lease.claim(timeout)
    remote.guards.append(lease.check)
    try:
        yield
    finally:
        remote.guards.remove(lease.check)
        lease.release()


def lease_holder(remote: Remote, name: str, timing: Timing = TIMING) -> Holder | None:
    """Who holds a lease, by this machine's clock: for people to look at, never to decide by."""
    alive = _alive(remote.times(_folder(name)), time.time(), timing)
    return _oldest(remote, alive)


def last_renewed(remote: Remote, name: str) -> float:
    """When a holder last renewed its claim, by the server's clock; 0 if none has yet."""
    renewals = remote.times(_folder(name)).items()
    return max((at for claim, at in renewals if claim.endswith(_RENEWED)), default=0.0)


class _Lease:
    def __init__(self, remote: Remote, name: str, timing: Timing) -> None:
        self._remote = remote
        self._name = name
        self._timing = timing
        self._id = ""
        self._renewed = 0.0
        self._taken = False
        self._guard = threading.Lock()
        self._released = threading.Event()
        self._since = datetime.now(UTC).isoformat(timespec="seconds")

    def claim(self, timeout: float) -> None:
        """Takes the lease and begins to renew it."""
        deadline = _clock() + timeout
        for tries in itertools.count():
            identity, begin = self._put_claim()
            holder = self._take(identity, begin, deadline if timeout >= 0 else math.inf)
            if self._id:
                threading.Thread(target=self._keep, name="lease", daemon=True).start()
                return
            if timeout >= 0 and deadline <= _clock():
                raise Held(holder)
            time.sleep(self._timing.pause * 2 ** min(tries, 4) * random.uniform(0.5, 1.5))

    def _take(self, identity: str, begin: float, deadline: float) -> Holder | None:
        """Makes a claim the lease, or withdraws it and says who is in the way.

        Of several that claim, the first keeps its claim and looks again for a while, or all would
        withdraw and come back together.
        """
        own = self._claim_name(identity)
        while True:
            claims = self._remote.times(_folder(self._name))
            others = {key: at for key, at in claims.items() if identity not in key}
            now, age = claims.get(own), _clock() - begin
            alive = set() if now is None else _alive(others, now, self._timing)
            alive = {claim for claim in alive if not self._is_of_a_dead_process(claim)}
            # Without its own claim in the list, or long after it, nothing can be told.
            if now is not None and age < self._timing.lost and not alive:
                for dead in others:
                    self._remote.remove(dead, guarded=False)
                self._id, self._renewed = identity, begin
                return None
            is_first = now is not None and all((now, own) < (others[key], key) for key in alive)
            if not is_first or age > self._timing.lost / 3 or deadline <= _clock():
                holder = _oldest(self._remote, alive)
                self._withdraw(identity)
                return holder
            time.sleep(self._timing.pause * random.uniform(0.1, 0.3))

    def check(self) -> None:
        """Raises ``LeaseLost`` if another has taken over; waits until it is known."""
        with self._guard:
            self._ensure()

    def release(self) -> None:
        """Lets others in. Where the store is away, the claim dies by itself."""
        self._released.set()
        with self._guard:
            self._withdraw(self._id)

    def _keep(self) -> None:
        """Renews the claim until the lease is released or lost."""
        while not self._released.wait(self._timing.renew):
            # Who writes next is told of an error; a claim that is not renewed is only old.
            with self._guard, contextlib.suppress(Unreachable, UserError):
                if self._released.is_set() or self._taken:
                    return
                if self._is_old():
                    # The next who writes finds out; this only looks whether the store is back.
                    self._remote.times(_folder(self._name), patience=self._timing.renew / 3)
                    continue
                begin = _clock()
                # Not once, so that an outage is logged: a driver may wait for its workers alone.
                self._write(f"{self._id}{_RENEWED}", patience=self._timing.renew / 3)
                self._renewed = begin

    def _ensure(self) -> None:
        while self._is_old() and not self._taken:
            identity, begin = self._put_claim()
            claims = self._remote.times(_folder(self._name))
            now = claims.get(self._claim_name(identity))
            own = {key for key in claims if identity in key or self._id in key}
            others = {key: at for key, at in claims.items() if key not in own}
            if now is not None and self._claim_name(self._id) not in claims:
                self._taken = True
                self._withdraw(identity)
            elif now is not None and not _alive(others, now, self._timing):
                self._withdraw(self._id)
                self._id, self._renewed = identity, begin
            else:
                # One that waits for the lease withdraws; one that takes over removes the old claim.
                self._withdraw(identity)
                time.sleep(self._timing.pause * random.uniform(1.0, 2.0))
        if self._taken:
            raise LeaseLost(
                f"{self._remote.url}/{self._name} was taken over by another machine while this one "
                "could not reach the store; the same command continues"
            )

    def _is_of_a_dead_process(self, claim: str) -> bool:
        """Whether a claim is left over from this machine's working copy.

        Who claims a lease holds the lock beside it in the working copy, which dies with a process.
        """
        value = _read(self._remote, claim)
        own = self._remote.copy, socket.gethostname()
        return bool(own[0]) and (value.get("copy"), value.get("host")) == own

    def _is_old(self) -> bool:
        return _clock() - self._renewed > self._timing.lost

    def _put_claim(self) -> tuple[str, float]:
        identity, begin = uuid.uuid4().hex, _clock()
        self._write(f"{identity}{_CLAIM}")
        return identity, begin

    def _write(self, file: str, patience: float | None = None) -> None:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        value = {
            "host": socket.gethostname(),
            "copy": self._remote.copy,
            "pid": os.getpid(),
            "since": self._since,
            "renewed": now,
        }
        name = f"{_folder(self._name)}/{file}"
        self._remote.write(name, json.dumps(value).encode(), guarded=False, patience=patience)

    def _withdraw(self, identity: str) -> None:
        for end in (_RENEWED, _CLAIM):
            with contextlib.suppress(Unreachable):
                name = f"{_folder(self._name)}/{identity}{end}"
                self._remote.remove(name, guarded=False, patience=0)

    def _claim_name(self, identity: str) -> str:
        return f"{_folder(self._name)}/{identity}{_CLAIM}"


def _folder(name: str) -> str:
    return f"{name}.lease"


def _alive(claims: dict[str, float], now: float, timing: Timing) -> set[str]:
    """The objects of claims of which any was written a short while ago."""
    return {name for name, at in claims.items() if now - at <= timing.dead}


def _oldest(remote: Remote, alive: set[str]) -> Holder | None:
    """Who has claimed first of those alive, as far as it can still be read."""
    values = [value for claim in alive if (value := _read(remote, claim))]
    found = [Holder(value["pid"], value["since"], value["host"]) for value in values]
    return min(found, key=lambda holder: holder.since, default=None)


def _read(remote: Remote, claim: str) -> dict[str, Any]:
    """What a claim says; nothing if it is gone by now."""
    with contextlib.suppress(FileNotFoundError, ValueError):
        value: dict[str, Any] = json.loads(remote.read(claim))
        return value
    return {}


def _clock() -> float:
    """Seconds that also pass while the machine sleeps, where the system can count them."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.clock_gettime(boot) if boot is not None else time.monotonic()

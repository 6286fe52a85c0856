"""Many who want one lease, to see whether two ever hold it."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections.abc import Callable
from typing import Any

from xlsearch.runs.lease import Timing, leased
from xlsearch.runs.lock import Held
from xlsearch.runs.remote import Remote


def most_at_once(connect: Callable[[], Remote], claimers: int, seconds: float, pause: float) -> int:
    """How many held the lease at the same time, at the worst moment.

    Args:
        connect: Makes a connection to the store, one for each claimer.
        claimers: Threads that claim again and again, with pauses at random before each request.
        seconds: How long they do.
        pause: Of their timing.
    """
    inside: list[int] = []
    counts: list[int] = []
    guard = threading.Lock()
    stop = time.monotonic() + seconds

    def claim(number: int) -> None:
        remote, rng = connect(), random.Random(number)
        for name in ("times", "write", "remove"):
            setattr(remote, name, _delayed(getattr(remote, name), rng))
        while time.monotonic() < stop:
            with contextlib.suppress(Held), leased(remote, "x", 1.0, Timing(pause=pause)):
                with guard:
                    inside.append(number)
                    counts.append(len(inside))
                time.sleep(0.003)
                with guard:
                    inside.remove(number)

    threads = [threading.Thread(target=claim, args=(number,)) for number in range(claimers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return max(counts, default=0)


def _delayed(request: Callable[..., Any], rng: random.Random) -> Callable[..., Any]:
    def later(*values: Any, **options: Any) -> Any:
        time.sleep(rng.random() / 100)
        return request(*values, **options)

    return later

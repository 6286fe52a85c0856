"""Patience with a server that is away for a while: restarted, or behind a network that is down."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 600.0
"""Seconds that a search waits for a server to come back: a restart, or a short maintenance."""

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 15.0
"""Seconds between two tries; each pause is twice the one before."""

_log = logging.getLogger("xlsearch")
_away: dict[str, float] = {}
"""When each server was first found away."""

_guard = threading.Lock()


def retrying(
    call: Callable[[], T],
    errors: tuple[type[Exception], ...],
    what: str,
    seconds: float = PATIENCE,
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """The result of a call, which is made again while it fails as if the server were away.

    One warning is logged when an outage begins and one when it is over, however many calls and
    threads meet it, and however many of them give up meanwhile.

    Args:
        call: What to do. It may have taken effect although it failed, so it must be harmless twice.
        errors: Errors that may pass. Any other is raised at once.
        what: The server as it is named in the warnings; without a password.
        seconds: How long to try; the last error is raised after that. With 0 the call is made once
            and nothing is logged.
        sleep: Waits between two tries.
    """
    begin, pause = time.monotonic(), _FIRST_PAUSE
    while True:
        try:
            result = call()
        except errors as error:
            left = begin + seconds - time.monotonic()
            if seconds > 0 and _begins(what):
                _log.warning(
                    "%s can't be reached (%s); waiting up to %.0f minutes for it",
                    what,
                    type(error.__cause__ or error).__name__,
                    seconds / 60,
                )
            if left <= 0:
                raise
            # Not all at once when it is back.
            sleep(min(left, pause * random.uniform(0.5, 1.0)))
            pause = min(2 * pause, _LONGEST_PAUSE)
        else:
            since = _ended(what)
            if since is not None:
                _log.warning("%s is back after %.0f s", what, time.monotonic() - since)
            return result


def _begins(what: str) -> bool:
    """Whether this is the first that is seen of an outage."""
    with _guard:
        new = what not in _away
        _away.setdefault(what, time.monotonic())
        return new


def _ended(what: str) -> float | None:
    """When the outage began that is over now; None if there was none."""
    with _guard:
        return _away.pop(what, None)

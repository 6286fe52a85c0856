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
_away: set[str] = set()
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
    threads meet it.

    Args:
        call: What to do. It may have taken effect although it failed, so it must be harmless twice.
        errors: Errors that may pass. Any other is raised at once.
        what: The server as it is named in the warnings; without a password.
        seconds: How long to try; the last error is raised after that.
        sleep: Waits between two tries.
    """
    begin, pause = time.monotonic(), _FIRST_PAUSE
    while True:
        try:
            result = call()
        except errors as error:
            left = begin + seconds - time.monotonic()
            if left <= 0:
                _ends(what)
                raise
            if _begins(what):
                _log.warning(
                    "%s can't be reached (%s); waiting up to %.0f minutes for it",
                    what,
                    type(error).__name__,
                    seconds / 60,
                )
            # Not all at once when it is back.
            sleep(min(left, pause * random.uniform(0.5, 1.0)))
            pause = min(2 * pause, _LONGEST_PAUSE)
        else:
            if _ends(what):
                _log.warning("%s is back after %.0f s", what, time.monotonic() - begin)
            return result


def _begins(what: str) -> bool:
    """Whether this is the first that is seen of an outage."""
    with _guard:
        new = what not in _away
        _away.add(what)
        return new


def _ends(what: str) -> bool:
    """Whether an outage was under way that is over now."""
    with _guard:
        known = what in _away
        _away.discard(what)
        return known

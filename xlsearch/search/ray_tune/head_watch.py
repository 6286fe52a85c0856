"""Ends a search whose cluster has lost its head, before Ray aborts the process."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator

from xlsearch.errors import RunFailed

_LOOK_EVERY = 2.0
"""Seconds between two looks at the head."""

_GONE_AFTER = 5
"""Looks in vain after which the head counts as gone. Ray gives it a minute, then aborts."""

_PATIENCE = 2.0
"""How long the head may take to accept a connection, in seconds."""

_GRACE = 15.0
"""What the process has left to end in good order; Ray's own end may hang without a head."""

_SENTENCE = "the Ray cluster is gone (its head no longer answers); the same command continues"


@contextlib.contextmanager
def watching_head(address: str) -> Iterator[None]:
    """Watches a cluster's head during the block.

    Args:
        address: HOST:PORT of the head's control service.

    Raises:
        RunFailed: If the head is gone, whatever the block was waiting for.
    """
    host, _, port = address.rpartition(":")
    main = threading.get_ident()
    ended, gone, told = threading.Event(), threading.Event(), threading.Event()

    def watch() -> None:
        missed = 0
        while missed < _GONE_AFTER:
            if ended.wait(_LOOK_EVERY):
                return
            missed = 0 if _answers(host.strip("[]"), int(port)) else missed + 1
        gone.set()
        # As Ctrl-C: a real signal, which also ends what waits outside of Python.
        signal.pthread_kill(main, signal.SIGINT)
        if not told.wait(_GRACE):
            sys.stderr.write(f"xlsearch: {_SENTENCE}\n")
            sys.stderr.flush()
        else:
            threading.Event().wait(_GRACE)
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="head watch").start()
    try:
        yield
    except BaseException:
        if not gone.is_set():
            raise
        told.set()
        raise RunFailed(_SENTENCE) from None
    finally:
        ended.set()


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), _PATIENCE).close()
    except OSError:
        return False
    return True

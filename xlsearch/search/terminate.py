"""SIGTERM, by which clusters ask a search to end."""

from __future__ import annotations

import signal
import threading


def end_on_terminate() -> None:
    """Takes SIGTERM for Ctrl-C from now on, so that a search ends in good order.

    Ray sets a handler of its own when it is started, which would abort the process; so this is
    called again then. Python allows it in the main thread alone.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)

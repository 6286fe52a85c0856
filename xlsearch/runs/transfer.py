"""Says how far a transfer is that takes more than a moment."""

from __future__ import annotations

import logging
import time
from typing import Any

_SILENT = 2.0
"""Seconds before the first line."""

_EVERY = 15.0
"""Seconds between two lines."""

_LOG = logging.getLogger("xlsearch")


def progress(what: str, total: int) -> Any:
    """What fsspec calls while it transfers files; logs a line now and then.

    Whoever uses it calls ``ended`` after each file, with its size.

    Args:
        what: Is transferred.
        total: Its size in bytes, over all files.
    """
    import fsspec

    class Progress(fsspec.Callback):  # type: ignore[misc]
        """One for all files; not every library says how far it is with one."""

        whole = part = 0
        due = time.monotonic() + _SILENT

        def relative_update(self, inc: int = 1) -> None:
            self.part += inc
            self._say()

        def ended(self, size: int) -> None:
            self.whole, self.part = self.whole + size, 0
            self._say()

        def _say(self) -> None:
            now, done = time.monotonic(), self.whole + self.part
            if now >= self.due and done < total:
                self.due = now + _EVERY
                _LOG.warning("%s: %.0f of %.0f MB", what, done / 1e6, total / 1e6)

    return Progress()

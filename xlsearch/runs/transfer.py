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

    Args:
        what: Is transferred.
        total: Its size in bytes, over all files.
    """
    import fsspec

    class Progress(fsspec.Callback):  # type: ignore[misc]
        """One for all files: fsspec would begin at 0 with each."""

        done = 0
        due = time.monotonic() + _SILENT

        def relative_update(self, inc: int = 1) -> None:
            self.done += inc
            now = time.monotonic()
            if now >= self.due and self.done < total:
                self.due = now + _EVERY
                _LOG.warning("%s: %.0f of %.0f MB", what, self.done / 1e6, total / 1e6)

    return Progress()

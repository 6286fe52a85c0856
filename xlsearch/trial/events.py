"""What a run survived, in sentences: in its folder, in the program's log, and as a phase."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

LOG = "events.log"
"""In the run's folder, one line an event."""

_LOG = logging.getLogger("xlsearch")


class Events:
    """Tells what a run survives to whoever may want to know.

    Args:
        folder: The run's folder.
        show: Shows a sentence at once, as the trial's phase.
    """

    def __init__(self, folder: Path, show: Callable[[str], None]) -> None:
        self._folder = folder
        self._show = show

    def tell(self, sentence: str) -> None:
        """Tells a sentence. The line in the folder is lost where nothing can be written."""
        _LOG.warning("run %s: %s", self._folder.name, sentence)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with (
            contextlib.suppress(OSError),
            (self._folder / LOG).open("a", encoding="utf-8") as file,
        ):
            file.write(f"{now} {sentence}\n")
        self._show(sentence)

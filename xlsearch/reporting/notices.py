"""What is logged, shown to whoever watches a launch."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator


class _Lines(logging.Handler):
    def __init__(self, write: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._write = write

    def emit(self, record: logging.LogRecord) -> None:
        self._write(record.getMessage())


@contextlib.contextmanager
def notices(write: Callable[[str], None]) -> Iterator[None]:
    """Passes the warnings of xlsearch on during the block: a server is away, a file is damaged.

    Args:
        write: Prints a line.
    """
    logger, handler = logging.getLogger("xlsearch"), _Lines(write)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)

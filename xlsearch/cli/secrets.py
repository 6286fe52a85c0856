"""Keeps the password of ``--storage`` out of the list of processes."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

STORAGE = "XLSEARCH_STORAGE"
"""Environment variable in place of ``--storage``."""


def hide_password() -> None:
    """Starts this process again with ``--storage`` in its environment, unless it is a file.

    Command lines can be read by all users of a machine, and Ray notes the one of its driver in its
    logs and its dashboard.
    """
    arguments, url = without_storage(sys.orig_argv[1:])
    # Any URL: what is a password in one that can't be read is not for this file to know.
    if url is not None and "://" in url and not url.startswith("sqlite:"):
        os.environ[STORAGE] = url
        os.execv(sys.executable, [sys.orig_argv[0], *arguments])


def without_storage(arguments: Sequence[str]) -> tuple[list[str], str | None]:
    """A command line without ``--storage``, and what that was."""
    kept, url, take = [], None, False
    for argument in arguments:
        if take:
            url, take = argument, False
        elif argument == "--storage":
            take = True
        elif argument.startswith("--storage="):
            url = argument.partition("=")[2]
        else:
            kept.append(argument)
    return kept, url

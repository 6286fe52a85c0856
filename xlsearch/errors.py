"""The errors that users meet: one sentence each, and never a traceback."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class UserError(Exception):
    """Bad input. The message is one sentence: what is wrong, where, and what would be valid.

    The command line prints it to stderr and exits with code 2.
    """


class RunFailed(Exception):
    """A run or a search ended without what it was for. The message says why, in one sentence.

    The command line prints it to stderr and exits with code 1.
    """


def unknown_name(kind: str, name: str, valid: Iterable[str], where: str = "") -> UserError:
    """The error for a name that is not in a table, with the nearest valid one.

    Args:
        kind: What the name should be, e.g. ``"task"``.
        name: What the user wrote.
        valid: All names that would be valid.
        where: Where it was written, e.g. a file name; nothing for the command line.
    """
    names = sorted(valid)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}? " if near else ""
    place = f" in {where}" if where else ""
    return UserError(f"unknown {kind} {name!r}{place}: {hint}valid: {', '.join(names)}")

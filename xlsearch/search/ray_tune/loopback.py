"""A Ray cluster of this machine that no other machine can reach."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

_VARIABLE = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"
"""Ray's name for whether a node is to be reachable from others. On Linux it is, unless this says 0:
Ray then replaces even an explicit 127.0.0.1 by the address of the network."""


@contextlib.contextmanager
def loopback_only() -> Iterator[None]:
    """All servers of a Ray cluster that is started in the block listen on loopback.

    They are started as processes and inherit the variable. This process may have imported Ray
    before, so the constant that Ray made of the variable is set as well. Both are set back, since
    a node that joins a real cluster must not have them.
    """
    from ray._private import ray_constants

    before, variable = ray_constants.ENABLE_RAY_CLUSTER, os.environ.get(_VARIABLE)
    ray_constants.ENABLE_RAY_CLUSTER = False
    os.environ[_VARIABLE] = "0"
    try:
        yield
    finally:
        ray_constants.ENABLE_RAY_CLUSTER = before
        if variable is None:
            del os.environ[_VARIABLE]
        else:
            os.environ[_VARIABLE] = variable


def guard_token() -> None:
    """Leaves Ray's token to its owner: Ray writes the file for every user of the machine to read.

    Whoever has the token can run code in the search's cluster.
    """
    with contextlib.suppress(OSError):  # no file, or one that an administrator owns
        Path(token_place()).chmod(0o600)


def token_place() -> str:
    """Where Ray's token is that its dashboard asks for: a variable or a file."""
    if "RAY_AUTH_TOKEN" in os.environ:
        return "RAY_AUTH_TOKEN"
    return os.environ.get("RAY_AUTH_TOKEN_PATH") or str(Path.home() / ".ray" / "auth_token")

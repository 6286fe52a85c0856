"""Joining a Ray cluster that runs."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import sys
from collections.abc import Iterator

from xlsearch.errors import UserError

_CONNECT_SECONDS = 5.0
"""How long a head may take to accept a connection."""


def join_cluster(address: str) -> None:
    """Connects to a running cluster.

    Args:
        address: HOST:PORT of its head, or ``auto`` on one of its nodes.

    Raises:
        UserError: If there is none, or it does not take the token.
    """
    check_address(address)
    import ray

    where = f"the Ray cluster at {address!r}"
    try:
        with _silent():
            ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    except ray.exceptions.AuthenticationError:
        raise UserError(
            f"no token for {where}: put it into RAY_AUTH_TOKEN or ~/.ray/auth_token"
        ) from None
    except ConnectionError:
        reason = (
            "this machine is no node of one"
            if address == "auto"
            else "what listens there is no Ray head, or it does not take the token in "
            "RAY_AUTH_TOKEN or ~/.ray/auth_token"
        )
        raise UserError(f"can't join {where}: {reason}") from None
    except (ValueError, RuntimeError) as error:
        # Another version of Ray or Python, and a machine that is no node: Ray's message says which.
        said = " ".join(str(error).split())
        raise UserError(f"can't join {where}: {said}") from None


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """Nothing on standard error: there Ray would say once a second that a token is refused."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def check_address(address: str) -> None:
    """Tries an address at once, which Ray would do for half a minute.

    Raises:
        UserError: If it is none, or nobody listens there.
    """
    if address == "auto":
        return
    if "://" in address:
        raise UserError(
            f"--address {address} is that of a dashboard; expected HOST:6379 of the cluster's head "
            f"(or submit the search as a job: --submit {address})"
        )
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise UserError(
            f"--address {address!r} is no address of a Ray cluster; valid: HOST:PORT of its head "
            "(the port is 6379 unless it was chosen), or auto on one of its nodes"
        )
    try:
        socket.create_connection((host.strip("[]"), int(port)), _CONNECT_SECONDS).close()
    except OSError as error:
        reason = error.strerror or "no answer"
        raise UserError(
            f"nothing listens at {address} ({reason}); a valid address is HOST:6379, of a Ray "
            "head that is up"
        ) from None

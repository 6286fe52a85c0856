"""optuna-dashboard on a study, for this machine only."""

from __future__ import annotations

import errno
import importlib.util
from collections.abc import Callable, Iterable
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import optuna
from optuna.storages import BaseStorage

from xlsearch.errors import UserError
from xlsearch.reporting.note import put_note
from xlsearch.search.study import Study

HOST = "127.0.0.1"
"""The dashboard asks for no password, so nobody else may reach it."""

_NAMES = {HOST, "localhost"}


def check_installed() -> None:
    """Refuses to go on without optuna-dashboard.

    Raises:
        UserError: If it is not installed.
    """
    if importlib.util.find_spec("optuna_dashboard") is None:
        raise UserError(
            "optuna-dashboard is not installed; pip install 'xlsearch[dashboard]' brings it"
        )


class _Server(ThreadingMixIn, WSGIServer):
    """Answers several requests at a time: a page asks for more while it waits."""

    daemon_threads = True


class _Silent(WSGIRequestHandler):
    """Prints no line for each request."""

    def log_message(self, format: str, *args: Any) -> None:
        return None


def open_dashboard(storage: BaseStorage, study: Study, root: Path, port: int) -> _Server:
    """Puts a note on the study and binds the dashboard's server; ``serve_forever`` runs it.

    The study is opened with the storage's own lock, so a search may run meanwhile.

    Args:
        storage: Where the study is.
        study: The study with its protocol.
        root: The root folder.
        port: Where to listen; 0 for any that is free.

    Raises:
        UserError: If the port is taken.
    """
    from optuna_dashboard import wsgi

    put_note(storage, study, root)
    try:
        return make_server(HOST, port, _for_this_machine(wsgi(storage)), _Server, _Silent)
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        raise UserError(
            f"port {port} can't be used ({error.strerror}); give another with --port"
        ) from None


def address(server: _Server, storage: BaseStorage, study: Study) -> str:
    """The page of the study."""
    number = optuna.load_study(storage=storage, study_name=study.name)._study_id
    return f"http://{HOST}:{server.server_port}/dashboard/studies/{number}"


Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def _for_this_machine(application: Any) -> Application:
    """Answers only who asked for this machine by name: a page of another site, whose name was
    made to lead here, could read and delete studies otherwise."""

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("HTTP_HOST", "").rsplit(":", 1)[0] not in _NAMES:
            start("403 Forbidden", [("Content-Type", "text/plain")])
            return [b"this dashboard is for 127.0.0.1 only\n"]
        found: Iterable[bytes] = application(environ, start)
        return found

    return answer

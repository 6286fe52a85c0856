"""Where the record of a search is kept: a journal file, or any database that Optuna can use."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import optuna
from filelock import FileLock
from optuna.storages import BaseStorage, JournalStorage, get_storage
from optuna.storages.journal import JournalFileBackend
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from xlsearch.errors import UserError


class _ProcessLock:
    """A lock on the journal that dies with its process.

    Optuna's own locks are files that a killed process leaves behind for half a minute. The name
    differs from theirs, so that a dashboard on the same journal does not break this one.
    """

    def __init__(self, journal: Path) -> None:
        self._lock = FileLock(journal.with_name(journal.name + ".flock"))

    def acquire(self) -> bool:
        self._lock.acquire()
        return True

    def release(self) -> None:
        self._lock.release()


def open_journal(path: Path) -> BaseStorage:
    """The storage in a journal file, made if it is not there.

    A process that was killed while it wrote leaves a last line without an end, which the next
    write would make unreadable for ever; such a line is cut off here.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = _ProcessLock(path)
    lock.acquire()
    try:
        _cut_torn_line(path)
    finally:
        lock.release()
    return JournalStorage(JournalFileBackend(str(path), lock_obj=cast(Any, lock)))


def open_database(url: str) -> BaseStorage:
    """The storage behind a database URL.

    Raises:
        UserError: If the database can't be reached. The message leaves out the URL's password.
    """
    try:
        return get_storage(url)
    except Exception as error:
        scheme = url.split("://", 1)[0]
        raise UserError(
            f"can't open the {scheme} storage ({type(error).__name__}); a valid one is "
            "sqlite:///FILE or postgresql://USER@HOST/DATABASE"
        ) from None


def check_database_exists(url: str) -> None:
    """Refuses an SQLite file that is not there, which looking into it would make.

    Raises:
        UserError: If it is not there, or the URL is none.
    """
    shown = shown_url(url)
    place = make_url(url)
    file = place.database if place.get_backend_name() == "sqlite" else None
    if file and file != ":memory:" and not Path(file).exists():
        raise UserError(f"there is no database {shown}; xlsearch launch --storage makes one")


def shown_url(url: str) -> str:
    """A database URL as it may be printed: without its password.

    Raises:
        UserError: If it is no URL of a database.
    """
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        raise UserError(
            "--storage is not the URL of a database; a valid one is sqlite:///FILE or "
            "postgresql://USER@HOST/DATABASE"
        ) from None


def quiet_optuna() -> None:
    """Keeps Optuna's log lines out of the live table; warnings stay."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)


def _cut_torn_line(path: Path) -> None:
    if not path.exists():
        return
    data = path.read_bytes()
    whole = data.rfind(b"\n") + 1
    if whole < len(data):
        with path.open("r+b") as file:
            file.truncate(whole)

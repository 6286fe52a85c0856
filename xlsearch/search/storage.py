"""Where the record of a search is kept: a journal file, or any database that Optuna can use."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import optuna
from optuna.storages import BaseStorage, JournalStorage, RDBStorage, get_storage

from xlsearch.errors import UserError
from xlsearch.runs.retry import PATIENCE
from xlsearch.search.database import connected, parsed_url, settle, shown_url
from xlsearch.search.journal import CheckedJournal, repair, warn_of_damage
from xlsearch.search.patience import PatientStorage


def open_journal(path: Path) -> BaseStorage:
    """The storage in a journal file, made if it is not there, and cut back to its last good line
    if it is damaged. For the one process that writes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    repair(path)
    return JournalStorage(CheckedJournal(path))


def read_journal(path: Path) -> BaseStorage:
    """The storage in a journal file that another process may be writing.

    Raises:
        FileNotFoundError: If it is not there.
    """
    warn_of_damage(path)
    return JournalStorage(CheckedJournal(path))


def open_database(url: str) -> BaseStorage:
    """The storage behind a database URL.

    Raises:
        UserError: If the database can't be reached. The message leaves out the URL's password.
    """
    return get_storage(connected(url))


def patient_journal(path: Path, seconds: float = PATIENCE) -> PatientStorage:
    """``open_journal``, for a disk that may be full or away for so many seconds."""
    return PatientStorage(open_journal(path), f"the record {path}", seconds=seconds)


def patient_database(database: RDBStorage, url: str, seconds: float = PATIENCE) -> PatientStorage:
    """The storage in a ``connected`` database that may be away for so many seconds."""
    what = f"the database {shown_url(url)}"
    return PatientStorage(get_storage(database), what, partial(settle, database.engine), seconds)


def check_database_exists(url: str) -> None:
    """Refuses an SQLite file that is not there, which looking into it would make.

    Raises:
        UserError: If it is not there, or the URL is none.
    """
    shown = shown_url(url)
    place = parsed_url(url)
    file = place.database if place.get_backend_name() == "sqlite" else None
    if file and file != ":memory:" and not Path(file).exists():
        raise UserError(f"there is no database {shown}; xlsearch launch --storage makes one")


def quiet_optuna() -> None:
    """Keeps Optuna's log lines out of the live table; warnings stay."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)

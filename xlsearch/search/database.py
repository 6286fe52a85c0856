"""A database for the record of searches: how it is named, opened, and found to be away."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from typing import Any

from optuna.storages import RDBStorage
from sqlalchemy import ColumnClause, column, event, select, table, text
from sqlalchemy.engine import URL, Engine, ExceptionContext, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
)

from xlsearch.errors import UserError

VALID = "a valid one is sqlite:///FILE or postgresql://USER@HOST/DATABASE"

_PSYCOPG = "postgresql+psycopg"

_CONNECT = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
    "client_encoding": "utf8",  # also where the database's is SQL_ASCII
    "options": "-c idle_in_transaction_session_timeout=60s -c lock_timeout=60s",
}
"""libpq's settings, in seconds and milliseconds. After a minute without an answer the network
counts as gone, in place of the two hours of the operating system; after a minute the server gives
up a transaction whose client is gone, and with it its locks."""


class DatabaseAway(ConnectionError):
    """The database can't be used now: it is stopped, starts, is full, or can't be reached.

    The message is the driver's, without the password.
    """


def parsed_url(url: str) -> URL:
    """The URL of a database, with the driver that is used for it.

    Raises:
        UserError: If it is none. The message holds nothing of it: any part may be a password.
    """
    try:
        parsed = make_url(url)
        parsed.get_dialect()  # raises for a kind of database that SQLAlchemy doesn't know
    except (ArgumentError, ValueError):
        raise UserError(f"--storage is not the URL of a database; {VALID}") from None
    # What follows an unescaped @ of a password would be taken for the host, and be printed.
    if "@" in f"{parsed.host}{parsed.database}":
        raise UserError(
            "--storage has more than one @; write an @ in a user name or password as %40, or put "
            "the password into PGPASSWORD or ~/.pgpass"
        )
    # SQLAlchemy's default is another driver in some of its versions.
    return parsed.set(drivername=_PSYCOPG) if parsed.drivername == "postgresql" else parsed


def shown_url(url: str) -> str:
    """A database URL as it may be printed: without its password.

    Raises:
        UserError: If it is no URL of a database.
    """
    parsed = parsed_url(url)
    if parsed.drivername == _PSYCOPG:
        parsed = parsed.set(drivername="postgresql")
    secret = [key for key in parsed.query if _is_secret(key)]
    return parsed.difference_update_query(secret).render_as_string(hide_password=True)


def has_password(url: str) -> bool:
    """Whether a database URL holds a password.

    Raises:
        UserError: If it is no URL of a database.
    """
    return bool(_secrets(parsed_url(url)))


def check_driver(url: str) -> None:
    """Refuses a database that can't be talked to from here, without a connection to it.

    Raises:
        UserError: If it is no URL of a database, or there is no Python driver for it.
    """
    parsed = parsed_url(url)
    try:
        parsed.get_dialect().import_dbapi()
    except ImportError:
        extra = "; pip install 'xlsearch[postgresql]'" if _is_postgresql(parsed) else ""
        raise UserError(
            f"the Python driver for {parsed.drivername} databases is not installed{extra}"
        ) from None


def connected(url: str) -> RDBStorage:
    """Optuna's storage in a database, whose calls raise ``DatabaseAway`` while it is away.

    Raises:
        UserError: If it can't be opened.
    """
    check_driver(url)
    parsed = parsed_url(url)
    try:
        storage = _opened(parsed)
    except Exception as error:
        raise UserError(
            f"can't open the storage {shown_url(url)} ({_reason(error, parsed)}); {VALID}, whose "
            "password may be in PGPASSWORD or ~/.pgpass"
        ) from None

    def away(context: ExceptionContext) -> None:
        # Optuna would make a trial again itself, without a look whether it is there already.
        passing = (OperationalError, InterfaceError, InternalError)
        if isinstance(context.sqlalchemy_exception, passing) and not context.is_pre_ping:
            raise DatabaseAway(_reason(context.sqlalchemy_exception, parsed))

    event.listen(storage.engine, "handle_error", away)
    return storage


def settle(engine: Engine, study_id: int) -> None:
    """Waits for transactions that make trials of a study and whose connection was lost.

    Optuna makes a trial while it holds the row of its study.
    """
    study: ColumnClause[int] = column("study_id")
    with engine.begin() as connection:
        row = select(study).select_from(table("studies", study)).where(study == study_id)
        connection.execute(row.with_for_update())


@contextlib.contextmanager
def only_writer(engine: Engine, study: str) -> Iterator[bool]:
    """Keeps other machines' drivers out of a study during the block, on PostgreSQL.

    The lock is the connection's, and gone when the server was restarted: the lock in the root
    folder is what a study is kept apart by. This one finds a copy of the root folder.

    Returns:
        Whether no other driver is there.
    """
    if engine.dialect.name != "postgresql":
        yield True
        return
    key = int.from_bytes(hashlib.sha256(f"xlsearch {study}".encode()).digest()[:8], signed=True)
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    try:
        yield bool(connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}))
    finally:
        # Closed for good, not given back to the pool, so that the lock ends here.
        with contextlib.suppress(DatabaseAway):
            connection.detach()
            connection.close()


def _opened(url: URL) -> RDBStorage:
    arguments: dict[str, Any] = {"hide_parameters": True, "pool_pre_ping": True}
    if _is_postgresql(url):
        arguments["connect_args"] = _CONNECT
    text_url = url.render_as_string(hide_password=False)
    try:
        return RDBStorage(text_url, arguments)
    except (IntegrityError, ProgrammingError):
        # Another process made the tables at the same moment.
        return RDBStorage(text_url, arguments)


def _is_postgresql(url: URL) -> bool:
    return url.get_backend_name() == "postgresql"


def _reason(error: BaseException, url: URL) -> str:
    """The first line of what a database's driver says, without the password."""
    while not isinstance(error, DBAPIError) and error.__cause__ is not None:
        error = error.__cause__
    said = error.orig if isinstance(error, DBAPIError) else None
    line = (str(said).strip().splitlines() or [""])[0] if said is not None else ""
    for secret in _secrets(url):
        line = line.replace(secret, "***")
    return line or type(error).__name__


def _secrets(url: URL) -> list[str]:
    """Passwords in a URL."""
    values = [url.password, *(v for k, v in url.query.items() if _is_secret(k))]
    return [str(value) for value in values if value]


def _is_secret(key: str) -> bool:
    return "password" in key.lower()

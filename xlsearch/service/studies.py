"""The record of a search: begun or continued by a launch, and found again by all other commands."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime

from optuna.storages import BaseStorage

from xlsearch.config.space import SearchSpace
from xlsearch.errors import RunFailed, UserError
from xlsearch.runs.remote import remote_of
from xlsearch.runs.retry import PATIENCE
from xlsearch.search.database import connected, only_writer, shown_url
from xlsearch.search.journal_objects import open_object_journal
from xlsearch.search.opening import open_study, read_study
from xlsearch.search.patience import PatientStorage
from xlsearch.search.protocols.registry import build_protocol
from xlsearch.search.storage import (
    check_database_exists,
    open_database,
    open_journal,
    patient_database,
    patient_journal,
    read_journal,
)
from xlsearch.search.study import Driver, Study
from xlsearch.service.root_id import root_id
from xlsearch.service.search import Search
from xlsearch.service.workspace import Workspace


def begin_study(search: Search, storage: BaseStorage, name: str) -> Study:
    """The record of a search, new or continued.

    Raises:
        UserError: If it exists with another configuration.
    """
    return open_study(storage, name, search.configuration(), search.protocol)


@contextlib.contextmanager
def recording(
    search: Search,
    workspace: Workspace,
    name: str,
    url: str | None = None,
    seconds: float = PATIENCE,
) -> Iterator[Study]:
    """The record of a search, new or continued, that this process alone writes during the block.

    Args:
        search: The search.
        workspace: The root folder.
        name: The study's name.
        url: A database for the record, in place of the journal in the study's folder.
        seconds: How long the record's storage may be away.

    Raises:
        UserError: If the study has another configuration, is driven by another process, or belongs
            to another root folder.
        RunFailed: If the storage was away for too long.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(workspace.driving(name))
        if url is None:
            storage = _patient_record(workspace, name, seconds)
        else:
            database = connected(url)
            storage = patient_database(database, url, seconds)
            alone = stack.enter_context(only_writer(database.engine, name))
            _check_driver(storage, workspace, name, shown_url(url), alone)
        try:
            study = begin_study(search, storage, name)
            if url is not None:
                study.driven_by(_this_driver(workspace))
            yield study
        except Exception:
            # Ray wraps what is raised in the middle of a search, or takes it for a failed trial.
            if storage.failure is not None:
                raise RunFailed(storage.failure) from None
            raise


def _patient_record(workspace: Workspace, name: str, seconds: float) -> PatientStorage:
    """The record in the root: a journal file, or objects in the store of a remote root."""
    remote = remote_of(workspace.root)
    if remote is None:
        return patient_journal(workspace.journal(name), seconds)
    record = open_object_journal(remote.patient(seconds), name)
    return PatientStorage(record, workspace.location, seconds=seconds)


def _check_driver(
    storage: PatientStorage, workspace: Workspace, name: str, place: str, alone: bool
) -> None:
    """Refuses a study that another driver or another root folder writes to.

    Raises:
        UserError: If there is one; says which.
    """
    try:
        driver = read_study(storage, name).driver
    except KeyError:
        driver = None
    where = f"{driver.folder} on {driver.host}" if driver else "another root folder"
    if not alone:
        by = f"process {driver.pid} since {driver.since}, from {where}" if driver else where
        raise UserError(
            f"study {name!r} in {place} is already being driven by {by}; wait for it or stop it "
            "first"
        )
    if driver is not None and driver.root != root_id(workspace.root):
        raise UserError(
            f"study {name!r} in {place} belongs to the root folder {where}, where its runs are; "
            "give that one with --root, or another --study name"
        )


def _this_driver(workspace: Workspace) -> Driver:
    return Driver(
        root=root_id(workspace.root),
        folder=str(workspace.root),
        host=socket.gethostname(),
        pid=os.getpid(),
        since=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def load_study(workspace: Workspace, name: str | None, url: str | None = None) -> Study:
    """A recorded study with its protocol, for reading.

    Args:
        workspace: Where it is.
        name: Its name; None for the only one.
        url: The database of the record, if it is not in the study's journal.

    Raises:
        UserError: If there is no such study, or it was never begun.
    """
    if url is None:
        name = workspace.find_study(name)
    elif name is None:
        raise UserError("which study? with --storage, give its name")
    else:
        check_database_exists(url)
    try:
        study = read_study(_storage_to_read(workspace, name, url), name)
        configuration = study.configuration
    except KeyError:
        raise UserError(
            f"study {name!r} was not begun; xlsearch launch begins it, or give another name"
        ) from None
    if "methods" not in configuration:
        raise UserError(f"study {name!r} was begun by an earlier version, which can still read it")
    space = SearchSpace.model_validate({**configuration["space"], "scales": {}})
    keys = ("methods", "seed", "seeds")
    return study.with_protocol(build_protocol(space, *(configuration[key] for key in keys)))


def open_storage(workspace: Workspace, name: str, url: str | None) -> BaseStorage:
    """The storage of a study that exists, for others than its driver to read and to note things in.

    Raises:
        UserError: If it is an object store, in which only the driver may write.
    """
    if url is not None:
        return open_database(url)
    if remote_of(workspace.root) is not None:
        raise UserError(
            f"the record of study {name!r} is in an object store, which a dashboard can't read; "
            "xlsearch report shows the study, and a search with --storage postgresql://… can be "
            "watched"
        )
    return open_journal(workspace.journal(name))


def _storage_to_read(workspace: Workspace, name: str, url: str | None) -> BaseStorage:
    if url is not None:
        return open_database(url)
    remote = remote_of(workspace.root)
    return open_object_journal(remote, name) if remote else read_journal(workspace.journal(name))

"""The record of a search: begun or continued by a launch, and found again by all other commands."""

from __future__ import annotations

from optuna.storages import BaseStorage

from xlsearch.config.space import SearchSpace
from xlsearch.errors import UserError
from xlsearch.runs.remote import remote_of
from xlsearch.search.journal_objects import open_object_journal
from xlsearch.search.protocols.registry import build_protocol
from xlsearch.search.storage import check_database_exists, open_database, open_journal
from xlsearch.search.study import Study, open_study, read_study
from xlsearch.service.search import Search
from xlsearch.service.workspace import Workspace


def open_storage(workspace: Workspace, study: str, url: str | None) -> BaseStorage:
    """The study's storage: the database of a URL, or the journal in the study's folder or in the
    object store of the root."""
    remote = remote_of(workspace.root)
    if remote is not None and url is None:
        return open_object_journal(remote, study)
    return open_database(url) if url else open_journal(workspace.journal(study))


def begin_study(search: Search, storage: BaseStorage, name: str) -> Study:
    """The record of a search, new or continued.

    Raises:
        UserError: If it exists with another configuration.
    """
    return open_study(storage, name, search.configuration(), search.protocol)


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
        study = read_study(open_storage(workspace, name, url), name)
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

"""Optuna's journal in an object store: each batch of operations is an object with a number.

Objects can't be appended to, and are whole or not there. The lease of a study's driver makes it the
only writer; anybody may read. Nothing is ever changed or removed.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from typing import Any

from optuna.storages import BaseStorage, JournalStorage
from optuna.storages.journal import BaseJournalBackend

from xlsearch.errors import UserError
from xlsearch.runs.remote import Remote

_TRIES = 5
"""How often a list with a gap is asked for again: one of many pages is no moment's picture."""


class JournalObjects(BaseJournalBackend):
    """Optuna's operations as objects ``<folder>/000000000.json`` and so on.

    Args:
        remote: The object store.
        folder: The journal's name from the root.
        sleep: Waits before a list is asked for again.
    """

    def __init__(
        self, remote: Remote, folder: str, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._remote = remote
        self._folder = folder
        self._sleep = sleep
        self._objects = 0
        self._logs: list[dict[str, Any]] = []
        self._writes = False

    def read_logs(self, log_number_from: int) -> Iterable[dict[str, Any]]:
        """The operations from a number on.

        Raises:
            UserError: If an object between others is missing.
        """
        if not self._writes:  # else all there is was written here
            for content in self._remote.read_all(self._new()):
                self._logs += json.loads(content)
                self._objects += 1
        return self._logs[log_number_from:]

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Writes operations after those that were read. The caller is the only writer."""
        if not self._writes:
            self.read_logs(0)
            self._writes = True
        self._remote.write(self._name(self._objects), json.dumps(logs).encode())
        self._objects += 1
        self._logs += json.loads(json.dumps(logs))

    def _new(self) -> list[str]:
        """Names of the objects that were not read yet, in order."""
        for left in reversed(range(_TRIES)):
            there = self._remote.files(self._folder)
            new = [name for name in there if name >= self._name(self._objects)]
            expected = [self._name(self._objects + place) for place in range(len(new))]
            if new == expected:
                return new
            if left:
                self._sleep(1.0)
        missing = next(name for name in expected if name not in new)
        raise UserError(
            f"the record in {self._remote.url}/{self._folder} is damaged: {missing} is missing, "
            "but later ones are there; restore it, or begin another --study"
        )

    def _name(self, number: int) -> str:
        return f"{self._folder}/{number:09d}.json"


def open_object_journal(remote: Remote, study: str) -> BaseStorage:
    """The storage of a study whose record lies in an object store.

    Raises:
        UserError: If the record is damaged.
    """
    return JournalStorage(JournalObjects(remote, _journal(study)))


def recorded_studies(remote: Remote) -> list[str]:
    """Names of all studies with such a record."""
    names = remote.folders("studies")
    return [name for name in names if remote.exists(f"{_journal(name)}/{0:09d}.json")]


def _journal(study: str) -> str:
    return f"studies/{study}/journal"

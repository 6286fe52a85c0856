"""The root folder of all that xlsearch writes, and the folder of each study in it."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from xlsearch.errors import UserError, unknown_name
from xlsearch.runs.lease import TIMING, last_renewed, lease_holder, leased
from xlsearch.runs.lock import Held, is_held, locked
from xlsearch.runs.remote import Remote, location_of, publish, remote_of
from xlsearch.search.journal_objects import recorded_studies

_STATUS_SECONDS = 1.0
"""A status command holds a driver's lock for an instant to see whether it is free."""

_LOOK_SECONDS = 2.0
"""Seconds between two looks at a claim that may be dead."""

_PROBE = "probe"
"""An object that is made and removed to see whether that is allowed."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def check_study_name(name: str) -> None:
    """Refuses a name that would lead out of the root folder.

    Raises:
        UserError: If the name is no plain name.
    """
    if not _NAME.fullmatch(name):
        raise UserError(
            f"study name {name!r} is not valid: use letters, digits, '.', '_' and '-', "
            "beginning with a letter or digit, 100 at most"
        )


class Workspace:
    """A root folder.

    Args:
        root: The folder; need not exist.

    Attributes:
        root: The folder; of a root in an object store, this machine's working copy.
        location: The root as the user knows it.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.location = location_of(self.root)
        self._remote = remote_of(self.root)

    def check_writable(self, needed_bytes: int) -> None:
        """Makes the root folder and tries it.

        Args:
            needed_bytes: What is about to be written to it.

        Raises:
            UserError: If it can't be written to, or has too little space.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.root) as file:
                file.write(b"\0" * 4096)
                file.flush()
                os.fsync(file.fileno())
            free = shutil.disk_usage(self.root).free
        except OSError as error:
            raise UserError(
                f"the root folder {self.root} can't be written to ({error.strerror}); "
                "give another with --root or XLSEARCH_ROOT"
            ) from None
        if free < needed_bytes:
            raise UserError(
                f"the root folder {self.root} has {free / 1e6:.0f} MB free and this needs about "
                f"{needed_bytes / 1e6:.0f} MB; free some, or give another with --root"
            )
        if self._remote is not None:
            self._remote.write(_PROBE, b"")
            self._remote.remove(_PROBE)

    def study_folder(self, name: str) -> Path:
        """Where a study's files are.

        Raises:
            UserError: If the name is no plain name.
        """
        check_study_name(name)
        return self.root / "studies" / name

    def journal(self, name: str) -> Path:
        """The study's Optuna journal."""
        return self.study_folder(name) / "journal.log"

    def study_names(self) -> list[str]:
        """All studies of this root folder."""
        if self._remote is not None:
            return recorded_studies(self._remote)
        return sorted(path.parent.name for path in self.root.glob("studies/*/journal.log"))

    def find_study(self, name: str | None) -> str:
        """The name, if there is such a study; the only study, if no name is given.

        Raises:
            UserError: If there is none, or no name is given and there are several.
        """
        names = self.study_names()
        if not names:
            raise UserError(f"there is no study in {self.location}; xlsearch launch begins one")
        if name is None:
            if len(names) > 1:
                raise UserError(f"which study? {self.location} holds: {', '.join(names)}")
            return names[0]
        self.study_folder(name)
        if name not in names:
            raise unknown_name("study", name, names, self.location)
        return name

    def publish(self, path: Path) -> None:
        """Sends a file of the root to where the root lives; a plain folder has it already."""
        publish(self.root, path.relative_to(self.root).as_posix())

    def shown(self, path: Path) -> str:
        """Where a file of the root is, for people: from the current folder, or its URL."""
        if self._remote is None:
            return os.path.relpath(path)
        name = path.relative_to(self.root).as_posix()
        return self.location if name == "." else f"{self.location}/{name}"

    @property
    def is_remote(self) -> bool:
        """Whether the root lives in an object store."""
        return self._remote is not None

    def driver_lock(self, name: str) -> Path:
        """The lock that a study's driver holds."""
        return self.study_folder(name) / "driver.lock"

    def is_driven(self, name: str) -> bool:
        """Whether a study has a driver at this moment, here or on another machine."""
        if is_held(self.driver_lock(name)):
            return True
        remote = self._remote
        return remote is not None and lease_holder(remote, self._lease(name)) is not None

    @contextlib.contextmanager
    def driving(
        self, name: str, on_wait: Callable[[str], None] = lambda who: None
    ) -> Iterator[None]:
        """Makes this process the only driver of a study during the block.

        A claim that another machine has left in an object store may be that of a lost driver: it is
        waited for until it is renewed or dead, a minute at most.

        Args:
            name: The study's name.
            on_wait: Told once whose claim that is.

        Raises:
            UserError: If another process drives it; says which and since when.
        """
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(locked(self.driver_lock(name), _STATUS_SECONDS))
                if self._remote is not None:
                    self._take_lease(stack, self._remote, self._lease(name), on_wait)
            except Held as held:
                since = f" since {held.holder.since}" if held.holder else ""
                raise UserError(
                    f"study {name!r} is already being driven by {held.who}{since}; wait for it "
                    f"(xlsearch status {name} shows how it goes) or stop it first"
                ) from None
            yield

    def _take_lease(
        self,
        stack: contextlib.ExitStack,
        remote: Remote,
        lease: str,
        on_wait: Callable[[str], None],
    ) -> None:
        """Holds the lease until the stack is closed.

        Raises:
            Held: If who holds it is seen to renew it.
        """
        seen, begin = None, time.monotonic()
        while True:
            try:
                return stack.enter_context(leased(remote, lease))
            except Held as held:
                renewed = last_renewed(remote, lease)
                if seen is None:
                    seen = renewed
                    on_wait(held.who)
                waited = time.monotonic() - begin
                if renewed > seen or waited > TIMING.dead + TIMING.renew:
                    raise
            time.sleep(_LOOK_SECONDS)

    def _lease(self, name: str) -> str:
        return f"studies/{name}/driver"

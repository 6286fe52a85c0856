"""The root folder of all that xlsearch writes, and the folder of each study in it."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from xlsearch.errors import UserError, unknown_name
from xlsearch.runs.lock import Held, locked

_STATUS_SECONDS = 1.0
"""A status command holds a driver's lock for an instant to see whether it is free."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class Workspace:
    """A root folder.

    Args:
        root: The folder; need not exist.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

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

    def study_folder(self, name: str) -> Path:
        """Where a study's files are.

        Raises:
            UserError: If the name is no plain name.
        """
        if not _NAME.fullmatch(name):
            raise UserError(
                f"study name {name!r} is not valid: use letters, digits, '.', '_' and '-', "
                "beginning with a letter or digit, 100 at most"
            )
        return self.root / "studies" / name

    def journal(self, name: str) -> Path:
        """The study's Optuna journal."""
        return self.study_folder(name) / "journal.log"

    def study_names(self) -> list[str]:
        """All studies of this root folder."""
        return sorted(path.parent.name for path in self.root.glob("studies/*/journal.log"))

    def find_study(self, name: str | None) -> str:
        """The name, if there is such a study; the only study, if no name is given.

        Raises:
            UserError: If there is none, or no name is given and there are several.
        """
        names = self.study_names()
        if not names:
            raise UserError(f"there is no study in {self.root}; xlsearch launch begins one")
        if name is None:
            if len(names) > 1:
                raise UserError(f"which study? {self.root} holds: {', '.join(names)}")
            return names[0]
        self.study_folder(name)
        if name not in names:
            raise unknown_name("study", name, names, str(self.root))
        return name

    def driver_lock(self, name: str) -> Path:
        """The lock that a study's driver holds."""
        return self.study_folder(name) / "driver.lock"

    @contextlib.contextmanager
    def driving(self, name: str) -> Iterator[None]:
        """Makes this process the only driver of a study during the block.

        Raises:
            UserError: If another process drives it; says which and since when.
        """
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(locked(self.driver_lock(name), _STATUS_SECONDS))
            except Held as held:
                by = (
                    f"process {held.holder.pid} since {held.holder.since}"
                    if held.holder
                    else "another process"
                )
                raise UserError(
                    f"study {name!r} is already being driven by {by}; wait for it (xlsearch "
                    f"status {name} shows how it goes) or stop it first"
                ) from None
            yield

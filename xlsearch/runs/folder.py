"""A run's folder: ``runs/<content name>/``.

=================== ===========================================================================
``config.json``     the whole configuration, of which the folder's name is the hash
``evaluations.jsonl`` the tidy rows so far
``checkpoint/``     weights, optimizer and data position to continue from; gone when done
``candidates/``     trained weights of evaluations that may still be chosen; gone when done
``model/``          the trained model, loadable with ``from_pretrained``, or its trained part
``result.json``     how the run ended, and the sums of its files; written last, so that its
                    presence means complete
``events.log``      what the run survived, a sentence each (docs/reliability.md)
``memory.json``     how the run saves memory, if it had too little
``hung.log``        what hung attempts were doing; ``hangs.json`` counts them
``error.log``       the traceback of the last error that was not foreseen
``lock``            held by the process that works on the run
=================== ===========================================================================

Where the root is a working copy of an object store, the same lies there too. Who owns the folder
holds a lease beside the lock, begins with what the store has, and publishes what it writes.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from xlsearch.config.run import RunConfig
from xlsearch.errors import RunFailed
from xlsearch.runs.atomic import read_json, write_json
from xlsearch.runs.content import content_name, file_sha256
from xlsearch.runs.lease import leased
from xlsearch.runs.lock import locked
from xlsearch.runs.manifest import first_damaged, sums
from xlsearch.runs.mirror import newest, newest_here, receive, send
from xlsearch.runs.remote import fetched, fetched_folder, remote_of
from xlsearch.runs.rows import Row, read_rows, write_rows

_LOG = logging.getLogger("xlsearch")

_ROWS = "evaluations.jsonl"

_RESULT = "result.json"

_NOTES = ("config.json", "memory.json", "hangs.json", "events.log")
"""What a run is, and what attempts at it have learned, for whoever goes on with it."""


@dataclass(frozen=True)
class RunResult:
    """How a run ended.

    Attributes:
        state: ``complete``, or ``diverged`` when the loss was no longer a finite number.
        steps: Updates done.
        train_seconds: Wall time spent in updates, over all processes that worked on the run.
        evaluation_seconds: Wall time spent in evaluations, likewise.
        train_tokens: Source and target tokens trained on, padding not counted.
        device: What it ran on, e.g. ``cpu`` or ``NVIDIA A100-SXM4-80GB``.
        accumulation_steps: Parts that a batch was computed in at the end, for want of memory.
        evaluation_parts: Parts that ``evaluation.batch_tokens`` was cut into, likewise.
    """

    state: str
    steps: int
    train_seconds: float
    evaluation_seconds: float
    train_tokens: int
    device: str
    accumulation_steps: int = 1
    evaluation_parts: int = 1


class RunFolder:
    """The folder of one run.

    Args:
        root: The root folder of all that xlsearch writes.
        config: The run's configuration.
    """

    def __init__(self, root: Path, config: RunConfig) -> None:
        description = config.model_dump(mode="json")
        self.name = content_name(description)
        self.path = root / "runs" / self.name
        self._description = description
        self._root = root
        self._remote = remote_of(root)

    @property
    def copy(self) -> str:
        """Names the working copy that it is in, among those of all machines; empty in none."""
        return self._remote.copy if self._remote is not None else ""

    @property
    def checkpoint(self) -> Path:
        """Where the run continues from."""
        return self.path / "checkpoint"

    @property
    def candidates(self) -> Path:
        """The trained weights of the evaluations that may still be chosen."""
        return self.path / "candidates"

    def candidate(self, step: int) -> Path:
        """Those of the evaluation after a step."""
        return self.candidates / f"step-{step}"

    def clear(self) -> None:
        """Removes what only a run that goes on needs."""
        for place in (self.checkpoint, self.candidates):
            self._remove(place)

    def _remove(self, place: Path) -> None:
        if self._remote is not None:
            self._remote.remove(self._name_of(place))
        shutil.rmtree(place, ignore_errors=True)

    @property
    def model(self) -> Path:
        """The trained model."""
        return self.path / "model"

    def fetch_model(self) -> Path:
        """The trained model, brought here if another machine has trained it.

        Raises:
            RunFailed: If what was brought is not what was trained.
        """
        if self._remote is None or self.model.exists():
            return self.model
        last = self._name_of(self.path / _RESULT)
        fetched_folder(self._root, self._name_of(self.model), last)
        values = _sealed_result(self.path / _RESULT)
        files = _of_model(values["files"]) if values is not None else {}
        if damaged := first_damaged(self.path, files, file_sha256):
            shutil.rmtree(self.model, ignore_errors=True)
            name = self._name_of(damaged)
            raise RunFailed(
                f"{self._remote.url}/{name} is damaged; remove the run's folder "
                f"{self._name_of(self.path)} there, and the same command does the run again"
            )
        return self.model

    @contextlib.contextmanager
    def owned(self, timeout: float) -> Iterator[None]:
        """Keeps other processes out of the folder during the block; makes it if need be.

        Raises:
            xlsearch.runs.lock.Held: If another process still works in it after ``timeout`` seconds.
        """
        with contextlib.ExitStack() as stack:
            stack.enter_context(locked(self.path / "lock", timeout))
            if self._remote is not None:
                name = self._name_of(self.path / "lock")
                stack.enter_context(leased(self._remote, name, timeout))
                self._receive()
            place = self.path / "config.json"
            if _readable(place) != self._description:
                if place.exists():
                    _LOG.warning("%s is damaged; it is written again", place)
                write_json(place, self._description)
            yield

    def _receive(self) -> None:
        """Begins with what the store has, if that is as far as what is here."""
        assert self._remote is not None
        checkpoint = self._name_of(self.checkpoint)
        ended = self._remote.exists(self._name_of(self.path / _RESULT))
        if ended or newest(self._remote, checkpoint) >= newest_here(self._remote, checkpoint):
            receive(self._remote, [self._name_of(place) for place in self._state])

    @property
    def _state(self) -> tuple[Path, ...]:
        """All but the model, in the order in which it is written and must be published."""
        names = (*_NOTES, "candidates", _ROWS, "checkpoint", _RESULT)
        return tuple(self.path / name for name in names)

    def publish(self) -> None:
        """Sends all but the model to where the root lives; nothing to do for a plain folder."""
        if self._remote is not None:
            send(self._remote, [self._name_of(place) for place in self._state])

    def publish_notes(self) -> None:
        """Sends what was learned since the last evaluation, which the next attempt would begin
        without otherwise."""
        if self._remote is not None:
            send(self._remote, [self._name_of(self.path / name) for name in _NOTES])

    def _name_of(self, place: Path) -> str:
        return place.relative_to(self._root).as_posix()

    @property
    def result(self) -> RunResult | None:
        """How the run ended; None while it has not, or where that can't be read any more."""
        values = _sealed_result(self.path / _RESULT)
        return None if values is None else RunResult(**values["result"])

    def finish(self, result: RunResult) -> None:
        """Marks the run as ended. The last thing that is written, and published, with the sums of
        the rest."""
        if self._remote is not None:
            self.publish()
            self._remote.publish(self._name_of(self.model))
        files = {_ROWS: file_sha256(self.rows_file)}
        files |= {f"model/{name}": digest for name, digest in sums(self.model, file_sha256).items()}
        values = asdict(result)
        seal = content_name({"result": values, "files": files})
        write_json(self.path / _RESULT, {**values, "files": files, "seal": seal})
        if self._remote is not None:
            self._remote.publish(self._name_of(self.path / _RESULT))

    def damaged(self) -> Path | None:
        """The first file of an ended run that is no longer as it was; None where all are."""
        path = self.path / _RESULT
        values = _sealed_result(self.path / _RESULT)
        if values is None:
            return path if path.exists() else None
        files: dict[str, str] = values["files"]
        if self._remote is None:
            return first_damaged(self.path, files, file_sha256)
        if self.model.exists() and (bad := first_damaged(self.path, _of_model(files), file_sha256)):
            # It is a copy, perhaps of what another machine has replaced since.
            _LOG.warning("%s is not as in %s; it is fetched when needed", bad, self._remote.url)
            shutil.rmtree(self.model)
        # Gigabytes that another machine has trained are not fetched to be looked at.
        rows = {name: digest for name, digest in files.items() if name == _ROWS}
        return first_damaged(self.path, rows, file_sha256)

    def has_ended(self) -> bool:
        """Whether the run ended, here or on another machine; nobody need own the folder."""
        return _sealed_result(fetched(self._root, self._name_of(self.path / _RESULT))) is not None

    @property
    def rows_file(self) -> Path:
        """Where the tidy rows are."""
        return self.path / _ROWS

    @property
    def rows(self) -> list[Row]:
        """The tidy rows so far, in the order of their steps."""
        return read_rows(self.rows_file) if self.rows_file.exists() else []

    def write_rows(self, rows: list[Row]) -> None:
        """Replaces the rows by ``rows``."""
        write_rows(self.rows_file, rows)


def _sealed_result(path: Path) -> dict[str, Any] | None:
    """The result and the sums of the run's files; None where there is none, or it is damaged.

    A result from before there were seals is believed.
    """
    values = _readable(path)
    try:
        files, seal = values.pop("files", {}), values.pop("seal", None)
        sealed = {"result": asdict(RunResult(**values)), "files": files}
    except TypeError:
        return None
    whole = seal == content_name(sealed) if seal is not None or files else True
    return sealed if whole else None


def _of_model(files: dict[str, str]) -> dict[str, str]:
    """The sums of a run's model, among those of all its files."""
    return {name: digest for name, digest in files.items() if name != _ROWS}


def _readable(path: Path) -> dict[str, Any]:
    """A JSON object; empty where there is none that can be read."""
    try:
        value = read_json(path)
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}

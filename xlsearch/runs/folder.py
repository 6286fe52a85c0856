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
``hung.log``        what hung attempts were doing on this machine; ``hangs.json`` counts them
``error.log``       the traceback of the last error that was not foreseen
``lock``            held by the process that works on the run
=================== ===========================================================================

Where the root is a working copy of an object store, the same lies there too. Who owns the folder
holds a lease beside the lock, begins with what the store has, and publishes what it writes; only
``hung.log`` stays where it was written.
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
from xlsearch.runs.remote import fetched_folder, location_of, remote_of
from xlsearch.runs.rows import Row, read_rows, write_rows

_LOG = logging.getLogger("xlsearch")

_ROWS = "evaluations.jsonl"

_NOTES = ("memory.json", "hangs.json", "events.log")


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

    @property
    def copy(self) -> str:
        """Names the working copy that it is in, among those of all machines; empty in none."""
        return self._remote.copy if self._remote is not None else ""

    @property
    def is_copy(self) -> bool:
        """Whether this is a working copy of a folder in an object store."""
        return self._remote is not None

    def fetch_model(self) -> Path:
        """The trained model, brought here if another machine has trained it.

        Raises:
            RunFailed: If it came damaged.
        """
        last = self._name_of(self.path / "result.json")
        folder = fetched_folder(self._root, self._name_of(self.model), last)
        if self.is_copy and (damaged := first_damaged(self.path, self._model_sums, file_sha256)):
            shutil.rmtree(folder, ignore_errors=True)
            raise RunFailed(
                f"{self._name_of(damaged)} is damaged in {location_of(self._root)}; remove {last} "
                "there, and the same command does the run again"
            )
        return folder

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
        ended = self._remote.exists(self._name_of(self.path / "result.json"))
        if ended or newest(self._remote, checkpoint) >= newest_here(self._remote, checkpoint):
            receive(self._remote, [self._name_of(place) for place in self._state])

    @property
    def _state(self) -> tuple[Path, ...]:
        """All but the model, in the order in which it is written and must be published."""
        names = ("config.json", *_NOTES, "candidates", _ROWS, "checkpoint", "result.json")
        return tuple(self.path / name for name in names)

    def is_ended(self) -> bool:
        """Whether the run has ended, here or on another machine; without a look for damage."""
        if self._remote is not None:
            return self._remote.exists(self._name_of(self.path / "result.json"))
        return self.result is not None

    def publish(self) -> None:
        """Sends all but the model to where the root lives; nothing to do for a plain folder."""
        if self._remote is not None:
            send(self._remote, [self._name_of(place) for place in self._state])

    def publish_notes(self) -> None:
        """Sends what the run survived and learned by it, which must not wait for a checkpoint: who
        goes on begins with what the store has."""
        if self._remote is not None:
            send(self._remote, [self._name_of(self.path / name) for name in _NOTES])

    def _name_of(self, place: Path) -> str:
        return place.relative_to(self._root).as_posix()

    @property
    def result(self) -> RunResult | None:
        """How the run ended; None while it has not, or where that can't be read any more."""
        values = self._sealed_result()
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
        write_json(self.path / "result.json", {**values, "files": files, "seal": seal})
        if self._remote is not None:
            self._remote.publish(self._name_of(self.path / "result.json"))

    def damaged(self) -> Path | None:
        """The first file of an ended run that is no longer as it was; None where all are."""
        path = self.path / "result.json"
        values = self._sealed_result()
        if values is None:
            return path if path.exists() else None
        files: dict[str, str] = values["files"]
        if self._remote is not None:
            # Gigabytes that another machine has trained are not fetched to be looked at, and a copy
            # of them may be from before the run was done again.
            if first_damaged(self.path, self._model_sums, file_sha256):
                shutil.rmtree(self.model, ignore_errors=True)
            files = {name: digest for name, digest in files.items() if name == _ROWS}
        return first_damaged(self.path, files, file_sha256)

    @property
    def _model_sums(self) -> dict[str, str]:
        values = self._sealed_result() or {"files": {}}
        return {name: digest for name, digest in values["files"].items() if name != _ROWS}

    def _sealed_result(self) -> dict[str, Any] | None:
        """The result and the sums of the run's files; None where there is none, or it is damaged.

        A result from before there were seals is believed.
        """
        values = _readable(self.path / "result.json")
        try:
            files, seal = values.pop("files", {}), values.pop("seal", None)
            sealed = {"result": asdict(RunResult(**values)), "files": files}
        except TypeError:
            return None
        whole = seal == content_name(sealed) if seal is not None or files else True
        return sealed if whole else None

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


def _readable(path: Path) -> dict[str, Any]:
    """A JSON object; empty where there is none that can be read."""
    try:
        value = read_json(path)
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}

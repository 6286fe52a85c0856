"""A run's folder: ``runs/<content name>/``.

=================== ===========================================================================
``config.json``     the whole configuration, of which the folder's name is the hash
``evaluations.jsonl`` the tidy rows so far
``checkpoint/``     weights, optimizer and data position to continue from; gone when done
``candidates/``     trained weights of evaluations that may still be chosen; gone when done
``model/``          the trained model, loadable with ``from_pretrained``, or its trained part
``result.json``     how the run ended; written last, so that its presence means complete
``lock``            held by the process that works on the run
=================== ===========================================================================

Where the root is a working copy of an object store, the same lies there too. Who owns the folder
holds a lease beside the lock, begins with what the store has, and publishes what it writes.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from xlsearch.config.run import RunConfig
from xlsearch.runs.atomic import read_json, write_json
from xlsearch.runs.content import content_name
from xlsearch.runs.lease import leased
from xlsearch.runs.lock import locked
from xlsearch.runs.mirror import newest, newest_here, receive, send
from xlsearch.runs.remote import fetched_folder, remote_of
from xlsearch.runs.rows import Row, read_rows, write_rows


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
    """

    state: str
    steps: int
    train_seconds: float
    evaluation_seconds: float
    train_tokens: int
    device: str


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

    def drop_checkpoint(self) -> None:
        """Removes the checkpoint of a run that can't go on from it."""
        self._remove(self.checkpoint)

    def _remove(self, place: Path) -> None:
        if self._remote is not None:
            self._remote.remove(self._name_of(place))
        shutil.rmtree(place, ignore_errors=True)

    @property
    def model(self) -> Path:
        """The trained model."""
        return self.path / "model"

    def fetch_model(self) -> Path:
        """The trained model, brought here if another machine has trained it."""
        last = self._name_of(self.path / "result.json")
        return fetched_folder(self._root, self._name_of(self.model), last)

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
            if not (self.path / "config.json").exists():
                write_json(self.path / "config.json", self._description)
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
        names = ("config.json", "candidates", "evaluations.jsonl", "checkpoint", "result.json")
        return tuple(self.path / name for name in names)

    def publish(self) -> None:
        """Sends all but the model to where the root lives; nothing to do for a plain folder."""
        if self._remote is not None:
            send(self._remote, [self._name_of(place) for place in self._state])

    def _name_of(self, place: Path) -> str:
        return place.relative_to(self._root).as_posix()

    @property
    def result(self) -> RunResult | None:
        """How the run ended; None while it has not."""
        path = self.path / "result.json"
        return RunResult(**read_json(path)) if path.exists() else None

    def finish(self, result: RunResult) -> None:
        """Marks the run as ended. The last thing that is written, and published."""
        if self._remote is not None:
            self.publish()
            self._remote.publish(self._name_of(self.model))
        write_json(self.path / "result.json", asdict(result))
        if self._remote is not None:
            self._remote.publish(self._name_of(self.path / "result.json"))

    @property
    def rows(self) -> list[Row]:
        """The tidy rows so far, in the order of their steps."""
        path = self.path / "evaluations.jsonl"
        return read_rows(path) if path.exists() else []

    def write_rows(self, rows: list[Row]) -> None:
        """Replaces the rows by ``rows``."""
        write_rows(self.path / "evaluations.jsonl", rows)

"""Out of memory: a run is tried once more with half of the batch at a time, then given up."""

from __future__ import annotations

import errno
import gc
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TypeVar

import torch

from xlsearch.errors import RunFailed
from xlsearch.runs.atomic import read_json, write_json

_PARTS = 2
"""Parts of a batch when the whole batch does not fit."""

_MOST_EVALUATION_PARTS = 8
"""Generation batches are halved so long; what then still does not fit will not."""

_SIGNS = (
    "DefaultCPUAllocator: can't allocate memory",
    "DefaultCPUAllocator: not enough memory",
    "CUDA out of memory",
    "CUDA error: out of memory",
    "CUBLAS_STATUS_ALLOC_FAILED",
    "could not create a primitive",
)
"""What torch's plain runtime errors say when there is no memory left; the last is oneDNN's."""

KILLED = "its worker was killed for want of memory"
"""The reason where not an error said so, but the end of a process."""

Made = TypeVar("Made")


@dataclass(frozen=True)
class Thrift:
    """How a run saves memory. What it comes to is the same up to rounding, and so is its name.

    Attributes:
        accumulation_steps: Parts that each batch is computed in; their gradients are added up.
        evaluation_parts: What ``evaluation.batch_tokens`` is divided by.
    """

    accumulation_steps: int = 1
    evaluation_parts: int = 1

    def in_training(self) -> Thrift | None:
        """Half of the batch at a time; None where that is done already."""
        if self.accumulation_steps > 1:
            return None
        return replace(self, accumulation_steps=_PARTS)

    def in_evaluation(self) -> Thrift | None:
        """Half as much at a time; None where it is little already."""
        parts = 2 * self.evaluation_parts
        return None if parts > _MOST_EVALUATION_PARTS else replace(self, evaluation_parts=parts)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that the GPU or the machine has no memory left."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    if isinstance(error, OSError):  # some, as Arrow's, tell it only in words
        return error.errno == errno.ENOMEM or os.strerror(errno.ENOMEM) in str(error)
    return isinstance(error, RuntimeError) and any(sign in str(error) for sign in _SIGNS)


class Memory:
    """What a run has learned about the memory it may use, kept in a file for who goes on with it.

    Args:
        file: The file. One that can't be read is forgotten: the run learns it again.
        batch_tokens: ``training.batch_tokens``, for messages.
        tell: Told in a sentence when the run begins to save memory.
    """

    def __init__(self, file: Path, batch_tokens: int, tell: Callable[[str], None]) -> None:
        self._file = file
        self._batch_tokens = batch_tokens
        self._tell = tell
        self.thrift = _read(file)

    def lacking(self, reason: str) -> None:
        """Makes the run save memory in training.

        Args:
            reason: What said that there is too little.

        Raises:
            RunFailed: If it does so already.
        """
        thrift = self.thrift.in_training()
        if thrift is None:
            raise RunFailed(
                f"out of memory at training.batch_tokens {self._batch_tokens}, also in "
                f"{_PARTS} accumulation steps ({reason}); valid: a smaller "
                "training.batch_tokens, or a machine with more memory"
            )
        self._keep(thrift, f"out of memory; going on in {_PARTS} accumulation steps ({reason})")

    def lacking_in_evaluation(self, reason: str) -> None:
        """Makes the run save memory in evaluations.

        Raises:
            RunFailed: If it does so as far as it can.
        """
        thrift = self.thrift.in_evaluation()
        if thrift is None:
            raise RunFailed(
                f"out of memory in an evaluation, also with 1/{_MOST_EVALUATION_PARTS} of "
                f"evaluation.batch_tokens ({reason}); valid: a smaller "
                "evaluation.batch_tokens, or a machine with more memory"
            )
        parts = thrift.evaluation_parts
        said = f"out of memory; going on with 1/{parts} of evaluation.batch_tokens ({reason})"
        self._keep(thrift, said)

    def _keep(self, thrift: Thrift, said: str) -> None:
        self.thrift = thrift
        self._file.parent.mkdir(parents=True, exist_ok=True)
        write_json(self._file, asdict(thrift))
        self._tell(said)

    def trained(self, attempt: Callable[[], Made]) -> Made:
        """What a training makes, after a second attempt if it runs out of memory.

        Args:
            attempt: Trains from the last checkpoint, as ``thrift`` says.

        Raises:
            RunFailed: If there is too little memory for the second attempt too.
        """
        return self._attempted(attempt, self.lacking)

    def evaluated(self, attempt: Callable[[], Made]) -> Made:
        """What an evaluation makes, after further attempts if it runs out of memory.

        Raises:
            RunFailed: If there is too little memory for the smallest batches.
        """
        return self._attempted(attempt, self.lacking_in_evaluation)

    def _attempted(self, attempt: Callable[[], Made], lacking: Callable[[str], None]) -> Made:
        while True:
            try:
                return attempt()
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
                reason = (str(error).splitlines() or [""])[0].rstrip(".") or type(error).__name__
            # The error is gone by now, and with it the tensors of the frames that it came through.
            gc.collect()
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
            lacking(reason)


def _read(file: Path) -> Thrift:
    try:
        thrift = Thrift(**read_json(file))
    except (OSError, ValueError, TypeError):
        return Thrift()
    known = thrift.accumulation_steps in (1, _PARTS)
    valid = known and thrift.evaluation_parts in (1, 2, 4, _MOST_EVALUATION_PARTS)
    return thrift if valid else Thrift()

"""A pretrained model that a run can begin from: what each entry of the catalogue says and does."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

from xlsearch.models.architecture import Architecture
from xlsearch.runs.content import ContentStore

OnStep = Callable[[int, int, float], None]
"""Called during long preparations with steps done, all steps, and the loss."""

OnWait = Callable[[str], None]
"""Called now and then with the process that prepares what this one waits for."""


class ModelEntry(ABC):
    """A pretrained model: its subclasses are published, in a user's folder, or made on the spot.

    Attributes:
        name: Name on the command line, in rows and in tables.
        family: One of ``xlsearch.models.family_facts.FAMILY_NAMES``.
        hub_id: Repository on the hub; None for models that are not from there.
        architecture: Its sizes, for estimates of cost; None for models that xlsearch makes itself.
        input_limit: Longest input in pieces.
    """

    name: str
    family: str
    hub_id: str | None
    architecture: Architecture | None
    input_limit: int

    @property
    def parameters(self) -> int:
        """Number of weights; entries without an architecture have their own way to know."""
        assert self.architecture is not None
        return self.architecture.parameters

    @abstractmethod
    def checkpoint_name(self, seed: int) -> str:
        """What names the weights in a run's configuration; ``seed`` is of the pretraining."""

    @abstractmethod
    def obtain(
        self,
        store: ContentStore,
        seed: int,
        on_step: OnStep | None = None,
        on_wait: OnWait = lambda who: None,
    ) -> Path:
        """The folder to load with ``from_pretrained``, made or fetched now if need be.

        Args:
            store: Where models are kept that xlsearch makes itself.
            seed: Of the pretraining: its initial weights and data.
            on_step: Told about the steps of pretraining.
            on_wait: Told about a process that is pretraining this very model.
        """

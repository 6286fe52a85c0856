"""Which models there are at each scale."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from xlsearch.errors import unknown_name
from xlsearch.pocket.catalogue import POCKET_MODELS
from xlsearch.runs.content import ContentStore

OnStep = Callable[[int, int, float], None]
"""Called during long preparations with steps done, all steps, and the loss."""

OnWait = Callable[[str], None]
"""Called now and then with the process that prepares what this one waits for."""

FAMILY_NAMES = ("mbart", "mt5")
"""Keys of ``xlsearch.models.families.FAMILIES``, to check names without loading torch."""

ALIASES = {"mt5": "mt5-base"}


class ModelEntry(Protocol):
    """A pretrained model that a run can begin from.

    Attributes:
        name: Name on the command line.
        family: Key of ``xlsearch.models.families.FAMILIES``.
        hub_id: Where the weights come from; None for models that xlsearch makes itself.
        parameters: Number of weights.
        input_limit: Longest input in pieces.
    """

    @property
    def name(self) -> str: ...
    @property
    def family(self) -> str: ...
    @property
    def hub_id(self) -> str | None: ...
    @property
    def parameters(self) -> int: ...
    @property
    def input_limit(self) -> int: ...

    def checkpoint_name(self, seed: int) -> str:
        """What names the weights in a run's configuration; ``seed`` is of the pretraining."""

    def obtain(
        self,
        store: ContentStore,
        seed: int,
        on_step: OnStep | None = None,
        on_wait: OnWait = lambda who: None,
    ) -> Path:
        """The folder to load with ``from_pretrained``, made or fetched now if need be."""


_SCALES: dict[str, dict[str, ModelEntry]] = {"pocket": dict(POCKET_MODELS)}


def find_model(name: str, scale: str) -> ModelEntry:
    """The model of a name (or alias) at a scale.

    Raises:
        UserError: If there is none.
    """
    entries = _SCALES[scale]
    try:
        return entries[ALIASES.get(name, name)]
    except KeyError:
        raise unknown_name("model", name, [*entries, *ALIASES]) from None

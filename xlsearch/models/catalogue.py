"""Which models there are at each scale."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from xlsearch.config.sources import NOWHERE, Sources
from xlsearch.errors import UserError, unknown_name
from xlsearch.models.architecture import Architecture
from xlsearch.models.codes import FAMILY_NAMES
from xlsearch.models.hub import HUB_MODELS, HubModel
from xlsearch.models.local import local_model
from xlsearch.pocket.catalogue import POCKET_MODELS
from xlsearch.runs.content import ContentStore

OnStep = Callable[[int, int, float], None]
"""Called during long preparations with steps done, all steps, and the loss."""

OnWait = Callable[[str], None]
"""Called now and then with the process that prepares what this one waits for."""

ALIASES = {"mt5": "mt5-base"}


class ModelEntry(Protocol):
    """A pretrained model that a run can begin from.

    Attributes:
        name: Name on the command line.
        family: Key of ``xlsearch.models.families.FAMILIES``.
        hub_id: Where the weights come from; None for models that xlsearch makes itself.
        parameters: Number of weights.
        input_limit: Longest input in pieces.
        architecture: Its sizes, for estimates of cost; None for models that xlsearch makes itself.
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
    @property
    def architecture(self) -> Architecture | None: ...

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


MODELS: dict[str, dict[str, ModelEntry]] = {
    "pocket": dict(POCKET_MODELS),
    "paper": dict(HUB_MODELS),
}


def find_model(name: str | None, scale: str, sources: Sources = NOWHERE) -> ModelEntry:
    """The model of a name (or alias) at a scale, from the user's folder if there is one.

    Args:
        name: Name on the command line; None takes the name of the user's folder.
        scale: ``paper`` or ``pocket``.
        sources: Its ``model_path`` replaces the hub.

    Raises:
        UserError: If there is no such model, or the folder holds none.
    """
    entries = MODELS[scale]
    entry = entries.get(ALIASES.get(name, name)) if name is not None else None
    if sources.model_path is not None:
        if scale != "paper":
            raise UserError("--model-path is for the paper scale; the pocket scale makes its own")
        if entry is None:
            return local_model(sources.model_path, name, None, None)
        return local_model(sources.model_path, entry.name, entry.family, entry.input_limit)
    if name is None:
        raise UserError(f"give --model; valid: {', '.join([*entries, *ALIASES])}")
    if entry is None:
        raise unknown_name("model", name, [*entries, *ALIASES])
    return entry


def register_model(model: HubModel) -> None:
    """Adds a published model to the paper scale's catalogue.

    Raises:
        UserError: If the name is taken, or the family is unknown.
    """
    if model.family not in FAMILY_NAMES:
        raise unknown_name("model family", model.family, FAMILY_NAMES)
    taken = MODELS["paper"].get(model.name)
    if model.name in ALIASES or (taken is not None and taken != model):
        raise UserError(f"there is a model {model.name!r} already; give yours another name")
    MODELS["paper"][model.name] = model

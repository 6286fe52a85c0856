"""Which models there are at each scale."""

from __future__ import annotations

from xlsearch.config.sources import NOWHERE, Sources
from xlsearch.errors import UserError, unknown_name
from xlsearch.models.entry import ModelEntry
from xlsearch.models.family_facts import FAMILY_NAMES
from xlsearch.models.hub import HUB_MODELS, HubModel
from xlsearch.models.local import local_model
from xlsearch.pocket.catalogue import POCKET_MODELS

ALIASES = {"mt5": "mt5-base"}

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

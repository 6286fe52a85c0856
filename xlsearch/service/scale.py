"""Which scale a command runs at, and why."""

from __future__ import annotations

from pathlib import Path

from xlsearch.config.sources import NOWHERE, Sources
from xlsearch.config.space import SCALES
from xlsearch.errors import UserError, unknown_name
from xlsearch.service.sources import folders

_GPU_DEVICES = ("nvidia[0-9]*", "kfd", "dxg")
"""Device files of GPUs that torch knows: NVIDIA's, AMD's, and those that Windows lends."""


def resolve_scale(scale: str, sources: Sources = NOWHERE) -> tuple[str, str]:
    """The scale, and the reason for it in a few words.

    Args:
        scale: ``auto``, ``pocket`` or ``paper``.
        sources: Data, texts and models of the user's own are of the paper's scale.

    Raises:
        UserError: If there is no such scale, or it does not go with the sources.
    """
    own = [option for option, place in folders(sources).items() if place is not None]
    if scale not in ("auto", *SCALES):
        raise unknown_name("scale", scale, ["auto", *SCALES])
    if scale == "pocket" and own:
        raise UserError(f"the pocket scale makes its own data and models; leave out {own[0]}")
    if scale != "auto":
        return scale, "as asked"
    if own:
        return "paper", f"since {own[0]} is given"
    if has_gpu():
        return "paper", "this machine has a GPU"
    return "pocket", "no GPU here; --scale paper runs the published models all the same"


def has_gpu() -> bool:
    """Whether torch can use a GPU here. It is asked only where a device file hints at one, for
    loading it takes seconds."""
    if not any(path for pattern in _GPU_DEVICES for path in Path("/dev").glob(pattern)):
        return False
    import torch

    return torch.cuda.is_available()

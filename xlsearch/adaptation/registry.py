"""All adaptation methods. A new one is a file beside this one and a line below.

The table holds where a method is, not the method itself, so that a search can check names
without loading torch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Protocol

from xlsearch.errors import unknown_name

if TYPE_CHECKING:
    from transformers import PreTrainedModel

METHODS: dict[str, str] = {
    "full": "xlsearch.adaptation.full:Full",
}


class AdaptationMethod(Protocol):
    """A way to adapt a pretrained model to a task."""

    name: str

    def prepare(self, model: PreTrainedModel) -> None:
        """Decides which weights are trained, before the optimizer is built."""


def check_method(name: str) -> str:
    """The name, if there is such a method.

    Raises:
        UserError: If there is none.
    """
    if name not in METHODS:
        raise unknown_name("method", name, METHODS)
    return name


def load_method(name: str) -> AdaptationMethod:
    """The method of a name."""
    module, attribute = METHODS[check_method(name)].split(":")
    method: AdaptationMethod = getattr(importlib.import_module(module), attribute)()
    return method

"""All adaptation methods. A new one is a file beside this one and a line below.

The table holds where a method is, not the method itself, so that a search can check names
without loading torch.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from xlsearch.adaptation.base import AdaptationMethod
from xlsearch.config.settings import validated
from xlsearch.errors import UserError, unknown_name

METHODS: dict[str, str] = {
    "full": "xlsearch.adaptation.full:Full",
    "freeze": "xlsearch.adaptation.freeze:Freeze",
    "adapters": "xlsearch.adaptation.adapters:Adapters",
    "prompt": "xlsearch.adaptation.prompt:Prompt",
    "lora": "xlsearch.adaptation.lora:LoRA",
    "mix": "xlsearch.adaptation.mix:Mix",
    "multisource": "xlsearch.adaptation.multisource:MultiSource",
    "translate-train": "xlsearch.adaptation.translate_train:TranslateTrain",
}


def register_method(method: type[AdaptationMethod]) -> None:
    """Adds a method of a plugin.

    Raises:
        UserError: If the name is taken.
    """
    place = f"{method.__module__}:{method.__qualname__}"
    if METHODS.setdefault(method.name, place) != place:
        raise UserError(f"there is a method {method.name!r} already; give yours another name")


def check_method(name: str) -> str:
    """The name, if there is such a method.

    Raises:
        UserError: If there is none.
    """
    if name not in METHODS:
        raise unknown_name("method", name, METHODS)
    return name


def load_method(
    name: str, numbers: Mapping[str, Any] = {}, where: str = "the search space"
) -> AdaptationMethod:
    """The method of a name.

    Args:
        name: Key of ``METHODS``.
        numbers: Those of its numbers that differ from its own.
        where: Where they were written, for the message.

    Raises:
        UserError: If there is no such method, or a number is wrong.
    """
    module, attribute = METHODS[check_method(name)].split(":")
    kind: type[AdaptationMethod] = getattr(importlib.import_module(module), attribute)
    return validated(kind, numbers, f"{where}: methods.{name}")

"""The base of all typed settings, and how a wrong one is said in one sentence."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from xlsearch.errors import UserError


class Settings(BaseModel):
    """Frozen settings that refuse keys they do not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


S = TypeVar("S", bound=Settings)


def validated(kind: type[S], values: Mapping[str, Any], where: str) -> S:
    """Builds settings from plain values.

    Args:
        kind: The settings class.
        values: What was read from a file.
        where: What was read, for the message.

    Raises:
        UserError: For the first unknown key (names the nearest valid one) or wrong value.
    """
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise UserError(f"{where}: {_sentence(kind, error)}") from None


def read_yaml(path: Path) -> dict[str, Any]:
    """Reads a YAML mapping from a file, safely (no tags that build objects).

    Raises:
        UserError: If the file can't be read, is no YAML, or is not a mapping.
    """
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"can't read {path}: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f" at line {mark.line + 1}" if mark else ""
        raise UserError(f"{path} is not valid YAML{place}") from None
    if not isinstance(values, dict):
        raise UserError(f"{path} must hold a mapping of settings, not {type(values).__name__}")
    return values


def _sentence(kind: type[BaseModel], error: ValidationError) -> str:
    # A misspelled key is also a missing one; the first says more.
    problem = min(error.errors(), key=lambda e: e["type"] != "extra_forbidden")
    *parents, key = [str(part) for part in problem["loc"]] or [""]
    place = ".".join([*parents, key])
    if problem["type"] == "extra_forbidden":
        valid = _keys_at(kind, parents)
        near = difflib.get_close_matches(key, valid, n=1, cutoff=0.0)
        hint = f"did you mean {near[0]!r}? " if near else ""
        return f"unknown key {place!r}: {hint}valid: {', '.join(valid)}"
    message = problem["msg"].removeprefix("Value error, ")
    return f"{place}: {message}" if place else message


def _keys_at(kind: type[BaseModel], parents: list[str]) -> list[str]:
    """The valid keys of the settings class that is found along a path of keys."""
    current: Any = kind
    for parent in parents:
        if isinstance(current, type) and issubclass(current, BaseModel):
            current = current.model_fields[parent].annotation
        else:
            current = getattr(current, "__args__", (None,))[-1]
    while not (isinstance(current, type) and issubclass(current, BaseModel)):
        current = next(a for a in current.__args__ if a is not type(None))
    return sorted(current.model_fields)

"""All scorers. A new one is a file beside this one and a line below.

The table holds where a scorer is, not the scorer itself, so that names can be checked without
loading the libraries of metrics. A user's own file adds a scorer with ``register_scorer``.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from xlsearch.errors import UserError, unknown_name

if TYPE_CHECKING:
    from xlsearch.evaluation.scorers.base import Scorer

SCORERS: dict[str, str | type[Scorer]] = {
    "f1-mlqa": "xlsearch.evaluation.scorers.f1_mlqa:F1MLQA",
    "f1-squad": "xlsearch.evaluation.scorers.f1_squad:F1Squad",
    "rouge2-gem": "xlsearch.evaluation.scorers.rouge2_gem:Rouge2GEM",
    "rouge2-xlsum": "xlsearch.evaluation.scorers.rouge2_xlsum:Rouge2XLSum",
}

_LOADED: dict[str, Scorer] = {}


def check_scorer(name: str) -> str:
    """The name, if there is such a scorer.

    Raises:
        UserError: If there is none.
    """
    if name not in SCORERS:
        raise unknown_name("scorer", name, SCORERS)
    return name


def find_scorer(name: str) -> Scorer:
    """The scorer of a name, loaded when it is first asked for.

    Raises:
        UserError: If there is none, or it can't be loaded.
    """
    if check_scorer(name) not in _LOADED:
        _LOADED[name] = _load(name, SCORERS[name])
    return _LOADED[name]


def register_scorer(name: str, scorer: str | type[Scorer]) -> None:
    """Adds a scorer to this process.

    The same class may be registered once more, so a file may be loaded twice; the last one counts.

    Args:
        name: Its name on the command line; equal to the class's ``name``.
        scorer: A subclass of ``Scorer``, or ``"module:Class"`` to load it when it is needed.

    Raises:
        UserError: If another scorer has the name.
    """
    there = SCORERS.get(name)
    if there is not None and _place(there) != _place(scorer):
        raise UserError(
            f"scorer {name!r} is already {_place(there)}; {_place(scorer)} needs another name"
        )
    SCORERS[name] = scorer
    _LOADED.pop(name, None)


def _place(scorer: str | type[Scorer]) -> str:
    if isinstance(scorer, str):
        return scorer
    return f"{scorer.__module__}:{scorer.__qualname__}"


def _load(name: str, entry: str | type[Scorer]) -> Scorer:
    from xlsearch.evaluation.scorers.base import Scorer

    found: object = entry
    if isinstance(entry, str):
        module, _, attribute = entry.partition(":")
        try:
            found = getattr(importlib.import_module(module), attribute)
        except (ImportError, AttributeError, ValueError) as error:
            raise UserError(f"scorer {name!r} can't be loaded from {entry}: {error}") from None
    if not (isinstance(found, type) and issubclass(found, Scorer)):
        raise UserError(
            f"scorer {name!r}: {_place(entry)} is no subclass of "
            "xlsearch.evaluation.scorers.base.Scorer"
        )
    if getattr(found, "name", None) != name:
        raise UserError(f"scorer {name!r}: the name of {_place(entry)} must be {name!r} too")
    scorer: Scorer = found()
    return scorer

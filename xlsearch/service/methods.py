"""Which adaptation methods a search is about, from what a user asked for."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from xlsearch.adaptation.registry import METHODS, check_method
from xlsearch.config.space import SearchSpace
from xlsearch.errors import UserError, unknown_name
from xlsearch.trial.configure import RunTemplate, unavailable

ALL = "all"
"""What a user writes for all methods."""


def check_asked(asked: Sequence[str]) -> None:
    """Refuses names of methods that do not exist.

    Raises:
        UserError: For the first, or if there is none.
    """
    if not asked:
        raise UserError(f"no method given; valid: {', '.join(METHODS)}")
    for method in asked:
        if method != ALL:
            check_method(method)


def check_space(space: SearchSpace, where: str, recorded: Collection[str] = ()) -> None:
    """Refuses methods in a space that do not exist.

    Args:
        space: The search space.
        where: What it is called, for the message.
        recorded: Methods that exist in recorded runs alone.

    Raises:
        UserError: For the first.
    """
    valid = [*METHODS, *(method for method in recorded if method not in METHODS)]
    for name, how in space.methods.items():
        for method in (name, how.learning_rates_of):
            if method is not None and method not in valid:
                raise unknown_name("method", method, valid, f"{where}: methods")


def choose_methods(
    asked: Sequence[str], space: SearchSpace, template: RunTemplate
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The methods to search, and a sentence for each of all that can't be.

    Raises:
        UserError: If one was asked for by name that can't be run, or none is left.
    """
    named = dict.fromkeys(method for method in asked if method != ALL)
    for method in named:
        if why := unavailable(template, method):
            raise UserError(why)
    if ALL not in asked:
        return tuple(named), ()
    every = [name for name, how in space.methods.items() if how.in_all and name in METHODS]
    reasons = {method: unavailable(template, method) for method in every}
    methods = dict.fromkeys((*(m for m in every if reasons[m] is None), *named))
    if not methods:
        raise UserError("--method all: the search space has no method with in_all that can be run")
    # What stands behind the semicolon says what to do about it; here it is done.
    left_out = (f"left out: {why.split(';')[0]}" for why in reasons.values() if why)
    return tuple(methods), tuple(left_out)

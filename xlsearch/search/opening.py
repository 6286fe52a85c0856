"""Studies in a storage: made, continued, or found again."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import optuna
from optuna.storages import BaseStorage

from xlsearch.errors import UserError
from xlsearch.runs.content import canonical_json
from xlsearch.search.asking import Protocol
from xlsearch.search.study import CONFIGURATION, Study


def open_study(
    storage: BaseStorage,
    name: str,
    configuration: Mapping[str, Any],
    protocol: Protocol,
    sampler: optuna.samplers.BaseSampler | None = None,
) -> Study:
    """Makes a study, or continues the one of this name and configuration.

    Args:
        storage: Optuna's storage.
        name: The study's name.
        configuration: Everything that the search depends on, ready for JSON.
        protocol: The search.
        sampler: For ``study.optimize``; drivers that ask and tell need none.

    Raises:
        UserError: If a study of this name has another configuration; says what differs.
    """
    study = optuna.create_study(
        storage=storage, study_name=name, direction="maximize", load_if_exists=True, sampler=sampler
    )
    there = study.user_attrs.get(CONFIGURATION)
    if there is None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            study.set_metric_names(["objective"])
        # Last: what has a configuration was begun.
        study.set_user_attr(CONFIGURATION, dict(configuration))
    elif canonical_json(there) != canonical_json(configuration):
        raise UserError(
            f"study {name!r} exists with another configuration: "
            f"{'; '.join(_differences(there, configuration))}; give the same options to continue "
            "it, or another --study name"
        )
    return Study(study, protocol)


def read_study(storage: BaseStorage, name: str, protocol: Protocol | None = None) -> Study:
    """A study that exists.

    Raises:
        KeyError: If there is none of this name.
    """
    return Study(optuna.load_study(storage=storage, study_name=name), protocol)


def _differences(there: Mapping[str, Any], here: Mapping[str, Any], prefix: str = "") -> list[str]:
    """The leaves in which two configurations differ, as ``key is A there and B here``."""
    found = []
    for key in sorted({*there, *here}):
        old, new = there.get(key), here.get(key)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            found += _differences(old, new, f"{prefix}{key}.")
        elif old != new:
            found.append(f"{prefix}{key} is {old!r} there and {new!r} here")
    return found

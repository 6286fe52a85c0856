"""The best configuration as YAML: what to train, what it reached, and what it was found with."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Any

import yaml

import xlsearch
from xlsearch.errors import UserError
from xlsearch.languages.identification import LanguageIdentifier
from xlsearch.reporting.ledger import hours_as_json, study_ledger
from xlsearch.reporting.measured import Figure
from xlsearch.runs.atomic import read_json, write_text
from xlsearch.runs.remote import fetched
from xlsearch.search.study import Study

_LIBRARIES = ("optuna", "ray", "tokenizers", "torch", "transformers")


def best_configuration(study: Study, root: Path) -> dict[str, Any]:
    """The best configuration of a study as plain values.

    Its figures are of the run of its ``seed``, which ``xlsearch train`` repeats; the ``mean`` of
    the objective and its standard ``error`` are over all ``seeds`` that were run.

    Args:
        study: The study with its protocol.
        root: The root folder, where the run folders are.

    Raises:
        UserError: If no run of the study is complete.
    """
    best = study.choice()
    if best is None or best.run is None:
        raise UserError(
            f"study {study.name!r} has no complete run yet; xlsearch launch continues it"
        )
    run = read_json(fetched(root, f"runs/{best.run}/config.json"))
    objectives = {
        trial.point.seed: trial.objective
        for trial in study.trials()
        if trial.objective is not None and replace(trial.point, seed=best.point.seed) == best.point
    }
    over_seeds = Figure.over(list(objectives.values()))
    space = study.configuration["space"]
    cost = study_ledger(study, root).total
    found = _found_with(study, root, best.run)
    languages = {
        code: {key: _rounded(value) for key, value in values.items()}
        for code, values in best.languages.items()
    }
    return {
        "xlsearch": xlsearch.__version__,
        "study": study.name,
        "scale": run["scale"],
        "task": run["task"],
        "model": run["model"],
        "hub_id": run["pretrained"].split("@")[0] if "@" in run["pretrained"] else None,
        "pretraining_seed": run["pretraining_seed"],
        "method": run["method"],
        "method_settings": run["method_settings"],
        "learning_rate": float(best.point.learning_rate),
        "intermediate_tuning": run["intermediate_tuning"],
        "intermediate": (run["intermediate"] or {}).get("settings"),
        "translation": run["translation"],
        "seed": run["seed"],
        "seeds": sorted(objectives),
        "training": run["training"],
        "generation": run["generation"],
        "evaluation": run["evaluation"],
        "objective": {
            "value": _rounded(best.objective),
            "mean": _rounded(over_seeds.mean),
            "error": _rounded(over_seeds.error),
            "checkpoint": run["checkpoint"],
            "wrong_language_penalty": space["objective"]["wrong_language_penalty"],
            "scorer": run["scorer"],
        },
        "languages": languages,
        "provenance": {
            "libraries": found["libraries"],
            "pretrained": run["pretrained"],
            "data": run["data"],
            "language_identification": {
                "model": _identification_model(run["language_identification"]),
                "sha256": run["language_identification"],
            },
            "run": best.run,
            "commit": found["commit"],
            "wall_seconds": round(study.wall_seconds(), 1),
            "gpu_hours": round(cost.spent.gpu_seconds / 3600, 3),
            "core_hours": round(cost.spent.core_seconds / 3600, 3),
            "saved_by_reuse": hours_as_json(cost.saved),
        },
    }


def write_best(study: Study, root: Path, path: Path) -> None:
    """Writes the best configuration of a study to a YAML file."""
    values = best_configuration(study, root)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, yaml.safe_dump(values, sort_keys=False, allow_unicode=True))


def _found_with(study: Study, root: Path, run: str) -> dict[str, Any]:
    """The libraries and the commit that found a run: those of this process, unless the study ended
    in an earlier one, which has written them down."""
    written = fetched(root, f"studies/{study.name}/best.yaml")
    if written.exists():
        provenance: dict[str, Any] = yaml.safe_load(written.read_text(encoding="utf-8"))[
            "provenance"
        ]
        if provenance["run"] == run:
            return provenance
    return {
        "libraries": {name: metadata.version(name) for name in _LIBRARIES},
        "commit": _commit(),
    }


def _identification_model(sha256: str) -> str:
    """The embedded model's file name; of another model only the hash is known."""
    embedded = LanguageIdentifier()
    return embedded.file_name if embedded.sha256 == sha256 else "given by --lid-model"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _commit() -> str | None:
    """The commit of a checkout that xlsearch runs from; None for an installed wheel."""
    folder = Path(xlsearch.__file__).parents[1]
    if not (folder / ".git").exists():
        return None
    command = ["git", "-C", str(folder), "rev-parse", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()

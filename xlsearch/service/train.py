"""One run by itself, from an exported configuration, without Ray and without a study."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field

from xlsearch.config.learning_rate import LearningRate
from xlsearch.config.run import RunConfig
from xlsearch.config.settings import Settings, read_yaml, validated
from xlsearch.config.sources import NOWHERE, Sources
from xlsearch.config.space import load_space
from xlsearch.config.training import ScaleSettings
from xlsearch.errors import RunFailed, UserError
from xlsearch.models.catalogue import find_model
from xlsearch.runs.atomic import new_folder, write_json, write_text
from xlsearch.runs.folder import RunFolder
from xlsearch.service.scale import resolve_scale
from xlsearch.service.sources import check_sources
from xlsearch.tasks.registry import find_task
from xlsearch.trial.configure import RunTemplate
from xlsearch.trial.inputs import check_inputs, prepare_inputs
from xlsearch.trial.report import ReportTrial
from xlsearch.trial.run import run_trial


class TrainObjective(Settings):
    """The part of a configuration's objective that decides which weights a run keeps."""

    checkpoint: Literal["last", "best", "xlrs"] = "last"
    wrong_language_penalty: float = Field(default=0.0, ge=0)
    value: float | None = None
    mean: float | None = None
    error: float | None = None
    scorer: str | None = None


class TrainFile(Settings):
    """A configuration file for ``xlsearch train``: ``best.yaml``, or the few keys that matter.

    What is left out takes the value of the scale's shipped search space. The keys that only
    describe where a configuration came from are accepted and not read.
    """

    task: str
    model: str
    learning_rate: LearningRate
    method: str = "full"
    method_settings: dict[str, Any] = Field(default_factory=dict)
    scale: str = "auto"
    intermediate_tuning: bool = False
    intermediate: dict[str, Any] | None = None
    translation: dict[str, Any] | None = None
    seed: int = 0
    seeds: tuple[int, ...] | None = None
    pretraining_seed: int = 0
    training: dict[str, Any] = Field(default_factory=dict)
    generation: dict[str, Any] = Field(default_factory=dict)
    evaluation: dict[str, Any] = Field(default_factory=dict)
    xlsearch: str | None = None
    study: str | None = None
    hub_id: str | None = None
    objective: TrainObjective = Field(default_factory=lambda: TrainObjective())
    languages: dict[str, Any] | None = None
    provenance: dict[str, Any] | None = None


def read_config(path: Path, sources: Sources = NOWHERE) -> RunConfig:
    """The run that a configuration file describes.

    Args:
        path: The file.
        sources: Where data and models are, if not where they usually are.

    Raises:
        UserError: If the file can't be read or something in it is wrong.
    """
    file = validated(TrainFile, read_yaml(path), str(path))
    task = find_task(file.task)
    check_sources(sources)
    scale, _ = resolve_scale(file.scale, sources)
    family = find_model(file.model, scale, sources).family
    shipped = load_space(None, scale).scales[scale]  # type: ignore[index]
    defaults = shipped.settings(task.name, family, scale)
    given = {
        section: {**getattr(defaults, section).model_dump(), **getattr(file, section)}
        for section in ("training", "generation", "evaluation")
    }
    given["intermediate"] = file.intermediate or defaults.intermediate.model_dump()
    given["translation"] = file.translation or defaults.translation.model_dump()
    numbers = defaults.methods.get(file.method, {})
    given["methods"] = {file.method: {**numbers, **file.method_settings}}
    settings = validated(ScaleSettings, given, str(path))
    judged = file.objective
    template = RunTemplate(
        scale,
        task.name,
        file.model,
        settings,
        file.pretraining_seed,
        sources,
        judged.checkpoint,
        judged.wrong_language_penalty,
    )
    return template.at(file.method, file.learning_rate, file.intermediate_tuning, file.seed)


def differences(path: Path, config: RunConfig) -> list[str]:
    """In what the data and models here differ from those that a configuration was found with."""
    there = read_yaml(path).get("provenance") or {}
    identification = there.get("language_identification") or {}
    pairs = {
        "pretrained model": (there.get("pretrained"), config.pretrained),
        "data": (there.get("data"), config.data),
        "language identification": (identification.get("sha256"), config.language_identification),
    }
    return [
        f"the {name} was {old} and is {new} here"
        for name, (old, new) in pairs.items()
        if old is not None and old != new
    ]


def train(
    config: RunConfig,
    root: Path,
    target: Path,
    prepare: Callable[[str, int, int, str], None],
    report: ReportTrial,
    sources: Sources = NOWHERE,
) -> RunFolder:
    """Runs a configuration and leaves a model folder that ``from_pretrained`` loads.

    Of a method that adds parts to the model (adapters, prompt), the folder holds the trained part,
    which ``xlsearch.adaptation.saved.load_adapted`` puts on the pretrained model. A run that is
    found in the root folder is not run again.

    Args:
        config: The run.
        root: The root folder of all that xlsearch writes.
        target: The model folder to write; must not exist, or be empty.
        prepare: Told what is being prepared, how much of how much is done, and a figure.
        report: Told about the run.
        sources: Where data and models are, if not where they usually are.

    Raises:
        UserError: If the target is in use.
        RunFailed: If the run, or the intermediate tuning before it, diverged.
    """
    target = target.resolve()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UserError(f"{target} exists and is not an empty folder; give another with -o")
    target.parent.mkdir(parents=True, exist_ok=True)
    check_inputs(
        [config], root, sources, lambda done, all: prepare("reading the data", done, all, "")
    )
    prepare_inputs(
        config,
        root,
        sources,
        lambda done, all, loss: prepare(
            "pretraining the model (once)", done, all, f"loss {loss:.2f}"
        ),
        lambda done, all: prepare("encoding the training examples (once)", done, all, ""),
        on_tuning=lambda tuning: prepare(
            "intermediate tuning (once)", tuning.step, tuning.steps, tuning.describe()
        ),
        on_translated=lambda code, done, all: prepare(
            f"translating the training data into {code} (once)", done, all, ""
        ),
        on_text=lambda code, done, all: prepare(f"fetching text in {code} (once)", done, all, ""),
    )
    folder = RunFolder(root, config)
    result = run_trial(config, root, report, sources)
    if result.state != "complete":
        raise RunFailed(
            f"the run diverged at step {result.steps}: its loss was no longer finite; a smaller "
            f"learning rate than {config.learning_rate} is needed"
        )
    with new_folder(target) as new:
        shutil.copytree(folder.fetch_model(), new, dirs_exist_ok=True)
        described = config.model_dump(mode="json", exclude={"format"})
        write_text(new / "xlsearch.yaml", yaml.safe_dump(described, sort_keys=False))
        write_json(new / "evaluations.json", {"rows": [vars(row) for row in folder.rows]})
    return folder

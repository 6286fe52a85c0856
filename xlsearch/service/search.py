"""From the options of a command to a search that is ready to run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from xlsearch.adaptation.registry import load_method
from xlsearch.config.learning_rate import LearningRate
from xlsearch.config.run import IntermediateConfig, RunConfig
from xlsearch.config.sources import NOWHERE, Sources
from xlsearch.config.space import SearchSpace, load_space
from xlsearch.config.training import ScaleSettings
from xlsearch.errors import UserError, unknown_name
from xlsearch.evaluation.scorers.registry import check_scorer
from xlsearch.languages import SOURCE_LANGUAGE, language
from xlsearch.languages.identification import UNLABELLED
from xlsearch.models.catalogue import find_model
from xlsearch.models.codes import language_code
from xlsearch.models.entry import ModelEntry
from xlsearch.models.family_facts import FAMILY_NAMES
from xlsearch.search.asking import Protocol
from xlsearch.search.point import Point
from xlsearch.search.protocols.registry import build_protocol
from xlsearch.service.methods import ALL, check_asked, check_space, choose_methods
from xlsearch.service.scale import resolve_scale
from xlsearch.service.sources import check_sources
from xlsearch.tasks.base import Task
from xlsearch.tasks.registry import TASKS, find_task
from xlsearch.trial.configure import RunTemplate


@dataclass(frozen=True)
class SearchOptions:
    """What a user chose.

    Attributes:
        task, model: Names.
        methods: Adaptation methods to search; ``all`` stands for all that the space says.
        scale: ``auto``, ``pocket`` or ``paper``.
        space: A search-space file or the name of a shipped one; None for that of the scale.
        seed: Seed of the first run of each point.
        seeds: Most runs of a point whose score decides something.
        pretraining_seed: Which of the models that xlsearch pretrains itself.
        sources: Where data and models are, if not where they usually are.
    """

    task: str
    model: str | None
    methods: tuple[str, ...] = ("full",)
    scale: str = "auto"
    space: str | None = None
    seed: int = 0
    seeds: int = 1
    pretraining_seed: int = 0
    sources: Sources = NOWHERE


@dataclass(frozen=True)
class Search:
    """A search with all names resolved.

    Attributes:
        scale: ``pocket`` or ``paper``, and in ``scale_reason`` why.
        methods: Adaptation methods, in the order in which they are shown.
        all_methods: Whether these are all that the space says.
        left_out: Those of all that can't be run here, one sentence each.
        seed: Seed of the first run of each point.
        seeds: Most runs of a point whose score decides something.
        space: Protocol, numbers and objective.
        template: What all runs have in common.
    """

    scale: str
    scale_reason: str
    task: Task
    model: ModelEntry
    methods: tuple[str, ...]
    all_methods: bool
    left_out: tuple[str, ...]
    seed: int
    seeds: int
    space: SearchSpace
    template: RunTemplate

    @property
    def protocol(self) -> Protocol:
        """The search as a function."""
        return build_protocol(self.space, self.methods, self.seed, self.seeds)

    @property
    def settings(self) -> ScaleSettings:
        """Training, generation and evaluation of all runs."""
        return self.template.settings

    @property
    def tunes_first(self) -> bool:
        """Whether some runs begin from an intermediate-tuned checkpoint."""
        crossed = any(self.space.how(method).crossed for method in self.methods)
        return crossed and True in self.space.crossing.intermediate_tuning

    @property
    def default_study(self) -> str:
        """The study's name where the user gives none: what is searched, the usual left out."""
        parts = [self.task.name, self.model.name, self.scale]
        if self.all_methods:
            parts.append("all")
        elif self.methods != ("full",):
            parts += self.methods
        if self.seeds > 1:
            parts.append(f"seeds{self.seeds}")
        return "-".join(parts)

    def run_config(self, point: Point) -> RunConfig:
        """The run at a point."""
        return self.template.at(
            point.method, point.learning_rate, point.intermediate_tuning, point.seed
        )

    def first_runs(self) -> list[RunConfig]:
        """A run of each method, for what the method's runs share."""
        searched = dict.fromkeys((*map(self.space.source_of, self.methods), *self.methods))
        return [self.run_config(self._first_point(method)) for method in searched]

    def first_tuned_runs(self) -> list[RunConfig]:
        """A run with intermediate tuning, where some runs have it."""
        if not self.tunes_first:
            return []
        crossed = next(method for method in self.methods if self.space.how(method).crossed)
        point = replace(self._first_point(crossed), intermediate_tuning=True)
        return [self.run_config(point)]

    @property
    def intermediate(self) -> IntermediateConfig | None:
        """The checkpoint that runs with intermediate tuning begin from, if any have it."""
        return self.template.intermediate() if self.tunes_first else None

    def _first_point(self, method: str) -> Point:
        return Point(method, LearningRate("1e-4"), False, self.seed)

    def configuration(self) -> dict[str, Any]:
        """Everything that the study's answer depends on, ready for JSON."""
        own = {"method_settings", "parts", "translation"}
        other = {"method", "learning_rate", "intermediate_tuning", "intermediate"}
        runs = self.first_runs()
        tuning = self.intermediate.model_dump(mode="json") if self.intermediate else None
        return {
            **runs[0].model_dump(mode="json", exclude=own | other),
            "methods": list(self.methods),
            "seeds": self.seeds,
            "adaptation": {run.method: run.model_dump(mode="json", include=own) for run in runs},
            "intermediate": tuning,
            "space": self.space.model_dump(mode="json", exclude={"scales"}),
        }


def resolve(options: SearchOptions) -> Search:
    """Checks every name and number that a user gave, and loads what they stand for.

    Raises:
        UserError: For the first that is wrong.
    """
    sources = options.sources
    check_sources(sources)
    task = find_task(options.task)
    scale, reason = resolve_scale(options.scale, sources)
    model = find_model(options.model, scale, sources)
    check_asked(options.methods)
    check_scorer(task.scorer)
    space = load_space(options.space, scale)
    where = f"search space {options.space or scale}"
    for name in space.scales[scale].tasks:  # type: ignore[index]
        if name not in TASKS:
            raise unknown_name("task", name, TASKS, where)
    check_space(space, where)
    for name in space.scales[scale].families:  # type: ignore[index]
        if name not in FAMILY_NAMES:
            raise unknown_name("model family", name, FAMILY_NAMES, where)
    settings = space.scales[scale].settings(  # type: ignore[index]
        task.name, model.family, where
    )
    for name, numbers in settings.methods.items():
        load_method(name, numbers, where)
    template = RunTemplate(
        scale,
        task.name,
        model.name,
        settings,
        options.pretraining_seed,
        sources,
        space.objective.checkpoint,
        space.objective.wrong_language_penalty,
    )
    for code in (SOURCE_LANGUAGE, *template.languages(f"{where}: evaluation.languages")):
        language_code(model.family, code)
        if code in UNLABELLED and sources.lid_model is None:
            raise UserError(
                f"{where}: lid.176 does not know {language(code).name} ({code!r}), so no output "
                "would count as in the right language; leave it out, or give a --lid-model"
            )
    methods, left_out = choose_methods(options.methods, space, template)
    build_protocol(space, methods, options.seed, options.seeds)
    return Search(
        scale,
        reason,
        task,
        model,
        methods,
        ALL in options.methods,
        left_out,
        options.seed,
        options.seeds,
        space,
        template,
    )

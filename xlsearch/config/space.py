"""Search-space files: the protocol, its numbers, the objective, and the settings of each scale.

A file, or a shipped space that is no scale's own, states what differs from the shipped space of the
scale (``search_spaces/paper.yaml`` or ``pocket.yaml``); every other key keeps that file's value.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from xlsearch.config.settings import Settings, read_yaml, validated
from xlsearch.config.training import ScaleSettings
from xlsearch.errors import UserError, unknown_name

SCALES = ("paper", "pocket")


class LearningRateLadder(Settings):
    """Which learning rates a search may visit (paper, appendix on hyperparameters).

    Attributes:
        decades: k of the 10^-k tried first, so that the learning rate falls along the list.
        limits: Smallest and largest k that the extension may reach.
        refine: Refined methods also try this many times their best decade.
    """

    decades: tuple[int, ...]
    limits: tuple[int, int]
    refine: int = Field(ge=2, le=9)

    @field_validator("decades")
    @classmethod
    def _falls(cls, decades: tuple[int, ...]) -> tuple[int, ...]:
        if not decades:
            raise ValueError("the ladder is empty; give at least one decade, such as [3, 4, 5]")
        if any(a >= b for a, b in itertools.pairwise(decades)):
            rates = ", ".join(f"1e-{k}" for k in decades)
            raise ValueError(
                f"the learning rates {rates} are not decreasing; list the decades as in [3, 4, 5]"
            )
        return decades

    @model_validator(mode="after")
    def _inside_limits(self) -> LearningRateLadder:
        low, high = self.limits
        if low < 1 or high > 8:
            raise ValueError(f"limits {low} to {high} must lie within 1 to 8")
        if low > self.decades[0] or high < self.decades[-1]:
            raise ValueError(
                f"limits {low} to {high} must enclose the decades "
                f"{self.decades[0]} to {self.decades[-1]}"
            )
        return self


class MethodSearch(Settings):
    """How the learning rates of an adaptation method are found.

    Attributes:
        learning_rates_of: Another method whose preliminary learning rate this one takes; None if
            it searches decades of its own.
        refined: Whether ``learning_rates.refine`` times the best decade is tried, too.
        crossed: Whether the method takes part in the crossing.
        in_all: Whether ``--method all`` runs it.
    """

    learning_rates_of: str | None = None
    refined: bool = False
    crossed: bool = True
    in_all: bool = True


class Crossing(Settings):
    """The last stage: every method at multiples of its preliminary learning rate, with and without
    intermediate tuning (paper, appendix on hyperparameters).

    Attributes:
        factors: Multiples of the preliminary learning rate.
        intermediate_tuning: Without it, with it, or both. The stage is left out if nothing but
            the preliminary learning rate itself is left.
    """

    factors: tuple[Annotated[int, Field(ge=1)], ...] = Field(min_length=1)
    intermediate_tuning: tuple[bool, ...] = Field(min_length=1)

    @field_validator("factors", "intermediate_tuning")
    @classmethod
    def _differ(cls, values: tuple[int, ...]) -> tuple[int, ...]:
        if len(set(values)) < len(values):
            raise ValueError("a value stands here twice; give each once")
        return values


class ObjectiveSettings(Settings):
    """What a run's value is.

    Attributes:
        wrong_language_penalty: Points taken off a language's score for each percent of outputs
            in a wrong language.
        checkpoint: Which evaluation of a run counts, and whose weights it keeps: ``last``, as in
            the paper; ``best`` by the objective; or ``xlrs``, where the encoder represents
            parallel sentences least alike (Li & Murray), which needs no target-language labels.
    """

    wrong_language_penalty: float = Field(ge=0)
    checkpoint: Literal["last", "best", "xlrs"]


class ScaleByTask(Settings):
    """The settings of a scale, and what single tasks and model families set differently.

    Where a task and a family set the same key, the family's value counts.
    """

    default: ScaleSettings
    tasks: dict[str, dict[str, Any]] = Field(default_factory=dict)
    families: dict[str, dict[str, Any]] = Field(default_factory=dict)

    def settings(self, task: str, family: str, where: str) -> ScaleSettings:
        """The settings of one task and model family.

        Raises:
            UserError: For an unknown key among the task's or the family's own settings.
        """
        merged = self.default.model_dump()
        for kind, name, own in (("tasks", task, self.tasks), ("families", family, self.families)):
            merged = _merge(merged, own.get(name, {}))
            validated(ScaleSettings, merged, f"{where}: {kind}.{name}")
        return validated(ScaleSettings, merged, where)


class SearchSpace(Settings):
    """A whole search-space file.

    Attributes:
        protocol: Key of ``xlsearch.search.protocols.registry.PROTOCOLS``.
        learning_rates: Which learning rates may be visited.
        methods: How each adaptation method's learning rates are found; one that is not named
            searches decades of its own.
        crossing: The last stage.
        objective: What a run's value is.
        scales: The settings of runs, by scale.
    """

    protocol: str
    learning_rates: LearningRateLadder
    methods: dict[str, MethodSearch]
    crossing: Crossing
    objective: ObjectiveSettings
    scales: dict[Literal["paper", "pocket"], ScaleByTask]

    @model_validator(mode="after")
    def _sources_search_themselves(self) -> SearchSpace:
        for name in self.methods:
            source = self.how(name).learning_rates_of
            if source is not None and self.how(source).learning_rates_of is not None:
                raise ValueError(
                    f"methods.{name}.learning_rates_of: {source} takes its learning rates from "
                    f"{self.how(source).learning_rates_of}; name a method that searches decades "
                    "of its own"
                )
        return self

    def how(self, method: str) -> MethodSearch:
        """How a method's learning rates are found: as it says, or by decades of its own."""
        return self.methods.get(method, MethodSearch())

    def source_of(self, method: str) -> str:
        """The method whose decades are searched for a method: another one, or itself."""
        return self.how(method).learning_rates_of or method


def load_space(space: str | None, scale: str) -> SearchSpace:
    """Loads a search space for a scale.

    Args:
        space: A file, the name of a shipped space, or None for the shipped space of the scale.
        scale: ``paper`` or ``pocket``.

    Raises:
        UserError: If there is no such file or name, or a key or value in it is wrong.
    """
    values = read_yaml(_shipped(scale))
    where = f"search space {scale!r}"
    if space is not None and space != scale:
        path = _find(space)
        where = f"search space {path}" if path.suffix else f"search space {space!r}"
        values = _merge(values, read_yaml(path))
    return validated(SearchSpace, values, where)


def _find(space: str) -> Path:
    path = Path(space)
    if path.is_file():
        return path
    if path.suffix in (".yaml", ".yml") or len(path.parts) > 1:
        raise UserError(
            f"there is no search-space file {space}; shipped ones: {', '.join(_shipped_names())}"
        )
    if space not in _shipped_names():
        raise unknown_name("search space", space, _shipped_names())
    return _shipped(space)


def _folder() -> Path:
    """Where the shipped spaces are: inside the wheel, or beside the package in a checkout."""
    inside = Path(str(resources.files("xlsearch"))) / "search_spaces"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "search_spaces"


def _shipped(name: str) -> Path:
    return _folder() / f"{name}.yaml"


def _shipped_names() -> list[str]:
    return sorted(path.stem for path in _folder().glob("*.yaml"))


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """``base`` with the values of ``over``; mappings are merged key by key."""
    merged = dict(base)
    for key, value in over.items():
        old = merged.get(key)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        merged[key] = _merge(old, value) if both else value  # type: ignore[arg-type]
    return merged

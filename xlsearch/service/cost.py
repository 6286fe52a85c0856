"""What a search will cost, before it is begun: runs, steps, hours, disk."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from xlsearch.models.architecture import Architecture
from xlsearch.search.bounds import run_bounds
from xlsearch.search.planner import Start, plan
from xlsearch.service.search import Search

POCKET_TOKENS_PER_SECOND = 24_000
"""Tokens a second of a pocket model on one CPU core (AMD EPYC with AVX512-BF16)."""

_EVALUATION_SHARE = {"pocket": 0.2, "paper": 0.15}
"""Share of a run's time that its evaluations take, by scale."""

GPU = "A100"
_GPU_OPERATIONS = 312e12
_GPU_BYTES = 1.94e12
"""bf16 operations and bytes of memory traffic a second of an A100 with 80 GB (data sheet)."""

UTILISATION = 0.5
"""Share of these that training is assumed to reach; an assumption, not a measurement."""

_UPDATE_BYTES = 36
"""Memory traffic a weight and update: the gradient is written, cleared and read, AdamW reads and
writes weight and moments, in fp32, and bf16 copies of the weights are made."""

_TARGET_SHARE = 0.06
"""Target tokens for each source token: a summary of an article, an answer to a paragraph."""

_WEIGHT_BYTES = 4
_CHECKPOINT_COPIES = 3
"""Weights and AdamW's two moments."""


@dataclass(frozen=True)
class Range:
    """At least and at most."""

    at_least: float
    at_most: float


@dataclass(frozen=True)
class TuningCost:
    """What the intermediate-tuned checkpoint costs, which is made once and not among the runs.

    Attributes:
        steps: Updates, those included that try its learning rates.
        batch_tokens: Tokens a batch.
        cpu_hours, gpu_hours: Device time.
    """

    steps: int
    batch_tokens: int
    cpu_hours: float
    gpu_hours: float


@dataclass(frozen=True)
class Cost:
    """What a search will cost.

    Attributes:
        runs: Fine-tuning runs.
        steps: Updates over all runs.
        cpu_hours, gpu_hours: Device time over all runs.
        intermediate_tuning: Of the checkpoint for runs with intermediate tuning; None without.
        disk_bytes: What the run folders hold at the end, and the checkpoints meanwhile.
    """

    runs: Range
    steps: Range
    cpu_hours: Range
    gpu_hours: Range
    intermediate_tuning: TuningCost | None
    disk_bytes: int


def search_cost(search: Search, concurrency: int) -> Cost:
    """The cost of a search of which nothing was run yet.

    Args:
        search: The search.
        concurrency: Trials at a time; each holds a checkpoint while it runs.
    """
    least, most = run_bounds(search.space, search.methods, search.seeds)
    training = search.settings.training
    hours = run_seconds(search) / 3600
    on_gpu = search.scale == "paper"
    hours_range = Range(least * hours, most * hours)
    none = Range(0.0, 0.0)
    weights = search.model.parameters * _WEIGHT_BYTES
    tuning = _tuning_cost(search) if search.tunes_first else None
    kept = most + (1 if tuning else 0)
    copies = _CHECKPOINT_COPIES + _candidates(search)
    return Cost(
        runs=Range(least, most),
        steps=Range(least * training.steps, most * training.steps),
        cpu_hours=none if on_gpu else hours_range,
        gpu_hours=hours_range if on_gpu else none,
        intermediate_tuning=tuning,
        disk_bytes=weights * (kept + copies * concurrency),
    )


def _candidates(search: Search) -> int:
    """Most evaluations of a run whose weights are kept until it is known which are chosen."""
    every = math.ceil(search.settings.training.steps / search.settings.evaluation.every_steps)
    # Of ``best``, the best so far and the newest.
    return {"last": 0, "best": 2, "xlrs": every}[search.space.objective.checkpoint]


def run_seconds(search: Search) -> float:
    """Device time of one run, evaluations included: of a GPU, or of a core at pocket scale."""
    training = search.settings.training
    step = _step_seconds(search, training.batch_tokens)
    return training.steps * step / (1 - _EVALUATION_SHARE[search.scale])


def _tuning_cost(search: Search) -> TuningCost:
    """Intermediate tuning: each candidate learning rate for a while, then one to the end."""
    settings = search.settings.intermediate
    steps, tokens = settings.steps, settings.training.batch_tokens
    hours = steps * _step_seconds(search, tokens) / 3600
    on_gpu = search.scale == "paper"
    return TuningCost(steps, tokens, 0.0 if on_gpu else hours, hours if on_gpu else 0.0)


def _step_seconds(search: Search, batch_tokens: int) -> float:
    """Device time of one update."""
    architecture = search.model.architecture
    if architecture is None:
        return batch_tokens / POCKET_TOKENS_PER_SECOND
    limit = search.model.input_limit
    floor = floor_seconds(architecture, batch_tokens, limit, _GPU_OPERATIONS, _GPU_BYTES)
    return floor / UTILISATION


def floor_seconds(
    architecture: Architecture,
    batch_tokens: int,
    length: float,
    operations_a_second: float,
    bytes_a_second: float,
) -> float:
    """Least time of one update: its operations, then the memory traffic of AdamW.

    Args:
        architecture: The model.
        batch_tokens: Source tokens of a batch.
        length: Mean length of a source; its limit gives an upper bound.
        operations_a_second, bytes_a_second: What the hardware does at most.
    """
    operations = architecture.training_operations(
        batch_tokens, _TARGET_SHARE * batch_tokens, length
    )
    traffic = architecture.parameters * _UPDATE_BYTES
    return operations / operations_a_second + traffic / bytes_a_second


def plan_as_json(search: Search, cost: Cost) -> dict[str, Any]:
    """What ``xlsearch plan --json`` prints."""
    first = plan(search.protocol, {}, set())
    assert isinstance(first, Start)
    return {
        "task": search.task.name,
        "model": search.model.name,
        "methods": list(search.methods),
        "left_out": list(search.left_out),
        "seeds": search.seeds,
        "scale": search.scale,
        "study": search.default_study,
        "first_points": [
            {
                "stage": request.stage,
                "method": request.point.method,
                "learning_rate": float(request.point.learning_rate),
                "intermediate_tuning": request.point.intermediate_tuning,
                "seed": request.point.seed,
            }
            for request in first.requests
        ],
        "then": _then(search),
        **asdict(cost),
        "assumed": (
            f"one {GPU} a run at {UTILISATION:.0%} of its bf16 operations and memory traffic"
            if search.scale == "paper"
            else "one core a run"
        ),
    }


def _then(search: Search) -> str:
    """What follows the first points, in words."""
    space, methods = search.space, search.methods
    low, high = space.learning_rates.limits
    steps = [
        "a decade further while the best is at an end of the ladder and improves "
        f"(1e-{low} to 1e-{high})"
    ]
    searched = dict.fromkeys(map(space.source_of, methods))
    if refined := [method for method in searched if space.how(method).refined]:
        steps.append(f"{space.learning_rates.refine} x the best decade ({', '.join(refined)})")
    if crossed := [method for method in methods if space.how(method).crossed]:
        factors = ", ".join(map(str, space.crossing.factors))
        tuning = " and ".join(
            "with" if with_it else "without" for with_it in space.crossing.intermediate_tuning
        )
        steps.append(
            f"{{{factors}}} x the learning rate so found, {tuning} intermediate tuning "
            f"({', '.join(crossed)})"
        )
    if search.seeds > 1:
        steps.append(f"the best two of each decision with up to {search.seeds} seeds")
    return ", then ".join(steps)

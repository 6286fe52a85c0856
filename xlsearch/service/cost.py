"""What a search will cost, before it is begun: runs, steps, hours, disk."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from xlsearch.search.bounds import run_bounds
from xlsearch.search.planner import Start, plan
from xlsearch.service.search import Search

POCKET_TOKENS_PER_SECOND = 24_000
"""Tokens a second of a pocket model on one CPU core (AMD EPYC with AVX512-BF16)."""

_EVALUATION_SHARE = 0.2
"""Share of a pocket run's time that its evaluations take."""

_WEIGHT_BYTES = 4
_CHECKPOINT_COPIES = 3
"""Weights and AdamW's two moments."""


@dataclass(frozen=True)
class Range:
    """At least and at most."""

    at_least: float
    at_most: float


@dataclass(frozen=True)
class Cost:
    """What a search will cost.

    Attributes:
        runs: Fine-tuning runs.
        steps: Updates over all runs.
        cpu_hours, gpu_hours: Device time over all runs.
        disk_bytes: What the run folders hold at the end, and the checkpoints meanwhile.
    """

    runs: Range
    steps: Range
    cpu_hours: Range
    gpu_hours: Range
    disk_bytes: int


def search_cost(search: Search, concurrency: int) -> Cost:
    """The cost of a search of which nothing was run yet.

    Args:
        search: The search.
        concurrency: Trials at a time; each holds a checkpoint while it runs.
    """
    least, most = run_bounds(search.space, search.method)
    training = search.settings.training
    tokens = training.steps * training.batch_tokens
    hours = tokens / POCKET_TOKENS_PER_SECOND / (1 - _EVALUATION_SHARE) / 3600
    weights = search.model.parameters * _WEIGHT_BYTES
    return Cost(
        runs=Range(least, most),
        steps=Range(least * training.steps, most * training.steps),
        cpu_hours=Range(least * hours, most * hours),
        gpu_hours=Range(0.0, 0.0),
        disk_bytes=weights * (most + _CHECKPOINT_COPIES * concurrency),
    )


def plan_as_json(search: Search, cost: Cost) -> dict[str, Any]:
    """What ``xlsearch plan --json`` prints."""
    first = plan(search.protocol, {}, set())
    assert isinstance(first, Start)
    return {
        "task": search.task.name,
        "model": search.model.name,
        "methods": [search.method],
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
        "then": (
            "a decade further while the best is at an end of the ladder and improves "
            f"(1e-{search.space.learning_rates.limits[0]} to "
            f"1e-{search.space.learning_rates.limits[1]}), then "
            f"{search.space.learning_rates.refine} x the best decade"
        ),
        **asdict(cost),
    }

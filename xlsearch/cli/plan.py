"""``xlsearch plan``: what a launch would run, and what it would cost."""

from __future__ import annotations

import json
from typing import Any

import click

from xlsearch.cli.groups import GroupedCommand
from xlsearch.cli.options import (
    budget_of,
    budget_option,
    json_option,
    options_of,
    search_options,
)


@click.command("plan", cls=GroupedCommand)
@search_options
@budget_option
@json_option
def command(as_json: bool, budget: str | None, **values: Any) -> None:
    """Show what launch would run: points, runs, steps, hours, disk."""
    from xlsearch.config.learning_rate import LearningRate
    from xlsearch.service.cost import plan_as_json, search_cost
    from xlsearch.service.launch import LOCAL_CONCURRENCY

    limit = budget_of(budget)
    search = options_of(values)
    cost = search_cost(search, LOCAL_CONCURRENCY)
    shown = plan_as_json(search, cost)
    if limit is not None:
        shown["budget"] = limit.fit(cost)
    if as_json:
        click.echo(json.dumps(shown, indent=2))
        return
    click.echo(f"scale {search.scale} ({search.scale_reason})")
    for sentence in search.left_out:
        click.echo(sentence)
    first: dict[tuple[str, str], list[str]] = {}
    for point in shown["first_points"]:
        rate = str(LearningRate(point["learning_rate"]))
        first.setdefault((point["method"], point["stage"]), []).append(rate)
    for (method, stage), rates in first.items():
        click.echo(f"  {method}: LR {', '.join(rates)} ({stage})")
    for step in shown["then"].split(", then "):
        click.echo(f"  then {step}")
    click.echo(cost_line(shown))
    if limit is not None:
        click.echo(shown["budget"])


def cost_line(shown: dict[str, Any]) -> str:
    """The cost of a search in one line, from ``plan_as_json``."""
    runs, steps, cpu, gpu = (shown[key] for key in ("runs", "steps", "cpu_hours", "gpu_hours"))
    if gpu["at_most"]:
        least, most = _hours(gpu["at_least"]), _hours(gpu["at_most"])
        time = f"about {least} to {most} GPU-hours ({shown['assumed']})"
    else:
        time = (
            f"about {60 * cpu['at_least']:.0f} to {60 * cpu['at_most']:.0f} CPU-minutes, "
            "no GPU-hours"
        )
    return (
        f"{runs['at_least']} to {runs['at_most']} runs, {steps['at_least']:,} to "
        f"{steps['at_most']:,} steps, {time}{_tuning(shown['intermediate_tuning'])}, "
        f"{_size(shown['disk_bytes'])} on disk"
    )


def _tuning(cost: dict[str, Any] | None) -> str:
    """The cost of intermediate tuning, to stand behind that of the runs."""
    if cost is None:
        return ""
    if cost["gpu_hours"]:
        time = f"{_hours(cost['gpu_hours'])} GPU-hours"
    else:
        time = f"{60 * cost['cpu_hours']:.0f} CPU-minutes"
    return f", and once {cost['steps']:,} steps of intermediate tuning, about {time}"


def _hours(hours: float) -> str:
    return f"{hours:.1f}" if hours >= 1 else f"{hours:.2g}"


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"

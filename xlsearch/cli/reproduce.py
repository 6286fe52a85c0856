"""``xlsearch reproduce``: the searches behind a table or figure of the paper, beside it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from xlsearch.cli.options import json_option, root_option, source_options, sources_of
from xlsearch.cli.plan import cost_line


@click.command("reproduce")
@click.argument("table")
@click.option("--task", "tasks", multiple=True, help="Only this task; may be repeated.")
@click.option("--model", "models", multiple=True, help="Only this model; may be repeated.")
@click.option(
    "--seeds",
    type=click.IntRange(1, 100),
    default=1,
    show_default=True,
    help="Most runs of a point whose score decides something.",
)
@click.option("--scale", default="auto", show_default=True, help="auto, pocket or paper.")
@source_options
@root_option
@json_option
def command(
    table: str,
    tasks: tuple[str, ...],
    models: tuple[str, ...],
    seeds: int,
    scale: str,
    root: Path,
    as_json: bool,
    **values: Any,
) -> None:
    """Run the searches behind a TABLE of the paper (table1 to table4, figure1, figure2) and print
    ours beside it."""
    from rich.console import Console

    from xlsearch.reporting.lines import LineView, RunLines
    from xlsearch.reporting.live import LiveView
    from xlsearch.reporting.reproduction import reproduction_table, summary
    from xlsearch.service.cost import plan_as_json, search_cost
    from xlsearch.service.launch import LOCAL_CONCURRENCY
    from xlsearch.service.reproduce import Planned, plan_reproduction
    from xlsearch.service.workspace import Workspace

    console = Console(stderr=as_json)

    def say(line: str) -> None:
        console.print(line, highlight=False, soft_wrap=True, markup=False)

    workspace = Workspace(root)
    planned = plan_reproduction(
        table, tasks=tasks, models=models, scale=scale, seeds=seeds, sources=sources_of(values)
    )
    say(f"scale {planned.scale} ({planned.reason})")
    for cell in planned.cells:
        cost = plan_as_json(cell.search, search_cost(cell.search, LOCAL_CONCURRENCY))
        say(f"study {cell.study}: {cost_line(cost)}")
    for why in (*planned.left_out, *(why for cell in planned.cells for why in cell.left_out)):
        say(f"left out: {why}")

    def view(cell: Planned) -> LiveView | LineView:
        number = planned.cells.index(cell) + 1
        say(f"{number}/{len(planned.cells)} {cell.cell[0]}, {cell.cell[1]}: study {cell.study}")
        watch = f"watch: xlsearch status {cell.study} --root {workspace.shown(workspace.root)}"
        return LiveView(console, watch) if console.is_terminal else LineView(say)

    lines = list(planned.run(workspace, view, RunLines(say).preparing))
    if as_json:
        values = {"table": table, "scale": planned.scale, "lines": [asdict(x) for x in lines]}
        click.echo(json.dumps({**values, "summary": summary(lines)}, indent=2))
        return
    wide = console if console.is_terminal else Console(width=160)
    wide.print(reproduction_table(lines))
    say(summary(lines))

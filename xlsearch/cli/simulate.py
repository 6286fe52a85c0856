"""``xlsearch simulate``: searches replayed on recorded evaluations."""

from __future__ import annotations

import json
from pathlib import Path

import click

from xlsearch.cli.options import json_option, names_of


@click.command("simulate")
@click.option(
    "--curves",
    metavar="FILE",
    type=click.Path(path_type=Path),
    required=True,
    help="Evaluation rows, .jsonl or .parquet, as export --evaluations writes them.",
)
@click.option(
    "--method",
    default="all",
    show_default=True,
    help="Adaptation methods, with commas between them, or all that have rows.",
)
@click.option("--task", help="Only this task; default: all.")
@click.option("--model", help="Only this model; default: all.")
@click.option("--space", metavar="FILE|NAME", help="Search space; default: the scale's.")
@click.option("--scale", default="paper", show_default=True, help="pocket or paper.")
@click.option(
    "--seeds",
    type=click.IntRange(1, 100),
    default=1,
    show_default=True,
    help="Most runs of a point whose score decides something, from the smallest seed on.",
)
@json_option
def command(
    curves: Path,
    method: str,
    task: str | None,
    model: str | None,
    space: str | None,
    scale: str,
    seeds: int,
    as_json: bool,
) -> None:
    """Replay the search on recorded evaluations; needs no GPU."""
    from xlsearch.service.simulate import notes, run_simulations, simulation_as_json

    cells = run_simulations(curves, names_of(method), space, scale, task, model, seeds)
    shown = simulation_as_json(cells)
    for sentence in notes(cells):
        click.echo(sentence, err=True)
    if as_json:
        click.echo(json.dumps(shown, indent=2))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in ("task", "model", "method", "best LR", "IT", "objective", "runs"):
        table.add_column(name, justify="right" if name in ("objective", "runs") else "left")
    for cell in cells:
        best, value = cell.choice.best, cell.objective
        figures = (
            ("-", "-", "-")
            if best is None
            else (
                f"{best.learning_rate}{' ?' if cell.choice.unsettled else ''}",
                "yes" if best.intermediate_tuning else "no",
                f"{value:.2f}",
            )
        )
        names = (cell.curves.task, cell.curves.model, cell.method)
        table.add_row(*names, *figures, str(len(cell.trials)))
    console = Console()
    (console if console.is_terminal else Console(width=160)).print(table)
    cost = shown["cost"]
    click.echo(f"{cost['trials']} runs, {cost['steps']:,} steps")

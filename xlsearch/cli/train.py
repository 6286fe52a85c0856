"""``xlsearch train``: one run from a configuration file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from xlsearch.cli.options import root_option, source_options, sources_of


@click.command("train")
@click.argument("config", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path("model"),
    show_default=True,
    help="Model folder to write.",
)
@source_options
@root_option
def command(config: Path, output: Path, root: Path, **values: Any) -> None:
    """Train one run from a CONFIG.yaml, e.g. an exported best.yaml."""
    from xlsearch.reporting.lines import RunLines
    from xlsearch.service.train import differences, read_config, train
    from xlsearch.service.workspace import Workspace

    click.echo("loading …")
    sources = sources_of(values)
    run = read_config(config, sources)
    for difference in differences(config, run):
        click.echo(f"note: {difference}", err=True)
    workspace = Workspace(root)
    workspace.check_writable(needed_bytes=0)
    lines = RunLines(click.echo)
    folder = train(run, workspace.root, output, lines.preparing, lines.report, sources)
    click.echo(f"run {folder.name}; model: {output}")

"""``xlsearch translate-outputs``: the best English learning rate with translated outputs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from xlsearch.cli.options import (
    json_option,
    root_option,
    source_options,
    sources_of,
    storage_option,
)


@click.command("translate-outputs")
@click.argument("study", required=False)
@source_options
@storage_option
@root_option
@json_option
def command(
    study: str | None, storage: str | None, root: Path, as_json: bool, **values: Any
) -> None:
    """Translate the outputs of a STUDY's best English learning rate, and compare (Table 3)."""
    from rich.console import Console

    from xlsearch.reporting.lines import RunLines
    from xlsearch.reporting.translated_outputs import comparison_table
    from xlsearch.search.storage import quiet_optuna
    from xlsearch.service.sources import check_sources
    from xlsearch.service.studies import load_study
    from xlsearch.service.translated_outputs import compare_translated_outputs
    from xlsearch.service.workspace import Workspace

    quiet_optuna()
    sources = sources_of(values)
    check_sources(sources)
    workspace = Workspace(root)
    found = load_study(workspace, study, storage)
    lines = RunLines(lambda line: click.echo(line, err=True))
    click.echo("loading …", err=True)
    comparison = compare_translated_outputs(found, workspace.root, sources, lines.preparing)
    if as_json:
        click.echo(json.dumps(comparison.as_json(), indent=2))
        return
    click.echo(f"study {comparison.study}, full fine-tuning without intermediate tuning")
    console = Console()
    (console if console.is_terminal else Console(width=160)).print(comparison_table(comparison))
    click.echo(f"score/LCR, {comparison.scorer}; translator {comparison.translator}")

"""``xlsearch xlrs``: similarity of encoder representations against score and LCR."""

from __future__ import annotations

import json
from pathlib import Path

import click

from xlsearch.cli.options import json_option, root_option, storage_option


@click.command("xlrs")
@click.argument("study", required=False)
@storage_option
@root_option
@json_option
def command(study: str | None, storage: str | None, root: Path, as_json: bool) -> None:
    """Show XLRS, the similarity of the encoder's representations of parallel sentences, against
    score and LCR over the runs of a STUDY (default: the only study)."""
    from rich.console import Console

    from xlsearch.reporting.similarity import (
        evaluated_runs,
        similarity_report,
        similarity_sentences,
        similarity_table,
    )
    from xlsearch.search.storage import quiet_optuna
    from xlsearch.service.studies import load_study
    from xlsearch.service.workspace import Workspace

    quiet_optuna()
    workspace = Workspace(root)
    found = load_study(workspace, study, storage)
    runs = evaluated_runs(found, workspace.root)
    report = similarity_report(found.name, runs)
    if as_json:
        click.echo(json.dumps(report, indent=2))
        return
    click.echo(f"study {found.name}: means over target languages at the last evaluation")
    console = Console()
    (console if console.is_terminal else Console(width=160)).print(similarity_table(runs))
    for line in similarity_sentences(report):
        click.echo(line)

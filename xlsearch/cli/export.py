"""``xlsearch export``: the best configuration as YAML, or all evaluations as rows."""

from __future__ import annotations

from pathlib import Path

import click

from xlsearch.cli.options import root_option, storage_option
from xlsearch.errors import UserError


@click.command("export")
@click.argument("study", required=False)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), default=None, help="YAML file to write."
)
@click.option(
    "--evaluations",
    type=click.Path(path_type=Path),
    help="Write the tidy evaluation rows instead, to a .parquet or .jsonl file.",
)
@storage_option
@root_option
def command(
    study: str | None,
    output: Path | None,
    evaluations: Path | None,
    storage: str | None,
    root: Path,
) -> None:
    """Write the best configuration of a STUDY as YAML (default: print it)."""
    import yaml

    from xlsearch.reporting.best import best_configuration, write_best
    from xlsearch.runs.remote import fetched
    from xlsearch.runs.rows import read_rows, write_rows
    from xlsearch.search.storage import quiet_optuna
    from xlsearch.service.studies import load_study
    from xlsearch.service.workspace import Workspace

    quiet_optuna()
    workspace = Workspace(root)
    found = load_study(workspace, study, storage)
    if evaluations is not None:
        if evaluations.suffix not in (".parquet", ".jsonl"):
            raise UserError(f"--evaluations {evaluations}: the name must end in .parquet or .jsonl")
        files = [
            fetched(workspace.root, f"runs/{trial.run}/evaluations.jsonl")
            for trial in found.trials()
            if trial.run
        ]
        evaluations.parent.mkdir(parents=True, exist_ok=True)
        rows = [row for file in files if file.exists() for row in read_rows(file)]
        write_rows(evaluations, rows)
        click.echo(f"{len(rows)} rows: {evaluations}")
    elif output is not None:
        write_best(found, workspace.root, output)
        click.echo(f"best configuration: {output}")
    else:
        values = best_configuration(found, workspace.root)
        click.echo(yaml.safe_dump(values, sort_keys=False, allow_unicode=True), nl=False)

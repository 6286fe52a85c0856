"""``xlsearch status``: how a study goes."""

from __future__ import annotations

import json
from pathlib import Path

import click

from xlsearch.cli.cluster_options import jobs_option
from xlsearch.cli.options import json_option, root_option, storage_option


@click.command("status")
@click.argument("study", required=False)
@storage_option
@root_option
@jobs_option
@json_option
def command(
    study: str | None,
    storage: str | None,
    root: Path,
    url: str | None,
    as_json: bool,
) -> None:
    """Show the trials of a STUDY and its best so far (default: the only study)."""
    if url is not None:
        given = (
            click.get_current_context().get_parameter_source("root")
            != click.core.ParameterSource.DEFAULT
        )
        _on_cluster(url, study, str(root) if given else None, as_json)
        return
    from rich.console import Console

    from xlsearch.reporting.ledger import study_ledger
    from xlsearch.reporting.methods import result_tables, study_results
    from xlsearch.reporting.status import study_status
    from xlsearch.reporting.tables import trials_table
    from xlsearch.reporting.why import why
    from xlsearch.search.storage import quiet_optuna
    from xlsearch.service.studies import load_study
    from xlsearch.service.workspace import Workspace

    quiet_optuna()
    workspace = Workspace(root)
    found = load_study(workspace, study, storage)
    driven = workspace.is_driven(found.name)
    shown = study_status(found, driven, workspace.root)
    if as_json:
        click.echo(json.dumps(shown, indent=2))
        return
    trials, source = found.trials(), found.configuration["source_language"]
    best = found.choice()
    click.echo(f"study {found.name}: {shown['state']}")
    if found.stopped is not None and not driven:
        click.echo(found.stopped)
    table = trials_table(trials, source, best.number if best else None)
    console = Console()
    wide = console if console.is_terminal else Console(width=160)
    for part in (table, *result_tables(study_results(found))):
        wide.print(part)
        wide.print()
    if best is not None:
        click.echo(why(trials, best, source))
    click.echo(f"cost: {study_ledger(found, workspace.root).total.describe()}")


def _on_cluster(url: str, study: str | None, root: str | None, as_json: bool) -> None:
    """Shows what the command says on a cluster."""
    from xlsearch.service.jobs import ClusterJobs

    if study is None:
        raise click.UsageError("which study? With --address, give its name")
    jobs = ClusterJobs(url)
    click.echo(f"asking the cluster at {url}", err=True)  # takes as long as a job takes to begin
    text, code = jobs.status(study, root, ["--json"] if as_json else [])
    if code:
        click.echo(text, nl=False, err=True)
        raise SystemExit(code)
    click.echo(text, nl=False)

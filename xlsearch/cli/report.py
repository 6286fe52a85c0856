"""``xlsearch report``: tables and figures of a study."""

from __future__ import annotations

import json
from pathlib import Path

import click

from xlsearch.cli.options import json_option, root_option, storage_option


@click.command("report")
@click.argument("study", required=False)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write; default: report in the study's folder.",
)
@storage_option
@root_option
@json_option
def command(
    study: str | None, output: Path | None, storage: str | None, root: Path, as_json: bool
) -> None:
    """Write tables and figures of a STUDY as HTML, Markdown and PNG (default: the only study)."""
    import os

    from xlsearch.reporting.lines import RunLines
    from xlsearch.reporting.report.build import write_report
    from xlsearch.search.storage import quiet_optuna
    from xlsearch.service.studies import load_study
    from xlsearch.service.workspace import Workspace

    quiet_optuna()
    workspace = Workspace(root)
    found = load_study(workspace, study, storage)
    lines = RunLines(lambda line: click.echo(line, err=True))
    folder = output or workspace.study_folder(found.name) / "report"
    driven = workspace.is_driven(found.name)
    report = write_report(found, workspace.root, folder, driven, lines.preparing)
    if output is None:
        workspace.publish(folder)
    if as_json:
        shown = {
            "study": found.name,
            "html": str(report.html),
            "markdown": str(report.markdown),
            "pictures": [str(path) for path in report.pictures],
            "ledger": report.ledger.as_json(),
        }
        click.echo(json.dumps(shown, indent=2))
        return
    click.echo(f"cost: {report.ledger.total.describe()}")
    shown_path = workspace.shown if output is None else os.path.relpath
    click.echo(f"report: {shown_path(report.html)}")
    click.echo(f"        {shown_path(report.markdown)}")

"""``xlsearch dashboard``: a study in the browser."""

from __future__ import annotations

import contextlib
from pathlib import Path

import click

from xlsearch.cli.options import root_option, storage_option


@click.command("dashboard")
@click.argument("study", required=False)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    help="Where to listen, on this machine only; 0 for any that is free.",
)
@storage_option
@root_option
def command(study: str | None, port: int, storage: str | None, root: Path) -> None:
    """Show a STUDY in optuna-dashboard, with a note on what it found (default: the only study)."""
    from xlsearch.search.storage import quiet_optuna
    from xlsearch.service.dashboard import address, check_installed, open_dashboard
    from xlsearch.service.studies import load_study, open_storage
    from xlsearch.service.workspace import Workspace

    quiet_optuna()
    workspace = Workspace(root)
    found = load_study(workspace, study, storage)
    opened = open_storage(workspace, found.name, storage)
    check_installed()
    with open_dashboard(opened, found, workspace.root, port) as server:
        click.echo(f"study {found.name}: {address(server, opened, found)} (Ctrl-C ends it)")
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()

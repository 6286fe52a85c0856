"""``xlsearch launch``: runs or continues a search and ends with the best configuration."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from xlsearch.cli.options import (
    json_option,
    options_of,
    root_option,
    search_options,
    storage_option,
)
from xlsearch.cli.plan import cost_line


@click.command("launch")
@search_options
@click.option("--study", "name", help="Name; default: TASK-MODEL-SCALE[-METHODS][-seedsN].")
@click.option("--address", help="Address of a running Ray cluster; default: one of this machine.")
@storage_option
@root_option
@json_option
def command(
    name: str | None,
    address: str | None,
    storage: str | None,
    root: Path,
    as_json: bool,
    **values: Any,
) -> None:
    """Run or continue a search; ends with the best configuration."""
    search = options_of(values)
    from rich.console import Console

    from xlsearch.reporting.lines import LineView
    from xlsearch.reporting.live import LiveView
    from xlsearch.reporting.methods import result_tables, study_results
    from xlsearch.reporting.status import study_status
    from xlsearch.reporting.tables import trials_table
    from xlsearch.reporting.why import why
    from xlsearch.search.storage import shown_url
    from xlsearch.service.cost import plan_as_json, search_cost
    from xlsearch.service.launch import LOCAL_CONCURRENCY, LaunchOptions, launch
    from xlsearch.service.workspace import Workspace

    console = Console(stderr=as_json)
    say = console.print
    workspace = Workspace(root)
    name = name or search.default_study
    journal = workspace.journal(name)
    say(f"scale {search.scale} ({search.scale_reason})", highlight=False, soft_wrap=True)
    for sentence in search.left_out:
        say(sentence, highlight=False, soft_wrap=True)
    say(
        f"study {name}: {cost_line(plan_as_json(search, search_cost(search, LOCAL_CONCURRENCY)))}",
        highlight=False,
        soft_wrap=True,
    )
    place = shown_url(storage) if storage else workspace.shown(journal)
    watch = f"watch: optuna-dashboard {place}"
    if storage is None and workspace.location != str(workspace.root):
        watch = f"watch: xlsearch status {name} --root {workspace.location}"
    view: LiveView | LineView
    if console.is_terminal:
        view = LiveView(console, watch)
    else:
        say(watch, highlight=False, soft_wrap=True)
        view = LineView(lambda line: say(line, highlight=False, soft_wrap=True))
    with view:
        done = launch(search, workspace, name, view, LaunchOptions(storage, address))
    trials, source = done.study.trials(), done.study.configuration["source_language"]
    if as_json:
        click.echo(json.dumps(study_status(done.study, driven=False), indent=2))
    table = trials_table(trials, source, done.best.number)
    wide = console if console.is_terminal else Console(width=160, stderr=as_json)
    for shown in (table, *result_tables(study_results(done.study))):
        wide.print(shown)
        wide.print()
    say(why(trials, done.best, source), highlight=False, soft_wrap=True)
    say(f"curves: {workspace.shown(done.curves)}", highlight=False, soft_wrap=True)
    say(
        f"best configuration: {workspace.shown(done.configuration)}",
        highlight=False,
        soft_wrap=True,
    )

"""``xlsearch launch``: runs or continues a search and ends with the best configuration."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click

from xlsearch.cli.options import (
    budget_of,
    budget_option,
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
@budget_option
@storage_option
@root_option
@json_option
def command(
    name: str | None,
    address: str | None,
    budget: str | None,
    storage: str | None,
    root: Path,
    as_json: bool,
    **values: Any,
) -> None:
    """Run or continue a search; ends with the best configuration."""
    limit = budget_of(budget)
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
    place = shown_url(storage) if storage else os.path.relpath(journal)
    watch = f"watch: optuna-dashboard {place}"
    view: LiveView | LineView
    if console.is_terminal:
        view = LiveView(console, watch)
    else:
        say(watch, highlight=False, soft_wrap=True)
        view = LineView(lambda line: say(line, highlight=False, soft_wrap=True))
    with view:
        done = launch(search, workspace, name, view, LaunchOptions(storage, address, limit))
    trials, source = done.study.trials(), done.study.configuration["source_language"]
    if as_json:
        click.echo(json.dumps(study_status(done.study, driven=False), indent=2))
    table = trials_table(trials, source, done.best.number if done.best else None)
    wide = console if console.is_terminal else Console(width=160, stderr=as_json)
    for shown in (table, *result_tables(study_results(done.study))):
        wide.print(shown)
        wide.print()
    if done.best is not None:
        say(why(trials, done.best, source), highlight=False, soft_wrap=True)
    for what, path in done.files.items():
        say(f"{what}: {os.path.relpath(path)}", highlight=False, soft_wrap=True)
    if done.stopped is not None:
        say(done.stopped, highlight=False, soft_wrap=True)
    say(f"report: xlsearch report {name}{_where(root, storage)}", highlight=False, soft_wrap=True)


def _where(root: Path, storage: str | None) -> str:
    """The options by which another command finds the study; none where it needs none."""
    from xlsearch.search.storage import shown_url

    shown = "" if root == Path("xlsearch-runs") else f" --root {root}"
    return shown + (f" --storage {shown_url(storage)}" if storage else "")

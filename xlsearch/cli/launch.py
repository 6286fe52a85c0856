"""``xlsearch launch``: runs or continues a search and ends with the best configuration."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xlsearch.cli.cluster_options import resource_options
from xlsearch.cli.groups import GroupedCommand
from xlsearch.cli.options import (
    MINUTES,
    budget_of,
    budget_option,
    json_option,
    options_of,
    root_option,
    search_options,
    storage_option,
)
from xlsearch.cli.plan import cost_line
from xlsearch.errors import UserError
from xlsearch.search.terminate import end_on_terminate

if TYPE_CHECKING:
    from xlsearch.service.workspace import Workspace


@click.command("launch", cls=GroupedCommand)
@search_options
@click.option("--study", "name", help="Name; default: TASK-MODEL-SCALE[-METHODS][-seedsN].")
@click.option(
    "--address",
    metavar="HOST:PORT",
    envvar="RAY_ADDRESS",
    help="A running Ray cluster (also RAY_ADDRESS); default: one of this machine.",
)
@click.option(
    "--submit", metavar="URL", help="Run as a job of the cluster with the dashboard at this URL."
)
@resource_options
@budget_option
@click.option("--ray-dashboard", is_flag=True, help="Serve Ray's dashboard, to this machine only.")
@click.option(
    "--hang-timeout",
    "hang_minutes",
    type=MINUTES,
    default=30.0,
    show_default=True,
    metavar="MINUTES",
    help="Begin a trial again that reports nothing for so long; 0 for never.",
)
@storage_option
@click.option(
    "--storage-wait",
    metavar="MINUTES",
    type=MINUTES,
    default=10.0,
    show_default=True,
    help="How long the record's storage may be away before the search stops.",
)
@root_option
@json_option
def command(
    name: str | None,
    address: str | None,
    submit: str | None,
    gpus_per_trial: float | None,
    cpus_per_trial: int | None,
    trials: int | None,
    ray_dashboard: bool,
    hang_minutes: float,
    budget: str | None,
    storage: str | None,
    storage_wait: float,
    root: Path,
    as_json: bool,
    **values: Any,
) -> None:
    """Run or continue a search; ends with the best configuration."""
    from xlsearch.search.ray_tune.resources import ResourceOptions

    resources = ResourceOptions(gpus_per_trial, cpus_per_trial, trials)
    limit = budget_of(budget)
    if submit is not None:
        from xlsearch.cli import submit as submitting

        submitting.submit(click.get_current_context(), submit, name, root, storage, values)
        return
    end_on_terminate()
    search = options_of(values)
    if address and ray_dashboard:
        raise UserError(
            "--ray-dashboard is for the Ray that launch starts; with --address leave it out, the "
            "head of that cluster has its own dashboard"
        )
    from rich.console import Console

    from xlsearch.reporting.lines import LineView
    from xlsearch.reporting.live import LiveView
    from xlsearch.reporting.methods import result_tables, study_results
    from xlsearch.reporting.notices import notices
    from xlsearch.reporting.status import study_status
    from xlsearch.reporting.tables import trials_table
    from xlsearch.reporting.why import why
    from xlsearch.service.cost import plan_as_json, search_cost
    from xlsearch.service.launch import LOCAL_CONCURRENCY, launch
    from xlsearch.service.launching import LaunchOptions
    from xlsearch.service.workspace import Workspace

    console = Console(stderr=as_json)
    say = console.print
    workspace = Workspace(root)
    name = name or search.default_study
    workspace.study_folder(name)  # refuses what is no name
    say(f"scale {search.scale} ({search.scale_reason})", highlight=False, soft_wrap=True)
    for sentence in search.left_out:
        say(sentence, highlight=False, soft_wrap=True)
    say(
        f"study {name}: {cost_line(plan_as_json(search, search_cost(search, LOCAL_CONCURRENCY)))}",
        highlight=False,
        soft_wrap=True,
    )
    where = _where(workspace, storage)
    by = "status" if storage is None and workspace.is_remote else "dashboard"
    watch = f"watch: xlsearch {by} {name}{where}"
    view: LiveView | LineView
    if console.is_terminal:
        view = LiveView(console, watch)
    else:
        say(watch, highlight=False, soft_wrap=True)
        view = LineView(lambda line: say(line, highlight=False, soft_wrap=True))
    options = LaunchOptions(
        storage_url=storage,
        address=address,
        resources=resources,
        budget=limit,
        hang_seconds=60 * hang_minutes or None,
        storage_wait=60 * storage_wait,
        ray_dashboard=ray_dashboard,
    )
    with view, notices(lambda line: say(line, highlight=False, soft_wrap=True)):
        done = launch(search, workspace, name, view, options)
    recorded, source = done.study.trials(), done.study.configuration["source_language"]
    if as_json:
        click.echo(json.dumps(study_status(done.study, driven=False), indent=2))
    table = trials_table(recorded, source, done.best.number if done.best else None)
    wide = console if console.is_terminal else Console(width=160, stderr=as_json)
    for shown in (table, *result_tables(study_results(done.study))):
        wide.print(shown)
        wide.print()
    if done.best is not None:
        say(why(recorded, done.best, source), highlight=False, soft_wrap=True)
    for what, path in done.files.items():
        say(f"{what}: {workspace.shown(path)}", highlight=False, soft_wrap=True)
    if done.stopped is not None:
        say(done.stopped, highlight=False, soft_wrap=True)
    say(f"report: xlsearch report {name}{where}", highlight=False, soft_wrap=True)


def _where(workspace: Workspace, storage: str | None) -> str:
    """The options by which another command finds the study; none where it needs none."""
    from xlsearch.search.database import shown_url

    root = workspace.shown(workspace.root)
    shown = "" if root == "xlsearch-runs" else f" --root {root}"
    return shown + (f" --storage {shown_url(storage)}" if storage else "")

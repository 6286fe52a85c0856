"""Options that several commands share."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from xlsearch.cli.secrets import STORAGE

Command = Callable[..., Any]


class _Minutes(click.FloatRange):
    """A time: what can't be waited for, as ``nan`` and ``inf``, is refused."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        minutes: float = super().convert(value, param, ctx)
        if not math.isfinite(minutes):
            self.fail(f"{value} is not a number of minutes.", param, ctx)
        return minutes


MINUTES = _Minutes(min=0)


def _open_root(context: click.Context, parameter: click.Parameter, location: str) -> Path:
    """The root folder; for a URL this machine's working copy, once its store has answered."""
    if "://" not in location:
        return Path(location)
    from xlsearch.runs.remote import open_root, remote_of

    root = open_root(location)
    remote = remote_of(root)
    assert remote is not None
    remote.check()
    return root


root_option = click.option(
    "--root",
    metavar="DIR|URL",
    default="xlsearch-runs",
    envvar="XLSEARCH_ROOT",
    show_default=True,
    callback=_open_root,
    help="Root folder of all that is written, or s3:// or gs:// (also XLSEARCH_ROOT).",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def _taken_out(context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    # The processes that Ray starts have no need of its password.
    os.environ.pop(STORAGE, None)
    return value


storage_option = click.option(
    "--storage",
    metavar="URL",
    envvar=STORAGE,
    callback=_taken_out,
    help="Database of the record, in place of a journal file, as postgresql://USER@HOST/DATABASE "
    f"(also {STORAGE}); its password may be in PGPASSWORD or ~/.pgpass (docs/storage.md).",
)
budget_option = click.option(
    "--budget",
    metavar="HOURS",
    help="Device time that the study may cost, e.g. 40gpuh or 12.5cpuh (core-hours).",
)
lid_model_option = click.option(
    "--lid-model",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="fastText model that identifies languages; default: the embedded lid.176.ftz.",
)


def data_options(command: Command) -> Command:
    """The options that say where a task's data are."""
    for option in (
        click.option(
            "--plugin",
            "plugins",
            metavar="FILE",
            type=click.Path(path_type=Path),
            multiple=True,
            help="Python file with a task, scorer or model of your own; may be repeated.",
        ),
        lid_model_option,
        click.option(
            "--data-dir",
            metavar="DIR",
            type=click.Path(path_type=Path),
            help="Folder with the task's files, in place of the hub (docs/data.md).",
        ),
    ):
        command = option(command)
    return command


def source_options(command: Command) -> Command:
    """The options that say where data and models are."""
    for name, what in (
        ("--parallel-dir", "Folder with parallel sentences for XLRS, in place of the hub."),
        ("--text-dir", "Folder with plain text for intermediate tuning, in place of the hub."),
        ("--translator-path", "Folder of the translation model, in place of the hub."),
        ("--model-path", "Folder of a pretrained model, in place of the hub."),
    ):
        option = click.option(name, metavar="DIR", type=click.Path(path_type=Path), help=what)
        command = option(command)
    return data_options(command)


def sources_of(values: dict[str, Any]) -> Any:
    """The places that the shared options name, of which the plugins are read now."""
    from xlsearch.config.sources import Sources

    if values["plugins"]:
        from xlsearch.plugins import load_plugins

        load_plugins(values["plugins"])
    # Absolute, since trials run in folders of their own.
    names = (
        "data_dir",
        "model_path",
        "text_dir",
        "parallel_dir",
        "translator_path",
        "lid_model",
    )
    places = {name: values.get(name) for name in names}
    found = {name: path.resolve() if path else None for name, path in places.items()}
    plugins = tuple(path.resolve() for path in values["plugins"])
    return Sources(**found, plugins=plugins)


def search_options(command: Command) -> Command:
    """The options that say what to search."""
    for option in (
        click.option(
            "--pretraining-seed",
            type=click.IntRange(0),
            default=0,
            help="Pocket scale: which of its pretrained models.",
        ),
        click.option(
            "--seeds",
            type=click.IntRange(1, 100),
            default=1,
            show_default=True,
            help="Most runs of a point whose score decides something, seed by seed.",
        ),
        click.option(
            "--seed",
            type=click.IntRange(0, 2**31 - 101),
            default=0,
            help="Of the first run of each point.",
        ),
        click.option("--space", metavar="FILE|NAME", help="Search space; default: the scale's."),
        click.option("--scale", default="auto", show_default=True, help="auto, pocket or paper."),
        click.option(
            "--method",
            default="full",
            show_default=True,
            help="Adaptation methods to search, with commas between them, or all.",
        ),
        click.option("--model", help="Pretrained model, e.g. mbart or mt5."),
        click.option("--task", required=True, help="Task, e.g. xlsum or xquad."),
    ):
        command = option(command)
    return source_options(command)


def budget_of(text: str | None) -> Any:
    """The budget that was written; None where there is none."""
    from xlsearch.service.budget import Budget

    return None if text is None else Budget.parse(text)


def names_of(listed: str) -> tuple[str, ...]:
    """Names with commas between them, each once."""
    return tuple(dict.fromkeys(filter(None, map(str.strip, listed.split(",")))))


def options_of(values: dict[str, Any]) -> Any:
    """The search that the shared options describe, with all names checked."""
    from xlsearch.service.search import SearchOptions, resolve

    return resolve(
        SearchOptions(
            task=values["task"],
            model=values["model"],
            methods=names_of(values["method"]),
            scale=values["scale"],
            space=values["space"],
            seed=values["seed"],
            seeds=values["seeds"],
            pretraining_seed=values["pretraining_seed"],
            sources=sources_of(values),
        )
    )

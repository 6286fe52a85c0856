"""Options about clusters that several commands share, and a command line for a job."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from xlsearch.errors import UserError
from xlsearch.runs.remote import location_of

Command = Callable[..., Any]

_SENT = ("space", "plugins")
"""Options that name small files, which go with the job."""

_LEFT_OUT = ("submit", "address")
"""Options that a job has no use for; RAY_ADDRESS of this machine means nothing there."""

jobs_option = click.option(
    "--address",
    "url",
    metavar="URL",
    help="Dashboard of the cluster that the search was submitted to, http://HOST:8265.",
)


def resource_options(command: Command) -> Command:
    """The options that say what each trial runs on."""
    for option in (
        click.option(
            "--trials",
            metavar="N",
            type=click.IntRange(1),
            help="Most trials at a time; default: what the cluster holds, also when it grows.",
        ),
        click.option(
            "--cpus-per-trial",
            metavar="N",
            type=click.IntRange(1),
            help="Default: a GPU's share of its machine's CPUs; without GPUs, 1.",
        ),
        click.option(
            "--gpus-per-trial",
            metavar="N",
            type=float,
            help="Default: 1 where there are GPUs; 0.5 lets two trials share one.",
        ),
    ):
        command = option(command)
    return command


def job_command(context: click.Context, study: str) -> tuple[list[str], dict[str, Path]]:
    """The command of this process again, to be run on a cluster.

    Args:
        context: Of the command.
        study: The study's name, which is said in any case.

    Returns:
        Its arguments, and the files to send along, by their paths in the job's folder.

    Raises:
        UserError: If an option names a place that a cluster can't know.
    """
    arguments, files = [str(context.info_name)], dict[str, Path]()
    for option, value in _given(context):
        name = str(option.name)
        if name == "name" or name in _LEFT_OUT:
            continue
        for each in value if option.multiple else (value,):
            if option.is_flag:
                arguments.append(option.opts[0])
                continue
            said = location_of(each) if name == "root" else str(each)
            if name in _SENT and Path(said).is_file():
                place = f"files/{len(files)}/{Path(said).name}"
                files[place] = Path(said)
                said = place
            elif name == "plugins":
                raise UserError(f"{option.opts[0]} {said} does not exist; expected a Python file")
            elif isinstance(option.type, click.Path) or name == "root":
                _check_shared(option.opts[0], said)
            arguments += [option.opts[0], said]
    return [*arguments, "--study", study], files


def _given(context: click.Context) -> Iterator[tuple[click.Option, Any]]:
    """The options that were given, and their values."""
    default = click.core.ParameterSource.DEFAULT
    for parameter in context.command.params:
        name = str(parameter.name)
        if isinstance(parameter, click.Option) and (
            context.get_parameter_source(name) not in (None, default)
        ):
            yield parameter, context.params[name]


def _check_shared(option: str, place: str) -> None:
    if not place.startswith("/") and ":/" not in place:
        raise UserError(
            f"{option} {place} is a place on this machine; with --submit give an absolute path "
            "that all machines of the cluster see"
        )

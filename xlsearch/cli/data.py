"""``xlsearch data``: what the data of a task look like."""

from __future__ import annotations

import json
from typing import Any

import click

from xlsearch.cli.options import data_options, json_option, sources_of

_WIDTH = 90
_EXAMPLES = 2


@click.command("data")
@click.argument("task")
@click.option("--scale", default="auto", show_default=True, help="auto, pocket or paper.")
@click.option(
    "--language",
    "languages",
    multiple=True,
    metavar="CODE",
    help="Language to show, ISO 639-1; may be given again. Default: all that the task uses.",
)
@data_options
@json_option
def command(
    task: str,
    scale: str,
    languages: tuple[str, ...],
    as_json: bool,
    **values: Any,
) -> None:
    """Show what the data of a TASK look like after loading and filtering."""
    from xlsearch.service.data import open_data

    view = open_data(task, scale, languages, sources_of(values))
    if not as_json:
        click.echo(f"scale {view.scale} ({view.scale_reason})")
    counts: dict[str, dict[str, dict[str, int]]] = {code: {} for code in view.languages}
    for code, split, examples in view.sets():
        kept = len(examples.examples)
        counts[code][split.value] = {"total": examples.total, "kept": kept}
        if not as_json:
            click.echo(f"{code}  {split.value:10}  {kept:,} of {examples.total:,} kept")
            for example in examples.examples[:_EXAMPLES]:
                click.echo(f"      {_short(example.source, example.ending)}")
                click.echo(f"      -> {' | '.join(map(_short, dict.fromkeys(example.references)))}")
    if as_json:
        shown = {"task": view.task.name, "scale": view.scale, "languages": counts}
        click.echo(json.dumps(shown, indent=2))


def _short(text: str, ending: str = "") -> str:
    """A text in one line, cut in the middle so that its ending stays."""
    line, ending = " ".join(text.split()), " ".join(ending.split())
    if len(line) <= _WIDTH:
        return line
    return f"{line[: max(20, _WIDTH - len(ending))].rstrip()} … {ending}".rstrip()

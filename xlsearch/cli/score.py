"""``xlsearch score``: scores outputs that are in a file."""

from __future__ import annotations

import json
from pathlib import Path

import click

from xlsearch.cli.options import json_option, lid_model_option
from xlsearch.errors import UserError


@click.command("score")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--scorer", required=True, help="Metric, e.g. rouge2-xlsum or f1-squad.")
@click.option("--language", required=True, help="ISO 639-1 code of the references' language.")
@lid_model_option
@click.option(
    "--predictions",
    type=click.Path(path_type=Path),
    help="In place of FILE: JSON lines of texts.",
)
@click.option(
    "--references",
    type=click.Path(path_type=Path),
    help="With --predictions: JSON lines of lists of texts, in the same order.",
)
@json_option
def command(
    file: Path | None,
    scorer: str,
    language: str,
    lid_model: Path | None,
    predictions: Path | None,
    references: Path | None,
    as_json: bool,
) -> None:
    """Score the outputs in FILE, which are taken as they are: JSON lines of the form
    {"prediction": "…", "references": ["…", …]}; may end in .gz, and - reads standard input."""
    from xlsearch.languages.identification import LanguageIdentifier
    from xlsearch.service.score import (
        check_names,
        read_outputs,
        read_outputs_apart,
        score_outputs,
    )

    check_names(scorer, language)
    identifier = LanguageIdentifier(lid_model)
    identifier.check()
    if file is not None and predictions is None and references is None:
        outputs = read_outputs(file)
    elif file is None and predictions is not None and references is not None:
        outputs = read_outputs_apart(predictions, references)
    else:
        raise UserError("give a FILE, or both --predictions and --references")
    # Loading the libraries of metrics alone takes seconds.
    click.echo(f"scoring {len(outputs.predictions):,} outputs …", err=True)
    scored = score_outputs(outputs, scorer, language, identifier)
    if as_json:
        click.echo(json.dumps(scored))
        return
    click.echo(f"{scorer} ({language}, {scored['n']:,} outputs)  {scored['mean']:.2f}")
    click.echo(f"language correct rate  {scored['language_correct_rate']:.1f} %")
    click.echo(f"mean length  {scored['mean_length']:.1f} characters")

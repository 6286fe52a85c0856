"""Scores of outputs that are in a file, however they were made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from xlsearch.errors import UserError
from xlsearch.evaluation.scorers.registry import check_scorer, find_scorer
from xlsearch.languages import language
from xlsearch.languages.identification import LanguageIdentifier
from xlsearch.tasks.json_rows import Row, read_json_values
from xlsearch.tasks.lines import place_name


@dataclass(frozen=True)
class Outputs:
    """Outputs of a model, each with its references."""

    predictions: list[str]
    references: list[list[str]]


def read_outputs(file: Path) -> Outputs:
    """Reads JSON lines of the form ``{"prediction": str, "references": [str, …]}``.

    Args:
        file: May end in .gz; ``-`` reads standard input. Empty lines and other keys are left out.

    Raises:
        UserError: If the file can't be read, a line is wrong, or there is none.
    """
    predictions, references = [], []
    for value, where in _values(file):
        if not isinstance(value, dict):
            raise UserError(f'{where}: expected {{"prediction": …, "references": […]}}')
        row = Row(value, where)
        predictions.append(row.text("prediction"))
        references.append(_references(row))
    return Outputs(predictions, references)


def read_outputs_apart(predictions: Path, references: Path) -> Outputs:
    """Reads JSON lines of texts, and JSON lines of lists of texts in the same order.

    Raises:
        UserError: As ``read_outputs``, and if one file has more lines than the other.
    """
    outputs = Outputs(
        [Row({"prediction": v}, where).text("prediction") for v, where in _values(predictions)],
        [_references(Row({"references": v}, where)) for v, where in _values(references)],
    )
    if len(outputs.predictions) != len(outputs.references):
        raise UserError(
            f"{predictions} has {len(outputs.predictions)} predictions but {references} has "
            f"{len(outputs.references)} lists of references; each prediction needs one"
        )
    return outputs


def check_names(scorer: str, code: str) -> None:
    """Checks the name of a scorer and of a language, without loading anything.

    Raises:
        UserError: If one is unknown.
    """
    check_scorer(scorer)
    language(code)


def score_outputs(
    outputs: Outputs, scorer: str, code: str, identifier: LanguageIdentifier
) -> dict[str, Any]:
    """Scores outputs, which are taken as they are.

    Args:
        outputs: What to score.
        scorer: Name of the metric.
        code: ISO 639-1 code of the language that they should be in.
        identifier: Judges the language of each.

    Returns:
        ``scorer``, ``language``, ``n``, ``mean`` (0 to 100), ``language_correct_rate`` (percent),
        ``mean_length`` (characters), and ``scores`` (0 to 100), one for each output.

    Raises:
        UserError: If a name is unknown, there are no outputs, or the identifier's model can't be
            used.
    """
    check_names(scorer, code)
    identifier.check()
    scored = find_scorer(scorer).compute(
        predictions=outputs.predictions, references=outputs.references, language=code
    )
    return {
        "scorer": scorer,
        "language": code,
        "n": len(outputs.predictions),
        "mean": scored["mean"],
        "language_correct_rate": identifier.correct_rate(outputs.predictions, code),
        "mean_length": fmean(map(len, outputs.predictions)),
        "scores": scored["scores"],
    }


def _values(file: Path) -> Iterator[tuple[Any, str]]:
    """The JSON value of each line, and where it is."""
    empty = True
    for found in read_json_values(file):
        empty = False
        yield found
    if empty:
        raise UserError(f"{place_name(file)}: no lines, nothing to score")


def _references(row: Row) -> list[str]:
    texts = row.texts("references")
    if not texts:
        raise UserError(f"{row.where}: the list of references is empty; at least one is needed")
    return texts

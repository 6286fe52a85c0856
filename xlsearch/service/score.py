"""Scores of outputs that are in a file, however they were made."""

from __future__ import annotations

import gzip
import json
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from xlsearch.errors import UserError
from xlsearch.evaluation.scorers.registry import check_scorer, find_scorer
from xlsearch.languages import language
from xlsearch.languages.identification import LanguageIdentifier

STANDARD_INPUT = Path("-")


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
    for where, value in _values(file):
        if not isinstance(value, dict):
            raise UserError(f'{where}: expected {{"prediction": …, "references": […]}}')
        for key in ("prediction", "references"):
            if key not in value:
                raise UserError(f"{where}: the key {key!r} is missing")
        predictions.append(_text(value["prediction"], "prediction", where))
        references.append(_texts(value["references"], "references", where))
    return Outputs(predictions, references)


def read_outputs_apart(predictions: Path, references: Path) -> Outputs:
    """Reads JSON lines of texts, and JSON lines of lists of texts in the same order.

    Raises:
        UserError: As ``read_outputs``, and if one file has more lines than the other.
    """
    outputs = Outputs(
        [_text(value, "prediction", where) for where, value in _values(predictions)],
        [_texts(value, "references", where) for where, value in _values(references)],
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


def _values(file: Path) -> Iterator[tuple[str, Any]]:
    """The JSON value of each line, and where it is."""
    name = "standard input" if file == STANDARD_INPUT else str(file)
    empty = True
    for number, line in enumerate(_content(file).split(b"\n"), 1):
        if not line.strip():
            continue
        empty = False
        where = f"{name}, line {number}"
        try:
            yield where, json.loads(line.decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise UserError(f"{where}: not UTF-8 text") from None
        except (ValueError, RecursionError):
            raise UserError(f"{where}: not JSON") from None
    if empty:
        raise UserError(f"{name}: no lines, nothing to score")


def _content(file: Path) -> bytes:
    if file == STANDARD_INPUT:
        return sys.stdin.buffer.read()
    try:
        content = file.read_bytes()
        return gzip.decompress(content) if file.suffix == ".gz" else content
    except FileNotFoundError:
        raise UserError(f"{file}: no such file") from None
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise UserError(f"{file}: not a gzip file, or not all of it") from None
    except OSError as error:
        raise UserError(f"{file}: can't be read ({error.strerror})") from None


def _texts(value: object, key: str, where: str) -> list[str]:
    if not isinstance(value, list):
        raise UserError(f"{where}: {key} must be a list of texts, not {_kind(value)}")
    if not value:
        raise UserError(f"{where}: the list of {key} is empty; at least one text is needed")
    return [_text(text, f"each of the {key}", where) for text in value]


def _text(value: object, key: str, where: str) -> str:
    if not isinstance(value, str):
        raise UserError(f"{where}: {key} must be a text, not {_kind(value)}")
    # JSON can write half of a character that has two parts; nothing else can hold it.
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise UserError(f"{where}: {key} has half of a surrogate pair (\\ud800 to \\udfff)")
    return value


def _kind(value: object) -> str:
    """What JSON calls a value."""
    kinds = {type(None): "null", bool: "a boolean", dict: "an object", list: "a list", str: "text"}
    return kinds.get(type(value), "a number")

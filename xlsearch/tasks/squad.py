"""The forms of SQuAD: nested JSON, and flat rows as the hub and many exports have them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from xlsearch.errors import UserError
from xlsearch.tasks.example import Example
from xlsearch.tasks.json_rows import Row, read_json, read_json_lines
from xlsearch.tasks.lines import read_lines

COLUMNS = ("id", "context", "question", "answers")
"""Columns of the flat form."""


def read_questions(path: Path) -> Iterator[Example]:
    """The questions of a file: nested or flat, as JSON lines or as one document.

    Raises:
        UserError: If the file is broken, or a key is missing.
    """
    return _questions(read_json_lines(path) if _is_lines(path) else read_json(path))


def question(context: str, row: Row) -> Example:
    """A question about a paragraph.

    Args:
        context: The paragraph.
        row: Has ``id``, ``question`` and ``answers``: a list of objects with a ``text``, one
            object with a list of texts under ``text``, or a list of texts.

    Raises:
        UserError: If a key is missing, or there is no answer.
    """
    asked = row.text("question")
    given = row.values.get("answers")
    if isinstance(given, dict):
        answers = row.row("answers").texts("text")
    elif isinstance(given, list) and given and isinstance(given[0], str):
        answers = row.texts("answers")
    else:
        answers = [answer.text("text") for answer in row.rows("answers")]
    if not answers:
        raise UserError(f"{row.where}: the question has no answer; SQuAD v1.1 has one for each")
    return Example(row.name("id"), f"{context} {asked}", tuple(answers), ending=asked)


def _questions(rows: Iterable[Row]) -> Iterator[Example]:
    """The questions of documents, of articles or of flat rows, whichever the rows are."""
    for row in rows:
        if "data" in row.values:
            yield from _questions(row.rows("data"))
        elif "paragraphs" in row.values:
            for paragraph in row.rows("paragraphs"):
                context = paragraph.text("context")
                for inner in paragraph.rows("qas"):
                    yield question(context, inner)
        else:
            yield question(row.text("context"), row)


def _is_lines(path: Path) -> bool:
    """Whether each line is an object. Files that are called ``.json`` may be such too."""
    if ".jsonl" in path.suffixes:
        return True
    line, _ = next(read_lines(path), ("{}", ""))
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False

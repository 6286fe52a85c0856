"""The formats of SQuAD: nested JSON, and flat rows as the hub and many exports have them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from xlsearch.errors import UserError
from xlsearch.tasks.example import Example
from xlsearch.tasks.files import Row, read_json, read_json_lines, read_lines

COLUMNS = ("id", "context", "question", "answers")
"""Columns of the flat form."""


def read_questions(path: Path) -> Iterator[Example]:
    """The questions of a file in either form.

    Raises:
        UserError: If the file is broken, or a key is missing.
    """
    if _is_flat(path):
        return (question(row.text("context"), row) for row in read_json_lines(path))
    return _nested(read_json(path))


def question(context: str, row: Row) -> Example:
    """A question about a paragraph.

    Args:
        context: The paragraph.
        row: Has ``id``, ``question`` and ``answers``: a list of objects with a ``text``, or one
            object with a list of texts.

    Raises:
        UserError: If a key is missing, or there is no answer.
    """
    asked = row.text("question")
    if isinstance(row.values.get("answers"), dict):
        answers = row.row("answers").texts("text")
    else:
        answers = [answer.text("text") for answer in row.rows("answers")]
    if not answers:
        raise UserError(f"{row.where}: the question has no answer; SQuAD v1.1 has one for each")
    return Example(row.text("id"), f"{context} {asked}", tuple(answers), ending=asked)


def _nested(document: Row) -> Iterator[Example]:
    for article in document.rows("data"):
        for paragraph in article.rows("paragraphs"):
            context = paragraph.text("context")
            for row in paragraph.rows("qas"):
                yield question(context, row)


def _is_flat(path: Path) -> bool:
    """Whether each line is a question. Files that are called ``.json`` are of either form."""
    if ".jsonl" in path.suffixes:
        return True
    line, _ = next(read_lines(path), ("", ""))
    try:
        first = json.loads(line)
    except json.JSONDecodeError:
        return False
    return isinstance(first, dict) and "question" in first

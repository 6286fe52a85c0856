"""A report as Markdown, with its pictures beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from xlsearch.reporting.report.document import Document, Items, Paragraph, Part, Picture, Table

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&])")
_BLOCK = re.compile(r"^(\d+)([.)])|^([-+=])")
"""What makes a line a list, a rule or a heading where it begins with it."""


def markdown(document: Document) -> str:
    """The whole file."""
    lines = [f"# {escaped(document.title)}", ""]
    for section in document.sections:
        lines += [f"## {escaped(section.title)}", ""]
        for part in section.parts:
            lines += [*_part(part), ""]
    return "\n".join(lines).rstrip() + "\n"


def escaped(text: str) -> str:
    """Plain text in which nothing is taken for Markdown or HTML."""
    line = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    return _BLOCK.sub(lambda found: f"{found[1] or ''}\\{found[2] or found[3]}", line)


def _part(part: Part) -> Iterator[str]:
    match part:
        case Paragraph(text):
            yield escaped(text)
        case Items(texts):
            yield from (f"- {escaped(text)}" for text in texts)
        case Table():
            yield f"{escaped(part.caption)}:"
            yield ""
            yield _row(part.head)
            yield "|" + "|".join("---:" if right else "---" for right in part.numeric) + "|"
            for row, marked in zip(part.rows, part.marked, strict=True):
                yield _row(row, marked)
        case Picture(path, alt, caption):
            yield f"![{escaped(alt)}]({path.name})"
            yield ""
            yield escaped(caption)


def _row(cells: tuple[str, ...], marked: bool = False) -> str:
    # A minus at the beginning of a cell is no list.
    shown = [_SPECIAL.sub(r"\\\1", " ".join(cell.split())) for cell in cells]
    return "| " + " | ".join(f"**{cell}**" if marked and cell else cell for cell in shown) + " |"

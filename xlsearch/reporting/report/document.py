"""What a report is made of. Markdown and HTML are two ways of writing the same document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table as RichTable


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of plain text."""

    text: str


@dataclass(frozen=True)
class Items:
    """A list of plain texts."""

    texts: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table of plain texts.

    Attributes:
        caption: What it shows.
        head: The names of its columns.
        rows: Its cells.
        numeric: Which columns hold numbers, so that they stand to the right.
        marked: Which rows stand out.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
    marked: tuple[bool, ...]

    @classmethod
    def of(cls, caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
        """A table whose columns hold numbers where every cell begins like one."""
        cells = tuple(tuple(row) for row in rows)
        numeric = tuple(
            all(row[i][:1] in "+-.0123456789" for row in cells) for i in range(len(head))
        )
        return cls(caption, tuple(head), cells, numeric, (False,) * len(cells))

    @classmethod
    def from_rich(cls, caption: str, table: RichTable) -> Table:
        """A table of the command line's; a row with a style of its own stands out."""
        columns = [[str(cell) for cell in column.cells] for column in table.columns]
        return cls(
            caption if table.caption is None else f"{caption}. {table.caption}",
            tuple(str(column.header) for column in table.columns),
            tuple(zip(*columns, strict=True)),
            tuple(column.justify == "right" for column in table.columns),
            tuple(row.style is not None for row in table.rows),
        )


@dataclass(frozen=True)
class Picture:
    """A picture in a PNG file.

    Attributes:
        path: The file.
        alt: What it shows, for who can't see it.
        caption: What to read from it.
    """

    path: Path
    alt: str
    caption: str


Part = Paragraph | Items | Table | Picture


@dataclass(frozen=True)
class Section:
    """A part of a report under a heading."""

    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Document:
    """A report."""

    title: str
    sections: tuple[Section, ...]

"""One document as HTML and as Markdown: what is text stays text."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pages import Page

from xlsearch.reporting.report.document import Document, Items, Paragraph, Picture, Section, Table
from xlsearch.reporting.report.html import html
from xlsearch.reporting.report.markdown import escaped, markdown

# What a reason of a failed trial may hold; a parser of HTML can't give back control characters.
TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=30)


@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=4), TEXT)
def test_every_text_is_on_the_page_as_it_is(cells: list[tuple[str, str]], text: str) -> None:
    table = Table.of("the caption", ("a", "b"), cells)
    page = Page(html(Document(text, (Section(text, (table, Items((text,)), Paragraph(text))),))))
    assert page.tables["the caption"] == [["a", "b"], *map(list, cells)]
    assert text in page.items
    assert "script" not in page.tags


def test_a_page_needs_no_other(tmp_path: Path) -> None:
    picture = tmp_path / "one.png"
    picture.write_bytes(b"\x89PNG not read by a parser")
    text = '"><script src="http://evil.example/x.js"></script>'
    page = Page(html(Document(text, (Section("s", (Picture(picture, text, text),)),))))
    link, data = page.addresses
    assert link == "#s0"
    kind, encoded = data.split(",")
    assert kind == "data:image/png;base64"
    assert base64.b64decode(encoded) == picture.read_bytes()
    assert page.alternatives == [text]
    assert not page.tags & {"script", "link", "iframe", "object"}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("1e-3 is best", "1e-3 is best"),
        ("a|b <b> *c* [d](e)", r"a\|b \<b\> \*c\* \[d\](e)"),
        ("- no list", r"\- no list"),
        ("1. no list", r"1\. no list"),
        ("# no heading\nand one line", r"\# no heading and one line"),
        ("C:\\temp", "C:\\\\temp"),
    ],
)
def test_nothing_is_taken_for_markdown(text: str, written: str) -> None:
    assert escaped(text) == written


def test_a_table_in_markdown_has_a_line_a_row() -> None:
    table = Table(
        "c", ("name", "value"), (("a|b", "-1.0"), ("", "2")), (False, True), (True, False)
    )
    lines = markdown(Document("t", (Section("s", (table,)),))).splitlines()
    assert lines[-4:] == [
        "| name | value |",
        "|---|---:|",
        r"| **a\|b** | **-1.0** |",
        "|  | 2 |",
    ]

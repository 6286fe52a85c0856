"""A report as one HTML file that needs no other: pictures are in it, and there is no script."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from html import escape

from xlsearch.reporting.report.document import Document, Items, Paragraph, Part, Picture, Table

_STYLE = """
:root { color-scheme: light dark; --text: #1c2430; --soft: #5b6675; --paper: #ffffff;
  --ground: #f4f5f7; --line: #dfe3e8; --mark: #e6f4ea; --accent: #1f6f43; }
@media (prefers-color-scheme: dark) { :root { --text: #e4e8ee; --soft: #9aa5b4; --paper: #1b2027;
  --ground: #12161b; --line: #323a45; --mark: #1d3a2a; --accent: #7fd3a3; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 1.5rem 1.25rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 1rem 0 .5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 0 0 .75rem; }
section { background: var(--paper); border: 1px solid var(--line); border-radius: 10px;
  padding: 1.1rem 1.3rem; margin: 1.1rem 0; }
p, li { max-width: 60rem; overflow-wrap: anywhere; }
nav ul { display: flex; flex-wrap: wrap; gap: .35rem 1.1rem; list-style: none; padding: 0; }
a { color: var(--accent); }
figure { margin: 1rem 0 1.4rem; }
figure img { display: block; max-width: 100%; height: auto; background: #fff; border-radius: 6px;
  border: 1px solid var(--line); }
figcaption, caption { color: var(--soft); font-size: .9rem; text-align: left; padding: .4rem 0; }
.wide { overflow-x: auto; margin: .6rem 0 1.1rem; }
table { border-collapse: collapse; font-size: .87rem; font-variant-numeric: tabular-nums; }
th, td { padding: .28rem .7rem .28rem 0; border-bottom: 1px solid var(--line); text-align: left;
  white-space: nowrap; }
th { color: var(--soft); font-weight: 600; }
.number { text-align: right; }
.marked { background: var(--mark); font-weight: 600; }
@media print { body { background: #fff; } section { break-inside: avoid; } }
"""


def html(document: Document) -> str:
    """The whole file."""
    title = escape(document.title)
    lines = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        # What a reason of a failed trial may hold is text; were it not, it could load nothing.
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">",
        f"<title>{title}</title>",
        f"<style>{_STYLE}</style>",
        "</head>",
        "<body>",
        "<main>",
        f"<h1>{title}</h1>",
        '<nav aria-label="Sections"><ul>',
        *(
            f'<li><a href="#s{number}">{escape(section.title)}</a></li>'
            for number, section in enumerate(document.sections)
        ),
        "</ul></nav>",
    ]
    for number, section in enumerate(document.sections):
        lines.append(f'<section id="s{number}" aria-labelledby="h{number}">')
        lines.append(f'<h2 id="h{number}">{escape(section.title)}</h2>')
        for part in section.parts:
            lines += _part(part)
        lines.append("</section>")
    return "\n".join([*lines, "</main>", "</body>", "</html>"]) + "\n"


def _part(part: Part) -> Iterator[str]:
    match part:
        case Paragraph(text):
            yield f"<p>{escape(text)}</p>"
        case Items(texts):
            yield "<ul>"
            yield from (f"<li>{escape(text)}</li>" for text in texts)
            yield "</ul>"
        case Table():
            # A wide table is scrolled by itself, also from the keyboard.
            caption = escape(part.caption)
            yield f'<div class="wide" role="region" tabindex="0" aria-label="{caption}">'
            yield f"<table><caption>{caption}</caption>"
            head = _cells("th", part.head, part.numeric, ' scope="col"')
            yield f"<thead><tr>{head}</tr></thead><tbody>"
            for row, marked in zip(part.rows, part.marked, strict=True):
                kind = ' class="marked"' if marked else ""
                yield f"<tr{kind}>{_cells('td', row, part.numeric)}</tr>"
            yield "</tbody></table></div>"
        case Picture(path, alt, caption):
            data = base64.b64encode(path.read_bytes()).decode()
            yield f'<figure><img alt="{escape(alt)}" src="data:image/png;base64,{data}">'
            yield f"<figcaption>{escape(caption)}</figcaption></figure>"


def _cells(tag: str, cells: tuple[str, ...], numeric: tuple[bool, ...], more: str = "") -> str:
    kinds = [' class="number"' if right else "" for right in numeric]
    return "".join(
        f"<{tag}{more}{kind}>{escape(cell)}</{tag}>"
        for cell, kind in zip(cells, kinds, strict=True)
    )

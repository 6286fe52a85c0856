"""What a browser would see of a page: its tables, its pictures, and whether its tags match."""

from __future__ import annotations

from html.parser import HTMLParser

_VOID = {"meta", "img", "br"}


class Page(HTMLParser):
    """A parsed page.

    Attributes:
        tables: By caption, the rows of each, its head first.
        items: The texts of list entries.
        addresses: Every ``src`` and ``href``.
        alternatives: The texts of pictures for who can't see them.
        tags: Names of all tags.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.items: list[str] = []
        self.addresses: list[str] = []
        self.alternatives: list[str] = []
        self.tags: set[str] = set()
        self._open: list[str] = []
        self._caption = ""
        self._text = ""
        self.feed(text)
        self.close()
        assert not self._open, f"never closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        values = dict(attrs)
        self.addresses += [str(values[key]) for key in ("src", "href") if key in values]
        if tag == "img":
            self.alternatives.append(str(values.get("alt") or ""))
        if tag not in _VOID:
            self._open.append(tag)
        if tag in ("caption", "td", "th", "li"):
            self._text = ""
        elif tag == "tr":
            self.tables.setdefault(self._caption, []).append([])

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag
        if tag == "caption":
            self._caption = self._text
        elif tag in ("td", "th"):
            self.tables[self._caption][-1].append(self._text)
        elif tag == "li":
            self.items.append(self._text)

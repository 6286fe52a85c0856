"""Web text from files."""

from __future__ import annotations

from pathlib import Path

import pytest

from xlsearch.errors import UserError
from xlsearch.tasks.web_text import folder_texts

from .conftest import write, write_lines

SHARED = Path(__file__).parents[3] / "shared" / "data" / "mono"


def test_a_text_a_line(tmp_path: Path) -> None:
    write(tmp_path / "fr.txt.gz", "un\n\ndeux\r\n")
    assert list(folder_texts(tmp_path, "fr")) == ["un", "deux"]


def test_json_lines(tmp_path: Path) -> None:
    write_lines(tmp_path / "fr.jsonl", [{"text": "un\ndeux", "url": ""}, {"text": "trois"}])
    assert list(folder_texts(tmp_path, "fr")) == ["un\ndeux", "trois"]


def test_all_files_of_a_language_in_order(tmp_path: Path) -> None:
    write(tmp_path / "fr.txt", "un")
    write_lines(tmp_path / "fr" / "c4-fr.00000.json.gz", [{"text": "deux"}])
    write(tmp_path / "fr" / "more.txt", "trois")
    write(tmp_path / "fr" / "README.md", "not this")
    write(tmp_path / "de.txt", "nor this")
    assert list(folder_texts(tmp_path, "fr")) == ["un", "deux", "trois"]


def test_the_plain_one_of_two_files_counts(tmp_path: Path) -> None:
    for name in ("fr.txt", "fr.txt.gz", "fr/more.txt", "fr/more.txt.gz"):
        write(tmp_path / name, f"in {name}")
    assert list(folder_texts(tmp_path, "fr")) == ["in fr.txt", "in fr/more.txt"]


def test_errors(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not exist"):
        folder_texts(tmp_path / "missing", "fr")
    with pytest.raises(UserError, match=r"no fr\.txt, fr\.jsonl or folder fr"):
        folder_texts(tmp_path, "fr")
    with pytest.raises(UserError, match="unknown language 'xx'"):
        folder_texts(tmp_path, "xx")
    write(tmp_path / "fr.jsonl", '{"text": "un"}\n{"texte": "deux"}\n')
    texts = folder_texts(tmp_path, "fr")
    assert next(texts) == "un"
    with pytest.raises(UserError, match=r"fr\.jsonl:2: there is no 'text'; there is texte"):
        next(texts)


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"the monolingual texts are not at {SHARED}")
def test_real_texts() -> None:
    texts = list(folder_texts(SHARED, "fr"))
    assert len(texts) > 1000
    assert all(text.strip() for text in texts)

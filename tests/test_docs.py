"""The documentation names what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from xlsearch.cli.main import COMMANDS

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    path
    for path in (*ROOT.glob("*.md"), *ROOT.glob("*/*.md"))
    if not path.relative_to(ROOT).as_posix().startswith(".")
)
FOLDERS = "benchmarks|dashboards|docs|launch|scripts|search_spaces|tests|xlsearch"
NAMED = re.compile(rf"(?<![\w./<-])((?:{FOLDERS})/[\w./-]+\.(?:md|py|json|ya?ml|sbatch|png))\b")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_files_that_a_page_names_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    pictures = re.findall(r"!\[[^]]*\]\(([^)]+)\)", text)
    assert [name for name in NAMED.findall(text) if not (ROOT / name).exists()] == []
    assert [name for name in pictures if not (page.parent / name).exists()] == []


def test_the_readme_has_every_command_and_every_page() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    table = set(re.findall(r"^\| `xlsearch ([a-z-]+)", text, re.MULTILINE))
    assert table == set(COMMANDS)
    missing = [page.name for page in (ROOT / "docs").glob("*.md") if page.name not in text]
    assert missing == []

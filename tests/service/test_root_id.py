"""What a root folder is known by."""

from __future__ import annotations

from pathlib import Path

import pytest

from xlsearch.errors import UserError
from xlsearch.service.root_id import root_id


def test_a_root_folder_is_the_same_wherever_it_is_moved(tmp_path: Path) -> None:
    first, other = tmp_path / "first", tmp_path / "other"
    first.mkdir()
    known = root_id(first)
    assert root_id(first) == known
    assert root_id(first.rename(tmp_path / "moved")) == known
    other.mkdir()
    assert root_id(other) != known


@pytest.mark.parametrize("text", ["", "{}", "[]", "\0\0"])
def test_a_damaged_file_is_told_in_a_sentence(text: str, tmp_path: Path) -> None:
    (tmp_path / "root.json").write_text(text)
    with pytest.raises(UserError, match=r"root\.json is damaged"):
        root_id(tmp_path)

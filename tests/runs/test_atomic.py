"""Files and folders that are either whole or not there, whatever happens meanwhile."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from xlsearch.runs.atomic import new_folder, read_json, write_json, write_text


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_text_replaces_text(tmp_path: Path) -> None:
    write_text(tmp_path / "a", "old")
    write_text(tmp_path / "a", "neu: é")
    assert (tmp_path / "a").read_text(encoding="utf-8") == "neu: é"
    assert names(tmp_path) == ["a"]


def test_a_failed_write_leaves_the_old_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_text(tmp_path / "a", "old")

    def full(_: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        write_text(tmp_path / "a", "new")
    assert (tmp_path / "a").read_text() == "old"


def test_json_comes_back(tmp_path: Path) -> None:
    write_json(tmp_path / "a", {"é": [1, None]})
    assert read_json(tmp_path / "a") == {"é": [1, None]}


def test_a_folder_appears_when_the_block_ends(tmp_path: Path) -> None:
    with new_folder(tmp_path / "a") as folder:
        (folder / "file").write_text("x")
        assert not (tmp_path / "a").exists()
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a" / "file").read_text() == "x"


def test_a_folder_replaces_the_old_one_whole(tmp_path: Path) -> None:
    for name in ("old", "new"):
        with new_folder(tmp_path / "a") as folder:
            (folder / name).write_text("x")
    assert names(tmp_path / "a") == ["new"]
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_error_leaves_the_old_folder(tmp_path: Path, error: type[BaseException]) -> None:
    def overwrite() -> None:
        with new_folder(tmp_path / "a") as folder:
            (folder / "new").write_text("x")
            raise error

    with new_folder(tmp_path / "a") as folder:
        (folder / "old").write_text("x")
    with pytest.raises(error):
        overwrite()
    assert names(tmp_path / "a") == ["old"]
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize("existed", [True, False])
def test_a_kill_leaves_the_old_folder(tmp_path: Path, existed: bool) -> None:
    if existed:
        with new_folder(tmp_path / "a") as folder:
            (folder / "old").write_text("x")
    code = """
import os, signal, sys
from pathlib import Path
from xlsearch.runs.atomic import new_folder
with new_folder(Path(sys.argv[1])) as folder:
    (folder / "new").write_text("x")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    arguments = [sys.executable, "-c", code, str(tmp_path / "a")]
    assert subprocess.run(arguments, check=False).returncode == -9
    assert (tmp_path / "a").exists() == existed
    assert not existed or names(tmp_path / "a") == ["old"]

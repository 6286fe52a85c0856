"""A full disk: a run waits for space, then fails in a sentence, and loses nothing."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import xlsearch.runs.space as space
from xlsearch.config.run import RunConfig
from xlsearch.errors import RunFailed
from xlsearch.runs.folder import RunFolder
from xlsearch.trial.report import TrialReport
from xlsearch.trial.run import run_trial

Configure = Callable[..., RunConfig]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 40 MB, of which a test may fill all."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small file system")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


class Filling:
    """Fills the disk when the first checkpoint is about to be written; frees it when told to."""

    def __init__(self, disk: Path, frees: bool) -> None:
        self._ballast = disk / "ballast"
        self._frees = frees
        self.events: list[str] = []

    def __call__(self, report: TrialReport) -> None:
        if report.event:
            self.events.append(f"{report.phase}: {report.event}")
        if report.rows and report.step == 2:
            self._fill()
        if report.phase == "wait for disk space" and self._frees:
            self.free()

    def _fill(self) -> None:
        with self._ballast.open("ab", buffering=0) as file:
            try:
                while file.write(b"\0" * 4096):
                    pass
            except OSError:
                return

    def free(self) -> None:
        self._ballast.unlink(missing_ok=True)


@pytest.mark.parametrize("frees", [True, False], ids=["freed in time", "freed later"])
def test_a_run_on_a_full_disk(
    frees: bool,
    root: Path,
    small_disk: Path,
    run_config: Configure,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(space, "_FIRST_PAUSE", 0.0)
    if not frees:
        monkeypatch.setattr(space, "WAIT_SECONDS", 0.05)
        monkeypatch.setattr(space, "_FIRST_PAUSE", 0.02)
    config = run_config(training={"steps": 4})
    run_trial(config, root, lambda report: None)
    disk = small_disk / "root"
    disk.mkdir()
    (disk / "store").symlink_to(root / "store")
    filling = Filling(small_disk, frees)
    if frees:
        run_trial(config, disk, filling)
    else:
        with pytest.raises(RunFailed, match=f"no space left for {disk}/runs.*; free some, and"):
            run_trial(config, disk, filling)
        filling.free()
        run_trial(config, disk, lambda report: None)
    assert filling.events[0] == "wait for disk space: wait for disk space for checkpoint"
    folder = RunFolder(disk, config)
    assert folder.rows == RunFolder(root, config).rows
    assert folder.damaged() is None
    assert not list(folder.path.rglob("*.tmp"))

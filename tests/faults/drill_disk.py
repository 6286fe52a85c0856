"""A root folder on a disk of its own, which can be filled."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

SIZE = 400 << 20
"""Bytes of the disk: a pocket search needs about a third."""


def mount(place: Path) -> bool:
    """Puts a folder onto a small disk in memory; returns whether this process may."""
    place.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "drill", str(place)]
    return os.geteuid() == 0 and subprocess.run(command, capture_output=True).returncode == 0


def unmount(place: Path) -> None:
    """Takes the disk away, if there is one, with all that is on it."""
    if os.path.ismount(place):
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(place: Path) -> Path:
    """Fills the disk to its last byte; returns the file to remove."""
    filler = place / "filler"
    with filler.open("wb") as file:
        while True:
            try:
                file.write(b"\0" * (1 << 20))
                file.flush()
            except OSError:
                return filler

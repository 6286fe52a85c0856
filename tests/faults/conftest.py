"""What the drills share."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def put_model(root: Path) -> Callable[[Path], Path]:
    """Makes a further root folder with the same hardly pretrained models in it."""

    def put(place: Path) -> Path:
        if place != root:
            shutil.copytree(root, place)
        return place

    return put

"""The pocket tasks' names of their data."""

from __future__ import annotations

import pytest

from xlsearch.pocket.data import PocketData
from xlsearch.tasks.base import Split


@pytest.mark.parametrize(
    ("task", "name"),
    [("xlsum", "pocket-xlsum-f634b9143fa122ff"), ("xquad", "pocket-xquad-bb2b3375b36c1fb5")],
)
def test_the_world_is_as_it_was(task: str, name: str) -> None:
    """It names the runs that people have; another name here means that they are made again."""
    data = PocketData(task)
    assert data.fingerprint(("en", "fr")) == name
    others = {data.fingerprint(("en", "fr"), Split.TEST), data.training_fingerprint("en")}
    assert len({name} | others) == 3

"""Lets the tests of this folder import the modules that they share: curves, paper_reading."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from xlsearch.config.run import RunConfig
from xlsearch.search.point import Point

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def describe(run_config: Callable[..., RunConfig]) -> Callable[[Point], RunConfig]:
    """The run at a point."""
    configs: dict[Point, RunConfig] = {}

    def made(point: Point) -> RunConfig:
        if point not in configs:
            configs[point] = run_config(learning_rate=str(point.learning_rate))
        return configs[point]

    return made

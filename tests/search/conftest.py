"""Fixtures, and the modules that tests of this folder share: curves, paper_reading, tune_calls."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from xlsearch.config.run import RunConfig
from xlsearch.search.opening import open_study
from xlsearch.search.point import Point
from xlsearch.search.storage import open_journal
from xlsearch.search.study import Study

if TYPE_CHECKING:
    from tune_calls import Listener, MakeSearcher

    from xlsearch.search.ray_tune.lost_workers import LostWorkers
    from xlsearch.search.ray_tune.searcher import StudySearcher

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


@pytest.fixture
def study(tmp_path: Path) -> Study:
    from curves import protocol_with

    configuration = {"source_language": "en"}
    return open_study(open_journal(tmp_path / "journal"), "s", configuration, protocol_with())


@pytest.fixture
def make_searcher(
    study: Study, tmp_path: Path, run_config: Callable[..., RunConfig]
) -> MakeSearcher:
    """Makes searchers of the study, one after another as drivers come and go."""
    # Here, since most tests of this folder do without Ray.
    from tune_calls import Listener as Silent

    from xlsearch.search.ray_tune.searcher import StudySearcher

    def make(
        concurrency: int = 1,
        listener: Listener | None = None,
        checkpoint: str = "last",
        lost_workers: LostWorkers | None = None,
    ) -> StudySearcher:
        def describe(point: Point) -> RunConfig:
            config = run_config(learning_rate=str(point.learning_rate))
            return config.model_copy(update={"checkpoint": checkpoint})

        told = listener or Silent()
        return StudySearcher(
            study, describe, tmp_path, concurrency, 0.1, told, lost_workers=lost_workers
        )

    return make

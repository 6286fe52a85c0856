"""Two nodes on one machine: a search runs on both, and a node may go away in the middle of it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from .cluster import cluster
from .searches import Driver, Watch, rows, status

pytestmark = pytest.mark.drill

PutModel = Callable[[Path], Path]


def test_a_node_goes_away_and_the_search_comes_to_the_same_end(
    tmp_path: Path, put_model: PutModel
) -> None:
    calm, disturbed = put_model(tmp_path / "calm" / "root"), put_model(tmp_path / "d" / "root")
    with cluster(tmp_path) as here:
        worker = here.add_worker()
        driver, watch = Driver(calm, here), Watch(calm)
        on_head, on_worker = set[str](), set[str]()
        while driver.running():
            watch.look()
            on_head |= watch.runs_of(here.head)
            on_worker |= watch.runs_of(worker)
            time.sleep(0.05)
        assert on_head
        assert on_worker

        driver, watch = Driver(disturbed, here), Watch(disturbed)
        lost = set[str]()
        while not lost:
            assert driver.running(), driver.output()
            watch.look()
            lost = {run for run in watch.runs_of(worker) if 2 <= len(watch.steps.get(run, ())) < 8}
            time.sleep(0.05)
        worker.kill()
        said = len(driver.output())
        (run,) = lost
        checkpointed = watch.steps[run][-1]
        while driver.running():
            watch.look()
            time.sleep(0.05)
    # A run that began anew would have had a checkpoint of an earlier step again.
    for steps in watch.steps.values():
        assert steps == sorted(set(steps))
    assert len(watch.pids[run]) == 2
    (number,) = [t["number"] for t in status(disturbed)["trials"] if t["run"] == run]
    trained = re.findall(rf"trial {number}: .* step (\d+)/40, loss", driver.output()[said:])
    assert all(int(step) > checkpointed for step in trained)
    found, expected = status(disturbed), status(calm)
    assert found["best"]["run"] == expected["best"]["run"]
    assert rows(disturbed) == rows(calm)


def test_the_head_goes_away_and_the_same_command_continues_on_another(
    tmp_path: Path, put_model: PutModel
) -> None:
    root = put_model(tmp_path / "d" / "root")
    with cluster(tmp_path) as first:
        driver, watch = Driver(root, first), Watch(root)
        while not any(len(steps) > 1 for steps in watch.steps.values()):
            assert driver.running()
            watch.look()
            time.sleep(0.05)
        first.head.kill()
        assert driver.end() == 1
        assert driver.output().splitlines()[-1].startswith("xlsearch: the Ray cluster is gone")
        assert "Traceback" not in driver.output()
    assert status(root)["state"] == "interrupted"
    with cluster(tmp_path) as second:
        driver = Driver(root, second)
        while driver.running():
            watch.look()
            time.sleep(0.05)
    for steps in watch.steps.values():
        assert steps == sorted(set(steps))
    assert status(root)["state"] == "complete"

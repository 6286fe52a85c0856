"""What trials run on, from what the user asked for and what the nodes of a cluster have."""

from __future__ import annotations

from pathlib import Path

import pytest

from xlsearch.errors import UserError
from xlsearch.search.ray_tune.nodes import Findings, judge
from xlsearch.search.ray_tune.resources import (
    NodeResources,
    ResourceOptions,
    Resources,
    choose_resources,
)

HEAD = NodeResources(cpus=8, gpus=0)
LARGE = NodeResources(cpus=96, gpus=8)
SMALL = NodeResources(cpus=12, gpus=1)


@pytest.mark.parametrize(
    ("options", "nodes", "expected"),
    [
        (ResourceOptions(), [NodeResources(2, 0)], Resources(2, 1, 0)),
        # The head's CPUs are no help to a trial that runs where a GPU is.
        (ResourceOptions(), [HEAD, LARGE], Resources(8, 12, 1)),
        (ResourceOptions(), [HEAD, LARGE, SMALL], Resources(9, 12, 1)),
        (ResourceOptions(gpus=0.5), [LARGE], Resources(16, 6, 0.5)),
        # Ray does not put a trial on parts of two GPUs: 0.4 fits twice on each, 0.6 once.
        (ResourceOptions(gpus=0.4), [LARGE], Resources(16, 4, 0.4)),
        (ResourceOptions(gpus=0.6), [LARGE], Resources(8, 7, 0.6)),
        (ResourceOptions(gpus=3), [LARGE, SMALL], Resources(2, 36, 3)),
        (ResourceOptions(gpus=0), [HEAD, SMALL], Resources(20, 1, 0)),
        (ResourceOptions(cpus=48), [LARGE], Resources(2, 48, 1)),
        (ResourceOptions(trials=3), [LARGE], Resources(3, 12, 1, fixed=True)),
        # A cluster whose machines are yet to come.
        (ResourceOptions(gpus=1, trials=4), [HEAD], Resources(4, 1, 1, fixed=True)),
    ],
)
def test_resources(
    options: ResourceOptions, nodes: list[NodeResources], expected: Resources
) -> None:
    assert choose_resources(options, nodes) == expected


@pytest.mark.parametrize("gpus", [1.5, -1, float("nan"), float("inf")])
def test_shares_that_ray_can_not_give(gpus: float) -> None:
    with pytest.raises(UserError, match="--gpus-per-trial"):
        ResourceOptions(gpus=gpus)


def test_more_machines_hold_more_trials() -> None:
    chosen = choose_resources(ResourceOptions(), [HEAD, SMALL])
    assert chosen.held_by([HEAD, SMALL]) == 1
    assert chosen.held_by([HEAD, SMALL, SMALL, LARGE]) == 10
    assert chosen.held_by([HEAD]) == 0


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Findings(False, {"torch": "2"}), "10.0.0.7.*root"),
        (Findings(True, {"torch": "1"}), "10.0.0.7.*torch 1 .*2"),
        (Findings(True, {}), "10.0.0.7.*torch none"),
    ],
)
def test_a_node_that_can_not_run_trials_is_named(
    found: Findings, words: str, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=words):
        judge("10.0.0.7", found, {"torch": "2"}, tmp_path)


def test_where_the_root_is_no_folder_no_node_need_see_one() -> None:
    judge("10.0.0.7", Findings(False, {"torch": "2"}), {"torch": "2"}, None)

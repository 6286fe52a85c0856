"""Searches as jobs of a real Slurm: on two nodes, over the wall-time limit, over what is killed."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ..conftest import with_models
from .slurm_cluster import SlurmCluster, missing, wait_until

SCRIPT = Path(__file__).parents[2] / "launch" / "slurm.sbatch"
REASON = missing()
STEPS = 160
"""A minute for a search: long enough to be cut short."""

ENDED = ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL")

pytestmark = [pytest.mark.drill, pytest.mark.skipif(REASON is not None, reason=str(REASON))]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlurmCluster]:
    with SlurmCluster(tmp_path_factory.mktemp("slurm")) as cluster:
        yield cluster


class Job:
    """A search that was submitted, in a folder of its own."""

    def __init__(
        self,
        cluster: SlurmCluster,
        folder: Path,
        pretrained: dict[str, Path],
        steps: int = STEPS,
    ) -> None:
        self._cluster = cluster
        self.folder = folder
        self.root = with_models(folder / "root", pretrained)
        space = folder / "a space.yaml"
        settings = {
            "training": {"steps": steps, "warmup_steps": 2, "batch_tokens": 600, "examples": 100},
            "evaluation": {"every_steps": steps // 2, "examples": 2, "languages": ["fr"]},
            "generation": {"max_new_tokens": 6},
        }
        space.write_text(
            yaml.safe_dump(
                {
                    "learning_rates": {"decades": [3, 4], "limits": [3, 4]},
                    "crossing": {"factors": [1], "intermediate_tuning": [False]},
                    "scales": {"pocket": {"default": settings}},
                }
            )
        )
        self.arguments = [
            "--task",
            "xlsum",
            "--model",
            "mbart",
            "--scale",
            "pocket",
            "--study",
            "s",
        ]
        self.arguments += ["--space", str(space), "--root", str(self.root)]
        self.number = ""

    def submit(self, *options: str) -> None:
        command = ["sbatch", "--parsable", "--gpus-per-node=0", "--cpus-per-task=2", *options]
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        variables = {"PATH": path, "PYTHONPATH": str(SCRIPT.parents[1]), "OMP_NUM_THREADS": "1"}
        shown = self._cluster.run(
            *command, str(SCRIPT), *self.arguments, folder=self.folder, **variables
        )
        self.number = shown.strip()

    @property
    def shown(self) -> dict[str, str]:
        return self._cluster.job(self.number)

    @property
    def state(self) -> str:
        return self.shown["JobState"]

    @property
    def restarts(self) -> int:
        return int(self.shown["Restarts"])

    @property
    def log(self) -> str:
        path = self.folder / f"xlsearch-{self.number}.log"
        return path.read_text() if path.exists() else ""

    def finished(self) -> dict[str, int]:
        """Finished runs, and when each was finished."""
        paths = self.root.glob("runs/*/result.json")
        return {path.parent.name: path.stat().st_mtime_ns for path in paths}

    def wait(self) -> None:
        wait_until(f"job {self.number}", lambda: self.state in ENDED, seconds=1500)
        assert self.state == "COMPLETED", self.log

    def wait_for_a_run(self) -> None:
        """Waits until the first run is finished."""
        wait_until("a finished run", lambda: bool(self.finished()), seconds=900)

    def comes_to_the_end_of(self, other: Job, first: dict[str, int]) -> None:
        """Waits for the end, which is that of another search; the first runs are not repeated."""
        self.wait()
        assert {name: self.finished()[name] for name in first} == first
        assert self.best() == other.best()
        assert self.results() == other.results()

    def best(self) -> dict[str, Any]:
        """Without the time that it took."""
        best = yaml.safe_load((self.root / "studies" / "s" / "best.yaml").read_text())
        return {**best, "provenance": best["provenance"]["run"]}

    def results(self) -> dict[str, Any]:
        """The rows of each run."""
        return {
            path.parent.name: [json.loads(line) for line in path.read_text().splitlines()]
            for path in self.root.glob("runs/*/evaluations.jsonl")
        }


@pytest.fixture(scope="module")
def undisturbed(
    cluster: SlurmCluster, tmp_path_factory: pytest.TempPathFactory, pretrained: dict[str, Path]
) -> Job:
    """A search on two nodes at once that nothing happens to."""
    job = Job(cluster, tmp_path_factory.mktemp("undisturbed"), pretrained)
    job.submit("--nodes=2")
    job.wait()
    return job


def test_a_search_on_two_nodes(undisturbed: Job) -> None:
    assert undisturbed.restarts == 0
    assert "searching, 4 trials at a time" in undisturbed.log
    assert "best configuration" in undisturbed.log
    assert len(undisturbed.finished()) >= 3


def test_the_wall_time_limit(
    cluster: SlurmCluster, undisturbed: Job, tmp_path: Path, pretrained: dict[str, Path]
) -> None:
    """The limit is near once the first run is finished."""
    job = Job(cluster, tmp_path, pretrained)
    job.submit("--cpus-per-task=1", "--time=60", "--signal=B:USR1@150")
    job.wait_for_a_run()
    hours, minutes, _ = map(int, job.shown["RunTime"].split(":"))
    limit = 60 * hours + minutes + 3
    cluster.run("scontrol", "update", f"JobId={job.number}", f"TimeLimit={limit}")
    wait_until("the requeue", lambda: job.restarts == 1, seconds=300)
    first = job.finished()
    assert "the wall-time limit is near; the job is queued again" in job.log
    assert "interrupted; the same command continues" in job.log
    cluster.run("scontrol", "update", f"JobId={job.number}", "TimeLimit=60")
    job.comes_to_the_end_of(undisturbed, first)


def test_a_lost_node(
    cluster: SlurmCluster, undisturbed: Job, tmp_path: Path, pretrained: dict[str, Path]
) -> None:
    """All processes of the node are killed; Slurm queues the job again on the other one."""
    job = Job(cluster, tmp_path, pretrained)
    job.submit("--cpus-per-task=1", "--nodelist=node2")
    job.wait_for_a_run()
    first = job.finished()
    cluster.kill_node("node2")
    wait_until("the requeue", lambda: job.restarts == 1, seconds=300)
    cluster.start_node("node2")
    job.comes_to_the_end_of(undisturbed, first)


def test_a_lost_batch_shell(
    cluster: SlurmCluster, undisturbed: Job, tmp_path: Path, pretrained: dict[str, Path]
) -> None:
    """The script itself is killed; the job fails, and continues once a person queues it again."""
    job = Job(cluster, tmp_path, pretrained)
    job.submit("--cpus-per-task=1")
    job.wait_for_a_run()
    first = job.finished()
    cluster.run("scancel", "--batch", "--signal=KILL", job.number)
    wait_until("the end", lambda: job.state in ENDED, seconds=300)
    assert job.state == "FAILED"
    cluster.run("scontrol", "requeue", job.number)
    wait_until("the requeue", lambda: job.restarts == 1)
    job.comes_to_the_end_of(undisturbed, first)


def test_a_cancelled_job(
    cluster: SlurmCluster, undisturbed: Job, tmp_path: Path, pretrained: dict[str, Path]
) -> None:
    """It is not queued again, and the same command continues the search as another job."""
    job = Job(cluster, tmp_path, pretrained)
    job.submit("--cpus-per-task=1")
    job.wait_for_a_run()
    first = job.finished()
    cluster.run("scancel", job.number)
    wait_until("the end", lambda: job.state in ENDED, seconds=300)
    assert (job.state, job.restarts) == ("CANCELLED", 0)
    job.submit("--cpus-per-task=1")
    job.comes_to_the_end_of(undisturbed, first)


def test_bad_input_ends_the_job(
    cluster: SlurmCluster, tmp_path: Path, pretrained: dict[str, Path]
) -> None:
    job = Job(cluster, tmp_path, pretrained)
    job.arguments += ["--method", "no-such-method"]
    job.submit()
    wait_until("the end", lambda: job.state in ENDED, seconds=600)
    assert job.state == "FAILED"
    assert job.shown["ExitCode"] == "2:0"
    assert "no-such-method" in job.log
    assert "Traceback" not in job.log


def test_two_jobs_on_one_node(
    cluster: SlurmCluster, tmp_path: Path, pretrained: dict[str, Path]
) -> None:
    """Each has its own Ray, and the end of one does not stop the other's."""
    jobs = []
    for name, steps in (("short", 4), ("long", 24)):
        (tmp_path / name).mkdir()
        jobs.append(Job(cluster, tmp_path / name, pretrained, steps))
        jobs[-1].submit("--cpus-per-task=1", "--nodelist=node1")
    for job in jobs:
        job.wait()
        assert job.restarts == 0
    short, long = (job.shown for job in jobs)
    assert long["StartTime"] < short["EndTime"] < long["EndTime"]

"""A search submitted to a cluster as a job, seen from processes that know its dashboard alone."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .cluster import WAIT, cluster, wait_for
from .searches import SPACE

pytestmark = pytest.mark.drill

PutModel = Callable[[Path], Path]


def test_a_submitted_search_is_one_search(tmp_path: Path, put_model: PutModel) -> None:
    """Submitted twice, watched, stopped and continued from other processes."""
    root = put_model(tmp_path / "root")
    space = tmp_path / "space.yaml"
    space.write_text(SPACE)
    with cluster(tmp_path, head_cpus=2, dashboard=True) as here:

        def xlsearch(*arguments: str) -> subprocess.Popen[str]:
            return subprocess.Popen(
                [sys.executable, "-m", "xlsearch", *arguments],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env=here.environment,
            )

        def said(*arguments: str) -> tuple[int, str, str]:
            process = xlsearch(*arguments)
            out, errors = process.communicate(timeout=WAIT)
            return process.returncode, out, errors

        launch = ("launch", "--task", "xlsum", "--model", "mbart", "--scale", "pocket")
        launch += ("--space", str(space), "--root", str(root), "--submit", here.url)
        job = ("xlsum-mbart-pocket", "--address", here.url)
        first = xlsearch(*launch)
        lock = root / "studies" / "xlsum-mbart-pocket" / "driver.holder.json"
        wait_for(lock.exists)
        second = xlsearch(*launch)
        other = said(*launch, "--seed", "1")
        assert (other[0], len(other[2].splitlines())) == (2, 1)
        assert "other options" in other[2]

        def running() -> bool:
            code, out, errors = said("status", *job, "--json")
            assert code == 0 or "no study" in errors, errors
            return code == 0 and json.loads(out)["state"] == "running"

        wait_for(running)
        assert "submitted" in said("logs", *job)[1] or "searching" in said("logs", *job)[1]
        code, out, errors = said("stop", *job)
        assert (code, "continues it" in out) == (0, True), errors
        for process in (first, second):
            _, errors = process.communicate(timeout=WAIT)
            assert process.returncode == 1
            assert "stopped" in errors
        assert "same command continues" in said("logs", *job)[1]
        assert json.loads(said("status", *job, "--json")[1])["state"] == "interrupted"

        code, out, errors = said(*launch)
        assert code == 0, out + errors
        assert "best configuration" in out
        found = json.loads(said("status", *job, "--json")[1])
        assert found["state"] == "complete"
        assert len({trial["run"] for trial in found["trials"]}) == len(found["trials"])
        assert "was not running" in said("stop", *job)[1]

"""The Ray of this machine: reachable from nowhere else, and its metrics found from this machine."""

from __future__ import annotations

import json
import os
import re
import stat
import time
import urllib.request
from pathlib import Path

import psutil
import pytest
from port_scan import answers, listeners, network_addresses

from xlsearch.search.metrics import DISK_FREE, SEARCH_UP, SearchMetrics
from xlsearch.search.ray_tune.driver import ray_cluster
from xlsearch.search.ray_tune.loopback import token_place
from xlsearch.search.ray_tune.metrics import PublishedMetrics


def published(target: str) -> dict[str, float]:
    """The series of xlsearch by name, as Prometheus would read them."""
    with urllib.request.urlopen(f"http://{target}/metrics", timeout=10) as page:
        text = page.read().decode()
    found = re.findall(r'^ray_(xlsearch_\w+)\{.*study="a study".*\} (\S+)$', text, re.MULTILINE)
    return {name: float(value) for name, value in found}


@pytest.mark.slow
def test_a_local_cluster_is_on_loopback_only_and_serves_metrics(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One cluster for several questions, since it takes seconds to start."""
    monkeypatch.setenv("RAY_metrics_report_interval_ms", "1000")
    before = {key: value for key, value in os.environ.items() if "CLUSTER" in key}
    with ray_cluster(None) as dashboard:
        import ray

        assert dashboard is None
        token = Path(token_place())
        assert not token.is_file() or stat.S_IMODE(token.stat().st_mode) == 0o600
        session = Path(ray._private.worker.global_worker.node.get_session_dir_path())
        [file] = session.parent.glob(f"xlsearch-{os.getpid()}.json")
        [group] = json.loads(file.read_text())
        [target] = group["targets"]
        with PublishedMetrics(SearchMetrics("a study", "en", [], "cpu", 1, tmp_path)):
            deadline = time.monotonic() + 60
            while not (series := published(target)) and time.monotonic() < deadline:
                time.sleep(0.2)
            # Longer than Ray keeps a series that nobody sets.
            until = time.monotonic() + 3
            while time.monotonic() < until:
                assert SEARCH_UP.name in published(target)
                time.sleep(0.2)
        assert series[SEARCH_UP.name] == 1.0
        assert series[DISK_FREE.name] > 0

        found = listeners(psutil.Process())
        assert {"GCS", "raylet", "dashboard agent"} <= {listener.process for listener in found}
        assert int(target.rpartition(":")[2]) in {listener.port for listener in found}
        assert [listener for listener in found if not listener.on_loopback] == []
        for address in network_addresses():
            assert answers(address, found) == []
    assert not file.exists()
    # A node that joins another cluster must be reachable, so nothing of this may stay.
    assert {key: value for key, value in os.environ.items() if "CLUSTER" in key} == before
    assert ray._private.ray_constants.ENABLE_RAY_CLUSTER

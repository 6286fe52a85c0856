"""A real Prometheus on a real search: all expressions that are shipped give series, alerts fire."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

FOLDER = Path(__file__).parents[2] / "dashboards"
STUDY = "watched"

needs_prometheus = pytest.mark.skipif(
    shutil.which("prometheus") is None or shutil.which("promtool") is None,
    reason="no prometheus and promtool on this machine (Debian package: prometheus)",
)
pytestmark = [pytest.mark.drill, needs_prometheus]

COMPARISON = re.compile(r"\s(?:<|>|==)\s*[\d.]+")
"""A rule's threshold."""

TUNING = {
    "training": {"steps": 10, "warmup_steps": 2, "examples": 60},
    "probe_steps": 3,
    "held_out": 3,
    "max_new_tokens": 10,
}


def space(folder: Path, learning_rate_decade: int, steps: int, crossed: bool) -> Path:
    """A search space of two decades whose trials take a while."""
    decade = learning_rate_decade
    settings = {
        "training": {"steps": steps, "warmup_steps": 2, "batch_tokens": 600, "examples": 100},
        "evaluation": {"every_steps": 20, "examples": 4},
        "generation": {"max_new_tokens": 10},
        "intermediate": TUNING,
    }
    values: dict[str, Any] = {
        "learning_rates": {"decades": [decade, decade + 1], "limits": [decade, decade + 1]},
        "scales": {"pocket": {"default": settings}},
    }
    if not crossed:
        values["crossing"] = {"factors": [1], "intermediate_tuning": [False]}
    file = folder / f"space-{decade}.yaml"
    file.write_text(yaml.safe_dump(values), encoding="utf-8")
    return file


@pytest.fixture
def ray_folder() -> Iterator[Path]:
    """A temporary folder for Ray; short, since the paths of sockets must be."""
    with tempfile.TemporaryDirectory(prefix="xl", dir="/tmp", ignore_cleanup_errors=True) as name:
        yield Path(name)


@pytest.fixture
def search(ray_folder: Path) -> Iterator[Callable[[Path, Path], subprocess.Popen[bytes]]]:
    """Starts a search whose Ray exports its metrics every second."""
    started: list[subprocess.Popen[bytes]] = []

    def start(root: Path, space: Path) -> subprocess.Popen[bytes]:
        command = ["launch", "--task", "xlsum", "--model", "mbart", "--scale", "pocket"]
        command += ["--space", str(space), "--study", STUDY, "--root", str(root)]
        environment = {"RAY_TMPDIR": str(ray_folder), "RAY_metrics_report_interval_ms": "1000"}
        with (ray_folder / "search.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "xlsearch", *command],
                env={**os.environ, **environment},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.terminate()
            process.wait(60)


class Prometheus:
    """A Prometheus on loopback with the shipped configuration, paths filled in.

    Args:
        folder: Where it keeps everything.
        ray_folder: Where the search's Ray is told to keep its files.
        change: Of each rule, in place.
    """

    def __init__(
        self, folder: Path, ray_folder: Path, change: Callable[[dict[str, Any]], None]
    ) -> None:
        rules = yaml.safe_load((FOLDER / "alerts.yml").read_text(encoding="utf-8"))
        for rule in rules["groups"][0]["rules"]:
            change(rule)
        (folder / "alerts.yml").write_text(yaml.safe_dump(rules), encoding="utf-8")
        text = (FOLDER / "prometheus.yml").read_text(encoding="utf-8")
        config = folder / "prometheus.yml"
        config.write_text(text.replace("/tmp/ray/", f"{ray_folder}/ray/"), encoding="utf-8")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        self._process = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={config}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address={self.address}",
                "--log.level=error",
            ]
        )

    def stop(self) -> None:
        """Ends it."""
        self._process.terminate()
        self._process.wait(30)

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The series of an expression now; none while the server starts."""
        asked = urllib.parse.urlencode({"query": expression})
        try:
            with urllib.request.urlopen(f"http://{self.address}/api/v1/query?{asked}") as page:
                return list(json.load(page)["data"]["result"])
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{expression}: {error.read().decode()}") from None
        except urllib.error.URLError:
            return []

    def firing(self) -> dict[str, dict[str, str]]:
        """Labels of one alert of each name that fires."""
        series = self.query('ALERTS{alertstate="firing"}')
        return {item["metric"]["alertname"]: item["metric"] for item in series}


@pytest.fixture
def prometheus(tmp_path: Path, ray_folder: Path) -> Iterator[Callable[..., Prometheus]]:
    """Starts one; takes what to change of each rule."""
    started: list[Prometheus] = []

    def start(change: Callable[[dict[str, Any]], None]) -> Prometheus:
        started.append(Prometheus(tmp_path, ray_folder, change))
        return started[-1]

    yield start
    for server in started:
        server.stop()


def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Waits for a condition; whether it came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.5)
    return True


def shipped_expressions() -> set[str]:
    """All of the dashboard, and those of the alert rules without their thresholds."""
    dashboard = json.loads((FOLDER / "grafana-xlsearch.json").read_text(encoding="utf-8"))
    found = {
        target["expr"].replace("$study", STUDY)
        for panel in dashboard["panels"]
        for target in panel["targets"]
    }
    rules = yaml.safe_load((FOLDER / "alerts.yml").read_text(encoding="utf-8"))["groups"][0][
        "rules"
    ]
    for rule in rules:
        found.add(COMPARISON.sub("", rule["expr"]).partition(" unless ")[0])
    assert len(found) > 20
    return found


def always(rule: dict[str, Any]) -> None:
    """A rule that fires wherever its expression has a series."""
    rule["expr"] = COMPARISON.sub(" > -Inf", rule["expr"])
    rule.pop("for", None)


def test_the_files_are_valid_and_alerts_fire_when_they_should() -> None:
    for command in ("check config prometheus.yml", "test rules alerts_test.yml"):
        done = subprocess.run(
            ["promtool", *command.split()], cwd=FOLDER, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_expression_gives_series_and_every_alert_can_fire(
    root: Path,
    tmp_path: Path,
    search: Callable[[Path, Path], subprocess.Popen[bytes]],
    prometheus: Callable[..., Prometheus],
    ray_folder: Path,
) -> None:
    driver = search(root, space(tmp_path, 3, 150, crossed=True))
    server = prometheus(always)
    missing, fired = shipped_expressions(), set[str]()
    alerts = set(re.findall(r"- alert: (\w+)", (FOLDER / "alerts.yml").read_text(encoding="utf-8")))
    gone = {"XlsearchSearchGone"}
    assert gone < alerts

    def all_seen() -> bool:
        nonlocal missing
        missing = {expression for expression in missing if not server.query(expression)}
        fired.update(server.firing())
        ended = driver.poll() is not None
        return ended or (not missing and fired >= alerts - gone)

    until(all_seen, 500)
    log = (ray_folder / "search.log").read_text(encoding="utf-8")
    assert driver.poll() is None, log
    assert missing == set(), log
    assert fired == alerts - gone
    for series in server.query(f'ray_xlsearch_search_up{{study="{STUDY}"}}'):
        assert not [label for label in series["metric"] if label.startswith("otel")]

    driver.kill()
    assert until(lambda: server.firing().keys() >= gone, 120)
    assert server.firing()["XlsearchSearchGone"]["study"] == STUDY


def test_a_trial_that_forgets_the_languages_raises_the_alert(
    root: Path,
    tmp_path: Path,
    search: Callable[[Path, Path], subprocess.Popen[bytes]],
    prometheus: Callable[..., Prometheus],
    ray_folder: Path,
) -> None:
    """At 1e-2, in a model that knows its languages; the shipped rule, as it is.

    XLSEARCH_DRILL_ROOT names the root folder of an earlier pocket search, whose model is taken;
    without it the model is pretrained here, which takes minutes.
    """
    shutil.rmtree(root)
    if before := os.environ.get("XLSEARCH_DRILL_ROOT"):
        shutil.copytree(Path(before) / "store" / "pocket-model", root / "store" / "pocket-model")
    driver = search(root, space(tmp_path, 2, 2000, crossed=False))
    server = prometheus(lambda rule: None)
    until(lambda: "XlsearchWrongLanguage" in server.firing() or driver.poll() is not None, 1800)
    log = (ray_folder / "search.log").read_text(encoding="utf-8")
    assert driver.poll() is None, log
    alert = server.firing()["XlsearchWrongLanguage"]
    assert (alert["study"], alert["learning_rate"]) == (STUDY, "1e-2")

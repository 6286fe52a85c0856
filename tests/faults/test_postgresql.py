"""Searches whose record is in a real PostgreSQL server, which is stopped in the middle."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "search"))

from postgresql_server import PASSWORD, PostgresqlServer, programs
from test_crashes import check_every_write

from xlsearch.config.run import RunConfig
from xlsearch.errors import UserError
from xlsearch.pocket.pretraining import pretraining_config
from xlsearch.runs.content import ContentStore
from xlsearch.search.database import connected, only_writer
from xlsearch.search.point import Point
from xlsearch.search.storage import open_database

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(programs() is None, reason="PostgreSQL is not installed (initdb, pg_ctl)"),
]

SPACE = """
learning_rates: {decades: [3, 4, 5], limits: [3, 5]}
crossing: {factors: [1], intermediate_tuning: [false]}
scales:
  pocket:
    default:
      training: {steps: 120, warmup_steps: 2, batch_tokens: 600, examples: 100}
      evaluation: {every_steps: 20, examples: 4}
      generation: {max_new_tokens: 10}
"""
NAME = "xlsum-mbart-pocket"
AWAY = 15.0
"""Seconds that the server is stopped."""


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresqlServer]:
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    folder.chmod(0o755)
    made = PostgresqlServer(folder)
    yield made
    made.stop("fast")
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def make_root(
    tmp_path_factory: pytest.TempPathFactory, pretrained: dict[str, Path]
) -> Callable[[str], Path]:
    def make(name: str) -> Path:
        root = tmp_path_factory.mktemp(name) / "root"
        place = ContentStore(root).path("pocket-model", pretraining_config("mbart"))
        shutil.copytree(pretrained["mbart"], place)
        (root / "space.yaml").write_text(SPACE)
        return root

    return make


def command(root: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "xlsearch", *arguments, "--root", str(root)]


def launch(root: Path, *arguments: str) -> list[str]:
    search = ("--task", "xlsum", "--model", "mbart", "--scale", "pocket")
    return command(root, "launch", *search, "--space", str(root / "space.yaml"), *arguments)


def done(arguments: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    values = {**os.environ, **environment}
    return subprocess.run(
        arguments, capture_output=True, text=True, check=False, timeout=1800, env=values
    )


def trials(found: dict[str, Any]) -> dict[tuple[str, float, bool], tuple[str, float]]:
    keys = ("method", "learning_rate", "intermediate_tuning")
    values = {
        tuple(trial[key] for key in keys): (trial["state"], trial["objective"])
        for trial in found["trials"]
    }
    assert len(values) == len(found["trials"])
    return values


def wait(ready: Callable[[], object], process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 1200
    while not ready():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.1)


def test_the_server_is_stopped_in_the_middle(
    server: PostgresqlServer, make_root: Callable[[str], Path]
) -> None:
    calm, root = make_root("calm"), make_root("root")
    undisturbed = done(launch(calm, "--json"))
    assert undisturbed.returncode == 0, undisturbed.stderr
    expected = json.loads(undisturbed.stdout)

    process = subprocess.Popen(
        launch(root, "--json", "--storage", server.url),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait(lambda: list(root.glob("runs/*/evaluations.jsonl")), process)
    assert PASSWORD not in Path(f"/proc/{process.pid}/cmdline").read_text()
    with ThreadPoolExecutor() as pool:  # before the search is over
        refused = [
            pool.submit(done, launch(place, "--storage", server.url))
            for place in (make_root("second"), root)
        ]
    second, same = (each.result() for each in refused)
    server.stop("immediate")
    stopped = {path: path.stat().st_mtime for path in root.glob("runs/*/result.json")}
    time.sleep(AWAY)
    server.start()
    output, told = process.communicate(timeout=1800)
    assert process.returncode == 0, told

    found = json.loads(output)
    assert trials(found) == trials(expected)
    assert found["best"] == expected["best"] | {"run": found["best"]["run"]}
    assert len(list(root.glob("runs/*/result.json"))) == len(trials(found))
    assert all(path.stat().st_mtime == at for path, at in stopped.items())
    shown = server.url.replace(PASSWORD, "***")
    assert told.count(f"the database {shown} can't be reached") == 1
    assert told.count(f"the database {shown} is back") == 1
    for other in (second, same):
        assert other.returncode == 2
        assert f"is already being driven by process {process.pid} since" in other.stderr
        assert len(other.stderr.splitlines()) == 1

    # Another root folder is refused also after the first driver has ended.
    later = done(launch(make_root("later"), "--storage", server.url))
    assert later.returncode == 2
    assert f"belongs to the root folder {root}" in later.stderr

    environment = {"XLSEARCH_STORAGE": server.url_without_password, "PGPASSWORD": PASSWORD}
    status = done(command(root, "status", NAME, "--json"), **environment)
    assert trials(json.loads(status.stdout)) == trials(expected)
    export = done(command(root, "export", NAME), **environment)
    assert export.returncode == 0
    best = (root / "studies" / NAME / "best.yaml").read_text()
    assert export.stdout == best

    for text in (output, told, best, *(o.stdout + o.stderr for o in (second, same, later, status))):
        assert PASSWORD not in text
    holding = [
        path
        for place in (root, Path(tempfile.gettempdir()) / "ray")
        for path in place.rglob("*")
        if path.is_file() and not path.is_symlink() and PASSWORD.encode() in path.read_bytes()
    ]
    assert holding == []
    kept = server.ask("SELECT value_json FROM study_user_attributes")
    kept += server.ask("SELECT value_json FROM trial_user_attributes")
    assert kept
    assert PASSWORD not in str(kept)


def test_every_write(server: PostgresqlServer, run_config: Callable[..., RunConfig]) -> None:
    storage = open_database(server.url)
    configs: dict[Point, RunConfig] = {}

    def describe(point: Point) -> RunConfig:
        return configs.setdefault(point, run_config(learning_rate=str(point.learning_rate)))

    check_every_write(lambda name: storage, describe)


def test_one_driver_on_two_machines(server: PostgresqlServer) -> None:
    engines = [connected(server.url).engine for _ in range(2)]
    with (
        only_writer(engines[0], "s") as first,
        only_writer(engines[1], "s") as second,
        only_writer(engines[1], "t") as other,
    ):
        assert (first, second, other) == (True, False, True)
    with only_writer(engines[1], "s") as again:
        assert again


@pytest.mark.parametrize("password", ["wrong-w0rd", "wr@ng", "wr/ong:1"])
def test_a_wrong_password_is_not_shown(server: PostgresqlServer, password: str) -> None:
    with pytest.raises(UserError) as raised:
        open_database(server.url.replace(PASSWORD, password))
    assert password not in str(raised.value)
    assert password.split("@")[-1] not in str(raised.value).replace("wrong --root", "")
    assert raised.value.__cause__ is None

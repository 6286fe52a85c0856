"""Searches whose root is a bucket of a real S3-compatible server."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from xlsearch.cli.main import main
from xlsearch.pocket.pretraining import pretraining_config
from xlsearch.runs import remote as remote_module
from xlsearch.runs.content import ContentStore
from xlsearch.runs.manifest import MANIFEST
from xlsearch.runs.remote import Remote, open_root

from ..conftest import with_models
from ..runs.claimers import most_at_once
from .drill_record import Finished
from .s3_server import S3Server

pytestmark = pytest.mark.drill

URL = "s3://bucket/searches/one"
MINUTES = 15
LAST = "step-000000024"
"""The checkpoint that a run ends with."""

SPACE = """
learning_rates: {decades: [3, 4], limits: [3, 4]}
crossing: {factors: [1], intermediate_tuning: [false]}
scales:
  pocket:
    default:
      training: {steps: 24, warmup_steps: 2, batch_tokens: 600, examples: 100}
      evaluation: {every_steps: 8, examples: 4}
      generation: {max_new_tokens: 10}
"""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Server]:
    made = S3Server(tmp_path / "server")
    (tmp_path / "server" / "bucket").mkdir()
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    made.start()
    yield made
    made.kill()
    remote_module._remote.cache_clear()


class Driver:
    """``xlsearch launch`` on a machine with a cache of its own."""

    def __init__(self, tmp_path: Path, machine: str, root: str) -> None:
        space = tmp_path / "space.yaml"
        space.write_text(SPACE)
        self.output = tmp_path / f"{machine}.txt"
        self._cache = tmp_path / machine
        command = ["launch", "--task", "xlsum", "--model", "mbart", "--scale", "pocket"]
        with self.output.open("a") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "xlsearch", *command, "--space", space, "--root", root],
                stdout=file,
                stderr=subprocess.STDOUT,
                env={**os.environ, "XLSEARCH_CACHE": str(self._cache), "OMP_NUM_THREADS": "1"},
                start_new_session=True,
            )

    def wait(self, ready: Callable[[], bool]) -> None:
        """Waits in the middle of the search."""
        end = time.monotonic() + MINUTES * 60
        while not ready():
            assert self._process.poll() is None, self.output.read_text()
            assert time.monotonic() < end, self.output.read_text()
            time.sleep(0.1)

    def ended(self, meanwhile: Callable[[], None] = lambda: None) -> int:
        """The exit code."""
        end = time.monotonic() + MINUTES * 60
        while self._process.poll() is None:
            meanwhile()
            assert time.monotonic() < end, self.output.read_text()
            time.sleep(0.1)
        return self._process.returncode

    def kill(self) -> None:
        """Kills it and its workers at once, as when its machine is lost."""
        if self._process.poll() is not None:
            return
        notes = self._cache.glob("roots/*/runs/*/lock.holder.json")
        workers = [json.loads(note.read_text())["pid"] for note in notes]
        os.killpg(self._process.pid, signal.SIGKILL)
        for worker in workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
        self._process.wait()


@pytest.fixture(scope="session")
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model of the root folder in XLSEARCH_DRILL_MODELS, pretrained to its end; without, a
    hardly pretrained one, whose scores are all alike but whose rows are not."""
    if not (root := os.environ.get("XLSEARCH_DRILL_MODELS")):
        pretrained: dict[str, Path] = request.getfixturevalue("pretrained")
        return pretrained["mbart"]
    there = ContentStore(Path(root)).path("pocket-model", pretraining_config("mbart"))
    without_sums = shutil.ignore_patterns(MANIFEST)
    copy = tmp_path_factory.mktemp("model") / "mbart"
    return Path(shutil.copytree(there, copy, ignore=without_sums))


@pytest.fixture
def launch(
    tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str, str], Driver]]:
    begun: list[Driver] = []

    def begin(machine: str, root: str) -> Driver:
        monkeypatch.setenv("XLSEARCH_CACHE", str(tmp_path / machine))
        with_models(open_root(root), {"mbart": model})
        begun.append(Driver(tmp_path, machine, root))
        return begun[-1]

    yield begin
    for driver in begun:
        driver.kill()


def best(text: str) -> dict[str, object]:
    """What a search found, without how long it took and with which study."""
    values: dict[str, object] = yaml.safe_load(text)
    return {key: values[key] for key in ("learning_rate", "objective", "languages", "seed")}


def contents(root: Path, pattern: str) -> dict[str, str]:
    """What is in the files of all runs of a root, or of a bucket, as far as they are there."""
    found = {}
    for path in root.glob(f"runs/*/{pattern}"):
        with contextlib.suppress(FileNotFoundError):
            found[path.relative_to(root).as_posix()] = path.read_text()
    return found


def test_a_search_survives_the_server_and_its_own_machine(
    server: S3Server,
    launch: Callable[[str, str], Driver],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The server is killed and started in the middle of a search; then the machine is lost, and
    another goes on without being asked twice."""
    plain = tmp_path / "plain"
    undisturbed = launch("alone", str(plain))
    assert undisturbed.ended() == 0, undisturbed.output.read_text()

    bucket = tmp_path / "server/bucket/searches/one"
    finished = Finished(bucket)
    first = launch("a", URL)
    first.wait(lambda: len(contents(bucket, "checkpoint/*/state.json")) > 0)
    server.kill()
    first.wait(lambda: "can't be reached" in first.output.read_text())
    server.start()
    first.wait(lambda: "is back" in first.output.read_text())

    def checkpoints() -> dict[str, str]:
        """Those of runs that have some way to go."""
        states = contents(bucket, "checkpoint/*/state.json")
        ending = {name.split("/")[1] for name in states if LAST in name}
        left_out = ending | set(finished.seen)
        return {name: text for name, text in states.items() if name.split("/")[1] not in left_out}

    def in_the_middle() -> bool:
        """Something is finished, and something else begun."""
        finished.look()
        return bool(finished.seen) and bool(checkpoints())

    first.wait(in_the_middle)
    first.kill()
    finished.look()
    published, written_later = checkpoints(), dict[str, set[str]]()
    assert published

    def look() -> None:
        finished.look()
        for name, state in contents(bucket, "checkpoint/*/state.json").items():
            written_later.setdefault(name, set()).add(state)

    second = launch("b", URL)
    assert second.ended(meanwhile=look) == 0, second.output.read_text()
    assert "to see if it still does" in second.output.read_text()
    finished.look()
    assert finished.lost == finished.repeated == set()
    # What was trained up to a checkpoint is not trained again: the time in it would differ.
    for name, state in published.items():
        assert written_later.get(name, {state}) == {state}
    assert set(finished.seen) == {path.name for path in plain.glob("runs/*")}
    assert contents(bucket, "evaluations.jsonl") == contents(plain, "evaluations.jsonl")

    expected = (plain / "studies/xlsum-mbart-pocket/best.yaml").read_text()
    found = (bucket / "studies/xlsum-mbart-pocket/best.yaml").read_text()
    assert best(found) == best(expected)
    # A third machine knows it too.
    monkeypatch.setenv("XLSEARCH_CACHE", str(tmp_path / "c"))
    monkeypatch.setattr(sys, "argv", ["xlsearch", "export", "--root", URL])
    with pytest.raises(SystemExit) as done:
        main()
    assert done.value.code == 0
    assert best(capsys.readouterr().out) == best(expected)


def test_never_two_hold_a_lease(server: S3Server, tmp_path: Path) -> None:
    def connect() -> Remote:
        return Remote(URL, tmp_path)

    assert most_at_once(connect, claimers=4, seconds=6, pause=0.1) == 1
    assert connect().files("x.lease") == []


@pytest.mark.parametrize(
    ("root", "environment", "said"),
    [
        ("s3://nowhere/x", {}, "no bucket 'nowhere'"),
        ("s3://bucket/x", {"AWS_SECRET_ACCESS_KEY": "wrong"}, "refuses these credentials"),
        ("s3://bucket/x", {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "can't be reached"),
    ],
)
def test_a_bucket_that_can_not_be_used_is_told_in_a_sentence(
    root: str,
    environment: dict[str, str],
    said: str,
    server: S3Server,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["xlsearch", "status", "--root", root])
    with pytest.raises(SystemExit) as done:
        main()
    assert done.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert "wrong" not in line

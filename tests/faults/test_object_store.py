"""Searches whose root is a bucket of a real S3-compatible server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from xlsearch.cli.main import main
from xlsearch.runs import remote as remote_module
from xlsearch.runs.remote import Remote, open_root

from ..conftest import with_models
from ..runs.claimers import most_at_once
from .s3_server import S3Server

pytestmark = pytest.mark.drill

URL = "s3://bucket/searches/one"
MINUTES = 15
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
        command = ["launch", "--task", "xlsum", "--model", "mbart", "--scale", "pocket"]
        with self.output.open("a") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "xlsearch", *command, "--space", space, "--root", root],
                stdout=file,
                stderr=subprocess.STDOUT,
                env={
                    **os.environ,
                    "XLSEARCH_CACHE": str(tmp_path / machine),
                    "OMP_NUM_THREADS": "1",
                },
                start_new_session=True,
            )

    def wait(self, ready: Callable[[], bool]) -> None:
        end = time.monotonic() + MINUTES * 60
        while not ready():
            assert self._process.poll() is None, self.output.read_text()
            assert time.monotonic() < end, self.output.read_text()
            time.sleep(0.3)

    def ended(self) -> int:
        return self._process.wait(MINUTES * 60)

    def kill(self) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


@pytest.fixture
def launch(
    tmp_path: Path, pretrained: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str, str], Driver]]:
    begun: list[Driver] = []

    def begin(machine: str, root: str) -> Driver:
        monkeypatch.setenv("XLSEARCH_CACHE", str(tmp_path / machine))
        with_models(open_root(root), pretrained)
        begun.append(Driver(tmp_path, machine, root))
        return begun[-1]

    yield begin
    for driver in begun:
        driver.kill()


def best(text: str) -> dict[str, object]:
    """What a search found, without how long it took and with which study."""
    values: dict[str, object] = yaml.safe_load(text)
    return {key: values[key] for key in ("learning_rate", "objective", "languages", "seed")}


def evaluated(tmp_path: Path) -> int:
    """Runs of which an evaluation is in the bucket."""
    return len(list((tmp_path / "server").glob("bucket/searches/one/runs/*/evaluations.jsonl")))


def test_a_search_survives_the_server_and_its_own_machine(
    server: S3Server,
    launch: Callable[[str, str], Driver],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The server is killed and started in the middle of a search; then the machine is lost."""
    undisturbed = launch("alone", str(tmp_path / "plain"))
    assert undisturbed.ended() == 0, undisturbed.output.read_text()
    expected = (tmp_path / "plain/studies/xlsum-mbart-pocket/best.yaml").read_text()

    first = launch("a", URL)
    first.wait(lambda: evaluated(tmp_path) > 0)
    server.kill()
    first.wait(lambda: "can't be reached" in first.output.read_text())
    server.start()
    first.wait(lambda: "is back" in first.output.read_text())
    seen = evaluated(tmp_path)
    first.wait(lambda: evaluated(tmp_path) > seen)
    first.kill()

    second = launch("b", URL)
    if second.ended() == 2:
        # The claim of the lost driver is not dead yet.
        assert "already being driven by process" in second.output.read_text()
        time.sleep(60)
        second = launch("b", URL)
        assert second.ended() == 0, second.output.read_text()
    name = "studies/xlsum-mbart-pocket"
    found = Remote(URL, tmp_path / "c").read(f"{name}/best.yaml").decode()
    assert best(found) == best(expected)
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

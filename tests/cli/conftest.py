"""The command in this process, and a search that runs beside all other tests."""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from xlsearch.cli.main import main
from xlsearch.pocket.pretraining import pretraining_config
from xlsearch.runs.content import ContentStore

MINUTES = 15
"""No command takes longer, with pretraining; a hanging one must not hang the tests."""

LAUNCH = ("launch", "--task", "xlsum", "--model", "mbart", "--scale", "pocket")
"""The README's command. The scale is said, for on a machine with a GPU the default is another."""

SPACE = "learning-rates"
"""Without the last stage, which is tested with smaller models."""


class CommandLine:
    """Runs the command in this process, which has loaded the libraries already."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(
        self, *arguments: str | Path, cwd: Path, stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        self._monkeypatch.chdir(cwd)
        self._monkeypatch.delenv("XLSEARCH_ROOT", raising=False)
        self._monkeypatch.setattr(sys, "argv", ["xlsearch", *map(str, arguments)])
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        with pytest.raises(SystemExit) as ended:
            main()
        printed = self._capsys.readouterr()
        code = int(ended.value.code or 0)
        return subprocess.CompletedProcess(arguments, code, printed.out, printed.err)


@pytest.fixture
def xlsearch(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(monkeypatch, capsys)


def assert_one_sentence(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """Bad input was told in one line on standard error, with these words in it."""
    assert done.returncode == 2, done.stdout + done.stderr
    (line,) = done.stderr.splitlines()
    for word in words:
        assert word in line


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs the search beside the tests comes last, and what needs its answer at the end."""

    def waits(item: pytest.Item) -> tuple[bool, bool]:
        names = getattr(item, "fixturenames", ())
        return "beside" in names, "searched" in names

    items.sort(key=waits)


class Beside:
    """The README's command in a process of its own, in a new root folder."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self._output = folder / "output.txt"
        arguments = [*LAUNCH, "--space", SPACE, "--root", str(self.root)]
        with self._output.open("w") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "xlsearch", *arguments],
                stdout=file,
                stderr=subprocess.STDOUT,
                # Two threads of pretraining would wait for each other while the tests have a core.
                env={**os.environ, "OMP_NUM_THREADS": "1"},
                start_new_session=True,
            )

    def wait(self, ready: Callable[[], bool]) -> None:
        """Waits for something that the command makes."""
        end = time.monotonic() + MINUTES * 60
        while not ready():
            ended = self._process.poll() is not None and not ready()
            assert not ended, self._output.read_text()
            assert time.monotonic() < end, self._output.read_text()
            time.sleep(0.5)

    def succeeded(self) -> bool:
        return self._process.poll() == 0

    def stop(self) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


@pytest.fixture(scope="session")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Beside]:
    begun = Beside(tmp_path_factory.mktemp("beside"))
    yield begun
    begun.stop()


@pytest.fixture(scope="session", autouse=True)
def _begun_early(request: pytest.FixtureRequest) -> None:
    """The search takes minutes, and most tests leave a core idle."""
    if any("beside" in item.fixturenames for item in request.session.items):
        request.getfixturevalue("beside")


@pytest.fixture(scope="session")
def searched(beside: Beside) -> Path:
    """A root folder in which the README's command has run."""
    beside.wait(beside.succeeded)
    return beside.root


@pytest.fixture(scope="session")
def put_model(beside: Beside) -> Callable[[Path], None]:
    """Puts the pretrained model into another root folder."""
    there = ContentStore(beside.root).path("pocket-model", pretraining_config("mbart"))
    beside.wait(there.is_dir)

    def put(root: Path) -> None:
        shutil.copytree(there, root / there.relative_to(beside.root))

    return put

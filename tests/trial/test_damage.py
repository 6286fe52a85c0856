"""Any file of a run folder may be damaged: the run comes to the same rows."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from xlsearch.config.run import RunConfig
from xlsearch.pocket.pretraining import pretraining_config
from xlsearch.runs.content import ContentStore
from xlsearch.runs.folder import RunFolder
from xlsearch.runs.rows import Row
from xlsearch.trial.report import TrialReport
from xlsearch.trial.run import run_trial

Configure = Callable[..., RunConfig]

CHECKPOINTS = [
    f"checkpoint/step-00000000{step}/{name}"
    for step in (1, 2)
    for name in ("weights.safetensors", "optimizer.safetensors", "state.json")
]
CANDIDATE = ["candidates/*/weights.safetensors", "candidates/*/state.json"]
HALF_DONE = ["config.json", "evaluations.jsonl", *CHECKPOINTS, *CANDIDATE]
DONE = ["config.json", "evaluations.jsonl", "result.json", "model/model.safetensors"]


class Killed(BaseException):
    """Ends a process, as far as the code under test can see."""


class Reports:
    """Keeps what a trial reports; ends it before the last evaluation, if asked to."""

    def __init__(self, killed: bool = False) -> None:
        self.all: list[TrialReport] = []
        self._killed = killed

    def __call__(self, report: TrialReport) -> None:
        self.all.append(report)
        if self._killed and report.phase == "evaluate en" and report.step == 3:
            raise Killed

    @property
    def events(self) -> str:
        return "\n".join(report.event for report in self.all)


@pytest.fixture(scope="module")
def runs(
    tmp_path_factory: pytest.TempPathFactory, pretrained: dict[str, Path], run_config: Configure
) -> tuple[RunConfig, Path, list[Row]]:
    """A run; roots where it is half done and done; and its rows."""
    config = run_config(
        learning_rate="1e-2", training={"steps": 3}, evaluation={"every_steps": 1, "examples": 2}
    ).model_copy(update={"checkpoint": "best", "wrong_language_penalty": 0.1})
    home = tmp_path_factory.mktemp("damage")
    for name in ("done", "half-done"):

        def copy(path: Path) -> None:
            shutil.copytree(pretrained["mbart"], path, dirs_exist_ok=True)

        ContentStore(home / name).obtain("pocket-model", pretraining_config("mbart"), copy)
    run_trial(config, home / "done", Reports())
    with pytest.raises(Killed):
        run_trial(config, home / "half-done", Reports(killed=True))
    return config, home, RunFolder(home / "done", config).rows


def damage(file: Path, how: str) -> None:
    """Changes a random byte of a file, or cuts its end off."""
    data = bytearray(file.read_bytes())
    rng = Random(f"{file.name}/{how}")
    if how == "flipped":
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(7)
    else:
        del data[rng.randrange(len(data)) :]
    file.write_bytes(data)


def test_these_are_all_files(runs: tuple[RunConfig, Path, list[Row]]) -> None:
    config, home, _ = runs
    for name, known in (("half-done", HALF_DONE), ("done", DONE)):
        folder = RunFolder(home / name, config).path
        found = {file.relative_to(folder).as_posix() for file in folder.rglob("*.*")}
        there = {file for file in found if (folder / file).is_file()}
        kinds = {file.split("/")[0] for file in there} - {"lock", "lock.holder.json"}
        assert kinds == {file.split("/")[0] for file in known}


@pytest.mark.parametrize("how", ["flipped", "cut"])
@pytest.mark.parametrize("name", HALF_DONE)
def test_a_half_done_run_with_a_damaged_file(
    name: str, how: str, runs: tuple[RunConfig, Path, list[Row]], tmp_path: Path
) -> None:
    config, home, rows = runs
    root = shutil.copytree(home / "half-done", tmp_path / "root")
    file, *_ = RunFolder(root, config).path.glob(name)
    damage(file, how)
    reports = Reports()
    run_trial(config, root, reports)
    assert RunFolder(root, config).rows == rows
    # Not the checkpoint before the last one, which is not looked at.
    if "step-000000002" in name or name == "evaluations.jsonl":
        assert "damaged" in reports.events
    if "step-000000002" in name:
        steps = {r.step for r in reports.all if r.phase.startswith("evaluate ")}
        assert steps == {2, 3}  # from the checkpoint before it


@pytest.mark.parametrize("name", DONE)
def test_a_finished_run_with_a_damaged_file(
    name: str, runs: tuple[RunConfig, Path, list[Row]], tmp_path: Path
) -> None:
    config, home, rows = runs
    root = shutil.copytree(home / "done", tmp_path / "root")
    folder = RunFolder(root, config)
    damage(folder.path / name, "flipped")
    reports = Reports()
    assert run_trial(config, root, reports).state == "complete"
    assert folder.rows == rows
    assert [row for r in reports.all for row in r.rows] == rows
    assert ("damaged; the run is done again" in reports.events) == (name != "config.json")
    assert folder.damaged() is None


def test_every_file_of_a_finished_run_is_looked_at(
    runs: tuple[RunConfig, Path, list[Row]], tmp_path: Path
) -> None:
    config, home, _ = runs
    root = shutil.copytree(home / "done", tmp_path / "root")
    folder = RunFolder(root, config)
    looked_at = [folder.path / "evaluations.jsonl", folder.path / "result.json"]
    looked_at += [file for file in folder.model.iterdir() if file.is_file()]
    for file in looked_at:
        for how in ("flipped", "cut"):
            before = file.read_bytes()
            damage(file, how)
            assert folder.damaged() == file, (file, how)
            file.write_bytes(before)
        assert folder.damaged() is None


@pytest.mark.parametrize("how", ["flipped", "cut"])
def test_damaged_content_of_the_store_is_made_again(
    how: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store, built = ContentStore(tmp_path), []

    def build(folder: Path) -> None:
        built.append(folder)
        (folder / "inner").mkdir()
        (folder / "inner" / "data").write_bytes(bytes(range(256)))

    path = store.obtain("kind", {"a": 1}, build)
    files = sorted(file for file in path.rglob("*") if file.is_file())
    assert [file.name for file in files] == ["content.json", "data", "sha256.json"]
    for number, file in enumerate(files, start=2):
        damage(file, how)
        assert store.obtain("kind", {"a": 1}, build) == path
        assert len(built) == number
        assert (path / "inner" / "data").read_bytes() == bytes(range(256))
        # Of a damaged manifest any file may seem to be the damaged one.
        assert caplog.text.count("is damaged; it is made again") == number - 1
    store.obtain("kind", {"a": 1}, build)
    assert len(built) == 1 + len(files)

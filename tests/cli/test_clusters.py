"""Options about clusters: what is refused at once, and the command that a job runs."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from xlsearch.cli.cluster_options import job_command
from xlsearch.cli.launch import command as launch
from xlsearch.errors import UserError

from .conftest import LAUNCH, CommandLine, assert_one_sentence

CLOSED = "127.0.0.1:1"
SUBMIT = (*LAUNCH, "--submit", f"http://{CLOSED}")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((*LAUNCH, "--gpus-per-trial", "1.5"), ("--gpus-per-trial 1.5", "fraction")),
        ((*LAUNCH, "--cpus-per-trial", "0"), ("--cpus-per-trial",)),
        ((*LAUNCH, "--trials", "0"), ("--trials",)),
        ((*SUBMIT, "--root", "/r"), (CLOSED, "no Ray dashboard answers")),
        ((*LAUNCH, "--submit", "head:8265", "--root", "/r"), ("head:8265", "http://HOST:8265")),
        (SUBMIT, ("--root", "absolute")),
        ((*SUBMIT, "--root", "runs"), ("--root runs", "absolute")),
        (
            (*SUBMIT, "--root", "/r", "--study", "s", "--data-dir", "d"),
            ("--data-dir d", "absolute"),
        ),
        ((*SUBMIT, "--root", "/r", "--study", "../s"), ("../s", "letters")),
        (("launch", "--task", "xlsum", *SUBMIT[-2:], "--root", "/r"), ("--study", "--scale")),
        ((*SUBMIT, "--root", "/r", "--study", "s", "--plugin", "p.py"), ("p.py", "does not exist")),
        ((*SUBMIT, "--root", "/r", "--method", "ful"), ("ful", "'full'")),
        ((*SUBMIT, "--root", "/r", "--address", "h:6379"), ("--address", "leave out")),
        ((*SUBMIT, "--root", "/r", "--ray-dashboard"), ("--ray-dashboard", "leave out")),
        (("logs", "s"), ("--address",)),
        (("stop", "s"), ("--address",)),
        (("status", "--address", f"http://{CLOSED}"), ("which study",)),
        (("stop", "s", "--address", f"http://{CLOSED}"), (CLOSED, "8265")),
        (("manifest", "k8s"), ("k8s", "kuberay")),
        (("manifest", "aws", "--task", "xlsumm"), ("xlsumm", "'xlsum'")),
        (("manifest", "aws", "--model", "mt6"), ("mt6", "'mt5'")),
        (("manifest", "aws", "--method", "full,ful"), ("ful", "'full'")),
        (("manifest", "aws", "--root", "runs"), ("--root runs", "absolute")),
        (("manifest", "kuberay", "--study", "../s"), ("../s", "letters")),
    ],
)
def test_wrong_options(
    arguments: tuple[str, ...], words: tuple[str, ...], tmp_path: Path, xlsearch: CommandLine
) -> None:
    assert_one_sentence(xlsearch(*arguments, cwd=tmp_path), *words)
    assert list(tmp_path.iterdir()) == []


def test_a_password_never_becomes_part_of_a_job(tmp_path: Path, xlsearch: CommandLine) -> None:
    url = "postgresql://me@db/x?password=hunter2"
    done = xlsearch(*SUBMIT, "--root", "/r", "--storage", url, cwd=tmp_path)
    assert_one_sentence(done, "password", "PGPASSWORD")
    assert "hunter2" not in done.stderr


def command_of(*arguments: str) -> tuple[list[str], dict[str, Path]]:
    with launch.make_context("launch", list(arguments)) as context:
        return job_command(context, "s")


def test_a_job_runs_the_same_command_with_small_files_sent_along(tmp_path: Path) -> None:
    space, plugins = tmp_path / "space.yaml", [tmp_path / "a" / "p.py", tmp_path / "b" / "p.py"]
    for file in (space, *plugins):
        file.parent.mkdir(exist_ok=True)
        file.write_text("")
    given = ["--task", "xlsum", "--model", "mt5", "--root", "/r", "--data-dir", "/d", "--json"]
    given += ["--space", str(space), "--plugin", str(plugins[0]), "--plugin", str(plugins[1])]
    arguments, files = command_of(*given, "--submit", "http://h:8265", "--gpus-per-trial", "0.5")
    assert sorted(files.values()) == sorted([space, *plugins])
    assert len(files) == 3
    # The command line of the job, read again, says the same but for the places of these files.
    with launch.make_context("launch", arguments[1:]) as context:
        found = context.params
    assert arguments[0] == "launch"
    assert (found["name"], found["submit"]) == ("s", None)
    assert (found["task"], found["model"], found["as_json"]) == ("xlsum", "mt5", True)
    assert (str(found["root"]), str(found["data_dir"])) == ("/r", "/d")
    assert found["gpus_per_trial"] == 0.5
    assert files[found["space"]] == space
    assert [files[str(place)] for place in found["plugins"]] == plugins


def test_the_cluster_that_this_machine_would_join_is_no_matter_of_a_job(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RAY_ADDRESS", "http://h:8265")
    arguments, _ = command_of("--task", "xlsum", "--root", "/r", "--submit", "http://h:8265")
    assert "--address" not in arguments


def test_a_shipped_space_is_named_as_it_is(tmp_path: Path) -> None:
    arguments, files = command_of("--task", "xlsum", "--root", "/r", "--space", "learning-rates")
    assert "learning-rates" in arguments
    assert files == {}


def test_a_place_on_this_machine_is_refused() -> None:
    with click.Context(launch), pytest.raises(UserError, match="--model-path"):
        command_of("--task", "xlsum", "--root", "/r", "--model-path", "models/mine")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        (CLOSED, (CLOSED, "nothing listens")),
        ("http://127.0.0.1:8265", ("--submit",)),
        ("head", ("'head'", "HOST:PORT")),
    ],
)
def test_no_cluster_at_the_address(address: str, words: tuple[str, ...]) -> None:
    from xlsearch.search.ray_tune.cluster import join_cluster

    with pytest.raises(UserError) as error:
        join_cluster(address)
    assert all(word in str(error.value) for word in words)

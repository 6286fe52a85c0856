"""Bad input gets one sentence on stderr and exit code 2, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from xlsearch.service.workspace import Workspace

from .conftest import LAUNCH, CommandLine, assert_one_sentence


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("launch", "--task", "xlsumm", "--model", "mbart"), ("xlsumm", "'xlsum'")),
        (("launch", "--task", "xlsum", "--model", "mbert"), ("mbert", "'mbart'")),
        (("plan", "--task", "xlsum"), ("--model",)),
        ((*LAUNCH, "--method", "ful"), ("ful", "'full'")),
        ((*LAUNCH, "--method", ""), ("method", "full")),
        ((*LAUNCH, "--scale", "pockt"), ("pockt", "'pocket'")),
        ((*LAUNCH, "--seed", "-1"), ("--seed",)),
        ((*LAUNCH, "--space", "pocke"), ("pocke", "'pocket'")),
        ((*LAUNCH, "--space", "missing.yaml"), ("missing.yaml", "pocket")),
        ((*LAUNCH, "--study", "../elsewhere"), ("../elsewhere",)),
        (("status", "nothing"), ("no study",)),
        (("export",), ("no study",)),
        (("train", "missing.yaml"), ("missing.yaml",)),
        (("data",), ("TASK",)),
        (("data", "xlsumm"), ("xlsumm", "'xlsum'")),
        (("data", "xlsum", "--scale", "papr"), ("papr", "pocket")),
        (("data", "xlsum", "--data-dir", "missing"), ("missing", "does not exist")),
        (("data", "xquad", "--data-dir", "."), ("xquad.en.json",)),
        (("lanch",), ("lanch",)),
        ((*LAUNCH, "--text-dir", "."), ("pocket scale", "leave out --text-dir")),
        ((*LAUNCH, "--method", "full,ful"), ("ful", "'full'")),
        ((*LAUNCH, "--seeds", "0"), ("--seeds",)),
        ((*LAUNCH, "--storage", "nonsense"), ("--storage", "sqlite:///")),
        ((*LAUNCH, "--storage", "foo://x"), ("--storage", "sqlite:///")),
        ((*LAUNCH, "--storage", "mysql://u@h/d"), ("driver for mysql", "not installed")),
        ((*LAUNCH, "--budget", "3gpuh", "--gpus-per-trial", "0"), ("--budget", "3cpuh")),
        ((*LAUNCH, "--storage-wait", "nan"), ("--storage-wait", "minutes")),
        ((*LAUNCH, "--hang-timeout", "inf"), ("--hang-timeout", "minutes")),
        ((*LAUNCH, "--address", "h:6379", "--ray-dashboard"), ("--ray-dashboard", "--address")),
        (("status", "--storage", "sqlite:///x.db"), ("which study",)),
        (("status", "s", "--storage", "sqlite:///x.db"), ("no database", "x.db")),
        (("export", "s", "--storage", "nonsense"), ("--storage", "sqlite:///")),
        (("reproduce", "table5"), ("table5", "'table")),
        (("reproduce", "table1", "--scale", "pockt"), ("pockt", "'pocket'")),
        (("reproduce", "table1", "--model", "nllb"), ("nllb", "mbart")),
        (("reproduce", "figure1", "--scale", "pocket", "--data-dir", "."), ("--data-dir",)),
        (("simulate", "--curves", "missing.jsonl"), ("missing.jsonl",)),
        (("simulate", "--curves", "curves.txt"), (".jsonl", ".parquet")),
        (("simulate", "--curves", "x.jsonl", "--scale", "auto"), ("'auto'", "paper")),
        (("xlrs",), ("no study",)),
        (("translate-outputs", "--translator-path", "missing"), ("missing", "does not exist")),
        ((*LAUNCH, "--method", "multisource", "--task", "xquad"), ("multisource", "ja")),
        (("status", "--root", "s3://KEY:SECRET@bucket/x"), ("credentials", "environment")),
        (("status", "--root", "memory://x"), ("memory://x", "s3://BUCKET")),
        (("export", "--root", "file:///no-such-place/x"), ("no study", "file:///no-such-place/x")),
    ],
)
def test_wrong_names(
    arguments: tuple[str, ...], words: tuple[str, ...], tmp_path: Path, xlsearch: CommandLine
) -> None:
    assert_one_sentence(xlsearch(*arguments, cwd=tmp_path), *words)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("space", "words"),
    [
        ("learning_rates: {decade: [3, 4]}", ("learning_rates.decade", "'decades'")),
        ("learning_rates: {decades: []}", ("empty", "decades")),
        ("learning_rates: {decades: [5, 4]}", ("not decreasing", "decades")),
        ("learning_rates: {decades: [4, 4]}", ("not decreasing",)),
        ("learning_rates: {limits: [4, 7]}", ("limits",)),
        ("learning_rates: {limits: [0, 7]}", ("limits",)),
        ("objective: {checkpoint: bst}", ("checkpoint", "'best'")),
        ("objective: {wrong_language_penalty: -1}", ("wrong_language_penalty",)),
        ("scales: {pocket: {default: {training: {stepz: 1}}}}", ("stepz", "'steps'")),
        ("scales: {pocket: {tasks: {xlsum: {trainin: {}}}}}", ("trainin", "'training'")),
        ("scales: {pocket: {default: {evaluation: {languages: [xx]}}}}", ("xx", "fr")),
        ("scales: {pocket: {tasks: {xlsumm: {}}}}", ("xlsumm", "'xlsum'")),
        ("methods: {ful: {}}", ("unknown method 'ful'", "'full'")),
        ("methods: {lora: {learning_rates_of: ful}}", ("unknown method 'ful'", "'full'")),
        ("methods: {full: {learning_rates_of: full}}", ("full takes its learning rates",)),
        ("methods: {lora: {learning_rates_of: mix}}", ("mix takes its learning rates from full",)),
        ("crossing: {factors: []}", ("crossing.factors",)),
        ("learning_rates: [", ("YAML",)),
        ("- a list", ("mapping",)),
    ],
)
def test_wrong_search_space(
    space: str, words: tuple[str, ...], tmp_path: Path, xlsearch: CommandLine
) -> None:
    file = tmp_path / "space.yaml"
    file.write_text(space)
    done = xlsearch(*LAUNCH, "--space", "space.yaml", cwd=tmp_path)
    assert_one_sentence(done, "space.yaml", *words)
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("task: xlsum\nmodel: mbart\n", ("learning_rate",)),
        ("task: xlsum\nmodel: mbart\nlearning_rate: -1\n", ("learning_rate", "positive")),
        ("task: xlsum\nmodel: mbart\nlearning_rte: 1e-3\n", ("learning_rte", "'learning_rate'")),
    ],
)
def test_wrong_run_configuration(
    text: str, words: tuple[str, ...], tmp_path: Path, xlsearch: CommandLine
) -> None:
    (tmp_path / "run.yaml").write_text(text)
    assert_one_sentence(xlsearch("train", "run.yaml", cwd=tmp_path), "run.yaml", *words)


def test_a_study_that_another_process_drives(tmp_path: Path, xlsearch: CommandLine) -> None:
    with Workspace(tmp_path).driving("s"):
        done = xlsearch(*LAUNCH, "--study", "s", "--root", tmp_path, cwd=tmp_path)
    assert done.returncode == 2
    assert f"already being driven by process {os.getpid()} since" in done.stderr
    assert not (tmp_path / "studies" / "s" / "journal.log").exists()


def test_root_that_is_a_file(tmp_path: Path, xlsearch: CommandLine) -> None:
    (tmp_path / "root").write_text("")
    assert_one_sentence(xlsearch(*LAUNCH, "--root", "root", cwd=tmp_path), "root", "--root")


def test_plan_says_how_many_runs(tmp_path: Path, xlsearch: CommandLine) -> None:
    done = xlsearch("plan", "--task", "xlsum", "--model", "mbart", "--json", cwd=tmp_path)
    shown = json.loads(done.stdout)
    # Three decades, the refinement, and two with intermediate tuning; at most two decades more, on
    # one side, and ten times a refined rate.
    assert shown["runs"] == {"at_least": 6, "at_most": 9}
    assert shown["intermediate_tuning"]["steps"] == 600 + 3 * 120
    assert [point["learning_rate"] for point in shown["first_points"]] == [1e-3, 1e-4, 1e-5]
    assert list(tmp_path.iterdir()) == []


def test_a_process_of_its_own_ends_with_the_same_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "xlsearch", *LAUNCH, "--method", "ful"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert_one_sentence(done, "ful", "'full'")
    assert list(tmp_path.iterdir()) == []

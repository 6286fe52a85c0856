"""The whole thing as a user has it: launch, kill, continue, train, and the effect itself."""

from __future__ import annotations

import json
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import optuna
import pytest
import yaml

from xlsearch.evaluation.language_identification import LanguageIdentifier
from xlsearch.languages import LANGUAGES
from xlsearch.tasks.registry import find_task

pytestmark = pytest.mark.slow

SHORT = """
scales:
  pocket:
    default:
      training: {steps: 24, warmup_steps: 4, examples: 400}
      evaluation: {every_steps: 6, examples: 8}
"""


def command(root: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "xlsearch", *arguments, "--root", str(root)]


def launch(root: Path, *arguments: str) -> list[str]:
    return command(root, "launch", "--task", "xlsum", "--model", "mbart", *arguments)


def status(root: Path, study: str) -> dict[str, Any]:
    done = subprocess.run(
        command(root, "status", study, "--json"), capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def rates_and_objectives(found: dict[str, Any]) -> dict[float, float]:
    return {trial["learning_rate"]: trial["objective"] for trial in found["trials"]}


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root folder in which the README's command has run."""
    root = tmp_path_factory.mktemp("searched")
    done = subprocess.run(launch(root), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return root


@pytest.fixture(scope="module")
def short_space(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("space") / "short.yaml"
    file.write_text(SHORT)
    return file


def test_the_effect_of_the_learning_rate(searched: Path) -> None:
    found = status(searched, "xlsum-mbart-pocket")
    assert found["state"] == "complete"
    evaluated = {}
    for trial in found["trials"]:
        rows = [
            json.loads(line)
            for line in (searched / "runs" / trial["run"] / "evaluations.jsonl").open()
        ]
        last = {row["language"]: row for row in rows if row["step"] == rows[-1]["step"]}
        evaluated[trial["learning_rate"]] = last
    best, largest = found["best"]["learning_rate"], max(evaluated)
    assert min(evaluated) < best < largest
    correct = {
        rate: sum(r["language_correct_rate"] for code, r in rows.items() if code != "en") / 5
        for rate, rows in evaluated.items()
    }
    assert correct[best] > 90
    assert correct[largest] < 40
    assert evaluated[largest]["en"]["score"] >= evaluated[best]["en"]["score"] - 5


def test_best_configuration_trains_a_model_that_answers_in_the_right_language(
    searched: Path, tmp_path: Path
) -> None:
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    best = searched / "studies" / "xlsum-mbart-pocket" / "best.yaml"
    text = best.read_text()
    assert str(searched) not in text
    assert (
        yaml.safe_load(text)["learning_rate"]
        == status(searched, "xlsum-mbart-pocket")["best"]["learning_rate"]
    )
    target = tmp_path / "model"
    subprocess.run(command(searched, "train", str(best), "-o", str(target)), check=True)
    model = AutoModelForSeq2SeqLM.from_pretrained(target)
    tokenizer = AutoTokenizer.from_pretrained(target)
    outputs, wanted = [], []
    for code in ("fr", "ru", "zh"):
        (example,) = find_task("xlsum").data["pocket"].evaluation(code, 1)
        tokenizer.src_lang = LANGUAGES[code].mbart50
        inputs = tokenizer(example.source, return_tensors="pt")
        forced = tokenizer.convert_tokens_to_ids(LANGUAGES[code].mbart50)
        ids = model.generate(**inputs, forced_bos_token_id=forced)
        outputs.append(tokenizer.decode(ids[0], skip_special_tokens=True))
        wanted.append(code)
    assert LanguageIdentifier().identify(outputs) == wanted


def test_plain_optuna_visits_the_same_points_and_picks_the_same_best(searched: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "without-ray.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert code.count('Path("xlsearch-runs")') == 1
    names: dict[str, Any] = {}
    exec(code.replace('Path("xlsearch-runs")', f"Path({str(searched)!r})"), names)
    study: optuna.Study = names["study"]

    found = status(searched, "xlsum-mbart-pocket")
    values = {trial.params["learning_rate"]: trial.value for trial in study.trials}
    assert values == rates_and_objectives(found)
    assert len(study.trials) == len(values)
    assert study.best_params["learning_rate"] == found["best"]["learning_rate"]


def test_killed_at_any_moment_it_continues_to_the_same_end(
    searched: Path, short_space: Path, tmp_path: Path
) -> None:
    calm, killed = tmp_path / "calm", tmp_path / "killed"
    for root in (calm, killed):
        shutil.copytree(searched / "store", root / "store")
    arguments = ("--space", str(short_space), "--study", "s")
    subprocess.run(launch(calm, *arguments), check=True, stdout=subprocess.DEVNULL)

    rng = random.Random(0)
    finished: dict[Path, float] = {}
    for _ in range(3):
        driver = subprocess.Popen(launch(killed, *arguments), stdout=subprocess.DEVNULL)
        time.sleep(rng.uniform(8, 25))
        driver.kill()
        driver.wait()
        for result in killed.glob("runs/*/result.json"):
            assert finished.setdefault(result, result.stat().st_mtime) == result.stat().st_mtime
    subprocess.run(launch(killed, *arguments), check=True, stdout=subprocess.DEVNULL)

    for result, changed in finished.items():
        assert result.stat().st_mtime == changed, "a finished run was run again"
    assert rates_and_objectives(status(killed, "s")) == rates_and_objectives(status(calm, "s"))
    assert status(killed, "s")["best"]["run"] == status(calm, "s")["best"]["run"]


def test_second_driver_is_refused_and_an_interrupt_says_how_to_continue(
    searched: Path, short_space: Path, tmp_path: Path
) -> None:
    root = tmp_path / "root"
    shutil.copytree(searched / "store", root / "store")
    arguments = launch(root, "--space", str(short_space), "--study", "s")
    first = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert first.stdout is not None
    for line in first.stdout:
        if "started" in line:
            break
    second = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert second.returncode == 2
    assert str(first.pid) in second.stderr
    assert status(root, "s")["state"] == "running"

    first.send_signal(signal.SIGINT)
    _, errors = first.communicate(timeout=60)
    assert first.returncode == 130
    assert "same command continues" in errors
    assert status(root, "s")["state"] == "interrupted"


def test_study_with_another_configuration_is_named(searched: Path) -> None:
    done = subprocess.run(launch(searched, "--seed", "7"), capture_output=True, text=True)
    assert done.returncode == 2
    assert "seed is 0 there and 7 here" in done.stderr

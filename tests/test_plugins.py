"""docs/own-tasks-and-models.md keeps its word: its own code blocks, used as a user would."""

from __future__ import annotations

import copy
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from xlsearch.errors import UserError
from xlsearch.evaluation.scorers import registry as scorers
from xlsearch.models import catalogue as models
from xlsearch.plugins import load_plugins
from xlsearch.tasks import registry as tasks

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "own-tasks-and-models.md").read_text(encoding="utf-8")
TASK, MODEL, LANGUAGE = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)

SPACE = """
crossing: {factors: [1], intermediate_tuning: [false]}
learning_rates: {decades: [3], limits: [3, 3], refine: 3}
scales:
  paper:
    default:
      training: {steps: 4, warmup_steps: 2, batch_tokens: 500}
      generation: {max_new_tokens: 4}
      evaluation: {every_steps: 4, examples: 3, batch_tokens: 1000}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A user's folder: no checkout, only files of their own."""
    (tmp_path / "headlines.py").write_text(TASK)
    (tmp_path / "model.py").write_text(MODEL)
    (tmp_path / "space.yaml").write_text(SPACE)
    files = tmp_path / "my-files"
    files.mkdir()
    for name, texts in {
        "en_train": ("the museum was sold.", "the station was closed."),
        "en_val": ("the airport was opened.", "the bridge was sold."),
        "it_val": ("il museo è stato venduto.", "la stazione è chiusa."),
    }.items():
        rows = [{"article": text, "headline": text.split()[1]} for text in texts]
        (files / f"{name}.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    return tmp_path


def xlsearch(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "xlsearch", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_a_task_of_ones_own_from_data_to_best_configuration(
    folder: Path, small_models: dict[str, Path]
) -> None:
    own = ("--plugin", "headlines.py", "--data-dir", "my-files")
    shown = xlsearch("data", "headlines", *own, "--json", cwd=folder)
    assert shown.returncode == 0, shown.stderr
    counts = json.loads(shown.stdout)["languages"]
    assert counts["it"] == {"evaluation": {"total": 2, "kept": 2}}
    assert counts["en"]["train"] == {"total": 2, "kept": 2}
    model = ("--model-path", str(small_models["mt5"]), "--space", "space.yaml")
    done = xlsearch("launch", "--task", "headlines", *model, *own, "--root", "root", cwd=folder)
    assert done.returncode == 0, done.stderr
    (file,) = folder.glob("root/studies/*/best.yaml")
    best = yaml.safe_load(file.read_text())
    assert best["task"] == "headlines"
    assert best["objective"]["scorer"] == "exact-match"
    assert set(best["languages"]) == {"en", "it"}


def test_a_model_of_ones_own_can_be_planned(folder: Path) -> None:
    arguments = ("--task", "xquad", "--model", "my-mt5", "--plugin", "model.py")
    done = xlsearch("plan", *arguments, "--scale", "paper", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout)
    assert plan["model"] == "my-mt5"
    assert plan["gpu_hours"]["at_least"] > 0


def test_a_language_of_ones_own(folder: Path) -> None:
    code = LANGUAGE + "from xlsearch.languages import language\nprint(language('eo').nllb200)\n"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout == "epo_Latn\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import nothing_of_that_name\n", "own.py, line 1: ModuleNotFoundError"),
        ("x = 1\ny = 1 / 0\n", "own.py, line 2: ZeroDivisionError"),
        ("x = (\n", "own.py, line 1: SyntaxError"),
        (TASK.replace('name="headlines"', 'name="xlsum"'), "there is a task 'xlsum' already"),
        (MODEL.replace('name="my-mt5"', 'name="mbart"'), "there is a model 'mbart' already"),
        (MODEL.replace('family="mt5"', 'family="t5"'), "unknown model family 't5'"),
        (None, "own.py is not a file"),
    ],
)
def test_a_plugin_that_fails_is_one_sentence(
    text: str | None, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What a plugin registered before it failed must not reach the other tests.
    for module, table in ((scorers, "SCORERS"), (tasks, "TASKS"), (models, "MODELS")):
        monkeypatch.setattr(module, table, copy.deepcopy(getattr(module, table)))
    if text is not None:
        (tmp_path / "own.py").write_text(text)
    with pytest.raises(UserError) as found:
        load_plugins([tmp_path / "own.py"])
    assert said in str(found.value)


def test_a_plugin_that_fails_ends_the_command(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("raise SystemExit(0)")
    arguments = ("--task", "xlsum", "--model", "mbart", "--plugin", "own.py")
    done = xlsearch("plan", *arguments, cwd=tmp_path)
    assert done.returncode == 2, done.stdout + done.stderr
    (line,) = done.stderr.splitlines()
    assert "own.py, line 1: SystemExit" in line

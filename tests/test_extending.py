"""docs/extending.md keeps its word: each addition is one new file and one line in a registry."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from shutil import copytree

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the package that a newcomer can change."""
    for name in ("xlsearch", "search_spaces"):
        copytree(ROOT / name, tmp_path / name)
    return tmp_path


def register(file: Path, after: str, line: str) -> None:
    text = file.read_text()
    assert text.count(after) == 1
    file.write_text(text.replace(after, after + line))


def run(checkout: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=checkout, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def plan(checkout: Path, *arguments: str) -> dict[str, object]:
    shown: dict[str, object] = json.loads(
        run(checkout, "-m", "xlsearch", "plan", "--model", "mbart", "--json", *arguments)
    )
    return shown


def test_a_method(checkout: Path) -> None:
    (checkout / "xlsearch/adaptation/norms.py").write_text(
        "from xlsearch.adaptation.base import AdaptationMethod\n"
        "class Norms(AdaptationMethod):\n"
        '    name = "norms"\n'
        "    def prepare(self, model):\n"
        "        for name, parameter in model.named_parameters():\n"
        '            parameter.requires_grad = "norm" in name\n'
        "        return model\n"
    )
    register(
        checkout / "xlsearch/adaptation/registry.py",
        '"full": "xlsearch.adaptation.full:Full",',
        ' "norms": "xlsearch.adaptation.norms:Norms",',
    )
    assert plan(checkout, "--task", "xlsum", "--method", "norms")["methods"] == ["norms"]
    trained = run(
        checkout,
        "-c",
        "from transformers import MBartConfig, MBartForConditionalGeneration\n"
        "from xlsearch.adaptation.registry import load_method\n"
        "size = dict(vocab_size=20, d_model=8, encoder_layers=1, decoder_layers=1,\n"
        "            encoder_attention_heads=2, decoder_attention_heads=2)\n"
        "model = MBartForConditionalGeneration(MBartConfig(**size))\n"
        "load_method('norms').prepare(model)\n"
        "print(sum(p.numel() for p in model.parameters() if p.requires_grad))\n",
    )
    # Weight and bias of 8, for: both embedding norms, both final norms, 2 + 3 in the layers.
    assert int(trained) == 16 * (2 + 2 + 5)


def test_a_task_with_a_scorer(checkout: Path) -> None:
    (checkout / "xlsearch/evaluation/scorers/length.py").write_text(
        "from xlsearch.evaluation.scorers.base import Scorer\n"
        "class Length(Scorer):\n"
        '    name = "length"\n'
        "    def score(self, prediction, references, language):\n"
        "        return 100.0 * (len(prediction) == len(references[0]))\n"
    )
    register(
        checkout / "xlsearch/evaluation/scorers/registry.py",
        '"f1-squad": "xlsearch.evaluation.scorers.f1_squad:F1Squad",',
        ' "length": "xlsearch.evaluation.scorers.length:Length",',
    )
    (checkout / "xlsearch/tasks/titles.py").write_text(
        "from xlsearch.pocket.data import PocketData\n"
        "from xlsearch.tasks.base import Task\n"
        'TITLES = Task("titles", "length", {"pocket": ("fr",)}, {"pocket": ("fr",)},\n'
        '    {"pocket": lambda sources: PocketData("xlsum")})\n'
    )
    registry = checkout / "xlsearch/tasks/registry.py"
    register(registry, "(XLSUM, XQUAD", ", TITLES")
    register(registry, "import Task\n", "from xlsearch.tasks.titles import TITLES\n")
    assert plan(checkout, "--task", "titles")["task"] == "titles"
    (checkout / "outputs.jsonl").write_text(
        '{"prediction": "abc", "references": ["xyz"]}\n{"prediction": "abc", "references": ["x"]}\n'
    )
    scored = run(
        checkout,
        *("-m", "xlsearch", "score", "outputs.jsonl"),
        *("--scorer", "length", "--language", "fr", "--json"),
    )
    assert json.loads(scored)["scores"] == [100.0, 0.0]


def test_a_protocol(checkout: Path) -> None:
    (checkout / "xlsearch/search/protocols/grid.py").write_text(
        "from xlsearch.config.learning_rate import LearningRate\n"
        "from xlsearch.search.asking import Choice\n"
        "def grid(ask, space, methods, at, seeds):\n"
        "    rates = [LearningRate.decade(k) for k in space.learning_rates.decades]\n"
        "    points = [at(method, rate, False) for method in methods for rate in rates]\n"
        "    scores = ask.scores('grid', points)\n"
        "    return Choice(points[scores.index(max(scores))])\n"
    )
    registry = checkout / "xlsearch/search/protocols/registry.py"
    register(registry, '{"staged": staged', ', "grid": grid')
    register(registry, "import Point\n", "from xlsearch.search.protocols.grid import grid\n")
    (checkout / "space.yaml").write_text("protocol: grid\n")
    shown = plan(checkout, "--task", "xlsum", "--space", "space.yaml")
    assert shown["runs"] == {"at_least": 3, "at_most": 3}

"""Searches at the paper's scale from files: real formats and classes, small models, few steps.

Scores are near zero, for the models have random weights. What counts is that every part is real:
hub layout of the models, official data files, filter, cropping, scorers, Ray, and the record.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from official_files import write_xlsum
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from .conftest import CommandLine, assert_one_sentence

SHARED = Path(__file__).parents[3] / "shared" / "data"
needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the real data files are not at ../shared/data beside this checkout"
)

SPACE = """
crossing: {factors: [1], intermediate_tuning: [false]}
learning_rates: {decades: [3, 4], limits: [3, 4]}
scales:
  paper:
    default:
      training: {steps: 8, warmup_steps: 2, batch_tokens: 4000, examples: 200}
      generation: {max_new_tokens: 8}
      evaluation: {every_steps: 4, examples: 10, batch_tokens: 8000}
    tasks:
      xlsum:
        evaluation: {languages: [fr]}
"""


def process(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "xlsearch", *arguments],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def search(cwd: Path, task: str, model: Path, data: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Launches a search; returns its status and its best configuration."""
    (cwd / "space.yaml").write_text(SPACE)
    places = ("--model-path", str(model), "--data-dir", str(data))
    options = ("--task", task, "--scale", "paper", "--space", "space.yaml", "--study", "s")
    done = process("launch", *options, *places, "--root", "root", "--json", cwd=cwd)
    assert done.returncode == 0, done.stderr
    best = yaml.safe_load((cwd / "root/studies/s/best.yaml").read_text())
    return json.loads(done.stdout), best


def check(status: dict[str, Any], best: dict[str, Any], languages: set[str], cwd: Path) -> None:
    """The search visited what its space says, and its answer names no place."""
    rates = [trial["learning_rate"] for trial in status["trials"]]
    assert rates[:2] == [1e-3, 1e-4]
    assert len(rates) == 3
    assert all(trial["state"] == "complete" for trial in status["trials"])
    assert best["scale"] == "paper"
    assert best["hub_id"] is None
    assert set(best["languages"]) == languages
    text = (cwd / "root/studies/s/best.yaml").read_text()
    assert str(cwd) not in text
    assert "shared" not in text


@pytest.mark.slow
def test_a_search_on_files_and_its_best_run_by_itself(
    small_models: dict[str, Path], tmp_path: Path
) -> None:
    write_xlsum(tmp_path / "data", ("en", "fr"), 60)
    model = small_models["nllb"]
    status, best = search(tmp_path, "xlsum", model, tmp_path / "data")
    check(status, best, {"en", "fr"}, tmp_path)
    assert best["generation"]["force_language_code"] is True
    done = process(
        "train", "root/studies/s/best.yaml", "-o", "model", "--root", "root",
        "--model-path", str(model), "--data-dir", "data", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert best["provenance"]["run"] in done.stdout  # found, not trained again
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "model")
    trained = AutoModelForSeq2SeqLM.from_pretrained(tmp_path / "model")
    ids = tokenizer("le juge", return_tensors="pt").input_ids
    code = tokenizer.convert_tokens_to_ids("fra_Latn")
    assert trained.generate(ids, forced_bos_token_id=code, max_new_tokens=3)[0][1] == code


@pytest.mark.slow
@needs_shared
def test_questions_of_squad_and_xquad(small_models: dict[str, Path], tmp_path: Path) -> None:
    status, best = search(tmp_path, "xquad", small_models["mbart"], SHARED)
    check(status, best, {"en", "ro", "th", "vi"}, tmp_path)
    assert best["generation"]["removed_tokens"] == ["<sep>"]
    assert best["objective"]["scorer"] == "f1-squad"


@pytest.mark.drill
@needs_shared
def test_french_news(small_models: dict[str, Path], tmp_path: Path) -> None:
    """Real French news, and English texts with summaries, as XL-Sum's files."""

    def write(name: str, rows: list[dict[str, str]]) -> None:
        (tmp_path / "data").mkdir(exist_ok=True)
        lines = [json.dumps({key: row[key] for key in ("id", "summary", "text")}) for row in rows]
        (tmp_path / "data" / name).write_text("\n".join(lines) + "\n", encoding="utf-8")

    def rows(name: str) -> list[dict[str, Any]]:
        with gzip.open(SHARED / "summ" / name, "rt", encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    french = [row for row in rows("orangesum_fr.jsonl.gz") if row["split"] == "validation"]
    guides = rows("wikilingua_18langs_fixture.jsonl.gz")
    english = [
        {"id": row["id"], "text": row["text_en"], "summary": row["summary_en"]}
        for row in guides
        if row.get("text_en") and row.get("summary_en")
    ]
    assert len(english) > 50
    write("french_val.jsonl", french[:40])
    write("english_train.jsonl", english[20:])
    write("english_val.jsonl", english[:20])
    status, best = search(tmp_path, "xlsum", small_models["mt5"], tmp_path / "data")
    check(status, best, {"en", "fr"}, tmp_path)
    assert best["generation"]["force_language_code"] is False
    assert best["objective"]["scorer"] == "rouge2-xlsum"


LAUNCH = ("launch", "--task", "xlsum", "--scale", "paper", "--root", "root")


def refused(done: subprocess.CompletedProcess[str], cwd: Path, *words: str) -> None:
    assert_one_sentence(done, *words)
    assert not (cwd / "root").exists()


def test_a_hub_out_of_reach(tmp_path: Path) -> None:
    nowhere = {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HOME": str(tmp_path / "hub")}
    write_xlsum(tmp_path / "data", ("en", "es", "fr", "ko", "ru", "zh"), 4)
    options = ("--model", "mbart", "--data-dir", "data")
    done = process(*LAUNCH, *options, cwd=tmp_path, **nowhere)
    refused(done, tmp_path, "facebook/mbart-large-50", "--model-path")
    done = process("data", "xlsum", "--scale", "paper", cwd=tmp_path, **nowhere)
    refused(done, tmp_path, "csebuetnlp/xlsum", "--data-dir")


def test_files_that_are_wrong(
    small_models: dict[str, Path], tmp_path: Path, xlsearch: CommandLine
) -> None:
    data = tmp_path / "data"
    write_xlsum(data, ("en", "fr"), 4)
    (tmp_path / "space.yaml").write_text(SPACE)
    options = ("--model-path", str(small_models["mbart"]), "--data-dir", "data")
    launch = (*LAUNCH, *options, "--space", "space.yaml")
    (tmp_path / "lid.ftz").write_bytes(b"no model")
    done = xlsearch(*launch, "--lid-model", "lid.ftz", cwd=tmp_path)
    refused(done, tmp_path, "lid.ftz")
    lines = (data / "french_val.jsonl").read_text(encoding="utf-8").splitlines()
    (data / "french_val.jsonl").write_text("\n".join([lines[0], lines[1][:-9]]), encoding="utf-8")
    refused(xlsearch(*launch, cwd=tmp_path), tmp_path, "french_val.jsonl:2", "broken JSON")
    (data / "french_val.jsonl").write_text('{"id": "1", "text": "Bonjour."}\n')
    refused(xlsearch(*launch, cwd=tmp_path), tmp_path, "french_val.jsonl:1", "'summary'")


def test_a_language_without_a_code(
    small_models: dict[str, Path], tmp_path: Path, xlsearch: CommandLine
) -> None:
    for code in ("en", "el"):
        rows = [{"id": "1", "question": "Q?", "answers": [{"text": "Ναι", "answer_start": 0}]}]
        document = {"data": [{"paragraphs": [{"context": "Ναι.", "qas": rows}]}]}
        (tmp_path / f"xquad.{code}.json").write_text(json.dumps(document))
    (tmp_path / "space.yaml").write_text(
        "scales: {paper: {default: {evaluation: {languages: [el]}}}}"
    )
    options = ("--scale", "paper", "--data-dir", ".", "--space", "space.yaml")
    model = ("--model-path", str(small_models["mbart"]))
    done = xlsearch("plan", "--task", "xquad", *model, *options, cwd=tmp_path)
    refused(done, tmp_path, "mbart models have no code for Greek")
    model = ("--model-path", str(small_models["nllb"]))
    assert xlsearch("plan", "--task", "xquad", *model, *options, cwd=tmp_path).returncode == 0


def test_a_language_that_can_not_be_identified(
    small_models: dict[str, Path], tmp_path: Path, xlsearch: CommandLine
) -> None:
    write_xlsum(tmp_path, ("en",), 3)
    (tmp_path / "hausa_val.jsonl").write_text('{"text": "Labari.", "summary": "Labari."}\n')
    (tmp_path / "space.yaml").write_text(
        "scales: {paper: {default: {evaluation: {languages: [ha]}}}}"
    )
    options = ("--scale", "paper", "--data-dir", ".", "--space", "space.yaml")
    model = ("--model-path", str(small_models["nllb"]))
    done = xlsearch("plan", "--task", "xlsum", *model, *options, cwd=tmp_path)
    refused(done, tmp_path, "lid.176 does not know Hausa", "space.yaml")

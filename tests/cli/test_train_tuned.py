"""``xlsearch train`` of a configuration with intermediate tuning, which it does by itself."""

from __future__ import annotations

from pathlib import Path

import yaml
from transformers import AutoModelForSeq2SeqLM

from xlsearch.reporting.lines import RunLines
from xlsearch.service.train import read_config, train

TUNED = {
    "task": "xlsum",
    "model": "mbart",
    "scale": "pocket",
    "learning_rate": "1e-3",
    "intermediate_tuning": True,
    "training": {"steps": 2, "warmup_steps": 1, "batch_tokens": 256, "examples": 8},
    "evaluation": {"every_steps": 2, "examples": 2, "languages": ["fr"]},
    "generation": {"max_new_tokens": 4},
    "intermediate": {
        "objective": "random-sentences",
        "languages": ["en", "fr"],
        "training": {"steps": 2, "warmup_steps": 1, "batch_tokens": 256, "examples": 8},
        "learning_rates": ["1e-3"],
        "probe_steps": 1,
        "held_out": 2,
        "max_new_tokens": 4,
    },
}


def test_it_tunes_first_and_says_so(root: Path, tmp_path: Path) -> None:
    file = tmp_path / "best.yaml"
    file.write_text(yaml.safe_dump(TUNED))
    config = read_config(file)
    lines: list[str] = []
    shown = RunLines(lines.append)
    train(config, root, tmp_path / "model", shown.preparing, shown.report)
    assert any(line.startswith("intermediate tuning (once): 2/2") for line in lines)
    assert len(list(root.glob("store/intermediate/*/intermediate.json"))) == 1
    assert AutoModelForSeq2SeqLM.from_pretrained(tmp_path / "model").num_parameters() > 0

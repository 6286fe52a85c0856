"""Writes data of the official formats, from the pocket world's texts."""

from __future__ import annotations

import json
from pathlib import Path

from xlsearch.languages import LANGUAGES
from xlsearch.tasks.base import Split
from xlsearch.tasks.registry import find_task

_SPLITS = {Split.TRAIN: "train", Split.EVALUATION: "val"}


def write_xlsum(
    folder: Path, languages: tuple[str, ...] = ("en", "fr"), examples: int = 40
) -> None:
    """XL-Sum's files: a training set in English, a validation set in each language."""
    folder.mkdir(parents=True, exist_ok=True)
    data = find_task("xlsum").data("pocket")
    for code in languages:
        for split in (Split.TRAIN, Split.EVALUATION) if code == "en" else (Split.EVALUATION,):
            rows = [
                {
                    "id": example.id,
                    "url": f"https://example.org/{example.id}",
                    "title": "News",
                    "summary": example.references[0],
                    "text": example.source,
                }
                for example in data.load(split, code, examples).examples
            ]
            lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            file = folder / f"{LANGUAGES[code].xlsum}_{_SPLITS[split]}.jsonl"
            file.write_text(lines, encoding="utf-8")

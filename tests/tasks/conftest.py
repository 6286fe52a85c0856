"""Small data sets in their official formats, and a cache of the hub with as small ones."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

Rows = Iterable[dict[str, Any]]
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def write(path: Path, text: str) -> Path:
    """Writes a file, packed if its name says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def write_lines(path: Path, rows: Rows) -> Path:
    return write(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def articles(count: int, language: str = "en") -> list[dict[str, str]]:
    return [
        {
            "id": f"{language}-{i}",
            "url": "",
            "title": "",
            "summary": f"Summary {i}.",
            "text": f"Article {i} in {language}.",
        }
        for i in range(count)
    ]


def asked(name: str, answers: list[str], context: str = "A paragraph.") -> dict[str, Any]:
    """A question in the flat form."""
    starts = [0] * len(answers)
    answer = {"text": answers, "answer_start": starts}
    return {"id": name, "context": context, "question": f"What is {name}?", "answers": answer}


def nested(rows: Rows) -> str:
    """Questions in SQuAD's own form."""
    paragraphs = []
    for row in rows:
        answers = [{"text": text, "answer_start": 0} for text in row["answers"]["text"]]
        qas = [{"id": row["id"], "question": row["question"], "answers": answers}]
        paragraphs.append({"context": row["context"], "qas": qas})
    return json.dumps({"data": [{"title": "t", "paragraphs": paragraphs}], "version": "1.1"})


GERMAN = [
    asked("good", ["das alte Schloss"]),
    asked("digits", ["im Jahr 1850"]),
    asked("arabic-digits", ["das Schloss mit ٣ Toren"]),
    asked("english", ["the old castle on the hill"]),
    asked("also", ["eine kleine Stadt", "die Stadt"]),
]
"""Five questions of which the first and the last count."""


@pytest.fixture
def hub_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Puts Parquet files into an empty cache of the hub; without any, only empties the cache."""
    cache = tmp_path / "hub"
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))

    def put(identity: str, name: str, rows: list[dict[str, Any]], revision: str = "main") -> Path:
        folder = cache / f"datasets--{identity.replace('/', '--')}"
        write(folder / "refs" / revision, COMMIT)
        path = folder / "snapshots" / COMMIT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        parquet.write_table(pa.Table.from_pylist(rows), path)
        return path

    return put

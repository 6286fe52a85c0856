"""Encoded examples: made once, read back as they were encoded."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

from xlsearch.config.sources import Sources
from xlsearch.models.families import FAMILIES
from xlsearch.models.loading import load_tokenizer
from xlsearch.runs.content import ContentStore
from xlsearch.tasks.base import Split
from xlsearch.tasks.registry import find_task
from xlsearch.training.encoded import EncodedExamples, encoded_examples


@pytest.mark.parametrize("family", FAMILIES)
def test_encoded_examples_are_the_familys(
    family: str, small_models: dict[str, Path], tmp_path: Path
) -> None:
    tokenizer = load_tokenizer(small_models[family])
    data = find_task("xlsum").data("pocket")

    def encode(limit: int) -> EncodedExamples:
        return encoded_examples(
            ContentStore(tmp_path),
            data,
            language="en",
            limit=limit,
            family=FAMILIES[family],
            tokenizer=tokenizer,
            checkpoint_name=family,
            input_limit=20,
        )

    encoded = encode(5)
    examples = list(data.load(Split.TRAIN, "en", 5).examples)
    expected = FAMILIES[family].encode(tokenizer, [e.source for e in examples], "en", 20)
    labels = FAMILIES[family].encode(tokenizer, [e.references[0] for e in examples], "en", 20)
    assert len(encoded) == 5
    assert [encoded.source(i).tolist() for i in range(5)] == expected
    assert [encoded.labels(i).tolist() for i in range(5)] == labels
    assert encoded.source_lengths.tolist() == [len(ids) for ids in expected]
    assert encoded.source_lengths.max() == 20
    assert len(encode(6)) == 6
    assert len(encode(5)) == 5


def test_examples_are_read_from_the_file_and_not_copied(tmp_path: Path) -> None:
    """Several batches of rows, as a large data set is written."""
    rows = [
        [list(range(k, k + 1 + k % 7)) for k in range(b * 500, b * 500 + 500)] for b in range(4)
    ]
    ids = pa.list_(pa.int32())
    schema = pa.schema({"source": ids, "labels": ids})
    with pa.OSFile(str(tmp_path / "x.arrow"), "wb") as sink, pa.ipc.new_file(sink, schema) as file:
        for batch in rows:
            file.write_table(pa.table({"source": batch, "labels": batch[::-1]}, schema))
    before = pa.total_allocated_bytes()
    encoded = EncodedExamples(tmp_path / "x.arrow")
    flat = [row for batch in rows for row in batch]
    assert [encoded.source(i).tolist() for i in range(len(encoded))] == flat
    assert encoded.labels(500).tolist() == rows[1][-1]
    assert encoded.source_lengths.tolist() == [len(row) for row in flat]
    assert pa.total_allocated_bytes() - before < 4 * len(flat)  # less than one number a row


def test_encoded_examples_are_named_by_the_training_set_alone(
    small_models: dict[str, Path], tmp_path: Path
) -> None:
    """Files of other languages and splits come and go; nothing is encoded again for them."""
    (tmp_path / "english_train.jsonl").write_text('{"text": "An article.", "summary": "It is."}')
    store = tmp_path / "root"
    encoded = []
    for name in (None, "english_val", "english_test", "french_val"):
        if name is not None:
            (tmp_path / f"{name}.jsonl").write_text('{"text": "a", "summary": "b"}')
        encoded_examples(
            ContentStore(store),
            find_task("xlsum").data("paper", Sources(data_dir=tmp_path)),
            language="en",
            limit=None,
            family=FAMILIES["mbart"],
            tokenizer=load_tokenizer(small_models["mbart"]),
            checkpoint_name="mbart",
            input_limit=20,
            on_encoded=lambda done, all: encoded.append(done),
        )
    assert encoded == [1]
    (file,) = store.glob("store/encoded/*/content.json")
    assert json.loads(file.read_text())["format"] == 1

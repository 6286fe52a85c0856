"""Tidy rows: what is written comes back, and a broken line is named."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlsearch.errors import UserError
from xlsearch.runs.rows import Row, read_rows, write_rows

ROW = Row("xlsum", "mbart", "full", False, 3e-4, 1, 50, "fr", 8.0, 99.7, 61.5, "rouge2-xlsum")
DIVERGED = replace(ROW, score=None, language_correct_rate=None, mean_length=None)

numbers = st.floats(allow_nan=False, allow_infinity=False)
rows = st.builds(
    Row,
    *(st.text(st.characters(exclude_categories=["Cs"])) for _ in range(3)),
    st.booleans(),
    numbers,
    st.integers(0, 2**31),
    st.integers(0, 2**31),
    st.sampled_from(["en", "fr", "zh"]),
    *(st.none() | numbers for _ in range(3)),
    st.just("f1-squad"),
)


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
@given(written=st.lists(rows, max_size=4))
def test_rows_come_back(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, written: list[Row]
) -> None:
    path = tmp_path_factory.getbasetemp() / f"rows.{suffix}"
    write_rows(path, written)
    assert read_rows(path) == written


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_a_column_without_any_value_comes_back(tmp_path: Path, suffix: str) -> None:
    write_rows(tmp_path / f"rows.{suffix}", [DIVERGED])
    assert read_rows(tmp_path / f"rows.{suffix}") == [DIVERGED]


def test_a_line_is_one_json_object_with_the_agreed_keys(tmp_path: Path) -> None:
    write_rows(tmp_path / "rows.jsonl", [ROW, DIVERGED])
    first, second = map(json.loads, (tmp_path / "rows.jsonl").read_text().splitlines())
    keys = (
        "task model method intermediate_tuning learning_rate seed step language score "
        "language_correct_rate mean_length scorer xlrs"
    )
    assert list(first) == keys.split()
    assert first["learning_rate"] == 3e-4
    assert second["score"] is None


@pytest.mark.parametrize(
    "broken", ['{"task": "xlsum"', '{"task": "xlsum"}', "[]", "", '{"surprise": 1}']
)
def test_a_broken_line_is_named(tmp_path: Path, broken: str) -> None:
    path = tmp_path / "rows.jsonl"
    whole = json.dumps(asdict(ROW))
    path.write_text(f"{whole}\n{whole}\n{broken}\n{whole}\n")
    with pytest.raises(UserError, match=r"rows\.jsonl, line 3: not an evaluation row"):
        read_rows(path)

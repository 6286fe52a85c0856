"""The tidy record: one row for each evaluation of a run in a language."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from xlsearch.errors import UserError
from xlsearch.runs.atomic import write_bytes, write_text


@dataclass(frozen=True)
class Row:
    """One evaluation in one language.

    Attributes:
        task, model, method: Names as on the command line.
        intermediate_tuning: Whether the run began from an intermediate-tuned checkpoint.
        learning_rate: Peak learning rate.
        seed: Seed of the fine-tuning run.
        step: Updates done before this evaluation.
        language: ISO 639-1. The source language is there too; it never counts in the objective.
        score: 0 to 100; None for a run that diverged.
        language_correct_rate: Percent of outputs identified as ``language``.
        mean_length: Mean length of the outputs in characters.
        scorer: Name of the metric behind ``score``.
        xlrs: Similarity, -1 to 1, of the encoder's representations of parallel sentences in
            ``language`` and the source language; None for the source language itself, and where
            there are no parallel sentences.
    """

    task: str
    model: str
    method: str
    intermediate_tuning: bool
    learning_rate: float
    seed: int
    step: int
    language: str
    score: float | None
    language_correct_rate: float | None
    mean_length: float | None
    scorer: str
    xlrs: float | None = None


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Writes rows as JSON lines, or as Parquet where the name ends in ``.parquet``."""
    if path.suffix == ".parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        types = {"str": pa.string(), "bool": pa.bool_(), "int": pa.int64()}
        schema = pa.schema(
            [(field.name, types.get(str(field.type), pa.float64())) for field in fields(Row)]
        )
        sink = pa.BufferOutputStream()
        pq.write_table(pa.Table.from_pylist([asdict(row) for row in rows], schema), sink)
        write_bytes(path, sink.getvalue().to_pybytes())
    else:
        write_text(path, "".join(json.dumps(asdict(row)) + "\n" for row in rows))


def read_rows(path: Path) -> list[Row]:
    """Reads what ``write_rows`` wrote.

    Raises:
        UserError: If a line is no row; says which line.
    """
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq

        return [Row(**values) for values in pq.read_table(path).to_pylist()]
    rows = []
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            try:
                rows.append(Row(**json.loads(line)))
            except (ValueError, TypeError):
                raise UserError(f"{path}, line {number}: not an evaluation row") from None
    return rows

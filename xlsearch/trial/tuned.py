"""A model that intermediate tuning has come to, and how it came there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from transformers import PreTrainedModel, PreTrainedTokenizerBase

from xlsearch.runs.atomic import write_json
from xlsearch.trial.probes import Candidate

_RECORD = "intermediate.json"
"""Beside the model: what each candidate came to, the choice, and its final loss and LCR."""


def save_tuned(
    folder: Path,
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    probed: Sequence[Candidate],
    chosen: Candidate,
    found: tuple[float, float],
    steps: int,
) -> None:
    """Leaves model, tokenizer and record in a folder.

    Args:
        folder: The folder; it exists.
        model: After its training.
        tokenizer: Its tokenizer.
        probed: The candidates after their probes; none where there was no choice.
        chosen: The candidate that was trained to the end.
        found: Mean loss on held-out pairs, nats a token, and LCR in percent, at the end.
        steps: Updates of the training.
    """
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    loss, correct = found
    write_json(
        folder / _RECORD,
        {
            "candidates": [
                {
                    **asdict(candidate),
                    "learning_rate": str(candidate.learning_rate),
                    "state": "diverged" if candidate.loss is None else "complete",
                }
                for candidate in probed
            ],
            "learning_rate": str(chosen.learning_rate),
            "steps": steps,
            "loss": loss,
            "language_correct_rate": correct,
        },
    )

"""What a scorer is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Scorer(Protocol):
    """A metric of one output against its references."""

    name: str

    def score(self, prediction: str, references: Sequence[str], language: str) -> float:
        """How good an output is, 0 to 100; the best over the references.

        Args:
            prediction: The output, already without pretraining tokens.
            references: One or more good outputs.
            language: ISO 639-1 code of the references.
        """

"""Translate-train: full fine-tuning on the source language's examples, translated."""

from __future__ import annotations

from collections.abc import Sequence

from xlsearch.adaptation.base import AdaptationMethod, Share


class TranslateTrain(AdaptationMethod):
    """Trains all weights on translated examples in the target languages, drawn uniformly.

    What zero-shot transfer is compared with (paper, Table 2): the model sees the target languages
    in training, at the price of a translation model and its errors.
    """

    name = "translate-train"

    def shares(self, source: str, targets: Sequence[str]) -> list[Share]:
        """Translations into the target languages; the source language has no part in it."""
        return [Share("translated", target, 1 / len(targets)) for target in targets]

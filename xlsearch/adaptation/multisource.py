"""Several source languages: full fine-tuning on the task in each of them (paper, section on
methods)."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from xlsearch.adaptation.base import AdaptationMethod, Share


class MultiSource(AdaptationMethod):
    """Trains all weights, on the task in several languages.

    Attributes:
        languages: ISO 639-1 codes of what is trained on, drawn from uniformly (paper: English,
            Japanese, Arabic). An epoch is as long as the training set of the first.
    """

    name = "multisource"

    languages: tuple[str, ...] = Field(default=("en", "ja", "ar"), min_length=1)

    def shares(self, source: str, targets: Sequence[str]) -> list[Share]:
        """The task in each of the languages."""
        return [Share("task", code, 1 / len(self.languages)) for code in self.languages]

"""Mixing in text: full fine-tuning, and now and then a passage of a target language to go on with
(paper, section on methods)."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from xlsearch.adaptation.base import AdaptationMethod, Share


class Mix(AdaptationMethod):
    """Trains all weights, on the task and on PrefixLM instances.

    Attributes:
        share: Share of the instances that are PrefixLM, drawn uniformly from the target languages
            (paper: 1 %; 10 % and more were worse).
    """

    name = "mix"

    share: float = Field(default=0.01, gt=0, lt=1)

    def shares(self, source: str, targets: Sequence[str]) -> list[Share]:
        """The task in the source language, and text of each target language."""
        texts = [Share("text", code, self.share / len(targets)) for code in targets]
        return [Share("task", source, 1 - self.share), *texts]

"""Which learning rate intermediate tuning takes: a rule in place of reading outputs by eye."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xlsearch.config.learning_rate import LearningRate

LANGUAGE_TOLERANCE = 0.9
"""A candidate whose continuations are in the right language less often than this share of the
best candidate's is out, however small its loss: it has begun to mix languages up."""


@dataclass(frozen=True)
class Candidate:
    """A learning rate after its probe.

    Attributes:
        learning_rate: What was tried.
        loss: Mean loss on held-out pairs, nats a token; None if the training diverged.
        language_correct_rate: Percent of the greedy continuations of held-out texts that are in
            the text's language, averaged over languages; None if the training diverged.
    """

    learning_rate: LearningRate
    loss: float | None = None
    language_correct_rate: float | None = None


def choose(candidates: Sequence[Candidate]) -> Candidate | None:
    """The candidate with the smallest loss among those that keep to the language.

    Of equal ones it is the larger learning rate; None if all diverged.
    """
    judged = [
        (candidate, candidate.loss, candidate.language_correct_rate)
        for candidate in candidates
        if candidate.loss is not None and candidate.language_correct_rate is not None
    ]
    if not judged:
        return None
    needed = LANGUAGE_TOLERANCE * max(rate for _, _, rate in judged)
    kept = [(loss, candidate) for candidate, loss, rate in judged if rate >= needed]
    return min(kept, key=lambda pair: (pair[0], -float(pair[1].learning_rate)))[1]

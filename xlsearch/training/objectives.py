"""What plain text is trained on. A new objective is a file beside this one and a line below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from xlsearch.training.prefix_lm import prefix_lm
from xlsearch.training.random_sentences import random_sentences

if TYPE_CHECKING:
    from xlsearch.training.encoded import Pairs
    from xlsearch.training.passages import Passages

Objective = Callable[[Sequence[str], int, "Passages"], "Pairs"]
"""Makes pairs of texts: is given the texts, the number of the first, and the model's view of the
language. Equal arguments give equal pairs."""

PREFIX_LM = "prefix-lm"

OBJECTIVES: dict[str, Objective] = {
    PREFIX_LM: prefix_lm,
    "random-sentences": random_sentences,
}

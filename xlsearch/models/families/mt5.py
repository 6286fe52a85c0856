"""mT5: no language codes; nothing but the input tells it which language to write."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from transformers import PreTrainedTokenizerBase

from xlsearch.models.families.base import Family

_SENTINEL = re.compile(r"<extra_id_\d+>")


class MT5(Family):
    """[text, </s>] on both sides."""

    def encode(
        self,
        tokenizer: PreTrainedTokenizerBase,
        texts: Sequence[str],
        language: str,
        limit: int,
    ) -> list[list[int]]:
        ids: list[list[int]] = tokenizer(list(texts), truncation=True, max_length=limit)[
            "input_ids"
        ]
        return ids

    def generation_arguments(
        self, tokenizer: PreTrainedTokenizerBase, language: str
    ) -> dict[str, Any]:
        return {}

    def clean(self, text: str) -> str:
        return " ".join(_SENTINEL.sub(" ", text).split())

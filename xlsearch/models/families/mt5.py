"""mT5: no language codes; nothing but the input tells it which language to write."""

from __future__ import annotations

from xlsearch.models.families.base import Family


class MT5(Family):
    """[text, </s>] on both sides."""

    name = "mt5"
    pretraining_tokens = (r"<extra_id_\d+>",)

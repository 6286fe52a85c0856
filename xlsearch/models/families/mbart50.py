"""mBART-50: a language code before source and target; the target's code is forced at inference."""

from __future__ import annotations

from xlsearch.models.families.base import Family


class MBart50(Family):
    """[language code, text, </s>] on both sides."""

    name = "mbart"
    pretraining_tokens = ("<sep>",)

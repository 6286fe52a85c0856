"""Full fine-tuning: every weight is trained, on the source language."""

from __future__ import annotations

from xlsearch.adaptation.base import AdaptationMethod


class Full(AdaptationMethod):
    """Trains all weights."""

    name = "full"

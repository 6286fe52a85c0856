"""XL-Sum: summarize a news article."""

from __future__ import annotations

from xlsearch.pocket.data import PocketData
from xlsearch.tasks.base import Task

XLSUM = Task(
    name="xlsum",
    scorer="rouge2-xlsum",
    tuning_languages={"pocket": ("es", "fr", "ko", "ru", "zh")},
    final_languages={"pocket": ("es", "fr", "ko", "ru", "zh")},
    open_data={"pocket": lambda sources: PocketData("xlsum")},
)

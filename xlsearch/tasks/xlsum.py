"""XL-Sum: summarize a news article."""

from __future__ import annotations

from xlsearch.pocket.data import PocketData
from xlsearch.tasks.base import Task

XLSUM = Task(
    name="xlsum",
    scorer="rouge2-xlsum",
    languages={"pocket": ("es", "fr", "ko", "ru", "zh")},
    data={"pocket": PocketData("xlsum")},
)

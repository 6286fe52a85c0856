"""XQuAD: answer a question about a paragraph, in the paragraph's words."""

from __future__ import annotations

from xlsearch.pocket.data import PocketData
from xlsearch.tasks.base import Task

XQUAD = Task(
    name="xquad",
    scorer="f1-squad",
    tuning_languages={"pocket": ("es", "fr", "ko", "ru", "zh")},
    final_languages={"pocket": ("es", "fr", "ko", "ru", "zh")},
    open_data={"pocket": lambda sources: PocketData("xquad")},
)

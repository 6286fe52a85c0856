"""XQuAD: answer a question about a paragraph, in the paragraph's words."""

from __future__ import annotations

from xlsearch.pocket.data import PocketData
from xlsearch.tasks.base import Task

XQUAD = Task(
    name="xquad",
    scorer="f1-squad",
    languages={"pocket": ("es", "fr", "ko", "ru", "zh")},
    data={"pocket": PocketData("xquad")},
)

"""What the data of a task look like after loading and filtering."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xlsearch.config.sources import NOWHERE, Sources
from xlsearch.errors import UserError
from xlsearch.languages import SOURCE_LANGUAGE, language
from xlsearch.service.scale import resolve_scale
from xlsearch.service.sources import check_sources
from xlsearch.tasks.base import ExampleSet, Split, Task, TaskData
from xlsearch.tasks.registry import find_task


@dataclass(frozen=True)
class DataView:
    """A task's data, opened.

    Attributes:
        task: The task.
        scale: ``pocket`` or ``paper``, and in ``scale_reason`` why.
        languages: Those to show, the source language first.
    """

    task: Task
    scale: str
    scale_reason: str
    languages: tuple[str, ...]
    data: TaskData

    def sets(self) -> Iterator[tuple[str, Split, ExampleSet]]:
        """The sets of each language, loaded one by one.

        Raises:
            UserError: If a file is broken, or can't be had.
        """
        for code in self.languages:
            for split in self.data.splits(code):
                yield code, split, self.data.load(split, code)


def open_data(
    task: str, scale: str = "auto", languages: Sequence[str] = (), sources: Sources = NOWHERE
) -> DataView:
    """Opens the data of a task.

    Args:
        task: Its name.
        scale: ``auto``, ``pocket`` or ``paper``; files of the user are of the paper scale.
        languages: ISO 639-1 codes; by default the source language and the task's targets, of
            which only those that the data have.
        sources: Where the data are, if not where they usually are.

    Raises:
        UserError: For a wrong name, or if the data have none of the languages.
    """
    found = find_task(task)
    check_sources(sources)
    scale, reason = resolve_scale(scale, sources)
    data = found.data(scale, sources)
    targets = found.tuning_languages[scale] + found.final_languages[scale]
    usual = dict.fromkeys((SOURCE_LANGUAGE, *targets))
    asked = [language(code).code for code in dict.fromkeys(languages)]
    shown = asked or [code for code in usual if data.splits(code)]
    for code in shown or usual:
        if not data.splits(code):
            if sources.data_dir is not None:
                data.load(Split.EVALUATION, code)  # fails, and says which file it needs
            there = ", ".join(data.languages())
            raise UserError(f"{found.name} has no {code!r} at the {scale} scale; valid: {there}")
    return DataView(found, scale, reason, tuple(shown), data)

"""The searches behind a table or figure of the paper, one after another, and what they found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from xlsearch.config.sources import NOWHERE, Sources
from xlsearch.errors import UserError, unknown_name
from xlsearch.models.catalogue import ALIASES, MODELS
from xlsearch.reporting import paper
from xlsearch.reporting.directions import LINES, Found, Line
from xlsearch.reporting.measured import measured
from xlsearch.reporting.paper import Cell
from xlsearch.service.launch import launch
from xlsearch.service.launching import LaunchView
from xlsearch.service.scale import resolve_scale
from xlsearch.service.search import Search, SearchOptions, resolve
from xlsearch.service.translated_outputs import compare_translated_outputs
from xlsearch.service.workspace import Workspace
from xlsearch.trial.configure import unavailable

_BOTH = tuple(paper.TABLE1)
_WITHOUT_TUNING = tuple(paper.TABLE4_WITHOUT)

_CELLS: dict[str, tuple[Cell, ...]] = {
    "table1": _BOTH,
    "table2": tuple(paper.TABLE2),
    "table3": tuple(paper.TABLE3),
    "table4": _WITHOUT_TUNING,
    "figure1": _BOTH,
    "figure2": _BOTH,
}
"""Which tasks and models a table or figure is about."""


@dataclass(frozen=True)
class Planned:
    """What is to be searched for one cell.

    Attributes:
        cell: Task and model.
        study: Name of the study.
        search: What to search.
        left_out: Methods of the paper that can't be run here, one sentence each.
    """

    cell: Cell
    study: str
    search: Search
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class Reproduction:
    """All searches behind a table or figure.

    Attributes:
        table: Its name.
        scale: ``pocket`` or ``paper``, and in ``reason`` why.
        cells: What is to be searched.
        left_out: What can't be, one sentence each.
        sources: Where data and models are.
    """

    table: str
    scale: str
    reason: str
    cells: tuple[Planned, ...]
    left_out: tuple[str, ...]
    sources: Sources = NOWHERE

    def run(
        self,
        workspace: Workspace,
        view: Callable[[Planned], AbstractContextManager[LaunchView]],
        on_language: Callable[[str, int, int], None] = lambda what, done, all: None,
    ) -> Iterator[Line]:
        """Runs or continues each search and yields its lines.

        Args:
            workspace: Where everything is kept.
            view: Makes what shows the search of a cell.
            on_language: Told about outputs that are translated.
        """
        for planned in self.cells:
            with view(planned) as shown:
                study = launch(planned.search, workspace, planned.study, shown).study
            source = study.configuration["source_language"]
            translated = None
            if self.table == "table3":
                translated = compare_translated_outputs(
                    study, workspace.root, self.sources, on_language
                )
            found = Found(measured(study.trials(), source), translated)
            yield from LINES[self.table](planned.cell, found)


def plan_reproduction(
    table: str,
    *,
    tasks: Sequence[str] = (),
    models: Sequence[str] = (),
    scale: str = "auto",
    seeds: int = 1,
    sources: Sources = NOWHERE,
) -> Reproduction:
    """The searches that a table or figure needs.

    Args:
        table: ``table1`` to ``table4``, ``figure1`` or ``figure2``.
        tasks, models: Only these; empty for all.
        scale: ``auto``, ``pocket`` or ``paper``.
        seeds: Most runs of a point whose score decides something.
        sources: Where data and models are, if not where they usually are.

    Raises:
        UserError: If a name is unknown, or none of the table's cells.
    """
    if table not in _CELLS:
        raise unknown_name("table or figure", table, _CELLS)
    cells = _CELLS[table]
    for kind, names, place in (("task", tasks, 0), ("model", models, 1)):
        valid = list(dict.fromkeys(cell[place] for cell in cells))
        for name in names:
            if ALIASES.get(name, name) not in valid:
                raise unknown_name(kind, name, valid, table)
    wanted = {ALIASES.get(name, name) for name in models}
    chosen, reason = resolve_scale(scale, sources)
    planned, left_out = [], []
    for cell in cells:
        if (tasks and cell[0] not in tasks) or (wanted and cell[1] not in wanted):
            continue
        if cell[1] not in MODELS[chosen]:
            left_out.append(f"{cell[0]}, {cell[1]}: there is no {cell[1]} at {chosen} scale")
            continue
        planned.append(_planned(table, cell, chosen, seeds, sources))
    if not planned:
        raise UserError(f"nothing of {table} can be searched: {'; '.join(left_out)}")
    return Reproduction(table, chosen, reason, tuple(planned), tuple(left_out), sources)


def _methods(table: str, cell: Cell) -> tuple[str, ...]:
    """The adaptation methods that the paper has in a cell."""
    if table == "table2":
        return tuple(paper.TABLE2[cell])
    # The translation-tuned models are there with full fine-tuning alone.
    if table in ("table3", "figure1") or cell not in paper.TABLE1:
        return ("full",)
    return tuple(paper.TABLE1[cell])


def _planned(table: str, cell: Cell, scale: str, seeds: int, sources: Sources) -> Planned:
    task, model = cell

    def search(*methods: str) -> Search:
        return resolve(
            SearchOptions(
                task=task, model=model, methods=methods, scale=scale, seeds=seeds, sources=sources
            )
        )

    template = search("full").template
    methods = _methods(table, cell)
    reasons = {method: unavailable(template, method) for method in methods}
    found = search(*(method for method in methods if reasons[method] is None))
    left_out = tuple(f"{task}, {model}: {why}" for why in reasons.values() if why)
    return Planned(cell, found.default_study, found, left_out)

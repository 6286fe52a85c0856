"""All tasks. A new one is a file beside this one and a line below."""

from __future__ import annotations

from xlsearch.errors import UserError, unknown_name
from xlsearch.tasks.base import Task
from xlsearch.tasks.xlsum import XLSUM
from xlsearch.tasks.xquad import XQUAD

TASKS: dict[str, Task] = {task.name: task for task in (XLSUM, XQUAD)}


def find_task(name: str) -> Task:
    """The task of a name.

    Raises:
        UserError: If there is none.
    """
    try:
        return TASKS[name]
    except KeyError:
        raise unknown_name("task", name, TASKS) from None


def register_task(task: Task) -> None:
    """Adds a task.

    Raises:
        UserError: If there is one of that name.
    """
    if task.name in TASKS:
        raise UserError(f"there is a task {task.name!r} already; give yours another name")
    TASKS[task.name] = task

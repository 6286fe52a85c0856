"""Tasks, scorers, models, methods and languages of a user's own, from files named by --plugin.

A plugin is an ordinary Python file that calls the functions below when it is read. It is read once
in each process: by the command, and by every worker that runs a trial.
"""

from __future__ import annotations

import importlib.util
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path

from xlsearch.adaptation.base import AdaptationMethod
from xlsearch.adaptation.registry import register_method
from xlsearch.errors import UserError
from xlsearch.evaluation.scorers.base import Scorer
from xlsearch.evaluation.scorers.registry import register_scorer
from xlsearch.languages.table import Language, register_language
from xlsearch.models.architecture import Architecture
from xlsearch.models.catalogue import register_model
from xlsearch.models.hub import HubModel
from xlsearch.runs.content import file_sha256
from xlsearch.tasks.base import Task
from xlsearch.tasks.json_lines import json_lines
from xlsearch.tasks.registry import register_task

__all__ = [
    "AdaptationMethod",
    "Architecture",
    "HubModel",
    "Language",
    "Scorer",
    "Task",
    "json_lines",
    "load_plugins",
    "register_language",
    "register_method",
    "register_model",
    "register_scorer",
    "register_task",
]


def load_plugins(files: Iterable[Path]) -> None:
    """Reads plugins; one that was read before, and has not changed, is not read again.

    Raises:
        UserError: If a file can't be read, or fails; says where in it.
    """
    for file in files:
        if not file.is_file():
            raise UserError(f"--plugin {file} is not a file; expected a Python file")
        name = f"xlsearch_plugin_{file_sha256(file)[:16]}"
        if name not in sys.modules:
            _load(file, name)


def _load(file: Path, name: str) -> None:
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise UserError(f"--plugin {file} is not a Python file; its name must end in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        if isinstance(error, UserError):
            raise UserError(f"plugin {file}: {error}") from None
        line = error.lineno if isinstance(error, SyntaxError) else _line_in(file, error)
        raise UserError(
            f"plugin {file}, line {line}: {type(error).__name__}: {_first_line(error)}"
        ) from None


def _line_in(file: Path, error: BaseException) -> int | None:
    """The last line of the plugin itself that an error came through."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f.lineno for f in frames if Path(f.filename).resolve() == file.resolve()]
    return own[-1] if own else None


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0] if str(error) else "no message"

"""The floors of the house: a package imports from its own floor and those below, never above."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "xlsearch"

FLOORS = (
    {"errors"},
    {"config", "languages", "runs"},
    {"models", "tasks", "pocket"},
    {"adaptation"},
    {"training", "evaluation"},
    {"plugins"},
    {"trial"},
    {"search"},
    {"reporting", "service"},
    {"cli"},
)
FLOOR = {name: height for height, names in enumerate(FLOORS) for name in names}

# Who may import a heavy library, anywhere in its files, even inside of a function.
TRIAL_AND_BELOW = {name for name, height in FLOOR.items() if height <= FLOOR["trial"]}
FORBIDDEN = {
    **{name: {"ray", "optuna"} for name in TRIAL_AND_BELOW},
    "search": {"torch", "transformers", "safetensors"},
}


def modules() -> list[Path]:
    named = {PACKAGE / f"{name}.py" for name in FLOOR}
    return sorted(path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE or path in named)


def part(path: Path) -> str:
    """The package below ``xlsearch`` that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """Full names of all modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the floor"
            assert node.module is not None
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own_imports(path: Path) -> set[str]:
    """The packages below ``xlsearch`` that a file imports from."""
    names = (name.split(".") for name in imports(path))
    found = {name[1] for name in names if name[0] == "xlsearch" and len(name) > 1}
    return {name for name in found if not name.startswith("__")}


def test_every_package_has_its_floor() -> None:
    assert {part(path) for path in modules()} <= FLOOR.keys()


@pytest.mark.parametrize("name", sorted({part(path) for path in modules()}))
def test_nobody_imports_from_above(name: str) -> None:
    for path in modules():
        if part(path) == name:
            above = {other for other in own_imports(path) if FLOOR[other] > FLOOR[name]}
            assert not above, f"{path} imports from {above}"


def test_only_models_and_tasks_know_the_pocket_world() -> None:
    between = {name for name in FLOOR if FLOOR["pocket"] < FLOOR[name] <= FLOOR["search"]}
    knowing = {part(path) for path in modules() if "pocket" in own_imports(path)}
    assert not knowing & between


@pytest.mark.parametrize("name", sorted(FORBIDDEN))
def test_heavy_libraries_stay_on_their_floors(name: str) -> None:
    for path in PACKAGE.rglob("*.py"):
        if part(path) == name:
            found = {imported.split(".")[0] for imported in imports(path)}
            assert not found & FORBIDDEN[name], path


def test_a_search_is_set_up_without_loading_torch() -> None:
    """Not by way of other packages either: a driver may run where torch is not installed."""
    names = [
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        for path in modules()
        if part(path) == "search" and "ray_tune" not in path.parts
    ]
    code = f"""
import importlib, sys
for name in {names}:
    importlib.import_module(name)
from xlsearch.config.space import load_space
from xlsearch.search.bounds import run_bounds
run_bounds(load_space(None, "pocket"), ["full"])
sys.exit(", ".join(sorted({{"torch", "transformers", "ray"}} & set(sys.modules))) or 0)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

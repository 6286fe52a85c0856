"""Whether the nodes of a cluster can run what this machine would have them run."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from uuid import uuid4

import xlsearch
from xlsearch.errors import UserError

_PACKAGES = ("torch", "transformers", "tokenizers", "peft")
"""What a run's result depends on, beside xlsearch itself."""

_SEEN_SECONDS = 5.0
"""A shared file system may show a new file this late."""

_ANSWER_SECONDS = 120.0
"""A node that has to load Python first may take this long to answer."""


@dataclass(frozen=True)
class Findings:
    """What a node found: whether it sees the driver's file, and its versions by package."""

    sees_root: bool
    versions: Mapping[str, str]


def check_nodes(root: Path | None) -> None:
    """Asks each node of the connected cluster that can run trials.

    Args:
        root: The root folder of all that xlsearch writes; None where it is no folder.

    Raises:
        UserError: For the first node that does not see the root folder, has other versions than
            this machine, or has no xlsearch.
    """
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    mine = versions()
    with _left_behind(root) as file:
        asked = {}
        for node in ray.nodes():
            if node["Alive"] and node["Resources"].get("CPU"):
                there = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
                task = ray.remote(num_cpus=0, max_retries=0, scheduling_strategy=there)(examine)
                asked[task.remote(file)] = node["NodeManagerAddress"]
        for answer, address in asked.items():
            try:
                found = ray.get(answer, timeout=_ANSWER_SECONDS)
            except ray.exceptions.RayTaskError:
                raise UserError(
                    f"node {address} of the cluster can't load xlsearch; install version "
                    f"{xlsearch.__version__} there, as on all nodes"
                ) from None
            except ray.exceptions.RayError as error:
                raise UserError(
                    f"node {address} of the cluster does not answer ({type(error).__name__})"
                ) from None
            judge(address, found, mine, root)


def judge(address: str, found: Findings, mine: Mapping[str, str], root: Path | None) -> None:
    """Refuses a node.

    Args:
        address: Of the node.
        found: What it found.
        mine: The versions here.
        root: The root folder; None where it is no folder.

    Raises:
        UserError: If it has other versions, or does not see the root folder.
    """
    for name, version in mine.items():
        if (there := found.versions.get(name, "none")) != version:
            raise UserError(
                f"node {address} of the cluster has {name} {there} and this machine {version}; "
                "install the same versions on all nodes (pip install -c constraints.txt)"
            )
    if root is not None and not found.sees_root:
        raise UserError(
            f"node {address} of the cluster does not see the root folder {root} of this machine; "
            "give a folder that all nodes share with --root or XLSEARCH_ROOT"
        )


def versions() -> dict[str, str]:
    """What is installed here, of what a run's result depends on."""
    found = {"xlsearch": xlsearch.__version__}
    for name in _PACKAGES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


def examine(file: Path | None) -> Findings:
    """Runs on a node; looks for a file that the driver has just written."""
    end = time.monotonic() + _SEEN_SECONDS
    while file is not None and not file.exists() and time.monotonic() < end:
        time.sleep(0.2)
    return Findings(file is None or file.exists(), versions())


@contextlib.contextmanager
def _left_behind(root: Path | None) -> Iterator[Path | None]:
    """A file in the root folder for the duration of the block."""
    if root is None:
        yield None
        return
    file = root / f".nodes-{uuid4().hex}"
    file.touch()
    try:
        yield file
    finally:
        file.unlink(missing_ok=True)

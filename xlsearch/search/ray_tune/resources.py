"""What trials run on: CPUs and GPUs of each, and how many the cluster holds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from xlsearch.errors import UserError


@dataclass(frozen=True)
class NodeResources:
    """What a node of the cluster has."""

    cpus: float
    gpus: float


@dataclass(frozen=True)
class ResourceOptions:
    """What a user asked for; None where the cluster decides.

    Attributes:
        gpus: GPUs a trial, at most 1 or a whole number; a fraction shares one.
        cpus: CPUs a trial.
        trials: Most trials at a time.
    """

    gpus: float | None = None
    cpus: int | None = None
    trials: int | None = None

    def __post_init__(self) -> None:
        """Refuses what Ray can't give.

        Raises:
            UserError: For a share of several GPUs.
        """
        if self.gpus is not None and (
            not 0 <= self.gpus < math.inf or (self.gpus > 1 and self.gpus != int(self.gpus))
        ):
            raise UserError(
                f"--gpus-per-trial {self.gpus:g} can't be given to a trial; valid: a fraction of 1 "
                "(trials share a GPU), or a whole number"
            )


DEFAULT_RESOURCES = ResourceOptions()


@dataclass(frozen=True)
class Resources:
    """What trials run on.

    Attributes:
        concurrency: Most trials at a time.
        cpus: CPUs a trial.
        gpus: GPUs a trial; a fraction shares one.
        fixed: Whether the user chose the concurrency; else it follows the cluster.
    """

    concurrency: int
    cpus: int
    gpus: float
    fixed: bool = False

    def describe(self) -> str:
        """In words, for people."""
        cpus = f"{self.cpus} CPU{'s' if self.cpus > 1 else ''}"
        gpus = f"{self.gpus:g} GPU{'s' if self.gpus > 1 else ''}"
        device = f"{gpus} and {cpus} each" if self.gpus else f"{cpus} each, no GPU"
        trials = "1 trial" if self.concurrency == 1 else f"{self.concurrency} trials"
        return f"{trials} at a time, {device}"

    def held_by(self, nodes: Sequence[NodeResources]) -> int:
        """How many trials these nodes hold at a time; a trial never spans two."""
        return sum(self._on(node) for node in nodes)

    def _on(self, node: NodeResources) -> int:
        trials = int(node.cpus // self.cpus)
        if self.gpus == 0:
            return trials
        # Fractions are dealt out GPU by GPU: two trials of 0.6 need two.
        each = int(1 / self.gpus + 1e-9) if self.gpus < 1 else 1
        by_gpu = int(node.gpus) * each if self.gpus < 1 else int(node.gpus // self.gpus)
        return min(trials, by_gpu)


def choose_resources(options: ResourceOptions, nodes: Sequence[NodeResources]) -> Resources:
    """One GPU a trial, with its share of the node's CPUs; without GPUs, one core a trial.

    Args:
        options: What the user asked for.
        nodes: What the cluster holds now.

    Returns:
        At least one trial at a time, also where no node holds it (``held_by`` says so).
    """
    gpus = options.gpus
    if gpus is None:
        gpus = float(any(node.gpus >= 1 for node in nodes))
    cpus = options.cpus
    if cpus is None and gpus:
        shares = [int(node.cpus / node.gpus * gpus) for node in nodes if node.gpus >= max(gpus, 1)]
        cpus = max(1, min(shares, default=1))
    resources = Resources(1, cpus or 1, gpus)
    held = options.trials or max(1, resources.held_by(nodes))
    return Resources(held, resources.cpus, resources.gpus, fixed=options.trials is not None)


def cluster_nodes() -> list[NodeResources]:
    """What the connected cluster's nodes have."""
    import ray

    found = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    return [NodeResources(each.get("CPU", 0.0), each.get("GPU", 0.0)) for each in found]

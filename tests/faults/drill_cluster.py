"""A cluster of two nodes that can be broken and mended."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from cluster import Cluster, Node


class TwoNodes:
    """A head and a second node on this machine, one CPU each.

    Args:
        folder: For the logs of the nodes.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._cluster: Cluster | None = None
        self._second: Node | None = None

    def __enter__(self) -> TwoNodes:
        self.mend()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill_all()

    @property
    def address(self) -> str:
        """Of the head that is there now."""
        return self._up().address

    @property
    def environment(self) -> dict[str, str]:
        """For the command: the cluster's token."""
        return self._up().environment

    def kill_second(self) -> None:
        """Kills all processes of the second node."""
        if self._second is not None:
            self._second.kill()
            self._second = None

    def start_second(self) -> None:
        """Lets a new second node join."""
        self._second = self._up().add_worker()

    def kill_all(self) -> None:
        """Kills all processes of both nodes."""
        if self._cluster is not None:
            self._cluster.close()
        self._cluster = self._second = None

    def mend(self) -> None:
        """Starts a new cluster where there is none."""
        if self._cluster is None:
            self._cluster = Cluster(self._folder)
            self.start_second()

    def _up(self) -> Cluster:
        assert self._cluster is not None
        return self._cluster

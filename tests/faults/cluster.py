"""Ray nodes as processes of this machine: each with a folder and ports of its own, on loopback."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

WAIT = 600.0
"""Seconds after which something that does not come is an error, on a busy machine too."""

QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "OMP_NUM_THREADS": "1",
    # Ray takes 127.0.0.1 for what it is, in all processes of a node and in clients.
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
}


_RAY = """
from ray._private import ray_constants, services
ray_constants.ENABLE_RAY_CLUSTER = True
services.get_node_ip_address = lambda address=None: "127.0.0.1"
from ray.scripts.scripts import main
main()
"""
"""The ``ray`` command. By itself it puts the machine's address in place of 127.0.0.1, and its
servers then listen on all interfaces."""


class Node:
    """A ``ray start`` process group: a head or a worker.

    Args:
        environment: Of its processes.
        arguments: Further ones of ``ray start``.
        folder: The node's own temporary folder.
    """

    def __init__(self, environment: dict[str, str], arguments: list[str], folder: Path) -> None:
        self._log = folder / "ray-start.log"
        command = [
            *(sys.executable, "-c", _RAY),
            "start",
            "--block",
            "--node-ip-address=127.0.0.1",
            "--disable-usage-stats",
            "--num-gpus=0",
            f"--object-store-memory={80 << 20}",
            *arguments,
        ]
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, env=environment, start_new_session=True
            )

    def output(self) -> str:
        """What ``ray start`` said so far."""
        return self._log.read_text()

    def is_up(self) -> bool:
        """Whether it has started.

        Raises:
            AssertionError: If it ended.
        """
        assert self._process.poll() is None, self.output()
        return "Ray runtime started" in self.output()

    def processes(self) -> list[psutil.Process]:
        """Its processes, those of its workers among them."""
        with contextlib.suppress(psutil.NoSuchProcess):
            top = psutil.Process(self._process.pid)
            return [top, *top.children(recursive=True)]
        return []

    def kill(self) -> None:
        """Ends all of its processes at once, as when a machine goes away."""
        found = self.processes()
        for process in found:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGSTOP)
        for process in {*found, *self.processes()}:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait()


class Cluster:
    """A head without workers' CPUs unless asked, and the workers that were added.

    Args:
        folder: For logs; Ray's own files go into short folders below the system's temporary one,
            since paths of sockets must be short.
        head_cpus: CPUs of the head.
        dashboard: Whether the head serves the dashboard and the jobs API.
    """

    def __init__(self, folder: Path, head_cpus: int = 1, dashboard: bool = False) -> None:
        self._folder = folder
        self._nodes: list[Node] = []
        self._folders: list[Path] = []
        self.token = secrets.token_hex(32)
        port, self.dashboard_port = free_port(), free_port()
        self.address = f"127.0.0.1:{port}"
        arguments = ["--head", f"--port={port}", f"--num-cpus={head_cpus}"]
        arguments += [f"--ray-client-server-port={free_port()}"]
        if dashboard:
            arguments += ["--include-dashboard=true", "--dashboard-host=127.0.0.1"]
            arguments += [f"--dashboard-port={self.dashboard_port}"]
        else:
            arguments += ["--include-dashboard=false"]
        self.head = self._start(arguments)

    @property
    def url(self) -> str:
        """Of the dashboard, which is that of the jobs API."""
        return f"http://127.0.0.1:{self.dashboard_port}"

    @property
    def environment(self) -> dict[str, str]:
        """For clients: the token, and nothing of another cluster."""
        mine = {k: v for k, v in os.environ.items() if not k.startswith("RAY_")}
        # Jobs find python there.
        path = f"{Path(sys.executable).parent}{os.pathsep}{mine['PATH']}"
        token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": self.token}
        return {**mine, **QUIET, **token, "PATH": path}

    def add_worker(self, cpus: int = 1) -> Node:
        """A further node."""
        return self._start([f"--address={self.address}", f"--num-cpus={cpus}"])

    def _start(self, arguments: list[str]) -> Node:
        logs = Path(tempfile.mkdtemp(dir=self._folder))
        own = Path(tempfile.mkdtemp(prefix="ray-", dir="/tmp"))
        self._folders.append(own)
        arguments = [*arguments, f"--dashboard-agent-listen-port={free_port()}"]
        node = Node(self.environment, [*arguments, f"--temp-dir={own}"], logs)
        self._nodes.append(node)
        wait_for(node.is_up, node.output)
        return node

    def close(self) -> None:
        """Ends all nodes and removes their folders."""
        for node in reversed(self._nodes):
            node.kill()
        for folder in self._folders:
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def cluster(folder: Path, head_cpus: int = 1, dashboard: bool = False) -> Iterator[Cluster]:
    """A cluster that ends with the block."""
    found = Cluster(folder, head_cpus, dashboard)
    try:
        yield found
    finally:
        found.close()


def wait_for(ready: Callable[[], bool], said: Callable[[], str] = str) -> None:
    """Waits until something is so.

    Args:
        ready: Whether it is.
        said: What to show if it does not become so.
    """
    end = time.monotonic() + WAIT
    while not ready():
        assert time.monotonic() < end, said()
        time.sleep(0.1)


def free_port() -> int:
    """A port of loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

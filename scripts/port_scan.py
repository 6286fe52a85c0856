"""Lists every socket that a running search listens on; fails if another machine can reach one.

    python scripts/port_scan.py                      # a pocket search; pretrains its model first
    python scripts/port_scan.py --root xlsearch-runs --ray-dashboard

The search is stopped as soon as a trial trains; with the same root it goes on the next time.
Exit code 0: loopback only; 1: a socket listens elsewhere, or answers on an address of the network.
"""

from __future__ import annotations

import argparse
import contextlib
import ipaddress
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil

_ENOUGH = 2
"""Lines about steps of a trial: by then all processes of a search are there."""


@dataclass(frozen=True, order=True)
class Listener:
    """A socket that waits for connections.

    Attributes:
        process: Name of the process.
        address: What it is bound to.
        port: TCP port.
    """

    process: str
    address: str
    port: int

    @property
    def on_loopback(self) -> bool:
        """Whether no other machine can reach it."""
        address = ipaddress.ip_address(self.address)
        mapped = getattr(address, "ipv4_mapped", None)
        return bool((mapped or address).is_loopback)


def listeners(root: psutil.Process) -> set[Listener]:
    """The listening TCP sockets of a process and all below it."""
    found = set()
    for process in (root, *root.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            name = _name(process)
            for connection in process.net_connections("tcp"):
                if connection.status == psutil.CONN_LISTEN:
                    found.add(Listener(name, connection.laddr.ip, connection.laddr.port))
    return found


def network_addresses() -> list[str]:
    """This machine's IPv4 addresses that others can reach."""
    return [
        entry.address
        for entries in psutil.net_if_addrs().values()
        for entry in entries
        if entry.family == socket.AF_INET and not ipaddress.ip_address(entry.address).is_loopback
    ]


def answers(address: str, found: Iterable[Listener]) -> list[int]:
    """The ports of these sockets that take a connection there, as a scan from the network finds.

    Ports at which another program of this machine listens as well are left out: it would answer.
    """
    ours = {(listener.address, listener.port) for listener in found}
    others = {
        connection.laddr.port
        for connection in psutil.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN and tuple(connection.laddr) not in ours
    }
    taken = []
    for port in sorted({port for _, port in ours} - others):
        with socket.socket() as client:
            client.settimeout(1.0)
            if client.connect_ex((address, port)) == 0:
                taken.append(port)
    return taken


def _name(process: psutil.Process) -> str:
    """A process as people know it."""
    line = process.cmdline()
    for part, name in (
        ("gcs_server", "GCS"),
        ("/raylet/raylet", "raylet"),
        ("dashboard.py", "dashboard"),
        ("monitor.py", "autoscaler monitor"),
        ("ray::DashboardAgent", "dashboard agent"),
        ("ray::RuntimeEnvAgent", "runtime env agent"),
        ("ray::", "worker"),
        ("xlsearch", "driver"),
    ):
        if any(part in argument for argument in line[:3]):
            return name
    return process.name()


def _scan(command: list[str]) -> set[Listener]:
    """What a search listens on, from its start until a trial has trained for a few reports."""
    found: set[Listener] = set()
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    search = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    reports = 0

    def read() -> None:
        nonlocal reports
        assert search.stdout is not None
        for line in search.stdout:
            print(line, end="", file=sys.stderr)
            reports += line.startswith("trial ") and " step " in line

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        while search.poll() is None and reports < _ENOUGH:
            with contextlib.suppress(psutil.NoSuchProcess):
                found |= listeners(psutil.Process(search.pid))
            time.sleep(0.5)
        if reports < _ENOUGH:
            raise SystemExit("the search ended before a trial trained")
        for address in network_addresses():
            if taken := answers(address, found):
                print(f"answers on {address}: {taken}")
                found |= {Listener("some process", address, port) for port in taken}
    finally:
        search.send_signal(signal.SIGINT)
        try:
            search.wait(60)
        except subprocess.TimeoutExpired:
            search.kill()
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, help="of an earlier search, which has its model")
    parser.add_argument("--ray-dashboard", action="store_true")
    parser.add_argument("--space", help="as of xlsearch launch", default="learning-rates")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        command = [
            *(sys.executable, "-m", "xlsearch", "launch", "--task", "xlsum", "--model", "mbart"),
            *("--scale", "pocket", "--study", "port-scan", "--space", options.space),
            *("--root", str(options.root or scratch)),
            *(["--ray-dashboard"] if options.ray_dashboard else []),
        ]
        found = _scan(command)
    outside = sorted(listener for listener in found if not listener.on_loopback)
    for listener in sorted(found):
        print(f"{listener.process:20} {listener.address:24} {listener.port}")
    if outside:
        print(f"{len(outside)} of {len(found)} sockets can be reached from other machines")
    else:
        print(f"all {len(found)} sockets listen on loopback only")
    return 1 if outside else 0


if __name__ == "__main__":
    sys.exit(main())

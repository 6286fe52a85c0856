"""A Slurm cluster of two nodes on this machine, cut off from its network.

Each node has its own network, host name and processes (Linux namespaces, hence root is needed), so
that the nodes differ for Slurm and for Ray, nothing else that runs on the machine is seen or
stopped by the jobs, and killing a node kills all that runs on it.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "ip", "nsenter", "unshare")
NODES = {"node1": "10.77.0.1", "node2": "10.77.0.2"}

_PATIENCE_SECONDS = 300.0

_CONFIGURATION = """
ClusterName=drill
SlurmctldHost=node1(10.77.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
# A requeued job waits as long as its old credential lives; 120 seconds by default.
AuthInfo=socket={folder}/munge.socket,cred_expire=5
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
JobRequeue=1
KillWait=5
SlurmdTimeout=40
MessageTimeout=60
ReturnToService=2
SchedulerParameters=sched_interval=3,sched_min_interval=0
"""


def missing() -> str | None:
    """Why there can be no cluster on this machine; None if there can."""
    if os.geteuid() != 0:
        return "a Slurm cluster on one machine needs root, for its namespaces"
    absent = [name for name in PROGRAMS if shutil.which(name) is None]
    return f"not installed: {', '.join(absent)} (Debian: slurm-wlm, munge)" if absent else None


def wait_until(what: str, holds: Callable[[], bool], seconds: float = _PATIENCE_SECONDS) -> None:
    """Polls.

    Raises:
        TimeoutError: If it still does not hold after ``seconds``.
    """
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds:.0f} seconds")
        time.sleep(0.3)


class SlurmCluster:
    """Two nodes of two CPUs each; ``node1`` also has the controller.

    Args:
        folder: For configuration, state and logs; empty.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._configuration = folder / "slurm.conf"
        self._networks: dict[str, subprocess.Popen[bytes]] = {}
        self._daemons: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> SlurmCluster:
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _start(self) -> None:
        key = self.folder / "munge.key"
        key.write_bytes(secrets.token_bytes(64))
        key.chmod(0o400)
        nodes = [
            f"NodeName={name} NodeAddr={address} CPUs=2 State=UNKNOWN"
            for name, address in NODES.items()
        ]
        partition = "PartitionName=drill Nodes=ALL Default=YES MaxTime=INFINITE State=UP"
        lines = [_CONFIGURATION.format(folder=self.folder), *nodes, partition, ""]
        self._configuration.write_text("\n".join(lines))
        (self.folder / "state").mkdir()
        for name in NODES:
            (self.folder / f"spool-{name}").mkdir()
            self._networks[name] = subprocess.Popen(
                ["unshare", "--net", "--uts", "sh", "-c", f"hostname {name}; exec sleep infinity"]
            )
        wait_until("two networks", lambda: all(self._host_name(name) == name for name in NODES))
        self._connect()
        files = [f"--{part}-file={self.folder}/munge.{part}" for part in ("key", "log", "pid")]
        seed, socket = f"--seed-file={self.folder}/munge.seed", f"{self.folder}/munge.socket"
        self._daemons["munged"] = subprocess.Popen(
            ["munged", "--foreground", "--force", f"--socket={socket}", seed, *files],
            stderr=subprocess.DEVNULL,
        )
        wait_until("munged", Path(socket).exists)
        controller = ["slurmctld", "-D", "-c", "-f", str(self._configuration)]
        self._daemons["slurmctld"] = self._popen("node1", controller)
        for name in NODES:
            self.start_node(name)
        wait_until("two idle nodes", lambda: self.states() == dict.fromkeys(NODES, "idle"))

    def _connect(self) -> None:
        """A cable from node to node."""
        ends = [
            part
            for name in NODES
            for part in ("name", f"to-{name}", "netns", str(self._networks[name].pid))
        ]
        subprocess.run(
            ["ip", "link", "add", *ends[1:4], "type", "veth", "peer", *ends[4:]], check=True
        )
        for name, address in NODES.items():
            for command in (
                f"ip address add {address}/24 dev to-{name}",
                f"ip link set to-{name} up",
                "ip link set lo up",
            ):
                subprocess.run(self._inside(name, command.split()), check=True)

    def _inside(self, name: str, command: list[str]) -> list[str]:
        return ["nsenter", "--target", str(self._networks[name].pid), "--net", "--uts", *command]

    def _host_name(self, name: str) -> str:
        found = subprocess.run(self._inside(name, ["hostname"]), capture_output=True, text=True)
        return found.stdout.strip()

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "SLURM_CONF": str(self._configuration)}

    def _popen(self, name: str, command: list[str]) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{command[-1]}.out").open("ab") if command[-1] in NODES else None
        return subprocess.Popen(
            self._inside(name, command),
            env=self._environment(),
            stdout=log or subprocess.DEVNULL,
            stderr=log or subprocess.DEVNULL,
        )

    def start_node(self, name: str) -> None:
        """Starts a node, anew if it was killed."""
        own = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
        # The first process of a machine has to reap orphans, which slurmd does not do.
        own += ["sh", "-c", '"$@" & wait', "init"]
        daemon = ["slurmd", "-D", "-f", str(self._configuration), "-N", name]
        self._daemons[name] = self._popen(name, [*own, *daemon])

    def kill_node(self, name: str) -> None:
        """Kills all processes of a node at once, as a power cut does."""
        self._daemons[name].kill()
        self._daemons[name].wait()

    def run(self, *command: str, folder: Path | None = None, **variables: str) -> str:
        """What a client command prints.

        Raises:
            RuntimeError: If it fails.
        """
        done = subprocess.run(
            self._inside("node1", list(command)),
            env={**self._environment(), **variables},
            cwd=folder,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
        return done.stdout

    def states(self) -> dict[str, str]:
        """The state of each node; empty while the controller does not answer."""
        try:
            shown = self.run("sinfo", "--noheader", "--Node", "--format=%N %T")
        except RuntimeError:
            return {}
        return dict(line.split() for line in shown.splitlines())

    def job(self, number: str) -> dict[str, str]:
        """What Slurm says of a job: ``JobState``, ``Restarts``, ``ExitCode`` and so on."""
        shown = self.run("scontrol", "show", "job", number)
        return dict(re.findall(r"(\S+?)=(\S*)", shown))

    def stop(self) -> None:
        """Kills everything."""
        for process in (*reversed(self._daemons.values()), *self._networks.values()):
            process.kill()
            process.wait()

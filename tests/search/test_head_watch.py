"""A driver whose cluster has lost its head ends with a sentence, whatever it was waiting for."""

from __future__ import annotations

import subprocess
import sys

DRIVER = """
import signal, socket, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from xlsearch.errors import RunFailed
from xlsearch.search.ray_tune import head_watch
head_watch._LOOK_EVERY, head_watch._GRACE = 0.05, 0.5
server = socket.create_server(("127.0.0.1", 0))
try:
    with head_watch.watching_head(f"127.0.0.1:{server.getsockname()[1]}"):
        time.sleep(0.5)
        print("it answers", flush=True)
        server.close()
        time.sleep(600)
except RunFailed as error:
    print(error, flush=True)
    if "hang" in sys.argv:
        time.sleep(600)
    sys.exit(1)
"""


def test_the_wait_ends_and_so_does_the_process() -> None:
    for hanging in ((), ("hang",)):
        done = subprocess.run(
            [sys.executable, "-c", DRIVER, *hanging],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        said = done.stdout.splitlines()
        assert (done.returncode, len(said), said[0]) == (1, 2, "it answers"), done.stderr
        assert "the same command continues" in said[1]

"""Tells a Prometheus of this machine where the metrics of a local cluster are."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from xlsearch.runs.atomic import write_text

_PREFIX = "xlsearch-"


@contextlib.contextmanager
def discoverable(folder: Path) -> Iterator[Path]:
    """A file for Prometheus's discovery by files, as long as the block lasts.

    Ray writes one too, but only where its dashboard runs, and one for all clusters of a machine.

    Args:
        folder: Ray's temporary folder, ``/tmp/ray`` unless somebody chose another.

    Yields:
        The file. Ray picks a free port at each start, so a fixed target would not do.
    """
    import ray

    for left in folder.glob(f"{_PREFIX}*.json"):
        # Of a driver that was killed. Another user's file may not be ours to remove.
        if not _lives(left.stem.removeprefix(_PREFIX)):
            with contextlib.suppress(OSError):
                left.unlink()
    targets = [f"{n['NodeManagerAddress']}:{n['MetricsExportPort']}" for n in ray.nodes()]
    file = folder / f"{_PREFIX}{os.getpid()}.json"
    # The labels are those of Ray's own file, so that a target in both is scraped once.
    write_text(file, json.dumps([{"labels": {"job": "ray"}, "targets": targets}]))
    try:
        yield file
    finally:
        file.unlink(missing_ok=True)


def _lives(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except (ValueError, OSError):
        return True
    return True

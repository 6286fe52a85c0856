"""What tells one root folder from another, wherever it is moved or mounted."""

from __future__ import annotations

import uuid
from pathlib import Path

from xlsearch.runs.atomic import read_json, write_json
from xlsearch.runs.lock import locked


def root_id(root: Path) -> str:
    """The id of a root folder, which is made when it is first asked for."""
    file = root / "root.json"
    if not file.exists():
        with locked(root / "root.lock", timeout=-1):
            if not file.exists():
                write_json(file, {"id": uuid.uuid4().hex})
    return str(read_json(file)["id"])

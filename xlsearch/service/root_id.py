"""What tells one root folder from another, wherever it is moved or mounted."""

from __future__ import annotations

import uuid
from pathlib import Path

from xlsearch.errors import UserError
from xlsearch.runs.atomic import read_json, write_json
from xlsearch.runs.lock import locked
from xlsearch.runs.remote import location_of, remote_of


def root_id(root: Path) -> str:
    """The id of a root folder, which is made when it is first asked for; an object store's is its
    URL.

    Raises:
        UserError: If the file that keeps it is damaged.
    """
    if remote_of(root) is not None:
        return location_of(root)
    file = root / "root.json"
    if not file.exists():
        with locked(root / "root.lock", timeout=-1):
            if not file.exists():
                write_json(file, {"id": uuid.uuid4().hex})
    try:
        return str(read_json(file)["id"])
    except (ValueError, KeyError, TypeError):
        raise UserError(
            f"{file} is damaged; give it back from a backup, or remove it (a study in a database "
            "then takes this for another root folder)"
        ) from None

"""``xlsearch doctor``: what this machine can run."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from xlsearch.cli.options import json_option, root_option


@click.command("doctor")
@root_option
@json_option
def command(root: Path, as_json: bool) -> None:
    """Show what this machine can run, and what is missing."""
    from xlsearch.service.doctor import examine

    found = examine(root)
    if as_json:
        click.echo(json.dumps(found, indent=2))
        sys.exit(1 if found["missing"] else 0)
    for name, value in found.items():
        if name == "packages":
            value = ", ".join(f"{package} {version or '-'}" for package, version in value.items())
        elif isinstance(value, list):
            value = ", ".join(value) or "nothing"
        click.echo(f"{name.replace('_', ' '):18} {value}")
    sys.exit(1 if found["missing"] else 0)

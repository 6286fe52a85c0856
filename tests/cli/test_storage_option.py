"""``--storage``: its password is not for everyone to see."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from xlsearch.cli.options import storage_option
from xlsearch.cli.secrets import without_storage
from xlsearch.errors import UserError
from xlsearch.search.database import connected, shown_url


@pytest.mark.parametrize(
    ("arguments", "kept", "url"),
    [
        (["launch", "--storage", "u", "--json"], ["launch", "--json"], "u"),
        (["launch", "--storage=a=b"], ["launch"], "a=b"),
        (["launch", "--storage-wait", "3"], ["launch", "--storage-wait", "3"], None),
    ],
)
def test_the_option_is_taken_off_the_command_line(
    arguments: list[str], kept: list[str], url: str | None
) -> None:
    assert without_storage(arguments) == (kept, url)


def test_the_command_line_of_the_process_holds_no_password(tmp_path: Path) -> None:
    """Asked of the process itself, by a driver module that stands in for psycopg."""
    (tmp_path / "psycopg").mkdir()
    spy = "print(open('/proc/self/cmdline').read()); raise ImportError('none')"
    (tmp_path / "psycopg" / "__init__.py").write_text(spy)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "xlsearch", "status", "s", "--root", str(tmp_path)),
            *("--storage", "postgresql://me:t0p-secret@127.0.0.1:1/d"),
        ],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])},
    )
    assert done.returncode == 2, done.stderr
    assert "\0status\0s\0" in done.stdout
    assert "pip install 'xlsearch[postgresql]'" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "t0p-secret" not in done.stdout + done.stderr


def test_the_environment_variable_is_not_passed_on() -> None:
    @click.command()
    @storage_option
    def command(storage: str | None) -> None:
        click.echo(f"{storage} {os.environ.get('XLSEARCH_STORAGE')}")

    done = CliRunner().invoke(command, env={"XLSEARCH_STORAGE": "sqlite:///a"})
    assert done.output == "sqlite:///a None\n"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:t0p@h/d",
        "postgresql://me@h/d?password=t0p",
        "postgresql://me@h/d?sslpassword=t0p&sslmode=require",
    ],
)
def test_a_shown_url_has_no_password(url: str) -> None:
    assert "t0p" not in shown_url(url)
    assert shown_url(url).startswith("postgresql://me")


@pytest.mark.parametrize(
    "url", ["postgresql://me:x@t0p@h/d", "postgresql://me:t0p/x@h/d@e", "postgresql://h:t0p/d"]
)
def test_an_unreadable_url_is_not_repeated(url: str) -> None:
    with pytest.raises(UserError, match="--storage") as raised:
        connected(url)
    assert "t0p" not in str(raised.value)

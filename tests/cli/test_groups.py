"""Options in groups: each has one place, and none is left out."""

from __future__ import annotations

from collections import Counter

import click
import pytest
from click.testing import CliRunner

from xlsearch.cli.groups import GROUPS
from xlsearch.cli.launch import command as launch
from xlsearch.cli.plan import command as plan


@pytest.mark.parametrize("command", [launch, plan], ids=["launch", "plan"])
def test_help_shows_each_option_once(command: click.Command) -> None:
    said = CliRunner().invoke(command, ["--help"]).stdout
    begun = Counter(line.split()[0].rstrip(",") for line in said.splitlines() if line[:3] == "  -")
    expected = [option.opts[0] for option in command.params if isinstance(option, click.Option)]
    # Help itself is called -h or --help, by whether its group or the command was asked first.
    assert begun - Counter(["-h", "--help"]) == Counter(expected)


def test_every_option_of_launch_is_in_a_group() -> None:
    placed = [name for names in GROUPS.values() for name in names.split()]
    assert len(placed) == len(set(placed))
    assert {str(parameter.name) for parameter in launch.params} == set(placed)

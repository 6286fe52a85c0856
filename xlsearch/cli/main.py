"""The ``xlsearch`` command: finds the subcommand; errors become sentences and exit codes."""

from __future__ import annotations

import errno
import importlib
import sys

import click

import xlsearch
from xlsearch.cli.secrets import hide_password
from xlsearch.errors import RunFailed, UserError

COMMANDS = (
    "dashboard",
    "data",
    "doctor",
    "export",
    "launch",
    "logs",
    "manifest",
    "plan",
    "report",
    "reproduce",
    "score",
    "simulate",
    "status",
    "stop",
    "train",
    "translate-outputs",
    "xlrs",
)


_PLACES = {
    errno.EACCES,
    errno.EDQUOT,
    errno.EISDIR,
    errno.ENOENT,
    errno.ENOSPC,
    errno.ENOTDIR,
    errno.EPERM,
    errno.EROFS,
}
"""Errors of a place that was named by the user, or that is full."""


class _Commands(click.Group):
    """Loads a subcommand only when it is used, so that ``--help`` answers at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(
            f"xlsearch.cli.{cmd_name.replace('-', '_')}"
        ).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Whole sentences, which click would cut to a line."""
        commands = {name: self.get_command(ctx, name) for name in self.list_commands(ctx)}
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, found.get_short_help_str(200)) for name, found in commands.items() if found]
            )


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(xlsearch.__version__, prog_name="xlsearch")
def cli() -> None:
    """Finds the learning rate at which a multilingual model, fine-tuned on English only, does a
    task in other languages and still answers in the right language."""


def main() -> None:
    """Runs the command line.

    Exit codes: 0 done; 2 bad input, one sentence on stderr; 130 interrupted; 1 anything else.
    """
    hide_password()
    try:
        sys.exit(cli.main(standalone_mode=False) or 0)
    except UserError as error:
        _fail(str(error), 2)
    except click.UsageError as error:
        _fail(" ".join(error.format_message().split()), 2)
    except (KeyboardInterrupt, click.Abort):
        _fail("interrupted; the same command continues", 130)
    except RunFailed as error:
        _fail(str(error), 1)
    except OSError as error:
        if error.errno not in _PLACES:
            raise
        _fail(f"{error.filename or 'the root folder'}: {error.strerror}", 2)


def _fail(message: str, code: int) -> None:
    click.echo(f"xlsearch: {message}", err=True)
    sys.exit(code)

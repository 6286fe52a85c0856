"""The help of a command with many options, which are shown in groups."""

from __future__ import annotations

from collections.abc import Mapping

import click

GROUPS: Mapping[str, str] = {
    "What to search": "task model method scale space seed seeds pretraining_seed name",
    "Where data and models are": (
        "data_dir model_path text_dir parallel_dir translator_path lid_model plugins"
    ),
    "Where it runs": "address submit gpus_per_trial cpus_per_trial trials ray_dashboard",
    "When it stops or begins a trial again": "budget hang_minutes",
    "What it writes": "root storage storage_wait as_json",
}
"""Options by the heading that they stand under, in the order in which they are shown."""


class GroupedCommand(click.Command):
    """Shows its options in groups; those that are in none stand last."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        records = {
            parameter.name: record
            for parameter in self.get_params(ctx)
            if (record := parameter.get_help_record(ctx)) is not None
        }
        for heading, names in GROUPS.items():
            shown = [records.pop(name) for name in names.split() if name in records]
            if shown:
                with formatter.section(heading):
                    formatter.write_dl(shown)
        with formatter.section("Other options"):
            formatter.write_dl(list(records.values()))

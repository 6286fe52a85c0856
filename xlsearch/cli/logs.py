"""``xlsearch logs``: what a search that was submitted to a cluster has printed."""

from __future__ import annotations

import click

from xlsearch.cli.cluster_options import jobs_option


@click.command("logs")
@click.argument("study")
@jobs_option
@click.option("-f", "--follow", "follows", is_flag=True, help="Go on until the search ends.")
def command(study: str, url: str | None, follows: bool) -> None:
    """Show what a STUDY submitted to a cluster has printed."""
    from xlsearch.cli.submit import follow
    from xlsearch.service.jobs import ClusterJobs

    if url is None:
        raise click.UsageError("logs are those of a job: give its cluster's --address URL")
    if follows:
        follow(url, study)
    else:
        click.echo(ClusterJobs(url).log(study), nl=False)

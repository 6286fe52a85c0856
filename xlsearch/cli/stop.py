"""``xlsearch stop``: ends a search that was submitted to a cluster, so that it can be continued."""

from __future__ import annotations

import click

from xlsearch.cli.cluster_options import jobs_option


@click.command("stop")
@click.argument("study")
@jobs_option
def command(study: str, url: str | None) -> None:
    """Stop a STUDY submitted to a cluster; submitting it again continues it."""
    from xlsearch.service.jobs import ClusterJobs

    if url is None:
        raise click.UsageError(
            "stop ends a job: give its cluster's --address URL; a search in a terminal ends with "
            "Ctrl-C"
        )
    jobs = ClusterJobs(url)
    click.echo(f"stopping {study}", err=True)
    if jobs.stop(study):
        click.echo(f"{study} is stopped; xlsearch launch --submit {url} continues it")
    else:
        click.echo(f"{study} was not running")

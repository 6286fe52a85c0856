"""What ``xlsearch launch --submit`` does: the same command as a job of a cluster."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from xlsearch.cli.cluster_options import job_command
from xlsearch.cli.options import options_of
from xlsearch.errors import RunFailed, UserError


def submit(
    context: click.Context,
    url: str,
    name: str | None,
    root: Path,
    storage: str | None,
    values: dict[str, Any],
) -> None:
    """Submits a launch, or finds its job running, and shows what it says until it ends.

    Args:
        context: Of the command.
        url: Of the cluster's dashboard.
        name: The study's name, if it was given.
        root: The root folder on the cluster.
        storage: The database of the record, if one was given.
        values: The options that say what to search.

    Raises:
        UserError: If the cluster can't be reached, or can't know what an option names.
        RunFailed: If the job failed.
    """
    from xlsearch.runs.remote import location_of
    from xlsearch.search.database import has_password
    from xlsearch.service.jobs import ClusterJobs
    from xlsearch.service.workspace import check_study_name

    _check_here_only(context)
    study = name or _default_name(values)
    check_study_name(study)
    arguments, files = job_command(context, study)
    location = location_of(root)
    if not location.startswith("/") and ":/" not in location:
        raise UserError(
            "--submit needs --root, an absolute path that all machines of the cluster see"
        )
    if storage and has_password(storage):
        raise UserError(
            "the command line of a job is shown to all who see the cluster's dashboard, so "
            "--storage can't hold a password with --submit; put it into PGPASSWORD or ~/.pgpass "
            "on the cluster"
        )
    jobs = ClusterJobs(url)
    submitted = jobs.submit(study, arguments, files, location, storage)
    how = "submitted" if submitted.new else "is there already"
    click.echo(f"job {study} {how}; its log:", err=True)
    follow(url, study, submitted.said_before)


def _check_here_only(context: click.Context) -> None:
    """Refuses options that a job has no use for: it runs on the cluster that it is a job of.

    Raises:
        UserError: For the first of them.
    """
    for name, option in (("address", "--address"), ("ray_dashboard", "--ray-dashboard")):
        if context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE:
            raise UserError(
                f"{option} and --submit can't be given together; leave out {option}: a job runs on "
                "the cluster that it is submitted to, which has a dashboard of its own"
            )


def follow(url: str, study: str, skip: int = 0) -> None:
    """Shows what a job says until it ends.

    Raises:
        RunFailed: If it did not succeed.
    """
    from xlsearch.service.jobs import ClusterJobs

    def write(text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()

    try:
        ended = ClusterJobs(url).follow(study, write, skip)
    except KeyboardInterrupt:
        click.echo(
            f"the job goes on; xlsearch logs {study} --address {url} -f follows it, xlsearch stop "
            "ends it",
            err=True,
        )
        raise
    if ended.status == "STOPPED":
        raise RunFailed(f"the search was stopped; xlsearch launch --submit {url} continues it")
    if ended.code:
        raise RunFailed(f"job {study} failed: {ended.message}")


def _default_name(values: dict[str, Any]) -> str:
    """The name that the launch would give the study.

    Raises:
        UserError: If that depends on what only the cluster has.
    """
    places = ("data_dir", "model_path", "text_dir", "parallel_dir", "translator_path", "lid_model")
    if values["scale"] == "auto" or any(values.get(place) for place in places):
        raise UserError(
            "--submit needs --study NAME, or --scale pocket or paper without places on the "
            "cluster: the job has the study's name, and that depends on what the cluster has"
        )
    name: str = options_of(values).default_study
    return name

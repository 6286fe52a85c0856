"""``xlsearch manifest``: a file that starts a cluster for a search."""

from __future__ import annotations

from typing import Any

import click


@click.command("manifest")
@click.argument("kind")
@click.option("--task", default="xlsum", show_default=True, help="Task.")
@click.option("--model", default="mt5", show_default=True, help="Pretrained model.")
@click.option("--method", default="full", show_default=True, help="Adaptation methods, or all.")
@click.option("--study", help="Name of the study and the job; default: TASK-MODEL.")
@click.option("--root", help="Root folder, or URL, that all machines see.")
@click.option(
    "--image",
    default="registry.example.org/xlsearch:latest",
    help="Container with Ray and xlsearch, for Kubernetes (launch/Dockerfile).",
)
@click.option(
    "--workers", type=click.IntRange(1), default=4, show_default=True, help="Machines with GPUs."
)
def command(kind: str, study: str | None, **values: Any) -> None:
    """Print a file of a KIND: kuberay (RayJob), aws or gcp (Ray's cluster launcher)."""
    from xlsearch.service.manifests.render import ManifestOptions, render

    study = study or f"{values['task']}-{values['model']}"
    click.echo(render(kind, ManifestOptions(study=study, **values)), nl=False)

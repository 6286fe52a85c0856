"""Files for Kubernetes and for Ray's cluster launcher, with a search's names filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib import resources
from string import Template

from xlsearch.errors import UserError, unknown_name
from xlsearch.models.catalogue import find_model
from xlsearch.service.methods import check_asked
from xlsearch.service.workspace import check_study_name
from xlsearch.tasks.registry import find_task

KINDS: Mapping[str, str] = {
    "kuberay": "kuberay-rayjob.yaml",
    "aws": "ray-aws-a100.yaml",
    "gcp": "ray-gcp-a100.yaml",
}
"""Name of the template by kind; the files in ``launch/`` are these with the default values."""

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@,-]*|/[A-Za-z0-9._/-]+")
"""Values that mean the same in YAML and in a shell, quoted or not."""

_KUBERNETES_NAME = re.compile(r"[a-z]([a-z0-9-]{0,45}[a-z0-9])?")
"""Of a RayJob: names of its services and pods are made from it, and have 63 characters at most."""


@dataclass(frozen=True)
class ManifestOptions:
    """What is filled in.

    Attributes:
        task, model, method: What to search, at the paper's scale; methods with commas between them.
        study: The study's name; on Kubernetes that of the job too.
        root: Of all that is written, where all machines see it.
        image: Container with Ray and xlsearch, for Kubernetes.
        workers: Machines with GPUs, at most.
    """

    task: str = "xlsum"
    model: str = "mt5"
    method: str = "full"
    study: str = "xlsum-mt5"
    root: str | None = None
    image: str = "registry.example.org/xlsearch:latest"
    workers: int = 4


_ROOTS: Mapping[str, str] = {
    "kuberay": "/xlsearch-runs",
    "aws": "s3://BUCKET/xlsearch",
    "gcp": "gs://BUCKET/xlsearch",
}
"""Where the root is if nothing is said: the claimed volume, or a bucket to be named."""


def render(kind: str, options: ManifestOptions) -> str:
    """The file of a kind.

    Args:
        kind: ``kuberay``, ``aws`` or ``gcp``.
        options: What is filled in.

    Raises:
        UserError: If there is no such kind, or a value is not valid or would mean something else
            there.
    """
    if kind not in KINDS:
        raise unknown_name("kind of file", kind, KINDS)
    find_task(options.task)
    find_model(options.model, "paper")
    check_asked(options.method.split(","))
    check_study_name(options.study)
    if options.root and not options.root.startswith("/") and "://" not in options.root:
        raise UserError(
            f"--root {options.root} is a place on this machine; give an absolute path or a URL "
            "that all machines of the cluster see"
        )
    values = {**asdict(options), "root": options.root or _ROOTS[kind]}
    for name, value in values.items():
        if not _PLAIN.fullmatch(str(value)):
            raise UserError(
                f"--{name} {value!r} can't stand in a file for a cluster; valid: letters, digits "
                "and . _ : / @ , -"
            )
    if kind == "kuberay" and not _KUBERNETES_NAME.fullmatch(options.study):
        raise UserError(
            f"--study {options.study!r} can't name a job of Kubernetes; valid: small letters, "
            "digits and '-', beginning with a letter, 47 at most"
        )
    text = resources.files(__package__).joinpath(KINDS[kind]).read_text(encoding="utf-8")
    return Template(text).substitute(values)

"""A launch: from a search to its best configuration, or on from where an earlier one stopped."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from xlsearch.errors import RunFailed, UserError
from xlsearch.reporting.best import write_best
from xlsearch.reporting.curves import draw_curves
from xlsearch.runs.remote import remote_of
from xlsearch.runs.retry import PATIENCE
from xlsearch.search.listener import SearchListener
from xlsearch.search.listeners import Listeners
from xlsearch.search.metrics import SearchMetrics
from xlsearch.search.ray_tune.driver import ray_cluster, run_study
from xlsearch.search.ray_tune.metrics import PublishedMetrics
from xlsearch.search.ray_tune.nodes import check_nodes
from xlsearch.search.ray_tune.resources import (
    DEFAULT_RESOURCES,
    NodeResources,
    ResourceOptions,
    Resources,
    choose_resources,
    cluster_nodes,
)
from xlsearch.search.recorded_trial import RecordedTrial
from xlsearch.search.storage import quiet_optuna
from xlsearch.search.study import Study
from xlsearch.service.cost import search_cost
from xlsearch.service.search import Search
from xlsearch.service.studies import recording
from xlsearch.service.workspace import Workspace
from xlsearch.trial.inputs import check_inputs, prepare_inputs
from xlsearch.trial.watchdog import HANG_SECONDS

LOCAL_CONCURRENCY = 2
"""Trials assumed at a time before the cluster is known, for the estimate of disk space."""


class LaunchView(SearchListener, Protocol):
    """Shows a launch to a person."""

    def loading(self) -> None:
        """Libraries and data are being loaded."""

    def preparing(self, what: str, done: int, total: int, note: str = "") -> None:
        """Something that all runs need is being made: what, how far, and a figure."""

    def waiting(self, who: str) -> None:
        """Another process makes what this one needs, and this one waits for it."""

    def connecting(self) -> None:
        """Ray is being started or joined."""

    def serving(self, url: str) -> None:
        """Ray's dashboard is there."""

    def searching(self, study: Study, resources: Resources) -> None:
        """Trials begin now."""

    def searched(self) -> None:
        """No trial runs any more."""


@dataclass(frozen=True)
class LaunchOptions:
    """Where and how a search runs; none of it changes what it finds.

    Attributes:
        storage_url: A database for the record, in place of the journal in the study's folder.
        address: A running Ray cluster, in place of one of this machine.
        resources: What each trial runs on.
        hang_seconds: A trial that reports nothing for so long is begun again; None for never.
        storage_wait: Seconds that the record's storage may be away.
        ray_dashboard: Whether a cluster of this machine serves Ray's dashboard, on loopback.
    """

    storage_url: str | None = None
    address: str | None = None
    resources: ResourceOptions = DEFAULT_RESOURCES
    hang_seconds: float | None = HANG_SECONDS
    storage_wait: float = PATIENCE
    ray_dashboard: bool = False


@dataclass(frozen=True)
class Launched:
    """A finished launch.

    Attributes:
        study: The study, complete.
        best: The chosen trial.
        configuration: The best configuration as YAML.
        curves: The learning-rate curves as PNG.
    """

    study: Study
    best: RecordedTrial
    configuration: Path
    curves: Path


def launch(
    search: Search,
    workspace: Workspace,
    name: str,
    view: LaunchView,
    options: LaunchOptions = LaunchOptions(),
) -> Launched:
    """Runs or continues a search.

    Args:
        search: What to search.
        workspace: Where everything is kept.
        name: The study's name.
        view: Is shown everything.
        options: Where and how it runs.

    Raises:
        UserError: If the root or the cluster can't be used, or the study is driven by another
            process or has another configuration.
        RunFailed: If runs were lost, or none finished.
    """
    quiet_optuna()
    folder = workspace.study_folder(name)
    if folder.exists() or name in workspace.study_names():
        # Asked before the data are read, which may take minutes.
        with workspace.driving(name):
            pass
    view.loading()
    runs, sources = search.first_runs(), search.template.sources
    check_inputs(
        [*runs, *search.first_tuned_runs()],
        workspace.root,
        sources,
        lambda done, total: view.preparing("reading the data", done, total),
    )
    workspace.check_writable(search_cost(search, LOCAL_CONCURRENCY).disk_bytes)
    with recording(search, workspace, name, options.storage_url, options.storage_wait) as study:
        study.forget_lost()
        if not study.is_done():
            view.connecting()
            with ray_cluster(options.address, options.ray_dashboard) as dashboard:
                if dashboard is not None:
                    view.serving(dashboard)
                resources = _resources(options)
                if options.address is not None:
                    check_nodes(None if remote_of(workspace.root) else workspace.root)
                for first in runs:
                    prepare_inputs(
                        first,
                        workspace.root,
                        sources,
                        lambda done, total, loss: view.preparing(
                            "pretraining the model (once)", done, total, f"loss {loss:.2f}"
                        ),
                        lambda done, total: view.preparing(
                            "encoding the training examples (once)", done, total
                        ),
                        view.waiting,
                        on_translated=lambda code, done, total: view.preparing(
                            f"translating the training data into {code} (once)", done, total
                        ),
                        on_text=lambda code, done, total: view.preparing(
                            f"fetching text in {code} (once)", done, total
                        ),
                    )
                view.searching(study, resources)
                metrics = _metrics(study, workspace.root, resources)
                try:
                    with PublishedMetrics(metrics):
                        run_study(
                            study,
                            search.run_config,
                            workspace.root,
                            resources,
                            search.space.objective.wrong_language_penalty,
                            Listeners((view, metrics)),
                            sources,
                            search.intermediate,
                            options.hang_seconds,
                        )
                finally:
                    view.searched()
        return _finish(study, workspace, folder)


def _resources(options: LaunchOptions) -> Resources:
    """What trials run on, on the connected cluster.

    Raises:
        UserError: If no node holds a trial, and none that does can come.
    """
    nodes = cluster_nodes()
    resources = choose_resources(options.resources, nodes)
    if not resources.held_by(nodes) and (options.address is None or not resources.fixed):
        largest = max(nodes, key=lambda node: (node.gpus, node.cpus), default=NodeResources(0, 0))
        raise UserError(
            f"no machine here holds a trial of {resources.gpus:g} GPUs and {resources.cpus} CPUs; "
            f"the largest has {largest.gpus:g} and {largest.cpus:g} (--gpus-per-trial, "
            "--cpus-per-trial; --trials N asks a cluster that grows for more machines)"
        )
    return resources


def _metrics(study: Study, root: Path, resources: Resources) -> SearchMetrics:
    return SearchMetrics(
        study.name,
        study.configuration["source_language"],
        study.trials(),
        "gpu" if resources.gpus else "cpu",
        resources.gpus or resources.cpus,
        root,
    )


def _finish(study: Study, workspace: Workspace, folder: Path) -> Launched:
    if not study.is_done():
        raise RunFailed(f"Ray ended before study {study.name!r} did; the same command goes on")
    if lost := study.lost_points():
        reasons = "; ".join(f"{t.point.describe()}: {t.reason}" for t in lost)
        raise RunFailed(
            f"study {study.name!r} has no answer yet, since runs were lost ({reasons}); the same "
            "command tries them again"
        )
    best = study.choice()
    if best is None:
        raise RunFailed(
            f"no run of study {study.name!r} finished: all diverged; try smaller learning rates "
            "(learning_rates.decades in the search space)"
        )
    configuration, curves = folder / "best.yaml", folder / "curves.png"
    write_best(study, workspace.root, configuration)
    draw_curves(study, curves)
    for file in (configuration, curves):
        workspace.publish(file)
    return Launched(study, best, configuration, curves)

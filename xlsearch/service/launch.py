"""A launch: from a search to its best configuration, or on from where an earlier one stopped."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from xlsearch.config.run import RunConfig
from xlsearch.config.sources import Sources
from xlsearch.errors import RunFailed, UserError
from xlsearch.reporting.best import write_best
from xlsearch.reporting.curves import draw_curves
from xlsearch.runs.folder import RunFolder
from xlsearch.runs.remote import remote_of
from xlsearch.search.database import check_driver
from xlsearch.search.listeners import Listeners
from xlsearch.search.metrics import SearchMetrics
from xlsearch.search.point import Point
from xlsearch.search.ray_tune.cluster import check_address
from xlsearch.search.ray_tune.driver import intermediate_is_made, ray_cluster, run_study
from xlsearch.search.ray_tune.metrics import PublishedMetrics
from xlsearch.search.ray_tune.nodes import check_nodes
from xlsearch.search.ray_tune.resources import (
    NodeResources,
    Resources,
    choose_resources,
    cluster_nodes,
)
from xlsearch.search.spending import PREPARATION, Attempt
from xlsearch.search.storage import quiet_optuna
from xlsearch.search.study import Study
from xlsearch.service.budget import Budget
from xlsearch.service.budget_gate import BudgetGate, Estimates
from xlsearch.service.cost import run_seconds, search_cost
from xlsearch.service.launching import DEFAULT_OPTIONS, Launched, LaunchOptions, LaunchView
from xlsearch.service.scale import has_gpu
from xlsearch.service.search import Search
from xlsearch.service.studies import recording
from xlsearch.service.workspace import Workspace
from xlsearch.trial.inputs import check_inputs, prepare_inputs

LOCAL_CONCURRENCY = 2
"""Trials assumed at a time before the cluster is known, for the estimate of disk space."""


def launch(
    search: Search,
    workspace: Workspace,
    name: str,
    view: LaunchView,
    options: LaunchOptions = DEFAULT_OPTIONS,
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
    if options.storage_url is not None:
        check_driver(options.storage_url)
    if folder.exists() or name in workspace.study_names():
        # Asked before the data are read, which may take minutes.
        with workspace.driving(name, view.claimed):
            pass
    if options.address is not None:
        check_address(options.address)
    elif options.budget is not None:
        gpus = options.resources.gpus
        options.budget.check_devices(float(has_gpu()) if gpus is None else gpus)
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
                if options.budget is not None:
                    # Of a cluster it is only known now what trials run on.
                    options.budget.check_devices(resources.gpus)
                gate = _gate(search, workspace.root, study, options.budget)
                study.set_stopped(None)
                _prepare(runs, workspace.root, sources, view, study, resources)
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
                            gate or (lambda what: True),
                        )
                finally:
                    view.searched()
                lost = bool(study.lost_points())
                if gate is not None and gate.has_refused and not lost and not study.is_done():
                    study.set_stopped(gate.describe_stop())
                    return Launched(study, study.choice(), {}, study.stopped)
        return _finish(study, workspace, folder)


def _gate(search: Search, root: Path, study: Study, budget: Budget | None) -> BudgetGate | None:
    """What lets only that start which a budget has room for; None without one."""
    if budget is None:
        return None

    def is_complete(what: Point | str) -> bool:
        if isinstance(what, Point):
            return RunFolder(root, search.run_config(what)).is_ended()
        return search.intermediate is None or intermediate_is_made(search.intermediate, root)

    tuning = search_cost(search, LOCAL_CONCURRENCY).intermediate_tuning
    tuning_hours = tuning.cpu_hours + tuning.gpu_hours if tuning else 0.0
    return BudgetGate(
        budget,
        study,
        Estimates(run_seconds(search) / 3600, tuning_hours),
        is_complete,
    )


def _prepare(
    runs: Sequence[RunConfig],
    root: Path,
    sources: Sources,
    view: LaunchView,
    study: Study,
    resources: Resources,
) -> None:
    """Makes what all runs need, and notes what it cost: seconds of one GPU, or of cores."""
    begun = time.time()
    # On CPUs, what the threads of this process were busy for; a GPU is held by whoever has it. The
    # driver may be on a machine without one while its trials have one each.
    on_gpu = resources.gpus > 0 and has_gpu()
    clock = time.monotonic if on_gpu else time.process_time
    start = clock()
    try:
        for first in runs:
            prepare_inputs(
                first,
                root,
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
    finally:
        seconds = clock() - start
        now = Attempt(begun, seconds, seconds, gpus=float(on_gpu), cores=float(not on_gpu))
        study.set_spent(PREPARATION, study.spent(PREPARATION).heard(now))


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
        if lost := study.lost_points():
            reasons = "; ".join(f"{t.point.describe()}: {t.reason}" for t in lost)
            raise RunFailed(
                f"study {study.name!r} has no answer yet, since runs were lost ({reasons}); the "
                "same command tries them again"
            )
        raise RunFailed(f"Ray ended before study {study.name!r} did; the same command continues")
    best = study.choice()
    if best is None:
        raise RunFailed(
            f"no run of study {study.name!r} finished: all diverged; try smaller learning rates "
            "(learning_rates.decades in the search space)"
        )
    files = {"curves": folder / "curves.png", "best configuration": folder / "best.yaml"}
    write_best(study, workspace.root, files["best configuration"])
    draw_curves(study, files["curves"])
    for file in files.values():
        workspace.publish(file)
    return Launched(study, best, files)

"""Runs a study on Ray until its protocol has an answer."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from xlsearch.config.run import IntermediateConfig, RunConfig
from xlsearch.config.sources import NOWHERE, Sources
from xlsearch.errors import RunFailed
from xlsearch.runs.content import INTERMEDIATE, ContentStore
from xlsearch.search.listener import SearchListener
from xlsearch.search.point import Point
from xlsearch.search.ray_tune.cluster import join_cluster
from xlsearch.search.ray_tune.head_watch import watching_head
from xlsearch.search.ray_tune.resources import Resources
from xlsearch.search.spending import TUNING, Spending
from xlsearch.search.study import Study
from xlsearch.search.terminate import end_on_terminate

_MOST_PENDING = 1000
"""More trials than any search has at a time."""

_ENVIRONMENT = {
    "RAY_AIR_NEW_OUTPUT": "0",  # with verbose=0: Tune prints nothing, the live table does
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",  # the run folders hold the record
    "TUNE_DISABLE_SIGINT_HANDLER": "1",  # Ctrl-C ends the search; the study continues it
    "TUNE_WARN_EXCESSIVE_EXPERIMENT_CHECKPOINT_SYNC_THRESHOLD_S": "0",  # its snapshots are not used
    "TUNE_PRINT_ALL_TRIAL_ERRORS": "0",  # a lost worker is no traceback
    "RAY_task_oom_retries": "0",  # else a task that needs too much memory begins again for ever
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # a trial without a GPU hides none
    "RAY_USAGE_STATS_ENABLED": "0",
}
"""Read by Ray when it is started."""


@contextlib.contextmanager
def ray_cluster(address: str | None, dashboard: bool = False) -> Iterator[str | None]:
    """A connection to a Ray cluster, or a cluster of this machine that ends with the block.

    Args:
        address: Of a running cluster; None starts one here, reachable from this machine only.
        dashboard: Whether a cluster that is started here serves Ray's dashboard.

    Yields:
        The URL of the dashboard that was started here, if one was.

    Raises:
        UserError: If there is no cluster at the address.
        RunFailed: If the cluster loses its head during the block.
    """
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    if "ray" not in sys.modules:
        # Ray reads this when it is imported. Set later, its servers would ask this process for a
        # token that it does not know it has to send.
        os.environ.setdefault("RAY_AUTH_MODE", "token")
    import ray

    from xlsearch.search.ray_tune.discovery import discoverable
    from xlsearch.search.ray_tune.loopback import guard_token, loopback_only

    logging.getLogger("ray").setLevel(logging.ERROR)
    # Tune takes a trial whose worker was lost for failed; the searcher hands it out again.
    logging.getLogger("ray.tune.tune").setLevel(logging.CRITICAL)
    if address is not None:
        join_cluster(address)
    else:
        with loopback_only():
            # A bare ray.init() would join whatever cluster happens to run here.
            context = ray.init(
                address="local",
                include_dashboard=dashboard,
                log_to_driver=False,
                logging_level=logging.ERROR,
            )
    end_on_terminate()
    try:
        head = ray.get_runtime_context().gcs_address
        if address is not None:
            with watching_head(head):
                yield None
            return
        guard_token()
        session = Path(context.address_info["session_dir"])
        with watching_head(head), discoverable(session.parent):
            yield f"http://{context.dashboard_url}" if dashboard else None
    finally:
        ray.shutdown()


def run_study(
    study: Study,
    describe: Callable[[Point], RunConfig],
    root: Path,
    resources: Resources,
    penalty: float,
    listener: SearchListener,
    sources: Sources = NOWHERE,
    intermediate: IntermediateConfig | None = None,
    hang_seconds: float | None = None,
    may_start: Callable[[Point | str], bool] = lambda what: True,
) -> None:
    """Runs a study's trials until its protocol is done.

    Args:
        study: The record of the search; trials that it has running are adopted.
        describe: The configuration of the run at a point.
        root: The root folder of all that xlsearch writes.
        resources: What trials run on.
        penalty: The objective's ``wrong_language_penalty``.
        listener: Told about everything that happens.
        sources: Where data and models are, on every machine of the cluster.
        intermediate: The checkpoint that points with intermediate tuning begin from. It is made
            beside the trials that do not need it; None where no point does.
        hang_seconds: A trial that reports nothing for so long is begun again; None for never.
        may_start: Whether the trial of a point, or intermediate tuning, may be started now.
            The function ends when nothing runs and nothing may be started.

    Raises:
        UserError: If an object store or a database refuses what it is asked for.
        RunFailed: If intermediate tuning failed, or the root or the record could not be reached.
    """
    if study.is_done():
        return
    # The searcher says how many; left alone, Tune would start trials one by one.
    os.environ["TUNE_MAX_PENDING_TRIALS_PG"] = str(_MOST_PENDING)
    from ray import tune

    from xlsearch.search.ray_tune.concurrency import FollowCluster
    from xlsearch.search.ray_tune.intermediate import IntermediateJob
    from xlsearch.search.ray_tune.lost_workers import LostWorkers
    from xlsearch.search.ray_tune.searcher import StudySearcher
    from xlsearch.search.ray_tune.trainable import NUMBER, train_trial

    ray_folder = root / "studies" / study.name / "ray"
    job = None
    spending = Spending(study, resources.gpus, resources.cpus)
    made = intermediate is None or intermediate_is_made(intermediate, root)
    if intermediate is not None and not made and may_start(TUNING):
        job = IntermediateJob(
            intermediate,
            root,
            ray_folder / "intermediate.json",
            resources.cpus,
            resources.gpus,
            listener,
            sources,
            hang_seconds,
            spending,
        )

    def may_begin(point: Point) -> bool:
        # A trial would make the intermediate-tuned model itself where nobody does.
        tuned = made or job is not None or not point.intermediate_tuning
        return tuned and may_start(point)

    lost_workers = LostWorkers()
    searcher = StudySearcher(
        study,
        describe,
        root,
        resources.concurrency,
        penalty,
        listener,
        job,
        lost_workers,
        spending,
        may_begin,
    )
    each = {"cpu": resources.cpus, "gpu": resources.gpus}
    tuner = tune.Tuner(
        tune.with_resources(
            tune.with_parameters(train_trial, sources=sources, hang_seconds=hang_seconds), each
        ),
        tune_config=tune.TuneConfig(
            search_alg=searcher,
            scheduler=lost_workers,
            num_samples=-1,
            reuse_actors=True,
            trial_dirname_creator=lambda trial: f"trial-{trial.config[NUMBER]}-{trial.trial_id}",
        ),
        run_config=tune.RunConfig(
            name=study.name,
            storage_path=str(ray_folder),
            callbacks=[] if resources.fixed else [FollowCluster(searcher, resources)],
            verbose=0,
        ),
    )
    try:
        tuner.fit()
    except Exception:
        # Tune makes a traceback, as text, of what its searcher raises.
        if searcher.failure is not None:
            raise searcher.failure from None
        raise
    if job is not None and job.failure is not None:
        raise RunFailed(
            f"intermediate tuning failed: {job.failure}; the same command tries it again"
        )


def intermediate_is_made(intermediate: IntermediateConfig, root: Path) -> bool:
    """Whether the checkpoint is there from an earlier search."""
    description = intermediate.model_dump(mode="json")
    return ContentStore(root).holds(INTERMEDIATE, description)

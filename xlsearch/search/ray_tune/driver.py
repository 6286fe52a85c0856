"""Runs a study on Ray until its protocol has an answer."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from xlsearch.config.run import IntermediateConfig, RunConfig
from xlsearch.config.sources import NOWHERE, Sources
from xlsearch.errors import RunFailed, UserError
from xlsearch.runs.content import INTERMEDIATE, ContentStore
from xlsearch.search.listener import SearchListener
from xlsearch.search.point import Point
from xlsearch.search.spending import TUNING, Spending
from xlsearch.search.study import Study

_LOST_WORKERS = 3
"""How often Tune starts a trial again whose worker was lost; it goes on from its checkpoint."""

_ENVIRONMENT = {
    "RAY_AIR_NEW_OUTPUT": "0",  # with verbose=0: Tune prints nothing, the live table does
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",  # the run folders hold the record
    "TUNE_DISABLE_SIGINT_HANDLER": "1",  # Ctrl-C ends the search; the study continues it
    "TUNE_WARN_EXCESSIVE_EXPERIMENT_CHECKPOINT_SYNC_THRESHOLD_S": "0",  # its snapshots are not used
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # a trial without a GPU hides none
    "RAY_USAGE_STATS_ENABLED": "0",
}
"""Read by Ray when it is started."""


@dataclass(frozen=True)
class Resources:
    """What trials run on.

    Attributes:
        concurrency: Most trials at a time.
        cpus: CPUs a trial.
        gpus: GPUs a trial; a fraction shares one.
    """

    concurrency: int
    cpus: int
    gpus: float

    def describe(self) -> str:
        """In words, for people."""
        device = f"{self.gpus:g} GPU each" if self.gpus else "on CPUs, no GPU"
        return f"{self.concurrency} trials at a time, {device}"


@contextlib.contextmanager
def ray_cluster(address: str | None) -> Iterator[None]:
    """A connection to a Ray cluster, or a cluster of this machine that ends with the block.

    Args:
        address: Of a running cluster; None starts one here, reachable from this machine only.

    Raises:
        UserError: If there is no cluster at the address.
    """
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    if "ray" not in sys.modules:
        # Ray reads this when it is imported. Set later, its servers would ask this process for a
        # token that it does not know it has to send.
        os.environ.setdefault("RAY_AUTH_MODE", "token")
    import ray

    logging.getLogger("ray").setLevel(logging.ERROR)
    # A bare ray.init() would join whatever cluster happens to run here.
    try:
        ray.init(
            address=address or "local",
            include_dashboard=False if address is None else None,
            log_to_driver=False,
            logging_level=logging.ERROR,
            **({} if address else {"_node_ip_address": "127.0.0.1"}),
        )
    except (ConnectionError, ValueError, RuntimeError) as error:
        if address is None:
            raise
        raise UserError(
            f"can't join a Ray cluster at {address!r} ({type(error).__name__}); a valid address "
            "is HOST:6379, of a head that is up and whose token is in RAY_AUTH_TOKEN"
        ) from None
    try:
        yield
    finally:
        ray.shutdown()


def available() -> tuple[float, float]:
    """CPUs and GPUs of the connected cluster."""
    import ray

    resources = ray.cluster_resources()
    return resources.get("CPU", 0.0), resources.get("GPU", 0.0)


def run_study(
    study: Study,
    describe: Callable[[Point], RunConfig],
    root: Path,
    resources: Resources,
    penalty: float,
    listener: SearchListener,
    sources: Sources = NOWHERE,
    intermediate: IntermediateConfig | None = None,
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
        may_start: Whether the trial of a point, or intermediate tuning, may be started now.
            The function ends when nothing runs and nothing may be started.

    Raises:
        RunFailed: If intermediate tuning failed.
    """
    if study.is_done():
        return
    os.environ["TUNE_MAX_PENDING_TRIALS_PG"] = str(resources.concurrency)
    from ray import tune

    from xlsearch.search.ray_tune.intermediate import IntermediateJob
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
            spending,
        )

    def may_begin(point: Point) -> bool:
        # A trial would make the intermediate-tuned model itself where nobody does.
        tuned = made or job is not None or not point.intermediate_tuning
        return tuned and may_start(point)

    searcher = StudySearcher(
        study,
        describe,
        root,
        resources.concurrency,
        penalty,
        listener,
        job,
        spending,
        may_begin,
    )
    each = {"cpu": resources.cpus, "gpu": resources.gpus}
    tune.Tuner(
        tune.with_resources(tune.with_parameters(train_trial, sources=sources), each),
        tune_config=tune.TuneConfig(
            search_alg=searcher,
            num_samples=-1,
            reuse_actors=True,
            trial_dirname_creator=lambda trial: f"trial-{trial.config[NUMBER]}-{trial.trial_id}",
        ),
        run_config=tune.RunConfig(
            name=study.name,
            storage_path=str(ray_folder),
            failure_config=tune.FailureConfig(max_failures=_LOST_WORKERS),
            verbose=0,
        ),
    ).fit()
    if job is not None and job.failure is not None:
        raise RunFailed(
            f"intermediate tuning failed: {job.failure}; the same command tries it again"
        )


def intermediate_is_made(intermediate: IntermediateConfig, root: Path) -> bool:
    """Whether the checkpoint is there from an earlier search."""
    description = intermediate.model_dump(mode="json")
    return ContentStore(root).path(INTERMEDIATE, description).is_dir()

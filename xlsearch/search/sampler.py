"""The same search through plain Optuna: ``study.optimize`` asks the planner instead of a sampler.

>>> sampler = PlannedSampler(protocol)
>>> study = optuna.create_study(sampler=sampler, direction="maximize")
>>> study.optimize(objective, callbacks=[sampler.stop_when_done])
"""

from __future__ import annotations

from typing import Any

from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, RandomSampler
from optuna.study import Study as OptunaStudy
from optuna.trial import FrozenTrial

from xlsearch.search.asking import Protocol, Request
from xlsearch.search.recorded_trial import DISTRIBUTIONS, POINT, STAGE, parameters, point_as_json
from xlsearch.search.study import Study


class PlannedSampler(BaseSampler):
    """Gives each new trial the next point of a protocol. Holds no state of the search.

    Trials must be run one after another (``n_jobs=1``): a protocol's next point may depend on a
    trial that is still running.

    Args:
        protocol: The search.
    """

    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol
        # Parameters that the search does not know about are none of its business.
        self._other = RandomSampler(seed=0)

    def infer_relative_search_space(
        self, study: OptunaStudy, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        return dict(DISTRIBUTIONS)

    def sample_relative(
        self, study: OptunaStudy, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """The parameters of the next point, which is noted with the trial.

        Raises:
            RuntimeError: If no point can be started: the search is over (add the callback), or
                waits for a trial that another job is running.
        """
        request = self._next(study)
        if request is None:
            raise RuntimeError(
                "no point to run: the search is over or waits for a running trial; pass "
                "callbacks=[sampler.stop_when_done] and n_jobs=1 to study.optimize"
            )
        for key, value in ((POINT, point_as_json(request.point)), (STAGE, request.stage)):
            study._storage.set_trial_user_attr(trial._trial_id, key, value)
        return parameters(request.point)

    def sample_independent(
        self,
        study: OptunaStudy,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        return self._other.sample_independent(study, trial, param_name, param_distribution)

    def stop_when_done(self, study: OptunaStudy, trial: FrozenTrial) -> None:
        """A callback for ``study.optimize``: stops it when nothing is left to run.

        Optuna calls a sampler's ``after_trial`` before the trial's state is stored, so that the
        sampler alone can't know that the trial was the last one.

        Raises:
            RuntimeError: If the objective did not ask for the learning rate. Optuna asks a sampler
                only then, so that such a search would never end.
        """
        if POINT not in trial.user_attrs:
            raise RuntimeError(
                "the objective asked for no parameter, so its trial has no point; it must call "
                "trial.suggest_float('learning_rate', 1e-9, 1, log=True)"
            )
        if self._next(study) is None:
            study.stop()

    def _next(self, study: OptunaStudy) -> Request | None:
        return Study(study, self._protocol).next_request()

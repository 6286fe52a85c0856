"""A storage that may be away for minutes without harm to the search or to its record."""

from __future__ import annotations

import copy
import time
import uuid
from collections.abc import Callable, Container, Sequence
from typing import Any, TypeVar

from optuna.distributions import BaseDistribution
from optuna.exceptions import UpdateFinishedTrialError
from optuna.storages import BaseStorage
from optuna.study import StudyDirection
from optuna.study._frozen import FrozenStudy
from optuna.trial import FrozenTrial, TrialState, create_trial

from xlsearch.errors import RunFailed
from xlsearch.runs.retry import PATIENCE, retrying

T = TypeVar("T")

WRITING = "xlsearch:writing"
"""System attribute of a trial: a name for the call that made it."""


class PatientStorage(BaseStorage):
    """Makes each call again while its storage is away.

    A call whose answer was lost may have taken effect. Setting an attribute or a parameter twice
    is harmless. Making a trial and ending it are not, so they look first what is there.

    Only one process may write to a study at a time: the lock on its driver sees to that.

    Args:
        storage: The storage.
        what: The storage as people are told of it, without a password.
        settle: Waits until calls whose connection was lost have taken effect or never will; is
            given the study.
        seconds: How long the storage may be away.
        sleep: Waits between two tries.

    Attributes:
        failure: What to tell people, once it was away for too long. Every call raises it then.

    Raises:
        RunFailed: Each method, once the storage was away for too long.
    """

    def __init__(
        self,
        storage: BaseStorage,
        what: str,
        settle: Callable[[int], None] = lambda study_id: None,
        seconds: float = PATIENCE,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._storage = storage
        self._what = what
        self._settle = settle
        self._seconds = seconds
        self._sleep = sleep
        self.failure: str | None = None

    def _patiently(self, call: Callable[[], T], again: Callable[[], T] | None = None) -> T:
        """The result of a call.

        Args:
            call: The call.
            again: Takes its place after it failed; None where it may be made twice.
        """
        if self.failure is not None:
            raise RunFailed(self.failure)
        current = call

        def attempt() -> T:
            nonlocal current
            try:
                return current()
            except OSError:
                current = again or call
                raise

        try:
            return retrying(attempt, (OSError,), self._what, self._seconds, self._sleep)
        except RunFailed as failed:  # of an object store, which has a patience of its own
            self.failure = str(failed)
            raise
        except OSError as error:
            self.failure = (
                f"{self._what} could not be reached for {self._seconds / 60:.3g} minutes "
                f"({error.strerror or error}); what was recorded stays recorded, and the same "
                "command continues once it is back"
            )
            raise RunFailed(self.failure) from None

    def create_new_trial(self, study_id: int, template_trial: FrozenTrial | None = None) -> int:
        # Optuna makes a running trial where it is given no template.
        template = copy.copy(template_trial or create_trial(state=TrialState.RUNNING))
        name = uuid.uuid4().hex
        template.system_attrs = {**template.system_attrs, WRITING: name}

        def create() -> int:
            return self._storage.create_new_trial(study_id, template)

        def find_or_create() -> int:
            self._settle(study_id)
            for trial in reversed(self._storage.get_all_trials(study_id, deepcopy=False)):
                if trial.system_attrs.get(WRITING) == name:
                    return trial._trial_id
            return create()

        return self._patiently(create, find_or_create)

    def set_trial_state_values(
        self, trial_id: int, state: TrialState, values: Sequence[float] | None = None
    ) -> bool:
        def change() -> bool:
            return self._storage.set_trial_state_values(trial_id, state, values)

        def is_changed() -> bool:
            trial = self._storage.get_trial(trial_id)
            return trial.state is state and (values is None or trial.values == list(values))

        def change_or_find() -> bool:
            try:
                return change() or is_changed()
            except UpdateFinishedTrialError:
                if is_changed():
                    return True
                raise

        return self._patiently(change, change_or_find)

    def create_new_study(
        self, directions: Sequence[StudyDirection], study_name: str | None = None
    ) -> int:
        # Made twice, it is refused as a duplicate, as when another process had made it.
        return self._patiently(lambda: self._storage.create_new_study(directions, study_name))

    def delete_study(self, study_id: int) -> None:
        self._patiently(lambda: self._storage.delete_study(study_id))

    def set_study_user_attr(self, study_id: int, key: str, value: Any) -> None:
        self._patiently(lambda: self._storage.set_study_user_attr(study_id, key, value))

    def set_study_system_attr(self, study_id: int, key: str, value: Any) -> None:
        self._patiently(lambda: self._storage.set_study_system_attr(study_id, key, value))

    def get_study_id_from_name(self, study_name: str) -> int:
        return self._patiently(lambda: self._storage.get_study_id_from_name(study_name))

    def get_study_name_from_id(self, study_id: int) -> str:
        return self._patiently(lambda: self._storage.get_study_name_from_id(study_id))

    def get_study_directions(self, study_id: int) -> list[StudyDirection]:
        return self._patiently(lambda: self._storage.get_study_directions(study_id))

    def get_study_user_attrs(self, study_id: int) -> dict[str, Any]:
        return self._patiently(lambda: self._storage.get_study_user_attrs(study_id))

    def get_study_system_attrs(self, study_id: int) -> dict[str, Any]:
        return self._patiently(lambda: self._storage.get_study_system_attrs(study_id))

    def get_all_studies(self) -> list[FrozenStudy]:
        return self._patiently(self._storage.get_all_studies)

    def set_trial_param(
        self,
        trial_id: int,
        param_name: str,
        param_value_internal: float,
        distribution: BaseDistribution,
    ) -> None:
        self._patiently(
            lambda: self._storage.set_trial_param(
                trial_id, param_name, param_value_internal, distribution
            )
        )

    def set_trial_intermediate_value(
        self, trial_id: int, step: int, intermediate_value: float
    ) -> None:
        self._patiently(
            lambda: self._storage.set_trial_intermediate_value(trial_id, step, intermediate_value)
        )

    def set_trial_user_attr(self, trial_id: int, key: str, value: Any) -> None:
        self._patiently(lambda: self._storage.set_trial_user_attr(trial_id, key, value))

    def set_trial_system_attr(self, trial_id: int, key: str, value: Any) -> None:
        self._patiently(lambda: self._storage.set_trial_system_attr(trial_id, key, value))

    def get_trial(self, trial_id: int) -> FrozenTrial:
        return self._patiently(lambda: self._storage.get_trial(trial_id))

    def get_all_trials(
        self,
        study_id: int,
        deepcopy: bool = True,
        states: Container[TrialState] | None = None,
    ) -> list[FrozenTrial]:
        return self._patiently(lambda: self._storage.get_all_trials(study_id, deepcopy, states))

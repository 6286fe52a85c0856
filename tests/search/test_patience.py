"""A storage that goes away at any call, with the call taken effect or not."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import optuna
import pytest
from test_crashes import WRITES, Describe, drive, points_and_ends

from xlsearch.errors import RunFailed
from xlsearch.search.database import DatabaseAway
from xlsearch.search.patience import PatientStorage
from xlsearch.search.storage import open_database, open_journal

READS = ["get_all_trials", "get_trial", "get_study_id_from_name", "get_study_user_attrs"]
EVERY = 5
"""Each fifth call is one that fails, so that retries, and reads of retries, fail too."""


def flaky(storage: optuna.storages.BaseStorage, after: bool) -> None:
    """Makes a storage fail now and then; what it was asked to do it has done if ``after``."""
    calls = 0
    for name in (*WRITES, *READS):
        original = getattr(storage, name)

        def call(*args: Any, original: Any = original, **more: Any) -> Any:
            nonlocal calls
            calls += 1
            fails = calls % EVERY == 0
            if fails and not after:
                raise DatabaseAway("the server closed the connection")
            result = original(*args, **more)
            if fails:
                raise DatabaseAway("the server closed the connection")
            return result

        setattr(storage, name, call)


@pytest.fixture(params=["journal", "sqlite"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Any]:
    if request.param == "journal":
        return lambda: open_journal(tmp_path / "journal.log")
    return lambda: open_database(f"sqlite:///{tmp_path}/studies.db")


@pytest.mark.parametrize("after", [False, True])
def test_a_search_on_a_flaky_storage_is_the_search(
    opened: Callable[[], Any], after: bool, describe: Describe
) -> None:
    expected = points_and_ends(drive(opened(), "sound", describe))
    storage = opened()
    flaky(storage, after)
    patient = PatientStorage(storage, "the record", sleep=lambda _: None)
    assert points_and_ends(drive(patient, "flaky", describe)) == expected
    found = optuna.load_study(storage=opened(), study_name="flaky").trials
    assert len(found) == len(expected)


def test_outages_are_told_once_and_end(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, describe: Describe
) -> None:
    storage = open_journal(tmp_path / "journal.log")
    original, left = storage.get_all_trials, [6]

    def away(*args: Any, **more: Any) -> Any:
        if left[0]:
            left[0] -= 1
            raise OSError(28, "No space left on device")
        return original(*args, **more)

    storage.get_all_trials = away  # type: ignore[method-assign]
    with caplog.at_level(logging.WARNING, "xlsearch"):
        drive(PatientStorage(storage, "the record R", sleep=lambda _: None), "s", describe)
    assert len(caplog.records) == 2
    assert all("the record R" in record.getMessage() for record in caplog.records)


def test_what_is_away_for_too_long_ends_the_search_and_the_next_goes_on(
    tmp_path: Path, describe: Describe
) -> None:
    """Once it gave up, it does not wait again for each call that Ray still makes."""
    expected = points_and_ends(drive(open_journal(tmp_path / "other"), "s", describe))
    storage = open_journal(tmp_path / "journal.log")
    original, tries = storage.set_trial_intermediate_value, 0

    def gone(*_: object) -> None:
        nonlocal tries
        tries += 1
        raise OSError(28, "No space left on device")

    patient = PatientStorage(storage, "the record R", seconds=0.0)
    storage.set_trial_intermediate_value = gone  # type: ignore[method-assign]
    with pytest.raises(
        RunFailed, match=r"the record R .*No space left.* the same command continues"
    ):
        drive(patient, "s", describe)
    storage.set_trial_intermediate_value = original  # type: ignore[method-assign]
    assert tries == 1
    with pytest.raises(RunFailed, match="the record R"):
        patient.get_all_studies()
    assert points_and_ends(drive(open_journal(tmp_path / "journal.log"), "s", describe)) == expected


def test_what_is_wrong_is_not_tried_again(tmp_path: Path) -> None:
    patient = PatientStorage(open_journal(tmp_path / "journal.log"), "the record")
    with pytest.raises(KeyError):
        optuna.load_study(storage=patient, study_name="none")

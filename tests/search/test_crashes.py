"""A driver that dies at any write of its record, and one that goes on from there."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import optuna
import pytest
from curves import curve_of, outcomes_on, protocol_with, rate, searched
from optuna.storages import BaseStorage
from optuna.trial import TrialState
from sqlalchemy import event
from sqlalchemy.engine import Engine

from xlsearch.config.run import RunConfig
from xlsearch.runs.rows import Row
from xlsearch.search.opening import open_study
from xlsearch.search.point import Point, State
from xlsearch.search.ray_tune.searcher import StudySearcher
from xlsearch.search.ray_tune.trainable import NUMBER, REPORT
from xlsearch.search.storage import open_database, open_journal
from xlsearch.search.study import Study
from xlsearch.trial.report import TrialReport

Configure = Callable[..., RunConfig]
Describe = Callable[[Point], RunConfig]

WRITES = [
    "create_new_study",
    "create_new_trial",
    "set_study_user_attr",
    "set_study_system_attr",
    "set_trial_intermediate_value",
    "set_trial_param",
    "set_trial_state_values",
    "set_trial_user_attr",
]
CURVE = curve_of([None, None, 8.0, None], refined=9.0)
PROTOCOL = protocol_with(decades=(3, 4), limits=(3, 4))
"""1e-3 completes, 1e-4 diverges, and 3e-3 wins."""
OUTCOME = outcomes_on(CURVE)


class Killed(BaseException):
    """The driver dies."""


class Nobody:
    """Is told nothing."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_: None


def dying(storage: BaseStorage, at: int) -> Counter[str]:
    """Makes the storage's write number ``at`` the one that its process dies before.

    That is also right after the write before it.

    Args:
        storage: Is changed.
        at: The number of the write, from 0.

    Returns:
        Counts the writes from now on.
    """
    counts: Counter[str] = Counter()
    for name in WRITES:
        original = getattr(storage, name)

        def write(*args: Any, original: Any = original, name: str = name, **more: Any) -> Any:
            if counts.total() == at:
                raise Killed
            counts[name] += 1
            return original(*args, **more)

        setattr(storage, name, write)
    return counts


def revived(storage: BaseStorage) -> None:
    for name in WRITES:
        storage.__dict__.pop(name, None)


def drive(storage: BaseStorage, name: str, describe: Describe) -> Study:
    """A whole driver, two trials at a time, on runs that end at once and are then in their folders.

    Args:
        storage: Of the record.
        name: Of the study.
        describe: The run at a point.
    """
    study = open_study(storage, name, {"source_language": "en"}, PROTOCOL)
    study.forget_lost()
    searcher = StudySearcher(study, describe, Path(), 2, 0.0, Nobody())
    live: dict[str, Point] = {}
    while True:
        trial_id = f"t{len(study.trials())}-{len(live)}"
        config = searcher.suggest(trial_id)
        if isinstance(config, dict):
            live[trial_id] = study.trial(config[NUMBER]).point
            continue
        if config == StudySearcher.FINISHED:
            assert study.is_done()
            return study
        trial_id, point = live.popitem()
        outcome = OUTCOME(point)
        rows = [_row("en", 50.0, 4), _row("fr", outcome.objective, 4)]
        searcher.on_trial_result(trial_id, _result("evaluate", 4, *rows))
        end = "complete" if outcome.state is State.COMPLETE else "diverged"
        searcher.on_trial_complete(trial_id, _result(end, 4))


def _row(language: str, score: float | None, step: int) -> Row:
    return Row("xlsum", "mbart", "full", False, 1e-3, 0, step, language, score, 99.7, 9.0, "f1")


def _result(phase: str, step: int, *rows: Row) -> dict[str, Any]:
    return {REPORT: json.dumps(asdict(TrialReport(phase, step, 4, rows=rows)))}


def points_and_ends(study: Study) -> dict[Point, tuple[str, float | None, str | None]]:
    """How each point ended; none is there twice."""
    ends = {t.point: (t.state, t.objective, t.reason) for t in study.trials()}
    assert len(ends) == len(study.trials())
    return ends


def check_every_write(opened: Callable[[str], BaseStorage], describe: Describe) -> None:
    """Searches that are killed between any two of their writes."""
    whole = opened("whole")
    counts = dying(whole, at=-1)
    expected = drive(whole, "whole", describe)
    ends, choice = points_and_ends(expected), expected.choice()
    revived(whole)
    assert choice is not None
    assert counts["create_new_trial"] == len(ends) == 3
    assert counts.total() > 12
    assert rate(choice.point) == searched(PROTOCOL, CURVE)[1]
    for at in range(counts.total()):
        name = f"killed-{at}"
        storage = opened(name)
        dying(storage, at)
        with pytest.raises(Killed):
            drive(storage, name, describe)
        revived(storage)
        study = drive(opened(name), name, describe)
        assert points_and_ends(study) == ends, at
        best = study.choice()
        assert best is not None
        assert best.point == choice.point


@pytest.fixture(autouse=True)
def _machine_lives(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing is waited for to reach the disk: it is the process that dies."""

    def hurry(connection: Any, record: object) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    event.listen(Engine, "connect", hurry)
    yield
    event.remove(Engine, "connect", hurry)


def test_every_write_to_a_journal(tmp_path: Path, describe: Describe) -> None:
    check_every_write(lambda name: open_journal(tmp_path / name), describe)


def test_every_write_to_a_database(tmp_path: Path, describe: Describe) -> None:
    storage = open_database(f"sqlite:///{tmp_path}/studies.db")
    check_every_write(lambda name: storage, describe)


def test_a_trial_that_was_about_to_be_lost_and_completes_is_not_lost(
    tmp_path: Path, describe: Describe
) -> None:
    """Its driver died after noting that the worker was lost, and before it ended the trial."""
    storage = open_journal(tmp_path / "journal.log")
    study = open_study(storage, "s", {"source_language": "en"}, PROTOCOL)
    request = study.next_request()
    assert request is not None
    number = study.start(request)
    original = storage.set_trial_state_values
    storage.set_trial_state_values = _killed  # type: ignore[method-assign]
    with pytest.raises(Killed):
        study.lose(number, "the worker was lost")
    storage.set_trial_state_values = original  # type: ignore[method-assign]
    study = drive(storage, "s", describe)
    points_and_ends(study)
    first = study.trial(number)
    assert (first.state, first.lost, first.reason) == ("complete", False, None)
    assert study.lost_points() == []


def _killed(*_: object) -> bool:
    raise Killed


def test_a_trial_that_an_earlier_version_left_waiting_is_adopted(
    tmp_path: Path, describe: Describe
) -> None:
    storage = open_journal(tmp_path / "journal.log")
    study = open_study(storage, "s", {"source_language": "en"}, PROTOCOL)
    request = study.next_request()
    assert request is not None
    number = study.start(request)
    attributes = storage.get_trial(number).user_attrs
    study = open_study(storage, "old", {"source_language": "en"}, PROTOCOL)
    old = optuna.load_study(storage=storage, study_name="old")
    old.enqueue_trial({"learning_rate": 1e-3}, user_attrs=attributes)
    assert [t.state for t in study.unfinished()] == ["waiting"]
    done = drive(storage, "old", describe)
    assert points_and_ends(done)[request.point][0] == "complete"
    assert old.trials[0].state is TrialState.COMPLETE

"""The journal in an object store against Optuna's own in a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import optuna
import pytest
from optuna.storages import BaseStorage, JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState

from xlsearch.errors import UserError
from xlsearch.runs.remote import Remote
from xlsearch.search.journal_objects import JournalObjects, open_object_journal, recorded_studies


@pytest.fixture
def connect(tmp_path: Path) -> Callable[[], Remote]:
    """Connections to one store."""
    return lambda: Remote(f"file://{tmp_path}/bucket", tmp_path / "working")


def search(storage: BaseStorage, trials: int) -> None:
    study = optuna.create_study(
        storage=storage,
        study_name="s",
        load_if_exists=True,
        sampler=optuna.samplers.RandomSampler(seed=len(storage.get_all_studies())),
    )
    study.set_user_attr("configuration", {"languages": ["en", "ไทย"]})
    for _ in range(trials):
        trial = study.ask({"rate": optuna.distributions.FloatDistribution(1e-5, 1e-2, log=True)})
        trial.set_user_attr("run", f"run {trial.number}")
        trial.report(trial.params["rate"], step=1)
        state = TrialState.FAIL if trial.number == 2 else TrialState.COMPLETE
        study.tell(trial, None if state is TrialState.FAIL else trial.params["rate"], state)


def described(storage: BaseStorage) -> list[object]:
    study = optuna.load_study(storage=storage, study_name="s")
    return [
        (t.number, t.state, t.params, t.values, t.user_attrs, t.intermediate_values)
        for t in study.trials
    ] + [study.user_attrs]


def test_it_holds_what_a_journal_file_holds(connect: Callable[[], Remote], tmp_path: Path) -> None:
    objects = open_object_journal(connect(), "s")
    file = JournalStorage(JournalFileBackend(str(tmp_path / "journal.log")))
    for storage in (objects, file):
        search(storage, 4)
    assert described(objects) == described(file)
    # Another machine goes on; one that only reads sees both.
    reader = open_object_journal(connect(), "s")
    search(open_object_journal(connect(), "s"), 2)
    search(JournalStorage(JournalFileBackend(str(tmp_path / "journal.log"))), 2)
    assert described(reader) == described(open_object_journal(connect(), "s")) == described(file)
    assert len(reader.get_all_trials(0)) == 6
    assert recorded_studies(connect()) == ["s"]


def test_it_reads_from_any_operation_on(connect: Callable[[], Remote]) -> None:
    written = JournalObjects(connect(), "j")
    for batch in range(5):
        written.append_logs([{"n": 2 * batch}, {"n": 2 * batch + 1}])
    read = JournalObjects(connect(), "j")
    for begin in (7, 0, 10, 3):
        assert [log["n"] for log in read.read_logs(begin)] == list(range(begin, 10))


def test_a_gap_that_stays_is_damage(connect: Callable[[], Remote]) -> None:
    backend = JournalObjects(connect(), "j")
    for number in range(4):
        backend.append_logs([{"n": number}])
    connect().remove("j/000000002.json")
    with pytest.raises(UserError, match=r"000000002\.json is missing"):
        JournalObjects(connect(), "j", sleep=lambda seconds: None).read_logs(0)


def test_a_gap_in_a_list_taken_while_it_was_written_closes(
    connect: Callable[[], Remote],
) -> None:
    backend = JournalObjects(connect(), "j")
    for number in range(4):
        backend.append_logs([{"n": number}])
    missing = connect()
    data = missing.read("j/000000002.json")
    missing.remove("j/000000002.json")
    read = JournalObjects(
        connect(), "j", sleep=lambda seconds: missing.write("j/000000002.json", data)
    )
    assert [log["n"] for log in read.read_logs(0)] == [0, 1, 2, 3]

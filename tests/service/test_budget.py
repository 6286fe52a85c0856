"""A budget: how it is written, and what it lets a search start."""

from __future__ import annotations

import pytest
from optuna.storages import InMemoryStorage

from xlsearch.config.space import load_space
from xlsearch.errors import UserError
from xlsearch.search.opening import open_study
from xlsearch.search.point import Outcome, Point, State
from xlsearch.search.protocols.registry import build_protocol
from xlsearch.search.spending import TUNING, Spending
from xlsearch.search.study import Study
from xlsearch.service.budget import Budget
from xlsearch.service.budget_gate import BudgetGate, Estimates
from xlsearch.service.cost import Cost, Range
from xlsearch.trial.report import TrialReport

HOUR = 3600.0


@pytest.mark.parametrize(
    ("written", "hours", "unit"),
    [("40gpuh", 40.0, "gpuh"), ("12.5cpuh", 12.5, "cpuh"), (" .5GPUH ", 0.5, "gpuh")],
)
def test_a_budget_is_a_number_and_a_unit(written: str, hours: float, unit: str) -> None:
    assert Budget.parse(written) == Budget(hours, unit)


@pytest.mark.parametrize("written", ["40", "gpuh", "-1gpuh", "0cpuh", "30m", "1e2gpuh", "nangpuh"])
def test_anything_else_is_refused_with_an_example(written: str) -> None:
    with pytest.raises(UserError, match="40gpuh"):
        Budget.parse(written)


def test_a_unit_that_nothing_counts_towards_is_refused() -> None:
    Budget(1.0, "gpuh").check_devices(0.5)
    with pytest.raises(UserError, match="2cpuh"):
        Budget(2.0, "gpuh").check_devices(0.0)


@pytest.mark.parametrize(
    ("hours", "said"), [(9.0, "enough, 3 to 9"), (5.0, "perhaps enough"), (2.0, "not enough")]
)
def test_a_plan_says_whether_it_fits(hours: float, said: str) -> None:
    none = Range(0.0, 0.0)
    cost = Cost(Range(3, 9), Range(1, 1), none, Range(3.0, 9.0), None, 0)
    assert f": {said}" in Budget(hours, "gpuh").fit(cost)
    assert "give it in gpuh" in Budget(hours, "cpuh").fit(cost)


@pytest.fixture
def study() -> Study:
    protocol = build_protocol(load_space(None, "pocket"), ["full"], 0)
    return open_study(InMemoryStorage(), "s", {"source_language": "en"}, protocol)


def gate(
    study: Study, hours: float, complete: tuple[Point | str, ...] = (), tuning: float = 0.0
) -> BudgetGate:
    """A gate that expects an hour a run before it knows better."""
    return BudgetGate(
        Budget(hours, "cpuh"), study, Estimates(1.0, tuning), lambda what: what in complete
    )


def begin(study: Study) -> tuple[int, Point]:
    request = study.next_request()
    assert request is not None
    return study.start(request), request.point


def end(study: Study, number: int, hours: float) -> None:
    spending = Spending(study, gpus=0.0, cores=1.0)
    spending.reported(number, float(number + 1), hours * HOUR, TrialReport("complete", 6, 6))
    spending.written(number)
    study.finish(number, Outcome(State.COMPLETE, 1.0))


def next_point(study: Study) -> Point:
    request = study.next_request()
    assert request is not None
    return request.point


def test_what_runs_counts_as_what_it_is_expected_to_cost(study: Study) -> None:
    limit = gate(study, 2.5)
    for _ in range(2):
        assert limit(next_point(study))
        begin(study)
    assert not limit(next_point(study))
    assert limit.has_refused
    end(study, 0, hours=0.5)  # less than was expected, so that there is room again
    assert limit(next_point(study))


def test_its_own_runs_say_what_the_next_will_cost(study: Study) -> None:
    number, _ = begin(study)
    end(study, number, hours=3.0)
    assert not gate(study, 5.9)(next_point(study))
    larger = gate(study, 6.0)
    assert larger(next_point(study))
    assert dict(larger.next())[next_point(study)] == pytest.approx(3.0)
    assert "3 are spent" in gate(study, 5.9).describe_stop()


def test_an_adopted_trial_costs_what_is_left_of_it(study: Study) -> None:
    number, point = begin(study)
    report = TrialReport("train", 3, 6)
    Spending(study, 0.0, 1.0).reported(number, 1.0, 0.75 * HOUR, report)
    assert gate(study, 1.0)(point)
    assert not gate(study, 0.9)(point)


def test_a_run_that_is_there_costs_nothing(study: Study) -> None:
    point = next_point(study)
    assert not gate(study, 0.1)(point)
    assert gate(study, 0.1, complete=(point,))(point)


def test_intermediate_tuning_counts(study: Study) -> None:
    assert not gate(study, 3.0, tuning=3.5)(TUNING)
    limit = gate(study, 4.4, tuning=3.5)
    assert limit(TUNING)
    assert not limit(next_point(study))  # while it runs, its cost is reserved
    Spending(study, 0.0, 1.0).tuning(1.0, 3.0 * HOUR)
    assert gate(study, 4.4, complete=(TUNING,), tuning=3.5)(next_point(study))


def test_a_store_is_not_asked_again_and_again_whether_something_is_there(study: Study) -> None:
    """A search asks its gate ten times a second."""
    asked: list[Point | str] = []
    now = 0.0

    def is_complete(what: Point | str) -> bool:
        asked.append(what)
        return now >= 60.0

    limit = BudgetGate(
        Budget(2.0, "cpuh"), study, Estimates(1.0, 1.5), is_complete, clock=lambda: now
    )
    assert limit(TUNING)
    for second in range(100):
        now = float(second)
        refused = not limit(next_point(study))
        assert refused == (second < 60)
    assert asked.count(TUNING) <= 14
    assert asked.count(next_point(study)) == 2  # before it was started, and after


def test_a_search_under_a_budget_never_starts_what_exceeds_it(study: Study) -> None:
    """And with a larger one goes on to the answer of a search that had no limit."""
    limit, started = gate(study, 4.0), 0
    while (request := study.next_request()) is not None and limit(request.point):
        number, _ = begin(study)
        end(study, number, hours=1.25)
        started += 1
    assert (started, limit.spent) == (3, 3.75)
    assert not study.is_done()
    limit = gate(study, 100.0)
    while (request := study.next_request()) is not None:
        assert limit(request.point)
        number, _ = begin(study)
        end(study, number, hours=1.25)
    assert study.is_done()
    assert not limit.has_refused

"""What to do next: a pure function of a protocol and of what is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass

from xlsearch.search.asking import Ask, Choice, Pending, Protocol, Request
from xlsearch.search.point import Outcome, Point


@dataclass(frozen=True)
class Start:
    """These points can be started now, in this order."""

    requests: tuple[Request, ...]


@dataclass(frozen=True)
class Wait:
    """Nothing can be started before a running point ends."""


@dataclass(frozen=True)
class Done:
    """The search is over."""

    choice: Choice


Plan = Start | Wait | Done


def plan(protocol: Protocol, outcomes: Mapping[Point, Outcome], running: Set[Point]) -> Plan:
    """What a search should do now.

    Args:
        protocol: Is called once, from its start.
        outcomes: All points that ended, and how.
        running: Points that were started and have not ended.
    """
    try:
        return Done(protocol(Ask(outcomes)))
    except Pending as pending:
        free = tuple(r for r in pending.requests if r.point not in running)
        return Start(free) if free else Wait()


def replay(protocol: Protocol, score: Callable[[Point], Outcome]) -> tuple[list[Request], Choice]:
    """A whole search on known outcomes.

    Args:
        protocol: The search.
        score: The outcome of a point.

    Returns:
        The points in the order in which they were asked for, and the choice.
    """
    outcomes: dict[Point, Outcome] = {}
    visited: list[Request] = []
    while True:
        now = plan(protocol, outcomes, set())
        if isinstance(now, Done):
            return visited, now.choice
        assert isinstance(now, Start)
        for request in now.requests:
            visited.append(request)
            outcomes[request.point] = score(request.point)

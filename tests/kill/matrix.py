"""The kill matrix: every scenario, killed before and after every outside call it makes, and what mends it.

A recording run of each scenario says which calls there are. Each place is then tried on an account of its own; after the
death happens what would happen on its own, and nothing else.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tests.kill.calls import Place, places
from tests.kill.case import Case, Door
from tests.kill.child import AGAIN
from tests.kill.scenarios import Scenario
from tests.kill.station import Station

VISIBILITY_TIMEOUT_S: Final = 90
SCHEDULES_S: Final = (180, 240, 300, 2_400)
"""When the schedules run again. The last is past every time that anything may wait for."""
QUEUED: Final = frozenset({"liquidations", "user events", "follow-up", "ticks"})


@dataclass(frozen=True, slots=True)
class Point:
    """``heard``: the user stream goes on after the death. Without it only redelivery and schedules are left."""

    scenario: Scenario
    place: Place
    heard: bool

    def __str__(self) -> str:
        return f"{self.scenario.name}: {self.place}{'' if self.heard else ', and nothing heard'}"


def points(station: Station, scenario: Scenario) -> Iterator[Point]:
    """Of one recording, in the order of its calls."""
    with station.open_case() as case:
        doors = scenario.prepare(case)
        made = case.run(*doors, late_s=scenario.late_s, settings=scenario.settings).calls
        restart(case, scenario, (), heard=True)
        _assert_mended(case, scenario)
    for place in places(made):
        for heard in (True, False):
            yield Point(scenario, place, heard)


def try_point(station: Station, point: Point) -> None:
    """Raises AssertionError if something is wrong after all that would mend it."""
    scenario = point.scenario
    with station.open_case() as case:
        doors = scenario.prepare(case)
        case.run(*doors, place=point.place, late_s=scenario.late_s, settings=scenario.settings)
        restart(case, scenario, doors, heard=point.heard)
        _assert_mended(case, scenario)


def restart(case: Case, scenario: Scenario, doors: Sequence[Door], *, heard: bool) -> None:
    """Messages that were not finished come again, the stream and what was put off come too, and schedules run."""
    queued = [(f"{name}{AGAIN}", body) for name, body in doors if name in QUEUED]
    for late_s in (VISIBILITY_TIMEOUT_S, *SCHEDULES_S):
        told = case.heard_since() if heard else []
        case.run(
            *queued,
            *told,
            *case.follow_ups(),
            "reconcile",
            "manage",
            late_s=scenario.late_s + late_s,
            settings=scenario.settings,
        )
        queued = []


def _assert_mended(case: Case, scenario: Scenario) -> None:
    case.assert_sound(external=scenario.external)
    assert len(case.orders_at_venue("e")) in scenario.entries

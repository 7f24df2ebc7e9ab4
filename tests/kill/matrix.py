"""The kill matrix: every scenario, killed before and after every outside call it makes, and what mends it.

A recording run of each scenario says which calls there are. Each place is then tried on an account of its own; after
the death happens what would happen on its own, and nothing else.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

import httpx
from botocore.exceptions import HTTPClientError
from tests.kill.calls import Place, places
from tests.kill.case import Case, Door, NeverCame
from tests.kill.child import AGAIN
from tests.kill.scenarios import Scenario
from tests.kill.station import Station

from undertow.domain.outcome import VenueUnreachable
from undertow.ports import StoreBusy

T = TypeVar("T")

ATTEMPTS: Final = 3
TOO_SLOW: Final = (NeverCame, HTTPClientError, httpx.TransportError, StoreBusy, VenueUnreachable)
"""What a machine under load does to the test itself."""
VISIBILITY_TIMEOUT_S: Final = 90
SCHEDULES_S: Final = (180, 240, 300, 2_400)
"""When the schedules run again. The last is past every time that anything may wait for."""
QUEUED: Final = frozenset({"liquidations", "user events", "follow-up", "ticks", "ask", "request"})


@dataclass(frozen=True, slots=True)
class Point:
    """``heard``: the user stream goes on after the death. Without it only redelivery and schedules are left."""

    scenario: Scenario
    place: Place
    heard: bool

    def __str__(self) -> str:
        return f"{self.scenario.name}: {self.place}{'' if self.heard else ', and nothing heard'}"


def points(station: Station, scenario: Scenario, *, thorough: bool = False) -> Iterator[Point]:
    """Of one recording, in the order of its calls; ``thorough`` tries each place with and without the user stream."""
    for number, place in enumerate(places(_patiently(partial(_record, station, scenario)))):
        # Before and after a call in turns, and the next call the other way round.
        first = number % 4 in (0, 3)
        for heard in (first, not first) if thorough else (first,):
            yield Point(scenario, place, heard)


def try_point(station: Station, point: Point) -> None:
    """Raises AssertionError if something is wrong after all that would mend it."""
    _patiently(partial(_try_once, station, point))


def _patiently(attempt: Callable[[], T]) -> T:
    """A machine under load can be so slow that a signal has grown old before it is acted on: then nothing was tried."""
    for _ in range(ATTEMPTS - 1):
        try:
            return attempt()
        except TOO_SLOW:
            continue
    return attempt()


def _record(station: Station, scenario: Scenario) -> list[str]:
    with station.open_case() as case:
        doors = scenario.prepare(case)
        made = case.run(*doors, late_s=scenario.late_s, settings=scenario.settings).calls
        restart(case, scenario, (), heard=True)
        if len(case.orders_at_venue("e")) != max(scenario.entries):
            raise NeverCame(f"{scenario.name}: there was no entry")
    return made


def _try_once(station: Station, point: Point) -> None:
    scenario = point.scenario
    with station.open_case() as case:
        doors = scenario.prepare(case)
        case.run(*doors, place=point.place, late_s=scenario.late_s, settings=scenario.settings)
        restart(case, scenario, doors, heard=point.heard)


def restart(case: Case, scenario: Scenario, doors: Sequence[Door], *, heard: bool) -> None:
    """Messages that were not finished come again, the stream and what was put off come too, and schedules run.

    Until all is well, and then once more: to be told again, or looked at again, must change nothing. The market goes on
    meanwhile: when it filled something, what was seen between the two looks is no proof of anything.
    """
    queued = [(f"{name}{AGAIN}", body) for name, body in doors if name in QUEUED]
    well = 0
    for late_s in (VISIBILITY_TIMEOUT_S, *SCHEDULES_S):
        queued += [*(case.heard_since() if heard else []), *case.follow_ups()]
        given: list[str | Door] = [*queued, *scenario.schedules]
        filled = len(case.at_venue()["fills"])
        finished = case.attempt(*given, late_s=scenario.late_s + late_s, settings=scenario.settings)
        if finished:
            queued = []
        try:
            assert finished, "what comes again was not gone through"
            _assert_mended(case, scenario)
        except AssertionError:
            market_moved = len(case.at_venue()["fills"]) != filled
            if (well and not market_moved) or late_s == SCHEDULES_S[-1]:
                raise
            well = 0
            continue
        well += 1
        if well == 2:
            return


def _assert_mended(case: Case, scenario: Scenario) -> None:
    case.assert_sound(entries=scenario.entries, external=scenario.external)
    scenario.check(case)

"""Ticks at the door: what is old or fails at the venue is counted and never comes again."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from tests.unit.builders import ACCOUNT, NOW_MS

from undertow.adapters.memory.clock import SettableClock
from undertow.adapters.memory.recorders import RecordingMeter
from undertow.domain.account import Account, Mode, PositionMode
from undertow.domain.event import Ticks
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.market import MarkPrice, Venue
from undertow.domain.outcome import VenueUnreachable
from undertow.entry import OLDEST_TICK_MS, ticks_door


@dataclass
class WatchingDesk:
    clock: SettableClock = field(default_factory=lambda: SettableClock(NOW_MS))
    meter: RecordingMeter = field(default_factory=RecordingMeter)
    seen: list[Ticks] = field(default_factory=list)
    fails_with: Exception | None = None

    def account(self, name: AccountId, /) -> Account:
        return Account(name, Venue.ASTER, Mode.LIVE, PositionMode.HEDGE, multi_assets=False)

    @property
    def watch(self) -> Callable[[Account, Ticks], None]:
        def look(watched: Account, ticks: Ticks) -> None:
            assert watched.id == ticks.account
            self.seen.append(ticks)
            if self.fails_with is not None:
                raise self.fails_with

        return look


def ticks(age_ms: int = 0) -> Ticks:
    marks = {Symbol("BTCUSDT"): MarkPrice(Decimal(100), NOW_MS)}
    return Ticks(Venue.ASTER, ACCOUNT, NOW_MS - age_ms, marks)


def test_a_fresh_tick_reaches_the_account_it_names() -> None:
    desk = WatchingDesk()

    ticks_door(desk)(ticks(OLDEST_TICK_MS))

    assert desk.seen == [ticks(OLDEST_TICK_MS)]


def test_a_tick_that_came_late_is_dropped_and_counted() -> None:
    desk = WatchingDesk()

    ticks_door(desk)(ticks(OLDEST_TICK_MS + 1))

    assert desk.seen == []
    assert desk.meter.counts == {"ticks_too_old": 1}


def test_a_venue_that_does_not_answer_is_counted_and_the_tick_is_not_repeated() -> None:
    desk = WatchingDesk(fails_with=VenueUnreachable("no route"))

    ticks_door(desk)(ticks())

    assert desk.meter.counts == {"ticks_failed": 1}


def test_what_nobody_foresaw_goes_to_the_dead() -> None:
    desk = WatchingDesk(fails_with=ZeroDivisionError())

    with pytest.raises(ZeroDivisionError):
        ticks_door(desk)(ticks())

"""Trading rules are asked for once a minute, and never remembered as missing."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from tests.services.world import START_MS, instrument
from tests.unit.builders import BTC

from undertow.adapters.dynamo.held_instruments import HELD_MS, HeldInstruments
from undertow.adapters.memory import MemoryInstruments, MemoryStore, SettableClock
from undertow.domain.ids import Symbol
from undertow.domain.instrument import Instrument
from undertow.domain.market import Venue


class Asked:
    """Instruments that count the questions."""

    def __init__(self) -> None:
        self._kept = MemoryInstruments(MemoryStore())
        self.questions = 0

    def get(self, venue: Venue, symbol: Symbol) -> Instrument | None:
        self.questions += 1
        return self._kept.get(venue, symbol)

    def all(self, venue: Venue) -> Sequence[Instrument]:
        self.questions += 1
        return self._kept.all(venue)

    def save(self, instruments: Sequence[Instrument]) -> None:
        self._kept.save(instruments)


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(START_MS)


@pytest.fixture
def kept() -> Asked:
    asked = Asked()
    asked.save([instrument()])
    return asked


def test_the_same_rules_are_asked_for_once_a_minute(kept: Asked, clock: SettableClock) -> None:
    held = HeldInstruments(kept, clock)
    for _ in range(5):
        assert held.get(Venue.ASTER, BTC) == instrument()
    assert kept.questions == 1
    clock.advance(HELD_MS)
    held.get(Venue.ASTER, BTC)
    assert kept.questions == 2


def test_rules_that_are_not_known_are_asked_for_every_time(kept: Asked, clock: SettableClock) -> None:
    held = HeldInstruments(kept, clock)
    new = Symbol("NEWUSDT")
    assert held.get(Venue.ASTER, new) is None
    kept.save([replace(instrument(), symbol=new)])
    assert held.get(Venue.ASTER, new) is not None


def test_the_whole_list_is_asked_for_once_a_minute(kept: Asked, clock: SettableClock) -> None:
    held = HeldInstruments(kept, clock)
    for _ in range(5):
        assert held.all(Venue.ASTER) == [instrument()]
    assert kept.questions == 1
    clock.advance(HELD_MS)
    held.all(Venue.ASTER)
    assert kept.questions == 2


def test_an_empty_list_is_asked_for_every_time(clock: SettableClock) -> None:
    asked = Asked()
    held = HeldInstruments(asked, clock)
    assert not held.all(Venue.ASTER)
    asked.save([instrument()])
    assert held.all(Venue.ASTER) == [instrument()]


def test_what_is_saved_here_is_seen_here_at_once(kept: Asked, clock: SettableClock) -> None:
    held = HeldInstruments(kept, clock)
    held.get(Venue.ASTER, BTC)
    held.all(Venue.ASTER)
    changed = replace(instrument(), status="SETTLING")
    held.save([changed])
    assert held.get(Venue.ASTER, BTC) == changed
    assert held.all(Venue.ASTER) == [changed]


def test_a_clock_that_was_set_back_holds_nothing_for_long(kept: Asked, clock: SettableClock) -> None:
    held = HeldInstruments(kept, clock)
    held.get(Venue.ASTER, BTC)
    clock.advance(-3_600_000)
    held.get(Venue.ASTER, BTC)
    assert kept.questions == 2

"""What a process asked of venues is kept now and then, and never in an order's way."""

from dataclasses import dataclass, field

import pytest
from tests.unit.builders import NOW_MS

from undertow.adapters.aster.tally import WeightTally
from undertow.adapters.memory import MemoryStore, SettableClock
from undertow.adapters.memory.contacts import MemoryContacts
from undertow.domain.contact import KEPT_MINUTES, MINUTE_MS, Asked, ClockOffset, Contact, VenueCount
from undertow.domain.market import Venue
from undertow.ports import StoreBusy
from undertow.services.keep_contacts import EVERY_MS, KeepContacts

ORDER = "POST /fapi/v3/order"


@dataclass
class Kept:
    """Contacts over memory that count their writes, and fail where they are told to."""

    inner: MemoryContacts = field(default_factory=lambda: MemoryContacts(MemoryStore()))
    writes: int = 0
    busy: int = 0

    def add(self, contact: Contact) -> None:
        self.writes += 1
        if self.busy:
            self.busy -= 1
            raise StoreBusy("busy")
        self.inner.add(contact)

    def since(self, venue: Venue, minute: int) -> list[Contact]:
        return list(self.inner.since(venue, minute))


@dataclass
class Process:
    clock: SettableClock = field(default_factory=lambda: SettableClock(NOW_MS))
    tally: WeightTally = field(default_factory=lambda: WeightTally("reconcile"))
    kept: Kept = field(default_factory=Kept)

    def __post_init__(self) -> None:
        self.keep = KeepContacts(self.tally, self.kept, self.clock)

    def ask(self, weight: int = 1) -> None:
        self.tally.asked(self.clock.now_ms(), ORDER, weight)

    def asked(self) -> Asked:
        asked = Asked()
        for one in self.kept.since(Venue.ASTER, 0):
            asked = asked.plus(one.by_endpoint[ORDER])
        return asked


@pytest.fixture
def process() -> Process:
    return Process()


def test_nothing_asked_is_nothing_written(process: Process) -> None:
    process.keep()
    assert process.kept.writes == 0


def test_a_process_writes_at_most_once_in_a_while_and_loses_nothing(process: Process) -> None:
    for _ in range(3):
        process.ask(5)
        process.keep()
    assert (process.kept.writes, process.asked()) == (1, Asked(1, 5))

    process.clock.advance(EVERY_MS)
    process.keep()

    assert (process.kept.writes, process.asked()) == (2, Asked(3, 15))


def test_a_clock_that_was_set_back_does_not_stop_the_writing(process: Process) -> None:
    process.ask()
    process.keep()
    process.clock.advance(-3_600_000)
    process.ask()
    process.keep()
    assert process.kept.writes == 2


def test_a_store_that_is_busy_stops_nothing_and_is_asked_again_later(process: Process) -> None:
    process.kept.busy = 1
    process.ask(7)
    process.keep()
    assert process.asked() == Asked()

    process.ask(1)
    process.clock.advance(EVERY_MS)
    process.keep()

    assert process.asked() == Asked(2, 8)


def test_a_process_without_a_network_keeps_nothing() -> None:
    kept = Kept()
    KeepContacts(None, kept, SettableClock(NOW_MS))()
    assert kept.writes == 0


def test_only_the_latest_minutes_are_held_however_rarely_they_are_taken() -> None:
    tally = WeightTally("follow-up-orders")
    for minute in range(20):
        tally.asked(NOW_MS + minute * MINUTE_MS, ORDER, 1)
    taken = tally.take()
    first = NOW_MS // MINUTE_MS + 20 - KEPT_MINUTES
    assert [one.minute for one in taken] == list(range(first, first + KEPT_MINUTES))
    assert tally.take() == []


def test_of_answers_that_overtook_each_other_the_higher_count_is_kept() -> None:
    tally = WeightTally("evaluate-liquidations")
    tally.told(NOW_MS + 1, 90, 2400)
    tally.told(NOW_MS, 80, 2400)
    tally.compared(NOW_MS, -3)
    (one,) = tally.take()
    assert (one.count, one.clock) == (VenueCount(90, 2400, NOW_MS + 1), ClockOffset(-3, NOW_MS))

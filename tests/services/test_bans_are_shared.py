"""A ban that one process meets is known to all, whoever asked; and no process asks during one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from tests.services.test_one_trouble_at_a_time import desk_at
from tests.services.world import ACCOUNT, FakeVenue, World
from tests.unit.builders import BTC

from undertow.adapters.shared_blocks import READ_EVERY_MS, BlockSharingVenues
from undertow.domain.account import Account, VenueHealth
from undertow.domain.fill import Fill
from undertow.domain.ids import ClientOrderId, Symbol
from undertow.domain.instrument import Instrument
from undertow.domain.market import Venue
from undertow.domain.order import OrderNews
from undertow.domain.outcome import CancelOutcome, SubmitOutcome, Unconfirmed, VenueBlocked
from undertow.ports import StoreBusy, VenueHealths
from undertow.risk.approval import ApprovedOrder
from undertow.services.views.marks import Marks

BAN_MS = 120_000


@dataclass
class BanningVenue(FakeVenue):
    """Answers 418 to the calls named in ``banned``, and counts what it was asked."""

    banned: set[str] = field(default_factory=set)
    entries_only: bool = False
    calls: list[str] = field(default_factory=list)

    def _ask(self, name: str) -> None:
        self.calls.append(name)
        if name in self.banned:
            raise VenueBlocked(self.clock.now_ms() + BAN_MS, "418", entries_only=self.entries_only)

    def submit(self, order: ApprovedOrder) -> SubmitOutcome:
        self._ask("submit")
        return FakeVenue.submit(self, order)

    def cancel(self, symbol: Symbol, order: ClientOrderId) -> CancelOutcome:
        self._ask("cancel")
        return FakeVenue.cancel(self, symbol, order)

    def fetch_order(self, symbol: Symbol, order: ClientOrderId) -> OrderNews | None:
        self._ask("fetch_order")
        return FakeVenue.fetch_order(self, symbol, order)

    def fetch_fills(self, symbol: Symbol, since_ms: int) -> Sequence[Fill]:
        self._ask("fetch_fills")
        return FakeVenue.fetch_fills(self, symbol, since_ms)

    def fetch_instruments(self) -> Sequence[Instrument]:
        self._ask("fetch_instruments")
        return ()


@dataclass(frozen=True)
class At:
    venue: BanningVenue

    def trading(self, account: Account) -> BanningVenue:
        return self.venue

    def market_data(self, venue: Venue) -> BanningVenue:
        return self.venue


def banning(world: World, *calls: str, entries_only: bool = False) -> BanningVenue:
    there = BanningVenue(world.clock, banned=set(calls), entries_only=entries_only)
    there.standing, there.ended, there.trades = world.venue.standing, world.venue.ended, world.venue.trades
    return there


def health(world: World) -> VenueHealth:
    return world.desk.repositories.healths.get(ACCOUNT.venue)


def cancels(world: World, there: BanningVenue) -> None:
    entry = world.entered()
    world.clock.advance(60_000)
    desk_at(world, At(there)).expire(ACCOUNT, entry)


def without_a_stop(world: World) -> None:
    world.holding()
    stop = world.position.stop_order
    assert stop is not None
    world.desk.expire.cancel(ACCOUNT, world.order(stop))


def protects(world: World, there: BanningVenue) -> None:
    without_a_stop(world)
    desk_at(world, At(there)).protect(ACCOUNT, BTC, world.position.side)


def resolves(world: World, there: BanningVenue) -> None:
    world.venue.answers = [lambda _order: Unconfirmed("503")]
    desk_at(world, At(there)).resolve(ACCOUNT, world.entered(), attempt=0)


def imports(world: World, there: BanningVenue) -> None:
    entry = world.entered()
    with pytest.raises(VenueBlocked):
        desk_at(world, At(there)).expire.import_fills(ACCOUNT, BTC, world.order(entry).created_at_ms)


def lists_instruments(world: World, there: BanningVenue) -> None:
    with pytest.raises(VenueBlocked):
        desk_at(world, At(there)).sync_instruments()


@pytest.mark.parametrize(
    ("call", "use"),
    [
        ("cancel", cancels),
        ("submit", protects),
        ("fetch_order", resolves),
        ("fetch_fills", imports),
        ("fetch_instruments", lists_instruments),
    ],
)
def test_a_ban_is_written_down_whoever_meets_it(
    call: str, use: Callable[[World, BanningVenue], None], world: World
) -> None:
    use(world, banning(world, call))
    assert health(world) == VenueHealth(ACCOUNT.venue, world.clock.now_ms() + BAN_MS, "418")


def test_another_process_asks_nothing_while_the_ban_lasts_and_goes_on_after_it(world: World) -> None:
    protects(world, banning(world, "submit"))
    other = banning(world)
    desk = desk_at(world, At(other))
    desk.protect(ACCOUNT, BTC, world.position.side)
    with pytest.raises(VenueBlocked, match="418"):
        desk.reconcile(ACCOUNT)
    assert other.calls == []
    world.clock.advance(BAN_MS)
    desk.protect(ACCOUNT, BTC, world.position.side)
    assert other.calls[0] == "submit"


def test_a_ban_that_another_process_meets_later_is_seen_within_seconds(world: World) -> None:
    venue = banning(world)
    seen = BlockSharingVenues(At(venue), world.desk.repositories.healths, world.clock).trading(ACCOUNT)
    seen.fetch_order(BTC, ClientOrderId("ut-e-1"))
    world.desk.repositories.healths.set(VenueHealth(ACCOUNT.venue, world.clock.now_ms() + BAN_MS, "418"))
    world.clock.advance(READ_EVERY_MS)
    with pytest.raises(VenueBlocked):
        seen.fetch_order(BTC, ClientOrderId("ut-e-1"))
    assert venue.calls == ["fetch_order"]


def test_a_block_of_entries_lets_stops_and_reads_pass(world: World) -> None:
    without_a_stop(world)
    world.desk.repositories.healths.set(
        VenueHealth(ACCOUNT.venue, world.clock.now_ms() + BAN_MS, "-1015", entries_only=True)
    )
    desk_at(world, At(banning(world))).protect(ACCOUNT, BTC, world.position.side)
    assert world.position.stop_order in world.venue.standing


def test_a_block_of_entries_met_by_one_entry_holds_back_the_next_of_that_process(world: World) -> None:
    there = banning(world, "submit", entries_only=True)
    venues = BlockSharingVenues(At(there), world.desk.repositories.healths, world.clock)
    world.entered()
    (approved,) = world.venue.submitted
    for _ in range(3):
        with pytest.raises(VenueBlocked):
            venues.trading(ACCOUNT).submit(approved)
    assert there.calls == ["submit"]
    assert health(world).entries_only


def test_a_ban_that_grows_is_written_again_and_one_that_is_known_is_not(world: World) -> None:
    written: list[VenueHealth] = []

    class Counting:
        def get(self, venue: Venue) -> VenueHealth:
            return VenueHealth(venue)

        def set(self, met: VenueHealth) -> None:
            written.append(met)

    there = banning(world, "cancel", entries_only=True)
    healths: Any = Counting()
    venue = BlockSharingVenues(At(there), healths, world.clock).trading(ACCOUNT)
    for advance_ms in (0, 0, 5):
        world.clock.advance(advance_ms)
        with pytest.raises(VenueBlocked):
            venue.cancel(BTC, ClientOrderId("ut-e-1"))
    there.entries_only = False
    with pytest.raises(VenueBlocked):
        venue.cancel(BTC, ClientOrderId("ut-e-1"))
    until_ms = world.clock.now_ms() + BAN_MS
    first = VenueHealth(ACCOUNT.venue, until_ms - 5, "418", entries_only=True)
    assert written == [
        first,
        replace(first, blocked_until_ms=until_ms),
        VenueHealth(ACCOUNT.venue, until_ms, "418"),
    ]


def test_an_entry_is_sent_without_another_read_of_the_shared_health(world: World) -> None:
    class Unreadable:
        def get(self, venue: Venue) -> VenueHealth:
            raise AssertionError("the entry's snapshot has just read it")

    world.entered()
    (approved,) = world.venue.submitted
    healths: Any = Unreadable()
    venue = BlockSharingVenues(At(banning(world)), healths, world.clock).trading(ACCOUNT)
    venue.submit(approved)


@dataclass
class BusyHealths:
    """The table answers none of the calls named in ``busy``."""

    kept: VenueHealths
    busy: set[str]

    def get(self, venue: Venue) -> VenueHealth:
        if "get" in self.busy:
            raise StoreBusy("throttled")
        return self.kept.get(venue)

    def set(self, health: VenueHealth) -> None:
        if "set" in self.busy:
            raise StoreBusy("throttled")
        self.kept.set(health)


@pytest.mark.parametrize("call", ["get", "set"])
def test_a_stop_that_a_busy_table_kept_from_the_venue_is_known_to_be_unsent_and_sent_by_the_next_look(
    call: str, world: World
) -> None:
    without_a_stop(world)
    there = banning(world, "submit")
    healths = BusyHealths(world.desk.repositories.healths, {call})
    desk = desk_at(world, BlockSharingVenues(At(there), healths, world.clock))
    desk.protect(ACCOUNT, BTC, world.position.side)
    assert world.position.stop_order not in there.standing

    healths.busy.clear()
    there.banned.clear()
    world.clock.advance(BAN_MS)
    desk.protect(ACCOUNT, BTC, world.position.side)
    assert world.position.stop_order in there.standing


def test_a_page_keeps_to_a_ban_that_a_function_met(world: World) -> None:
    there = banning(world)
    shown = Marks(BlockSharingVenues(At(there), world.desk.repositories.healths, world.clock, tells=False), world.clock)
    world.desk.repositories.healths.set(VenueHealth(ACCOUNT.venue, world.clock.now_ms() + BAN_MS, "418"))
    assert shown.of(ACCOUNT.venue, [BTC]) == {}
    assert there.calls == []
    world.clock.advance(BAN_MS + 1)
    assert shown.of(ACCOUNT.venue, [BTC]).keys() == {BTC}


def test_a_ban_that_a_page_meets_holds_back_no_stop(world: World) -> None:
    there = banning(world, "fetch_instruments")
    pages = BlockSharingVenues(At(there), world.desk.repositories.healths, world.clock, tells=False)
    for _ in range(2):
        with pytest.raises(VenueBlocked):
            pages.market_data(ACCOUNT.venue).fetch_instruments()
    assert there.calls == ["fetch_instruments"]
    assert health(world) == VenueHealth(ACCOUNT.venue)

"""Rules that changed between two readings are read again when an order is refused by them, and the next look fits."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from tests.services.world import ACCOUNT, World
from tests.unit.builders import BTC, d, instrument

from undertow.domain.ids import ClientOrderId, Symbol
from undertow.domain.instrument import Instrument
from undertow.domain.market import Venue
from undertow.domain.outcome import Rejected, SubmitOutcome, VenueReadFailed, VenueUnreachable
from undertow.ports import Instruments, StoreBusy
from undertow.risk.approval import ApprovedOrder
from undertow.services.protect import Protection
from undertow.services.refresh_rules import AT_MOST_EACH_MS, REFUSED_BY_RULES

COARSE = d("10")


def kept(world: World, symbol: Symbol = BTC) -> Instrument | None:
    return world.desk.repositories.instruments.get(Venue.ASTER, symbol)


def filled(world: World, entry: ClientOrderId | None = None) -> None:
    """Long enough after the rules were read for newer ones."""
    entry = entry or world.entered()
    world.clock.advance(AT_MOST_EACH_MS)
    world.desk.track(ACCOUNT, world.venue.fill(entry, world.venue.standing[entry].quantity, d("100001")))


def coarser(world: World) -> None:
    """The venue's ticks are 10 from now on, and it takes no order off them."""
    world.venue.listed = [
        instrument(tick_size=COARSE, min_price=COARSE, fetched_at_ms=world.clock.now_ms() + AT_MOST_EACH_MS),
        instrument(symbol=Symbol("ETHUSDT")),
    ]

    def answer(order: ApprovedOrder) -> SubmitOutcome:
        if order.intent.stop_price is not None and order.intent.stop_price % COARSE:
            return Rejected(-4014, "Price not increased by tick size.")
        return world.venue.take(order)

    world.venue.answers = [world.venue.take, *[answer] * 20]


def test_a_stop_that_was_off_the_new_grid_stands_on_it_after_the_next_look(world: World) -> None:
    coarser(world)
    filled(world)
    assert world.position.stop_order is None
    assert world.desk.protect(ACCOUNT, BTC, world.position.side) is Protection.PROTECTED
    assert world.position.stop_price is not None
    assert world.position.stop_price % COARSE == 0
    assert world.venue.listings == 1


def test_only_the_rules_of_that_symbol_are_kept_and_its_tiers_stay(world: World) -> None:
    before = kept(world)
    coarser(world)
    filled(world)
    after = kept(world)
    assert before is not None
    assert after is not None
    assert (after.tick_size, after.brackets) == (COARSE, before.brackets)
    assert kept(world, Symbol("ETHUSDT")) is None
    assert world.meter.counts["rules_refreshed"] == 1


def test_rules_that_were_just_read_are_not_read_again(world: World) -> None:
    coarser(world)
    world.desk.repositories.instruments.save([instrument(fetched_at_ms=world.clock.now_ms() + 1)])
    filled(world)
    assert world.venue.listings == 0


def test_an_order_refused_for_another_reason_reads_no_rules(world: World) -> None:
    coarser(world)
    world.venue.answers = [world.venue.take, *[lambda _order: Rejected(-4045, "Reach max stop order limit.")] * 5]
    filled(world)
    assert world.venue.listings == 0


@pytest.mark.parametrize("code", sorted(REFUSED_BY_RULES))
def test_each_refusal_by_a_rule_reads_them(world: World, code: int) -> None:
    coarser(world)
    world.venue.answers = [world.venue.take, lambda _order: Rejected(code, "by a filter")]
    filled(world)
    assert world.venue.listings == 1


@pytest.mark.parametrize("failure", [VenueReadFailed("time-out"), VenueUnreachable("no way")])
def test_rules_that_cannot_be_read_stay_as_they_are(world: World, failure: Exception) -> None:
    before = kept(world)
    coarser(world)
    entry = world.entered()
    world.venue.read_failure = failure
    filled(world, entry)
    assert kept(world) == before
    assert world.venue.listings == 1


class BusyInstruments:
    """The table can be read, and takes nothing."""

    def __init__(self, kept: Instruments) -> None:
        self._kept = kept

    def get(self, venue: Venue, symbol: Symbol) -> Instrument | None:
        return self._kept.get(venue, symbol)

    def all(self, venue: Venue) -> Sequence[Instrument]:
        return self._kept.all(venue)

    def save(self, instruments: Sequence[Instrument]) -> None:
        raise StoreBusy("throttled")


def test_rules_that_cannot_be_kept_hold_up_nobody(world: World) -> None:
    coarser(world)
    refresh = world.desk.protect.place.refresh_rules
    world.clock.advance(AT_MOST_EACH_MS)
    replace(refresh, instruments=BusyInstruments(refresh.instruments))(Venue.ASTER, BTC)
    assert world.venue.listings == 1
    assert "rules_refreshed" not in world.meter.counts


def test_a_symbol_that_is_listed_no_more_keeps_its_rules(world: World) -> None:
    before = kept(world)
    coarser(world)
    world.venue.listed = [replace(one, symbol=Symbol("ETHUSDT")) for one in world.venue.listed]
    filled(world)
    assert kept(world) == before

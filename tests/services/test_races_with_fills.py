"""What happens at the venue while another process of ours is in the middle of something."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from tests.services.world import ACCOUNT, FakeVenue, OneVenue, World
from tests.unit.builders import BTC, HUNTER, d

from undertow.desk import Outside, assemble
from undertow.domain.account import MarginType, VenuePosition
from undertow.domain.event import OrderChanged
from undertow.domain.ids import ClientOrderId
from undertow.domain.market import PositionSide, Side
from undertow.domain.outcome import Accepted, SubmitOutcome
from undertow.risk.approval import ApprovedOrder


class BusyVenue(FakeVenue):
    """Something happens right after the positions were read."""

    meanwhile: Callable[[], None]

    def fetch_positions(self) -> Sequence[VenuePosition]:
        read = super().fetch_positions()
        happens, self.meanwhile = self.meanwhile, nothing
        happens()
        return read


def nothing() -> None: ...


def busy(world: World, meanwhile: Callable[[], None]) -> None:
    """From now on ``world`` is at a venue that looks like its own, where ``meanwhile`` happens once."""
    kept, before = world.desk.repositories, world.venue
    venue = BusyVenue(world.clock, before.submitted, before.standing, before.ended, before.canceled, before.trades)
    venue.positions, venue.meanwhile = before.positions, meanwhile
    world.venue = venue
    at_venue: Any = OneVenue(venue)
    world.desk = assemble(
        Outside(kept, world.params, at_venue, world.follow_ups, world.notifier, world.meter, world.clock)
    )


def leg(quantity: str, side: PositionSide = PositionSide.LONG) -> VenuePosition:
    return VenuePosition(
        BTC, side, d(quantity), d("100001"), d("100000"), d("0"), 10, MarginType.ISOLATED, None, updated_at_ms=0
    )


def test_a_reconciliation_while_an_entry_waits_for_its_answer_books_the_fill_as_the_entrys(world: World) -> None:
    heard: list[OrderChanged] = []

    def fills_and_is_reconciled_before_the_answer(order: ApprovedOrder) -> SubmitOutcome:
        world.venue.take(order)
        assert order.intent.quantity is not None
        heard.append(world.venue.fill(order.intent.client_order_id, order.intent.quantity, d("100001")))
        world.venue.positions = [leg("0.009")]
        world.clock.advance(100)
        world.desk.reconcile(ACCOUNT)
        return Accepted(heard[0].news)

    world.venue.answers = [fills_and_is_reconciled_before_the_answer]
    world.entered()
    world.desk.track(ACCOUNT, heard[0])
    assert world.position.strategy == HUNTER
    assert world.position.stop_order in world.venue.standing
    assert world.slot.entries == ()
    assert world.slot.reserved_notional > 0


def test_a_trade_of_an_entry_that_the_venue_cannot_name_yet_is_left_for_the_stream(world: World) -> None:
    heard: list[OrderChanged] = []

    def fills_and_cannot_be_found_yet(order: ApprovedOrder) -> SubmitOutcome:
        world.venue.take(order)
        assert order.intent.quantity is not None
        entry = order.intent.client_order_id
        heard.append(world.venue.fill(entry, order.intent.quantity, d("100001")))
        world.venue.positions = [leg("0.009")]
        hidden = world.venue.ended.pop(entry)
        world.desk.reconcile(ACCOUNT)
        world.venue.ended[entry] = hidden
        return Accepted(heard[0].news)

    world.venue.answers = [fills_and_cannot_be_found_yet]
    world.entered()
    assert world.slot.position is None
    world.desk.track(ACCOUNT, heard[0])
    assert world.position.strategy == HUNTER
    assert world.slot.entries == ()


def test_a_position_that_closes_while_it_is_being_reconciled_is_not_adopted_as_somebody_elses(world: World) -> None:
    world.holding()
    world.venue.positions = [leg("0.009")]
    target = world.position.target_order
    assert target is not None

    def target_is_reached() -> None:
        event = world.venue.fill(target, d("0.009"), d("102000"))
        world.venue.positions.clear()
        world.desk.track(ACCOUNT, event)

    busy(world, target_is_reached)
    world.clock.advance(10_000)
    report = world.desk.reconcile(ACCOUNT)
    assert report.adopted == 0
    assert world.slot.position is None
    assert world.venue.standing == {}


def test_a_reading_older_than_the_doubt_does_not_settle_it(world: World) -> None:
    """Two passes overlap: one doubts, the other read before the fill and comes to its end much later."""
    entry = world.entered()
    world.clock.advance(10_000)

    def fills_and_another_pass_doubts() -> None:
        event = world.venue.fill(entry, d("0.009"), d("100001"))
        world.desk.track(ACCOUNT, event)
        world.clock.advance(10)
        world.desk.reconcile(ACCOUNT)  # the venue's list of positions lags behind: it is still empty
        world.clock.advance(4_000)

    busy(world, fills_and_another_pass_doubts)
    world.desk.reconcile(ACCOUNT)
    assert world.position.quantity == d("0.009")
    assert world.position.stop_order in world.venue.standing


def closed_by_hand(world: World) -> OrderChanged:
    """The owner sells all that he holds, at the venue itself."""
    by_hand = replace(world.venue.standing[world.venue.submitted[-1].intent.client_order_id], position_side=None)
    sold = replace(by_hand, client_order_id=ClientOrderId("web_1"), close_position=False, quantity=d("0.009"))
    world.venue.standing[sold.client_order_id] = replace(sold, position_side=PositionSide.LONG, side=Side.SELL)
    return world.venue.fill(sold.client_order_id, d("0.009"), d("99990"))


@pytest.mark.parametrize("letter", ["s", "t"])
def test_what_is_being_placed_for_a_position_that_closes_meanwhile_does_not_stay(world: World, letter: str) -> None:
    """Who books the last fill takes off what the position names; that order it does not name yet."""
    entry = world.entered()

    def taken_and_closed_before_the_answer(order: ApprovedOrder) -> SubmitOutcome:
        accepted = world.venue.take(order)
        world.desk.track(ACCOUNT, closed_by_hand(world))
        return accepted

    before: list[Callable[[ApprovedOrder], SubmitOutcome]] = [world.venue.take] if letter == "t" else []
    world.venue.answers = [*before, taken_and_closed_before_the_answer]
    world.desk.track(ACCOUNT, world.venue.fill(entry, d("0.009"), d("100001")))
    assert world.venue.submitted[-1].intent.client_order_id.startswith(f"ut-{letter}-")
    assert world.slot.position is None
    assert world.venue.standing == {}
    assert world.desk.repositories.orders.unfinished(ACCOUNT.id) == []


def test_a_position_opened_while_the_stop_of_the_one_before_was_placed_gets_its_own(world: World) -> None:
    first = world.entered()

    def closed_and_opened_anew_before_the_answer(order: ApprovedOrder) -> SubmitOutcome:
        accepted = world.venue.take(order)
        world.desk.track(ACCOUNT, closed_by_hand(world))
        world.clock.advance(31_000)
        opened = world.venue.fill(world.entered(2), d("0.009"), d("100001"))
        assert opened.fill is not None
        world.desk.track.book(opened.fill, world.order(opened.news.client_order_id), opened.news)
        return accepted

    world.venue.answers = [closed_and_opened_anew_before_the_answer]
    world.desk.track(ACCOUNT, world.venue.fill(first, d("0.009"), d("100001")))
    assert world.position.unprotected_since_ms is None
    assert [order.client_order_id for order in world.venue.of_purpose("s")] == [world.position.stop_order]
    assert [order.client_order_id for order in world.venue.of_purpose("t")] == [world.position.target_order]

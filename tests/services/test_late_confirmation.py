"""An entry whose sending was in doubt gets an end like any other, however it became known that it stands."""

from tests.services.world import ACCOUNT, World
from tests.unit.builders import BTC, d

from undertow.domain.account import MarginType, VenuePosition
from undertow.domain.event import OrderChanged
from undertow.domain.follow_up import FollowUpKind
from undertow.domain.ids import ClientOrderId
from undertow.domain.market import PositionSide
from undertow.domain.order import OrderState
from undertow.domain.outcome import Unconfirmed
from undertow.risk.approval import ApprovedOrder

TTL_MS = 30_000


def entered_in_doubt(world: World) -> ClientOrderId:
    """The venue took the entry, and its answer was lost."""

    def loses_the_answer(order: ApprovedOrder) -> Unconfirmed:
        world.venue.take(order)
        return Unconfirmed("503")

    world.venue.answers = [loses_the_answer]
    return world.entered()


def expiries_due_ms(world: World) -> list[int]:
    """When the follow-ups that end orders are delivered, measured from now."""
    started_ms, due = world.clock.now_ms(), []
    while (next_ms := world.follow_ups.next_due_ms()) is not None:
        world.clock.advance(max(0, next_ms - world.clock.now_ms()))
        for item in world.follow_ups.due():
            if item.kind is FollowUpKind.EXPIRE_ORDER:
                due.append(world.clock.now_ms() - started_ms)
    return due


def test_an_entry_found_open_ends_when_its_time_is_up(world: World) -> None:
    entry = entered_in_doubt(world)
    for _ in range(60):
        world.clock.advance(500)
        world.follow_up()
    assert world.order(entry).state is OrderState.CANCELED
    assert entry in world.venue.canceled


def test_an_entry_that_the_stream_told_of_first_ends_when_its_time_is_up(world: World) -> None:
    entry = entered_in_doubt(world)
    world.desk.track(ACCOUNT, OrderChanged(ACCOUNT.id, world.venue.standing[entry], None, "", world.clock.now_ms()))
    assert world.order(entry).state is OrderState.OPEN
    for _ in range(60):
        world.clock.advance(500)
        world.follow_up()
    assert entry in world.venue.canceled


def test_an_entry_that_reconciliation_found_open_ends_when_its_time_is_up(world: World) -> None:
    entered_in_doubt(world)
    world.follow_ups.due()
    world.clock.advance(10_000)
    world.desk.reconcile(ACCOUNT)
    assert TTL_MS - 10_000 in expiries_due_ms(world)


def test_an_entry_found_filled_needs_no_end(world: World) -> None:
    entry = entered_in_doubt(world)
    world.venue.fill(entry, world.venue.standing[entry].quantity, world.venue.standing[entry].price)
    world.desk.resolve(ACCOUNT, entry, attempt=0)
    assert all(item.kind is not FollowUpKind.EXPIRE_ORDER for item in world.follow_ups.waiting())


def test_while_an_entry_may_still_fill_its_position_is_looked_at_again(world: World) -> None:
    entry = world.entered()
    part = world.venue.standing[entry].quantity / 3
    world.desk.track(ACCOUNT, world.venue.fill(entry, part, world.venue.standing[entry].price))
    checks = []
    for _ in range(8):
        world.clock.advance(5_000)
        due = world.follow_ups.due()
        checks.append(sum(item.kind is FollowUpKind.CHECK_PROTECTION for item in due))
        for item in due:
            world.desk.take_up(ACCOUNT, item)
    assert checks[:5] == [1, 1, 1, 1, 1]
    assert sum(checks[6:]) <= 1, "the entry has ended, and the position stands protected"


def filled_before_its_number_was_known(world: World) -> ClientOrderId:
    """The venue's queries do not know the entry yet, its history of trades does: the trade passes for the owner's."""
    entry = entered_in_doubt(world)
    world.venue.fill(entry, world.venue.standing[entry].quantity, world.venue.standing[entry].price)
    late = world.venue.ended.pop(entry)
    world.clock.advance(10_000)
    world.desk.reconcile.import_missing.import_fills(ACCOUNT, BTC, world.clock.now_ms() - 20_000)
    assert world.position.is_external
    world.venue.ended[entry] = late
    return entry


def test_an_entry_found_filled_after_its_trade_was_booked_as_a_strangers_keeps_no_place(world: World) -> None:
    entry = filled_before_its_number_was_known(world)
    reserved = world.slot.reserved_notional
    world.desk.resolve(ACCOUNT, entry, attempt=1)
    assert world.order(entry).state is OrderState.FILLED
    assert world.slot.entries == ()
    assert world.slot.reserved_notional == reserved, "what is held counts as long as it is held"


def test_reconciliation_finds_the_place_of_an_entry_whose_finder_died(world: World) -> None:
    entry = filled_before_its_number_was_known(world)
    world.desk.resolve.record.news(world.order(entry), world.venue.ended[entry])
    assert len(world.slot.entries) == 1
    world.venue.positions = [held_at_venue(world)]
    world.desk.reconcile(ACCOUNT)
    assert world.slot.entries == ()


def held_at_venue(world: World) -> VenuePosition:
    position = world.position
    price, now_ms = position.entry_price, world.clock.now_ms()
    return VenuePosition(
        BTC, PositionSide.LONG, position.quantity, price, price, d("0"), 10, MarginType.ISOLATED, None, now_ms
    )

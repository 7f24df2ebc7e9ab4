"""One fill, and all that is written with it: position, order, reservation, and a row where they do not add up."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from tests.services.world import ACCOUNT, START_MS, World
from tests.unit.builders import BTC, HUNTER, LONG, SHORT, d, fill, intent, news, order, position

from undertow.domain.accounting.books import History, books_of
from undertow.domain.correction import Correction, CorrectionReason
from undertow.domain.fill import Fill
from undertow.domain.ids import ClientOrderId, StrategyId, TradeId
from undertow.domain.market import PositionSide, Side
from undertow.domain.order import OrderState, Purpose
from undertow.domain.position import Position
from undertow.ports import Ledger, LedgerEntry, WriteOutcome
from undertow.services.book_fill import BookFill, Booking
from undertow.services.record_order import LostTooManyRaces

NOTHING = d("0")


@pytest.fixture(name="book")
def _book(world: World) -> BookFill:
    return world.desk.expire.import_fills.book


def hold(world: World, **changes: Any) -> Position:
    """0.3 from 1000, long unless it is said otherwise."""
    held = position(**changes)
    slot = world.desk.repositories.ledger.slot(ACCOUNT.id, BTC, held.side)
    world.store.slots[ACCOUNT.id, BTC, held.side] = slot.with_position(held)
    return held


def read_until(world: World, moment_ms: int) -> None:
    """The quantity was taken from a reading of the venue at ``moment_ms``."""
    slot = world.slot
    world.store.slots[ACCOUNT.id, BTC, LONG] = replace(slot, counted_until_ms=moment_ms)


def sold(quantity: str, number: int = 5, **changes: Any) -> Fill:
    return fill(quantity, side=Side.SELL, trade_id=TradeId(number), client_order_id=None, **changes)


def rows(world: World) -> list[Correction]:
    return list(world.desk.repositories.ledger.corrections(ACCOUNT.id, 0, START_MS + 1, 10))


def test_a_fill_that_opens_says_so_and_takes_strategy_and_leverage_from_its_order(world: World, book: BookFill) -> None:
    booking = book(fill("0.3"), order(of=intent(leverage=7)), None)
    assert booking == Booking(LONG, duplicate=False, opened=True, closed=None, excess=NOTHING)
    assert (world.position.strategy, world.position.leverage) == (HUNTER, 7)
    assert rows(world) == []


def test_a_fill_of_nobodys_order_opens_a_position_without_leverage_that_belongs_to_nobody(
    world: World, book: BookFill
) -> None:
    book(fill("0.3"), None, None)
    assert (world.position.strategy, world.position.leverage) == (None, 1)


def test_a_fill_that_adds_or_takes_a_part_opens_and_closes_nothing(world: World, book: BookFill) -> None:
    hold(world)
    changed = Booking(LONG, duplicate=False, opened=False, closed=None, excess=NOTHING)
    assert book(fill("0.1"), None, None) == changed
    assert book(sold("0.2"), None, None) == changed
    assert world.position.quantity == d("0.2")


def test_a_fill_that_closes_hands_the_closed_position_back(world: World, book: BookFill) -> None:
    held = hold(world)
    booking = book(sold("0.3", realized_pnl=d("4")), None, None)
    assert booking.closed is not None
    assert (booking.closed.id, booking.closed.quantity, booking.closed.realized_pnl) == (held.id, 0, d("4"))
    assert (booking.duplicate, booking.opened, booking.excess) == (False, False, NOTHING)
    assert world.slot.position is None


def test_the_same_trade_is_booked_once_and_the_second_time_is_called_a_duplicate(world: World, book: BookFill) -> None:
    hold(world)
    book(sold("0.1"), None, None)
    assert book(sold("0.1"), None, None) == Booking(LONG, duplicate=True, opened=False, closed=None, excess=NOTHING)
    assert world.position.quantity == d("0.2")


def test_what_closes_more_than_is_known_closes_all_of_it_and_leaves_a_row_about_the_rest(
    world: World, book: BookFill
) -> None:
    held = hold(world)
    booking = book(sold("0.5"), None, None)
    assert booking.excess == d("0.2")
    (row,) = rows(world)
    assert row == Correction(
        account=ACCOUNT.id,
        symbol=BTC,
        side=LONG,
        number=5,
        time_ms=world.clock.now_ms(),
        reason=CorrectionReason.EXCESS,
        before=d("-0.2"),
        after=NOTHING,
        position=held.id,
        trade_id=TradeId(5),
    )


def test_what_closes_where_nothing_is_known_to_be_open_moves_nothing_and_leaves_a_row(
    world: World, book: BookFill
) -> None:
    booking = book(sold("0.5"), None, None)
    assert booking == Booking(LONG, duplicate=False, opened=False, closed=None, excess=d("0.5"))
    (row,) = rows(world)
    assert (row.before, row.after, row.position) == (d("-0.5"), NOTHING, None)


@pytest.mark.parametrize(
    ("trade", "before"), [(sold("0.1"), "0.2"), (fill("0.1"), "0.4")], ids=["one that closed", "one that opened"]
)
def test_a_trade_that_the_reading_knew_of_explains_the_quantity_and_does_not_move_it(
    world: World, book: BookFill, trade: Fill, before: str
) -> None:
    held = hold(world, commission=d("1"), realized_pnl=d("10"))
    read_until(world, trade.time_ms)
    booking = book(replace(trade, realized_pnl=d("-3")), None, None)
    assert booking == Booking(LONG, duplicate=False, opened=False, closed=None, excess=NOTHING)
    expected = replace(held, commission=d("1.05"), realized_pnl=d("7"))
    assert world.position == expected
    (row,) = rows(world)
    assert (row.reason, row.before, row.after) == (CorrectionReason.EXPLAINED, d(before), d("0.3"))
    assert (row.position, row.trade_id, row.number) == (held.id, trade.trade_id, trade.trade_id)


def test_a_trade_after_the_reading_moves_the_quantity_again(world: World, book: BookFill) -> None:
    hold(world)
    trade = sold("0.1")
    read_until(world, trade.time_ms - 1)
    book(trade, None, None)
    assert world.position.quantity == d("0.2")
    assert rows(world) == []


@pytest.mark.parametrize(
    ("unexplained", "trade", "left"),
    [
        ("-0.2", sold("0.1"), "-0.1"),
        ("-0.2", sold("0.2"), "0"),
        ("-0.2", sold("0.5"), "0"),
        ("-0.2", fill("0.1"), "-0.2"),
        ("0.2", fill("0.1"), "0.1"),
        ("0.2", fill("0.5"), "0"),
        ("0.2", sold("0.1"), "0.2"),
        ("0", sold("0.1"), "0"),
        ("0", fill("0.1"), "0"),
    ],
)
def test_an_explaining_trade_takes_doubt_off_the_quantity_and_never_adds_any(
    world: World, book: BookFill, unexplained: str, trade: Fill, left: str
) -> None:
    hold(world, unexplained=d(unexplained))
    read_until(world, trade.time_ms)
    book(trade, None, None)
    assert world.position.unexplained == d(left)


@pytest.mark.parametrize(("strategy", "realized"), [(HUNTER, "0"), (None, "-50")], ids=["ours", "adopted"])
def test_what_a_closed_position_lost_is_not_the_loss_of_the_one_that_we_opened_after_it(
    world: World, book: BookFill, strategy: StrategyId | None, realized: str
) -> None:
    """The first was closed by the venue's word, and its last trade is learnt of late. What is adopted comes from it."""
    late = sold("0.3", realized_pnl=d("-50"))
    held = hold(world, strategy=strategy, opened_at_ms=late.time_ms + 5_000)
    read_until(world, late.time_ms + 1_000)
    book(late, None, None)
    assert (world.position.quantity, world.position.realized_pnl) == (held.quantity, d(realized))
    assert [row.reason for row in rows(world)] == [CorrectionReason.EXPLAINED]


def test_a_fee_in_the_venues_token_is_taken_off_no_profit_in_the_quote(world: World, book: BookFill) -> None:
    """Three tokens are not three USDT: a position that won would be shown as one that lost."""
    token: dict[str, Any] = {"commission": d("3"), "commission_asset": "ASTER"}
    book(fill("0.3", **token), None, None)
    book(fill("0.1", trade_id=TradeId(2), **token), None, None)
    read_until(world, START_MS - 50)
    book(sold("0.1", 3, time_ms=START_MS - 60, **token), None, None)
    closed = book(sold("0.4", 4, realized_pnl=d("2"), **token), None, None).closed
    assert closed is not None
    assert (closed.realized_pnl, closed.commission) == (d("2"), NOTHING)
    kept = world.desk.repositories.fills.of_symbol(ACCOUNT.id, BTC, 0, START_MS + 1)
    assert {(trade.commission, trade.commission_asset) for trade in kept} == {(d("3"), "ASTER")}


def test_trades_that_are_told_in_another_order_are_all_the_strategys(world: World, book: BookFill) -> None:
    """The venue promises no order. What was told late is no trade of nobody's, and makes no round trip of nobody's."""
    bought = [fill("0.1", time_ms=START_MS - 10), fill("0.2", trade_id=TradeId(2))]
    closed_by = [sold("0.1", 3, time_ms=START_MS + 100), sold("0.2", 4, time_ms=START_MS + 110)]
    for trade in reversed(bought):
        book(trade, order(of=intent()), None)
    closed = [book(trade, None, None).closed for trade in reversed(closed_by)][-1]
    assert closed is not None
    books = books_of(History([*bought, *closed_by], [], positions=[closed]))
    assert {line.owner.strategy for line in books.lines} == {HUNTER}
    assert [trip.owner.strategy for trip in books.trips] == [HUNTER]


def test_a_trade_that_explains_a_position_that_is_gone_by_now_is_written_down_and_opens_nothing(
    world: World, book: BookFill
) -> None:
    trade = fill("0.1")
    read_until(world, trade.time_ms)
    book(trade, None, None)
    assert world.slot.position is None
    (row,) = rows(world)
    assert (row.before, row.after, row.position) == (d("0.1"), NOTHING, None)


@pytest.mark.parametrize(
    ("said", "ordered", "held", "bought", "side"),
    [
        (SHORT, LONG, LONG, Side.BUY, SHORT),
        (None, SHORT, None, Side.BUY, SHORT),
        (None, None, None, Side.BUY, LONG),
        (None, None, None, Side.SELL, SHORT),
        (None, None, SHORT, Side.BUY, SHORT),
        (None, None, LONG, Side.SELL, LONG),
        (None, None, LONG, Side.BUY, LONG),
    ],
)
def test_a_fill_belongs_to_the_side_that_the_venue_names_or_its_order_or_what_is_open(
    world: World,
    book: BookFill,
    said: PositionSide | None,
    ordered: PositionSide | None,
    held: PositionSide | None,
    bought: Side,
    side: PositionSide,
) -> None:
    if held is not None:
        hold(world, side=held)
    trade = fill("0.1", position_side=said, side=bought)
    of = order(of=intent(position_side=ordered)) if ordered is not None else None
    assert book.side_of(trade, of) is side


def test_a_fill_without_a_side_is_booked_on_the_side_of_its_order(world: World, book: BookFill) -> None:
    """It bought back a short that is not known to be open any more, and opens no long."""
    of_exit = order(of=intent(purpose=Purpose.EXIT, position_side=SHORT, price=None))
    booking = book(fill("0.1", position_side=None), of_exit, None)
    assert (booking.side, booking.opened, booking.excess) == (SHORT, False, d("0.1"))
    assert world.slot.position is None


def test_what_the_venue_said_with_a_fill_is_recorded_with_it(world: World, book: BookFill) -> None:
    entry = world.entered()
    known = world.order(entry)
    told = news(OrderState.PARTIALLY_FILLED, "0.004", "100000", client_order_id=entry)
    world.clock.advance(500)
    book(fill("0.004", "100000", client_order_id=entry), known, told)
    stored = world.order(entry)
    assert (stored.state, stored.filled_quantity) == (OrderState.PARTIALLY_FILLED, d("0.004"))
    assert (stored.updated_at_ms, stored.version) == (world.clock.now_ms(), known.version + 1)
    (living,) = world.slot.entries
    assert living.booked == d("0.004")


def test_a_fill_of_an_exit_reserves_nothing(world: World, book: BookFill) -> None:
    hold(world)
    of_exit = order(of=intent(purpose=Purpose.EXIT, price=None, client_order_id=ClientOrderId("ut-x-one")))
    book(sold("0.1"), of_exit, None)
    assert world.slot.reserved == {}


def test_a_late_fill_of_an_entry_reserves_its_part_as_long_as_something_is_held_for_it(
    world: World, book: BookFill
) -> None:
    book(fill("0.1"), order(OrderState.CANCELED, filled_quantity=d("0.1")), None)
    assert world.slot.reserved_notional == d("100")


def test_an_entry_whose_fill_only_explains_a_position_that_is_gone_is_settled_all_the_same(
    world: World, book: BookFill
) -> None:
    """What it bought was closed by hand, and the venue was read flat, before its trade was learnt of."""
    entry = world.entered()
    quantity = world.venue.standing[entry].quantity
    told = news(OrderState.FILLED, quantity, "100000", client_order_id=entry)
    trade = fill(quantity, "100000", client_order_id=entry)
    read_until(world, trade.time_ms)
    book(trade, world.order(entry), told)
    assert world.slot.position is None
    assert world.slot.entries == ()
    assert world.order(entry).state is OrderState.FILLED


@dataclass(slots=True)
class Moving:
    """A ledger whose slot is moved by somebody else before each of the first ``times`` writes."""

    ledger: Ledger
    move: Callable[[], object]
    times: int
    tries: list[LedgerEntry] = field(default_factory=list)

    def write(self, entry: LedgerEntry) -> WriteOutcome:
        self.tries.append(entry)
        if len(self.tries) <= self.times:
            self.move()
        return self.ledger.write(entry)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.ledger, name)


def moving(world: World, book: BookFill, times: int) -> tuple[Moving, BookFill]:
    def move() -> None:
        slot = world.slot
        world.store.slots[ACCOUNT.id, BTC, LONG] = replace(slot, version=slot.version + 1)

    ledger = Moving(book.ledger, move, times)
    return ledger, replace(book, ledger=ledger)


def test_a_slot_that_moves_under_a_fill_is_read_again(world: World, book: BookFill) -> None:
    hold(world)
    ledger, racing = moving(world, book, 7)
    assert racing(sold("0.1"), None, None).duplicate is False
    assert len(ledger.tries) == 8
    assert world.position.quantity == d("0.2")


def test_a_slot_that_never_comes_to_rest_leaves_the_fill_for_its_next_delivery(world: World, book: BookFill) -> None:
    hold(world)
    _, racing = moving(world, book, 8)
    with pytest.raises(LostTooManyRaces, match="slot BTCUSDT LONG changed 8 times while a fill was being booked"):
        racing(sold("0.1"), None, None)
    assert world.position.quantity == d("0.3")
    assert world.meter.counts["fills_booked"] == 0


def test_an_order_that_was_written_to_meanwhile_is_read_again_with_the_slot(world: World, book: BookFill) -> None:
    entry = world.entered()
    stale = world.order(entry)
    told = news(OrderState.PARTIALLY_FILLED, "0.004", "100000", client_order_id=entry)
    world.desk.place.record.news(stale, replace(told, filled_quantity=d("0.002")))
    book(fill("0.004", "100000", client_order_id=entry), stale, told)
    assert world.order(entry).filled_quantity == d("0.004")
    assert world.position.quantity == d("0.004")


def test_the_slot_keeps_when_the_newest_of_its_trades_was_also_of_one_that_moves_nothing(
    world: World, book: BookFill
) -> None:
    book(sold("0.1", 5, time_ms=START_MS), None, None)
    assert (world.slot.position, world.slot.booked_until_ms) == (None, START_MS)
    book(sold("0.1", 6, time_ms=START_MS - 7), None, None)
    assert world.slot.booked_until_ms == START_MS

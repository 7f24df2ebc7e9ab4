from dataclasses import replace

from tests.contract.repositories.make import (
    ACCOUNT,
    BIANCE,
    BTC,
    HUNTER,
    NOW_MS,
    OTHER,
    SHORT,
    claim,
    closing,
    d,
    fill,
    opening,
    order,
    position,
)
from tests.contract.repositories.steps import claimed, opened, slot_of

from undertow.adapters.memory import SettableClock
from undertow.domain.account import BookTotals
from undertow.domain.booking import ReservationState
from undertow.domain.ids import Symbol
from undertow.domain.market import PositionSide
from undertow.domain.order import OrderState
from undertow.domain.position import Reserved
from undertow.ports import ClaimOutcome, LedgerEntry, Repositories, WriteOutcome

# --- write


def test_a_fill_moves_order_position_and_reservation_together(running: Repositories, clock: SettableClock) -> None:
    slot = claimed(running)
    placed = running.orders.get(ACCOUNT, slot.entries[0].client_order_id)
    assert placed is not None
    entry = opening(slot, placed)
    clock.advance(100)
    assert running.ledger.write(entry) is WriteOutcome.WRITTEN
    assert slot_of(running) == replace(entry.slot_after, version=2)
    assert running.orders.get(ACCOUNT, placed.client_order_id) == entry.orders[0]
    assert running.fills.recent(ACCOUNT, 0, NOW_MS * 2, 10) == [entry.fill]
    assert running.ledger.totals(ACCOUNT) == BookTotals(ACCOUNT, d("900.09"), d("90.009"), 1, version=1)
    reservation = running.ledger.reservation(ACCOUNT, placed.client_order_id)
    assert reservation is not None
    assert (reservation.state, reservation.reserved_at_ms, reservation.filled_at_ms) == (
        ReservationState.FILLED,
        NOW_MS,
        NOW_MS + 100,
    )


def test_since_when_and_by_how_much_a_position_is_doubted_is_kept(running: Repositories) -> None:
    slot = opened(running)
    assert slot.position is not None
    doubted = replace(slot.position, questioned_at_ms=NOW_MS + 7, questioned_by=d("-0.004"))
    assert running.ledger.write(LedgerEntry(slot, slot.with_position(doubted))) is WriteOutcome.WRITTEN
    assert slot_of(running).position == doubted


def test_an_entry_that_never_filled_gives_back_what_it_reserved(running: Repositories) -> None:
    slot = claimed(running)
    ended = order("1", state=OrderState.EXPIRED, version=2)
    assert running.ledger.write(LedgerEntry(slot, slot.settled(ended), (ended,))) is WriteOutcome.WRITTEN
    assert running.ledger.totals(ACCOUNT) == BookTotals(ACCOUNT, d("0"), d("0"), 0, version=2)
    reservation = running.ledger.reservation(ACCOUNT, ended.client_order_id)
    assert reservation is not None
    assert (reservation.state, reservation.notional, reservation.released_at_ms) == (
        ReservationState.RELEASED,
        d("0"),
        NOW_MS,
    )


def test_a_partial_fill_keeps_its_share_of_the_reservation(running: Repositories) -> None:
    slot = claimed(running)
    third = fill(quantity=d("0.003"))
    ended = order("1", state=OrderState.CANCELED, filled_quantity=d("0.003"), version=2)
    after = replace(slot, position=position(third)).booked(ended, third).settled(ended)
    assert running.ledger.write(LedgerEntry(slot, after, (ended,), third)) is WriteOutcome.WRITTEN
    totals = running.ledger.totals(ACCOUNT)
    assert (totals.notional.quantize(d("0.000001")), totals.slots) == (d("300.03"), 1)


def test_closing_a_position_releases_it_and_keeps_a_record(running: Repositories) -> None:
    slot = opened(running)
    entry = closing(slot)
    assert running.ledger.write(entry) is WriteOutcome.WRITTEN
    assert entry.closed is not None
    assert slot_of(running).position is None
    assert running.ledger.totals(ACCOUNT) == BookTotals(ACCOUNT, d("0"), d("0"), 0, version=2)
    assert running.ledger.closed_position(ACCOUNT, entry.closed.id) == entry.closed
    assert running.ledger.closed_positions(ACCOUNT, NOW_MS, NOW_MS + 900, 5) == [entry.closed]
    assert running.ledger.closed_positions(ACCOUNT, NOW_MS, NOW_MS + 899, 5) == []


def test_totals_come_back_to_zero_exactly_after_endless_fractions(running: Repositories) -> None:
    """A third of a third has more digits than any table; what is added is what is taken back."""
    slot = claimed(running, "1")
    for layer in range(2, 5):
        placed = claim(slot, str(layer), price=d("100010.1") / layer / 7, leverage=3, layer=layer)
        assert running.ledger.claim(placed) is ClaimOutcome.CLAIMED
        slot = slot_of(running)
    for entry in slot.entries:
        slot = slot_of(running)
        known = running.orders.get(ACCOUNT, entry.client_order_id)
        assert known is not None
        ended = known.revised(OrderState.CANCELED, NOW_MS + 5)
        assert running.ledger.write(LedgerEntry(slot, slot.settled(ended), (ended,))) is WriteOutcome.WRITTEN
    assert running.ledger.totals(ACCOUNT) == BookTotals(ACCOUNT, d("0"), d("0"), 0, version=8)


def test_a_position_of_hundreds_of_entries_closes_like_any_other(running: Repositories) -> None:
    """A transaction of the tables has room for a hundred rows."""
    names = [order(str(number)).client_order_id for number in range(250)]
    slot = slot_of(running)
    held = replace(slot, position=position(fill()), reserved={name: Reserved(d("1.5"), d("0.5")) for name in names})
    assert running.ledger.write(LedgerEntry(slot, held, (), fill())) is WriteOutcome.WRITTEN
    assert running.ledger.totals(ACCOUNT) == BookTotals(ACCOUNT, d("375"), d("125"), 1, version=1)
    assert running.ledger.write(closing(slot_of(running))) is WriteOutcome.WRITTEN
    assert running.ledger.totals(ACCOUNT) == BookTotals(ACCOUNT, d("0"), d("0"), 0, version=2)
    records = [running.ledger.reservation(ACCOUNT, name) for name in names]
    assert all(record is not None and record.state is ReservationState.RELEASED for record in records)


def test_a_late_fill_takes_up_again_what_was_released(running: Repositories, clock: SettableClock) -> None:
    slot = claimed(running)
    ended = order("1", state=OrderState.REJECTED, version=2)
    assert running.ledger.write(LedgerEntry(slot, slot.settled(ended), (ended,))) is WriteOutcome.WRITTEN
    slot = slot_of(running)
    clock.advance(50)
    revived = replace(ended, state=OrderState.FILLED, filled_quantity=d("0.009"), version=3)
    after = replace(slot, position=position(fill())).booked(revived, fill())
    assert running.ledger.write(LedgerEntry(slot, after, (revived,), fill())) is WriteOutcome.WRITTEN
    assert running.ledger.totals(ACCOUNT) == BookTotals(ACCOUNT, d("900.09"), d("90.009"), 1, version=3)
    reservation = running.ledger.reservation(ACCOUNT, ended.client_order_id)
    assert reservation is not None
    assert (reservation.state, reservation.reserved_at_ms, reservation.filled_at_ms) == (
        ReservationState.FILLED,
        NOW_MS,
        NOW_MS + 50,
    )


def test_the_same_fill_again_is_a_duplicate_and_changes_nothing(running: Repositories) -> None:
    slot = claimed(running)
    entry = opening(slot, order("1"))
    assert running.ledger.write(entry) is WriteOutcome.WRITTEN
    assert running.ledger.write(entry) is WriteOutcome.DUPLICATE_FILL
    again = replace(entry, slot_before=slot_of(running), orders=())
    assert running.ledger.write(again) is WriteOutcome.DUPLICATE_FILL
    assert slot_of(running).version == 2


def test_one_trade_id_of_two_symbols_is_two_fills(running: Repositories) -> None:
    opened(running, "1", BTC, trade=7)
    opened(running, "2", BIANCE, trade=7)
    assert len(running.fills.recent(ACCOUNT, 0, NOW_MS * 2, 10)) == 2


def test_a_write_over_a_slot_that_moved_writes_nothing(running: Repositories) -> None:
    before = slot_of(running)
    slot = claimed(running)
    entry = replace(opening(slot, order("1")), slot_before=before)
    assert running.ledger.write(entry) is WriteOutcome.CONFLICT
    assert running.fills.has(ACCOUNT, BTC, fill().trade_id) is False
    assert slot_of(running) == slot


def test_a_write_with_an_order_that_moved_writes_nothing(running: Repositories) -> None:
    slot = claimed(running)
    assert running.orders.update(order("1", state=OrderState.OPEN, version=2))
    assert running.ledger.write(opening(slot, order("1"))) is WriteOutcome.CONFLICT
    assert slot_of(running) == slot
    assert running.ledger.totals(ACCOUNT).version == 1


def test_a_write_can_store_a_new_order(running: Repositories) -> None:
    slot = claimed(running)
    assert running.ledger.write(LedgerEntry(slot, slot, (order("new"),))) is WriteOutcome.WRITTEN
    assert running.orders.get(ACCOUNT, order("new").client_order_id) == order("new")
    assert running.ledger.write(LedgerEntry(slot, slot, (order("new"),))) is WriteOutcome.CONFLICT


def test_an_unchanged_slot_is_checked_and_not_written(running: Repositories) -> None:
    slot = claimed(running)
    moved = order("1", state=OrderState.OPEN, version=2)
    assert running.ledger.write(LedgerEntry(slot, slot, (moved,))) is WriteOutcome.WRITTEN
    assert slot_of(running) == slot
    stale = replace(slot, version=0)
    later = replace(moved, version=3)
    assert running.ledger.write(LedgerEntry(stale, stale, (later,))) is WriteOutcome.CONFLICT
    assert running.orders.get(ACCOUNT, moved.client_order_id) == moved


def test_an_unchanged_slot_that_has_no_row_yet_can_be_checked_too(kept: Repositories) -> None:
    slot = slot_of(kept)
    assert kept.ledger.write(LedgerEntry(slot, slot, (order("1"),))) is WriteOutcome.WRITTEN
    assert slot_of(kept) == slot


def test_a_position_is_closed_once(running: Repositories) -> None:
    slot = opened(running)
    entry = closing(slot)
    assert running.ledger.write(entry) is WriteOutcome.WRITTEN
    again = LedgerEntry(slot_of(running), slot_of(running), (), None, entry.closed)
    assert running.ledger.write(again) is WriteOutcome.CONFLICT


# --- reads


def test_slots_in_use_are_those_with_a_position_or_a_living_entry(running: Repositories) -> None:
    held = opened(running, "1", BTC)
    entry = claimed(running, "2", BIANCE, SHORT)
    idle = claimed(running, "3", Symbol("ETHUSDT"))
    ended = order("3", symbol=Symbol("ETHUSDT"), state=OrderState.EXPIRED, version=2)
    assert running.ledger.write(LedgerEntry(idle, idle.settled(ended), (ended,))) is WriteOutcome.WRITTEN
    in_use = {slot.symbol: slot for slot in running.ledger.slots_in_use(ACCOUNT)}
    assert in_use == {BTC: held, BIANCE: entry}
    assert running.ledger.slots_in_use(OTHER) == []


def test_a_cooldown_outlives_its_entry(running: Repositories) -> None:
    slot = claimed(running)
    ended = order("1", state=OrderState.EXPIRED, version=2)
    running.ledger.write(LedgerEntry(slot, slot.settled(ended), (ended,)))
    assert slot_of(running).cooldown_until_ms == {HUNTER: NOW_MS + 60_000}


def test_closed_positions_come_newest_first_and_no_more_than_asked(running: Repositories) -> None:
    for number in range(1, 4):
        slot = opened(running, str(number), trade=number * 10)
        entry = closing(slot, trade=number * 10 + 1)
        assert entry.closed is not None
        entry = replace(entry, closed=replace(entry.closed, closed_at_ms=NOW_MS + number))
        assert running.ledger.write(entry) is WriteOutcome.WRITTEN
    found = running.ledger.closed_positions(ACCOUNT, NOW_MS, NOW_MS + 10, 2)
    assert [position.closed_at_ms for position in found] == [NOW_MS + 3, NOW_MS + 2]


def test_what_is_not_there_is_none(kept: Repositories) -> None:
    assert kept.ledger.closed_position(ACCOUNT, position(fill()).id) is None
    assert kept.ledger.reservation(ACCOUNT, order().client_order_id) is None
    assert kept.ledger.closed_positions(ACCOUNT, 0, NOW_MS, 5) == []


def test_the_cap_on_positions_holds_in_the_claim_itself(running: Repositories) -> None:
    first = running.ledger.slot(ACCOUNT, BTC, PositionSide.LONG)
    assert running.ledger.claim(claim(first, "1", positions=1)) is ClaimOutcome.CLAIMED
    second = running.ledger.slot(ACCOUNT, BTC, PositionSide.SHORT)
    assert running.ledger.claim(claim(second, "2", positions=1)) is ClaimOutcome.CAP_REACHED
    again = running.ledger.slot(ACCOUNT, BTC, PositionSide.LONG)
    assert running.ledger.claim(claim(again, "3", positions=1)) is ClaimOutcome.CLAIMED

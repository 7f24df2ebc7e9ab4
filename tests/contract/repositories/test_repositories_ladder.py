"""A ladder's risk on its way through the ledger: reserved as a whole, drawn on by layers, given back exactly once."""

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.contract.repositories.make import (
    ACCOUNT,
    BIANCE,
    NOW_MS,
    PLAN,
    claim,
    d,
    fill,
    layer_claim,
    layer_order,
    position,
)
from tests.contract.repositories.steps import slot_of

from undertow.domain.account import BookTotals
from undertow.domain.booking import Reservation, ReservationState
from undertow.domain.ids import ClientOrderId, TradeId
from undertow.domain.ladder import Ladder
from undertow.domain.market import Venue
from undertow.domain.numbers import counted
from undertow.domain.order import OrderState
from undertow.domain.position import ladder_key
from undertow.ports import ClaimOutcome, LedgerEntry, Repositories, WriteOutcome

KEY = ladder_key(PLAN.id)
RESERVE = d("128.400000000001")
"""46 (and a little more), 49.1 and 33.3; sums keep 12 places and round up."""


def totals(kept: Repositories) -> tuple[Decimal, int]:
    stored = kept.ledger.totals(ACCOUNT)
    return stored.risk, stored.slots


def held(kept: Repositories, order: ClientOrderId) -> tuple[ReservationState, Decimal]:
    row = kept.ledger.reservation(ACCOUNT, order)
    assert row is not None
    return row.state, row.risk


def layered(kept: Repositories, number: int, attempt: str = "", max_risk: str = "1000000") -> None:
    assert kept.ledger.claim(layer_claim(slot_of(kept), number, attempt=attempt, max_risk=max_risk)) is (
        ClaimOutcome.CLAIMED
    )


def filled(kept: Repositories, number: int, attempt: str = "") -> None:
    """The whole layer fills and its position opens or grows."""
    slot = slot_of(kept)
    ended = layer_order(number, attempt=attempt, state=OrderState.FILLED, version=2)
    ended = replace(ended, filled_quantity=PLAN.layer(number).quantity)
    taken = fill(number, quantity=PLAN.layer(number).quantity, price=PLAN.layer(number).price)
    grown = slot.position.increased(taken) if slot.position else position(taken)
    after = slot.with_position(grown).booked(ended, taken).settled(ended)
    assert kept.ledger.write(LedgerEntry(slot, after, (ended,), taken)) is WriteOutcome.WRITTEN


def ended(kept: Repositories, number: int, attempt: str = "") -> WriteOutcome:
    slot = slot_of(kept)
    gone = layer_order(number, attempt=attempt, state=OrderState.EXPIRED, version=2)
    return kept.ledger.write(LedgerEntry(slot, slot.settled(gone), (gone,)))


def closed(kept: Repositories) -> LedgerEntry:
    slot = slot_of(kept)
    assert slot.position is not None
    taken = fill(99, quantity=slot.position.quantity, client_order_id=None, time_ms=NOW_MS + 900)
    return LedgerEntry(slot, slot.position_closed(NOW_MS + 900), (), taken, slot.position.reduced(taken))


def test_layer_one_reserves_the_risk_of_the_whole_ladder_in_its_claim(running: Repositories) -> None:
    layered(running, 1)
    assert totals(running) == (RESERVE, 1)
    assert held(running, layer_order(1).client_order_id) == (ReservationState.RESERVED, PLAN.layer(1).risk)
    assert running.ledger.reservation(ACCOUNT, KEY) == Reservation(
        account=ACCOUNT,
        order=KEY,
        symbol=slot_of(running).symbol,
        side=PLAN.side,
        notional=d("0"),
        margin=d("0"),
        state=ReservationState.RESERVED,
        reserved_at_ms=NOW_MS,
        risk=d("82.4"),
    )
    assert slot_of(running).ladder == Ladder(PLAN, {1: layer_order(1).client_order_id}, {}, NOW_MS)


def test_a_snapshot_shows_the_ladder_and_the_risk_of_the_book(running: Repositories) -> None:
    layered(running, 1)
    snapshot = running.ledger.snapshot(ACCOUNT, Venue.ASTER, slot_of(running).symbol)
    assert snapshot.long == slot_of(running)
    assert snapshot.totals == BookTotals(ACCOUNT, d("900.09"), d("90.009"), 1, 1, RESERVE)


def test_each_step_of_a_ladders_life_keeps_totals_and_rows_in_step(running: Repositories) -> None:
    first, second, third = (layer_order(number).client_order_id for number in (1, 2, 3))
    layered(running, 1)
    filled(running, 1)
    assert held(running, first) == (ReservationState.FILLED, PLAN.layer(1).risk)
    assert (totals(running), held(running, KEY)) == ((RESERVE, 1), (ReservationState.RESERVED, d("82.4")))
    layered(running, 2)
    assert held(running, second) == (ReservationState.RESERVED, d("49.1"))
    assert (totals(running), held(running, KEY)) == ((RESERVE, 1), (ReservationState.RESERVED, d("33.3")))
    assert ended(running, 2) is WriteOutcome.WRITTEN
    assert held(running, second) == (ReservationState.RELEASED, d("0"))
    assert (totals(running), held(running, KEY)) == ((RESERVE, 1), (ReservationState.RESERVED, d("82.4")))
    layered(running, 2, attempt="again")
    filled(running, 2, attempt="again")
    layered(running, 3)
    assert (totals(running), held(running, KEY)) == ((RESERVE, 1), (ReservationState.RELEASED, d("0")))
    assert held(running, third) == (ReservationState.RESERVED, d("33.3"))
    filled(running, 3)
    assert totals(running) == (RESERVE, 1)
    assert running.ledger.write(closed(running)) is WriteOutcome.WRITTEN
    assert totals(running) == (0, 0)
    for order in (first, second, layer_order(2, attempt="again").client_order_id, third, KEY):
        assert held(running, order) == (ReservationState.RELEASED, d("0"))
    assert slot_of(running).ladder is None


def test_what_was_released_is_not_released_again(running: Repositories) -> None:
    layered(running, 1)
    filled(running, 1)
    closing = closed(running)
    assert running.ledger.write(closing) is WriteOutcome.WRITTEN
    assert running.ledger.write(closing) is WriteOutcome.DUPLICATE_FILL
    assert running.ledger.write(replace(closing, fill=None)) is WriteOutcome.CONFLICT
    assert totals(running) == (0, 0)


def test_a_first_layer_that_ends_unfilled_gives_the_whole_reserve_back(running: Repositories) -> None:
    layered(running, 1)
    assert ended(running, 1) is WriteOutcome.WRITTEN
    assert totals(running) == (0, 0)
    assert held(running, KEY) == (ReservationState.RELEASED, d("0"))
    assert ended(running, 1) is WriteOutcome.CONFLICT


def test_freezing_gives_back_the_unclaimed_layers_only(running: Repositories) -> None:
    layered(running, 1)
    filled(running, 1)
    before = slot_of(running)
    assert running.ledger.write(LedgerEntry(before, before.with_frozen_ladder(NOW_MS))) is WriteOutcome.WRITTEN
    assert totals(running) == (counted(PLAN.layer(1).risk), 1)
    assert held(running, KEY) == (ReservationState.RELEASED, d("0"))


# --- the cap of the book


def test_a_ladder_needs_room_for_all_its_layers(running: Repositories) -> None:
    first = layer_claim(slot_of(running), 1, max_risk="128.4")
    assert running.ledger.claim(first) is ClaimOutcome.CAP_REACHED
    assert (totals(running), running.ledger.totals(ACCOUNT).version) == ((0, 0), 0)
    assert running.ledger.reservation(ACCOUNT, KEY) is None
    assert running.ledger.claim(replace(first, max_total_risk=RESERVE)) is ClaimOutcome.CLAIMED


@pytest.mark.parametrize("cap", ["0", "-5", "9.99"])
def test_an_entry_that_alone_exceeds_the_cap_is_refused_with_and_without_a_row_of_totals(
    running: Repositories, cap: str
) -> None:
    other = claim(slot_of(running, BIANCE), "other", risk=d("10"))
    assert running.ledger.claim(replace(other, max_total_risk=d(cap))) is ClaimOutcome.CAP_REACHED
    assert running.ledger.claim(claim(slot_of(running), "no risk")) is ClaimOutcome.CLAIMED
    assert running.ledger.claim(replace(other, max_total_risk=d(cap))) is ClaimOutcome.CAP_REACHED
    assert totals(running) == (0, 1)


def test_an_entry_may_use_the_cap_up_to_the_last_digit(running: Repositories) -> None:
    layered(running, 1)
    other = claim(slot_of(running, BIANCE), "other", risk=d("0.000000000001"))
    too_much = replace(other, max_total_risk=RESERVE)
    assert running.ledger.claim(too_much) is ClaimOutcome.CAP_REACHED
    assert running.ledger.claim(replace(other, max_total_risk=RESERVE + d("0.000000000001"))) is ClaimOutcome.CLAIMED


def test_a_layer_fits_whatever_the_book_risks_by_now(running: Repositories) -> None:
    """Equity fell and the cap with it: the layer's risk was admitted when its ladder was."""
    layered(running, 1)
    filled(running, 1)
    layered(running, 2, max_risk="0")
    assert totals(running) == (RESERVE, 1)


def test_an_entry_without_risk_fits_a_book_without_room(running: Repositories) -> None:
    layered(running, 1)
    nothing = replace(claim(slot_of(running, BIANCE), "other"), max_total_risk=d("0"))
    assert running.ledger.claim(nothing) is ClaimOutcome.CLAIMED


def test_a_layer_that_was_claimed_twice_is_claimed_once(running: Repositories) -> None:
    layered(running, 1)
    filled(running, 1)
    before = slot_of(running)
    assert running.ledger.claim(layer_claim(before, 2)) is ClaimOutcome.CLAIMED
    assert running.ledger.claim(layer_claim(before, 2, attempt="again")) is ClaimOutcome.SLOT_MOVED
    assert running.ledger.claim(layer_claim(before, 2)) is ClaimOutcome.ALREADY_CLAIMED
    assert totals(running) == (RESERVE, 1)


def test_a_late_fill_reserves_again_what_had_been_released(running: Repositories) -> None:
    # Another symbol's risk keeps the totals above zero: moto cannot add to a number that it has brought to zero.
    assert running.ledger.claim(claim(slot_of(running, BIANCE), "other", risk=d("1"))) is ClaimOutcome.CLAIMED
    layered(running, 1)
    assert ended(running, 1) is WriteOutcome.WRITTEN
    late = fill(7, quantity=d("0.0045"), trade_id=TradeId(7))
    before, gone = slot_of(running), layer_order(1, state=OrderState.EXPIRED, version=2)
    after = before.with_position(position(late)).booked(gone, late)
    assert running.ledger.write(LedgerEntry(before, after, (), late)) is WriteOutcome.WRITTEN
    half = counted(PLAN.layer(1).risk / 2)
    assert totals(running) == (half + 1, 2)
    assert held(running, gone.client_order_id)[0] is ReservationState.FILLED
    assert running.ledger.write(closed(running)) is WriteOutcome.WRITTEN
    assert totals(running) == (1, 1)

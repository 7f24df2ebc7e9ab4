"""The order path from a liquidation to a protected position, through the real client at the strict simulator."""

from decimal import Decimal

import pytest
from tests.contract.venues.desk_at_venue import ACCOUNT, DeskAtVenue, open_desk

from undertow.domain.decision import Outcome
from undertow.domain.market import PositionSide, Side
from undertow.domain.order import OrderState, Purpose


@pytest.fixture(params=[1, 3], ids=["hmac", "agent key"])
def at_venue(request: pytest.FixtureRequest) -> DeskAtVenue:
    return open_desk(generation=request.param)


def enter_until_filled(at_venue: DeskAtVenue, side: Side = Side.SELL) -> None:
    """Signal on each symbol in turn until an entry has filled."""
    for number, symbol in enumerate(at_venue.symbols()[:4]):
        (decision,) = at_venue.desk.evaluate(at_venue.signal(symbol, number, side))
        assert decision.outcome is Outcome.TAKEN, decision
        at_venue.deliver()
        at_venue.pass_time(10)
    assert at_venue.ledger_quantities(), "no entry filled within its time"


def test_a_signal_becomes_a_position_with_stop_and_target_at_the_venue(at_venue: DeskAtVenue) -> None:
    enter_until_filled(at_venue)
    at_venue.assert_ledger_equals_venue()
    for symbol, _side in at_venue.ledger_quantities():
        assert at_venue.protection_at_venue(symbol) == ["STOP_MARKET", "TAKE_PROFIT_MARKET"]


def test_a_short_is_protected_on_its_own_side(at_venue: DeskAtVenue) -> None:
    enter_until_filled(at_venue, Side.BUY)
    at_venue.assert_ledger_equals_venue()
    symbol, side = next(iter(at_venue.ledger_quantities()))
    assert side == "SHORT"
    slot = at_venue.desk.repositories.ledger.slot(ACCOUNT.id, symbol, PositionSide.SHORT)
    assert slot.position is not None
    assert slot.position.unprotected_since_ms is None


def test_what_does_not_fill_within_its_time_to_live_is_gone_from_the_venue(at_venue: DeskAtVenue) -> None:
    for number, symbol in enumerate(at_venue.symbols()[:4]):
        at_venue.desk.evaluate(at_venue.signal(symbol, number))
    at_venue.pass_time(35)
    entries = [o for o in at_venue.venues.venue.fetch_open_orders() if o.client_order_id.startswith("ut-e-")]
    assert entries == []
    unfinished = at_venue.desk.repositories.orders.unfinished(ACCOUNT.id)
    assert all(order.intent.purpose is not Purpose.ENTRY for order in unfinished)


def test_everything_that_filled_is_in_the_ledger_exactly(at_venue: DeskAtVenue) -> None:
    enter_until_filled(at_venue)
    at_venue.pass_time(120)
    at_venue.assert_ledger_equals_venue()
    booked = at_venue.desk.repositories.fills.recent(ACCOUNT.id, 0, at_venue.clock.now_ms(), 1_000)
    true = [
        fill
        for symbol in at_venue.symbols()[:4]
        for fill in at_venue.venues.venue.fetch_fills(symbol, at_venue.clock.now_ms() - 3_600_000)
    ]
    facts = lambda fills: sorted((f.symbol, f.trade_id, f.price, f.quantity, f.commission) for f in fills)  # noqa: E731
    assert facts(booked) == facts(true)
    assert booked


def test_what_the_stream_did_not_say_is_found_by_reconciliation(at_venue: DeskAtVenue) -> None:
    for number, symbol in enumerate(at_venue.symbols()[:4]):
        at_venue.desk.evaluate(at_venue.signal(symbol, number))
    at_venue.pass_time(20, listening=False)
    at_venue.unheard.clear()
    at_venue.desk.reconcile(ACCOUNT)
    at_venue.pass_time(5)  # a price that went through a stop before it could be placed is answered by a market exit
    at_venue.assert_ledger_equals_venue()
    for symbol, _side in at_venue.ledger_quantities():
        assert at_venue.protection_at_venue(symbol) == ["STOP_MARKET", "TAKE_PROFIT_MARKET"]


@pytest.mark.parametrize("kind", ["take_then_503", "take_then_timeout", "take_then_reset", "unparsable"])
def test_an_order_that_was_taken_without_an_answer_is_found_and_not_doubled(kind: str) -> None:
    at_venue = open_desk(fault_text=f"{kind}=1.0")
    symbol = at_venue.symbols()[0]
    (decision,) = at_venue.desk.evaluate(at_venue.signal(symbol))
    assert decision.client_order_id is not None
    order = at_venue.desk.repositories.orders.get(ACCOUNT.id, decision.client_order_id)
    assert order is not None
    assert order.state is OrderState.UNCONFIRMED
    at_venue.pass_time(25)
    order = at_venue.desk.repositories.orders.get(ACCOUNT.id, decision.client_order_id)
    assert order is not None
    assert order.state not in (OrderState.UNCONFIRMED, OrderState.LOST)
    at_venue.pass_time(60)
    at_venue.desk.reconcile(ACCOUNT)
    at_venue.assert_ledger_equals_venue()
    taken = [
        o for o in at_venue.house.exchange.floor.orders.all.values() if o.client_order_id == decision.client_order_id
    ]
    assert len(taken) == 1


def test_a_503_of_an_order_that_was_never_taken_ends_lost_and_reserved() -> None:
    at_venue = open_desk(fault_text="refuse_503=1.0")
    (decision,) = at_venue.desk.evaluate(at_venue.signal(at_venue.symbols()[0]))
    assert decision.client_order_id is not None
    at_venue.pass_time(30)
    order = at_venue.desk.repositories.orders.get(ACCOUNT.id, decision.client_order_id)
    assert order is not None
    assert order.state is OrderState.LOST
    assert at_venue.desk.repositories.ledger.totals(ACCOUNT.id).notional > Decimal(0)


def test_an_order_executed_late_after_a_503_is_still_found() -> None:
    at_venue = open_desk(fault_text="late_503=1.0")
    (decision,) = at_venue.desk.evaluate(at_venue.signal(at_venue.symbols()[0]))
    assert decision.client_order_id is not None
    at_venue.pass_time(40)
    at_venue.desk.reconcile(ACCOUNT)
    at_venue.assert_ledger_equals_venue()
    order = at_venue.desk.repositories.orders.get(ACCOUNT.id, decision.client_order_id)
    assert order is not None
    assert order.state not in (OrderState.UNCONFIRMED, OrderState.IN_FLIGHT, OrderState.LOST)

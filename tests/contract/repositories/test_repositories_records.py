"""Orders, fills, decisions and audit rows."""

from dataclasses import replace

import pytest
from tests.contract.repositories.make import (
    ACCOUNT,
    BIANCE,
    BTC,
    LONG,
    NOW_MS,
    OTHER,
    SHORT,
    d,
    decision,
    fill,
    order,
)

from undertow.domain.decision import Decision, Outcome
from undertow.domain.fill import Fill
from undertow.domain.ids import ClientOrderId, Symbol, TradeId, VenueOrderId
from undertow.domain.order import FINAL_STATES, OrderState, OrderType, Purpose, WorkingType
from undertow.domain.position import Slot
from undertow.ports import AuditRow, LedgerEntry, Repositories, WriteOutcome

ALWAYS = (0, NOW_MS * 2)


# --- orders


def test_an_order_comes_back_as_it_was_stored(kept: Repositories) -> None:
    stop = order(
        "stop",
        symbol=BIANCE,
        position_side=SHORT,
        purpose=Purpose.STOP_LOSS,
        type=OrderType.STOP_MARKET,
        quantity=None,
        strategy=None,
        price=None,
        stop_price=d("0.000012345678"),
        time_in_force=None,
        working_type=WorkingType.MARK_PRICE,
        price_protect=True,
        close_position=True,
        ttl_s=None,
        expires_at_ms=None,
        venue_order_id=VenueOrderId(9_007_199_254_740_993),
        reason="-2021: Order would immediately trigger.\n",
    )
    for made in (order("entry"), stop):
        assert kept.orders.add(made)
        assert kept.orders.get(ACCOUNT, made.client_order_id) == made


def test_an_order_id_is_used_once(kept: Repositories) -> None:
    assert kept.orders.add(order())
    assert not kept.orders.add(order(reason="another"))
    assert kept.orders.get(ACCOUNT, order().client_order_id) == order()


def test_an_order_belongs_to_its_account(kept: Repositories) -> None:
    assert kept.orders.add(order())
    assert kept.orders.get(OTHER, order().client_order_id) is None
    assert kept.orders.add(order(account=OTHER))


def test_an_update_takes_effect_over_the_version_before_it_and_no_other(kept: Repositories) -> None:
    assert kept.orders.add(order())
    second = order(state=OrderState.OPEN, version=2)
    assert kept.orders.update(second)
    assert not kept.orders.update(replace(second, state=OrderState.CANCELED))
    assert not kept.orders.update(replace(second, version=4))
    assert kept.orders.get(ACCOUNT, second.client_order_id) == second


@pytest.mark.parametrize("answered_at_ms", [None, NOW_MS + 37])
def test_when_the_venue_answered_is_kept_and_old_rows_do_not_know(
    kept: Repositories, answered_at_ms: int | None
) -> None:
    answered = replace(order(), answered_at_ms=answered_at_ms)
    assert kept.orders.add(answered)
    assert kept.orders.get(ACCOUNT, answered.client_order_id) == answered


@pytest.mark.parametrize("since_ms", [None, NOW_MS + 60_000])
def test_since_when_the_venue_does_not_know_an_order_is_kept(kept: Repositories, since_ms: int | None) -> None:
    missing = replace(order(), not_found=0 if since_ms is None else 2, missing_since_ms=since_ms)
    assert kept.orders.add(missing)
    assert kept.orders.get(ACCOUNT, missing.client_order_id) == missing


def test_an_update_never_makes_an_order(kept: Repositories) -> None:
    assert not kept.orders.update(order(version=1))
    assert not kept.orders.update(order(version=2))
    assert kept.orders.get(ACCOUNT, order().client_order_id) is None


def test_unfinished_orders_are_all_that_may_still_change_oldest_first(kept: Repositories) -> None:
    for number, state in enumerate(OrderState):
        kept.orders.add(order(state.value, state=state, created_at_ms=NOW_MS - number))
    kept.orders.add(order("elsewhere", account=OTHER))
    found = kept.orders.unfinished(ACCOUNT)
    assert {one.state for one in found} == set(OrderState) - FINAL_STATES
    assert [one.created_at_ms for one in found] == sorted(one.created_at_ms for one in found)


def test_an_order_that_ends_leaves_the_unfinished_and_one_that_comes_back_returns(kept: Repositories) -> None:
    kept.orders.add(order())
    kept.orders.update(order(state=OrderState.REJECTED, version=2))
    assert kept.orders.unfinished(ACCOUNT) == []
    revived = order(state=OrderState.PARTIALLY_FILLED, version=3)
    kept.orders.update(revived)
    assert kept.orders.unfinished(ACCOUNT) == [revived]


def test_an_order_ended_by_the_ledger_leaves_the_unfinished(kept: Repositories) -> None:
    kept.orders.add(order())
    slot = Slot(ACCOUNT, BTC, LONG)
    ended = order(state=OrderState.CANCELED, version=2)
    assert kept.ledger.write(LedgerEntry(slot, slot, (ended,))) is WriteOutcome.WRITTEN
    assert kept.orders.unfinished(ACCOUNT) == []


def test_recent_orders_come_newest_first_within_their_bounds(kept: Repositories) -> None:
    for number in range(5):
        kept.orders.add(order(str(number), created_at_ms=NOW_MS + number))
    kept.orders.add(order("elsewhere", account=OTHER))
    times = [one.created_at_ms - NOW_MS for one in kept.orders.recent(ACCOUNT, NOW_MS + 1, NOW_MS + 3, 10)]
    assert times == [3, 2, 1]
    assert [one.created_at_ms - NOW_MS for one in kept.orders.recent(ACCOUNT, *ALWAYS, 2)] == [4, 3]
    assert kept.orders.recent(ACCOUNT, NOW_MS + 9, NOW_MS + 1, 10) == []
    assert kept.orders.recent(ACCOUNT, *ALWAYS, 0) == []


# --- fills


def book(kept: Repositories, *fills: Fill) -> None:
    for one in fills:
        slot = Slot(one.account, one.symbol, LONG)
        assert kept.ledger.write(LedgerEntry(slot, slot, (), one)) is WriteOutcome.WRITTEN


def test_a_fill_comes_back_as_it_was_booked(kept: Repositories) -> None:
    bought = fill()
    funded = fill(2, symbol=BIANCE, position_side=None, client_order_id=None, commission=d("-0.00000001"), maker=False)
    book(kept, bought, funded)
    assert kept.fills.of_symbol(ACCOUNT, BTC, *ALWAYS) == [bought]
    assert kept.fills.of_symbol(ACCOUNT, BIANCE, *ALWAYS) == [funded]


def test_a_fill_is_known_by_account_symbol_and_trade(kept: Repositories) -> None:
    book(kept, fill(5))
    assert kept.fills.has(ACCOUNT, BTC, TradeId(5))
    assert not kept.fills.has(ACCOUNT, BTC, TradeId(6))
    assert not kept.fills.has(ACCOUNT, BIANCE, TradeId(5))
    assert not kept.fills.has(OTHER, BTC, TradeId(5))


def test_fills_of_a_symbol_come_oldest_first_and_the_recent_of_all_newest_first(kept: Repositories) -> None:
    fills = [fill(number, time_ms=NOW_MS - number, symbol=(BTC, BIANCE)[number % 2]) for number in range(6)]
    book(kept, *fills)
    assert [one.trade_id for one in kept.fills.of_symbol(ACCOUNT, BTC, NOW_MS - 3, NOW_MS)] == [2, 0]
    assert [one.trade_id for one in kept.fills.recent(ACCOUNT, NOW_MS - 4, NOW_MS - 1, 3)] == [1, 2, 3]
    assert kept.fills.recent(OTHER, *ALWAYS, 3) == []


def test_a_symbol_that_begins_like_another_is_another(kept: Repositories) -> None:
    book(kept, fill(1, symbol=Symbol("BTC")), fill(2, symbol=BTC))
    assert [one.trade_id for one in kept.fills.of_symbol(ACCOUNT, Symbol("BTC"), *ALWAYS)] == [1]


# --- decisions


def test_the_first_decision_on_a_signal_stands(kept: Repositories) -> None:
    first = decision(outcome=Outcome.REFUSED, gate="cooldown", reason="the cooldown has 3 s left", position_side=None)
    kept.decisions.record([first])
    kept.decisions.record([decision(reason="another")])
    kept.decisions.record([decision(reason="a third"), decision("2")])
    assert kept.decisions.recent(ACCOUNT, *ALWAYS, 10) in ([first, decision("2")], [decision("2"), first])


def test_of_two_decisions_on_one_signal_in_one_call_the_first_stands(kept: Repositories) -> None:
    kept.decisions.record([decision(reason="first"), decision(reason="second"), decision("2")])
    assert {one.reason for one in kept.decisions.recent(ACCOUNT, *ALWAYS, 10)} == {"first", ""}


def test_hundreds_of_decisions_are_recorded_in_one_call_over_some_that_are_there(kept: Repositories) -> None:
    def made(numbers: range, reason: str) -> list[Decision]:
        return [decision(str(number), decided_at_ms=NOW_MS + number, reason=reason) for number in numbers]

    kept.decisions.record(made(range(50, 130), "old"))
    kept.decisions.record(made(range(250), "new"))
    found = kept.decisions.recent(ACCOUNT, *ALWAYS, 1000)
    assert [one.decided_at_ms - NOW_MS for one in found] == list(range(249, -1, -1))
    assert sum(one.reason == "old" for one in found) == 80


def test_recording_nothing_is_fine(kept: Repositories) -> None:
    kept.decisions.record([])
    assert kept.decisions.recent(ACCOUNT, *ALWAYS, 10) == []


def test_recent_decisions_are_bounded_by_time_of_decision_and_by_number(kept: Repositories) -> None:
    kept.decisions.record(decision(str(number), decided_at_ms=NOW_MS + number) for number in range(6))
    found = kept.decisions.recent(ACCOUNT, NOW_MS + 1, NOW_MS + 4, 3)
    assert [one.decided_at_ms - NOW_MS for one in found] == [4, 3, 2]


# --- audit


def row(time_ms: int, **changes: str) -> AuditRow:
    made = AuditRow(time_ms, "anna", "pause", "account main", '{"switch":"running"}', '{"switch":"paused"}')
    return replace(made, **changes)  # type: ignore[arg-type]


def test_audit_rows_come_newest_first_within_their_bounds(kept: Repositories) -> None:
    rows = [row(NOW_MS + number) for number in range(4)]
    for one in rows:
        kept.audit.append(one)
    assert kept.audit.recent(NOW_MS + 1, NOW_MS + 3, 2) == [rows[3], rows[2]]
    assert kept.audit.recent(0, NOW_MS, 9) == [rows[0]]


def test_different_actions_of_one_millisecond_are_all_kept_and_the_same_one_once(kept: Repositories) -> None:
    for one in (row(NOW_MS), row(NOW_MS, action="resume"), row(NOW_MS)):
        kept.audit.append(one)
    assert {one.action for one in kept.audit.recent(*ALWAYS, 9)} == {"pause", "resume"}
    assert len(kept.audit.recent(*ALWAYS, 9)) == 2


# --- pages


def test_reads_go_over_as_many_pages_as_it_takes(kept: Repositories) -> None:
    """A page of the tables ends at 1 MB. Each of these rows has 60 KB."""
    long = "x" * 60_000
    for number in range(40):
        kept.orders.add(order(str(number), reason=long, created_at_ms=NOW_MS + number))
    assert len(kept.orders.unfinished(ACCOUNT)) == 40
    recent = kept.orders.recent(ACCOUNT, *ALWAYS, 30)
    assert [one.created_at_ms - NOW_MS for one in recent] == list(range(39, 9, -1))
    assert kept.orders.get(ACCOUNT, ClientOrderId("unknown")) is None

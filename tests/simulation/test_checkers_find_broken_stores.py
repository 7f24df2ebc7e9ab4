"""A checker that cannot fail proves nothing: each is shown a store that breaks its invariant."""

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.services.world import ACCOUNT
from tests.simulation.checked import Checked, open_checked
from tests.simulation.decided import Decided
from tests.simulation.history import Operation
from tests.simulation.journal import Written
from tests.simulation.rows import check_row
from tests.unit.builders import HUNTER, live_entry, slot
from tests.unit.ladders import planned, request

from undertow.adapters.paper.events import Execution, OrderEvent
from undertow.adapters.paper.reporting import report_order
from undertow.adapters.sqs.messages import batch_text
from undertow.domain.account import Balance, Control, Switch
from undertow.domain.booking import ReservationState
from undertow.domain.correction import Correction, CorrectionReason
from undertow.domain.ids import ClientOrderId, LadderId, TradeId
from undertow.domain.lease import Lease
from undertow.domain.order import Order, OrderState, Purpose
from undertow.ports import AuditRow


@pytest.fixture
def checked() -> Checked:
    """With an open, protected position."""
    opened = open_checked()
    opened.enter()
    assert opened.broken() == []
    return opened


def claim_again(checked: Checked, **changes: object) -> Order:
    """Another entry like the first one, written straight into the store."""
    first = checked.entry()
    name = ClientOrderId("ut-e-again")
    intent = replace(first.intent, **{"client_order_id": name, **changes})  # type: ignore[arg-type]
    order = Order(intent, OrderState.IN_FLIGHT, checked.universe.now_ms, checked.universe.now_ms, version=1)
    checked.store.put_order(order)
    return order


def test_a_sound_system_breaks_nothing_in_action_or_at_rest(checked: Checked) -> None:
    checked.desk.pass_time(30)
    assert checked.step() == []
    assert checked.rest() == []


def test_an_entry_claimed_while_paused_is_found(checked: Checked) -> None:
    known = checked.store.control(ACCOUNT.id)
    paused = Control(ACCOUNT.id, Switch.PAUSED, checked.universe.now_ms, "ann", "", known.version + 1)
    checked.store.controls[ACCOUNT.id] = paused
    claim_again(checked, layer=7)
    assert "I9" in checked.step()


def test_an_entry_claimed_before_the_pause_is_not(checked: Checked) -> None:
    claim_again(checked, layer=7)
    known = checked.store.control(ACCOUNT.id)
    checked.store.controls[ACCOUNT.id] = replace(known, switch=Switch.PAUSED, version=known.version + 1)
    assert "I9" not in checked.step()


def test_two_living_entries_in_one_layer_are_found(checked: Checked) -> None:
    claim_again(checked, layer=7)
    checked.step()
    claim_again(checked, layer=7, client_order_id=ClientOrderId("ut-e-third"))
    assert "I3" in checked.step()


def test_two_entries_in_one_layer_of_a_slot_are_found(checked: Checked) -> None:
    checked = open_checked()
    checked.desk.desk.evaluate(checked.desk.signal(checked.desk.symbols()[0]))
    held = next(held for held in checked.store.slots.values() if held.entries)
    doubled = replace(held, entries=held.entries * 2, version=held.version + 1)
    checked.store.slots[held.account, held.symbol, held.side] = doubled
    assert "I3" in checked.step()


def test_an_entry_beyond_the_cap_on_notional_is_found(checked: Checked) -> None:
    price = checked.entry().intent.price
    assert price is not None
    claim_again(checked, layer=7, quantity=Decimal(10_000) / price, leverage=20)
    assert any(one.invariant == "I1" and "exposure" in one.what for one in checked.broken())


def test_lost_and_unconfirmed_entries_count_as_exposure(checked: Checked) -> None:
    """Ten thousand are the most: half as much again twice."""
    first = checked.entry()
    assert first.intent.price is not None
    quantity = Decimal(6_000) / first.intent.price
    lost = claim_again(checked, layer=7, quantity=quantity, leverage=20)
    assert "I1" not in checked.step()
    checked.store.put_order(lost.revised(OrderState.LOST, checked.universe.now_ms))
    claim_again(checked, layer=8, quantity=quantity, leverage=20, client_order_id=ClientOrderId("ut-e-third"))
    assert any(one.invariant == "I1" and "exposure" in one.what for one in checked.broken())


def test_a_leverage_above_the_account_s_is_found(checked: Checked) -> None:
    claim_again(checked, layer=7, leverage=21)
    assert any(one.invariant == "I1" and "leverage" in one.what for one in checked.broken())


def test_an_entry_without_a_decision_is_found(checked: Checked) -> None:
    claim_again(checked, layer=7)
    assert "I15" in checked.step()


def test_an_entry_on_an_old_signal_is_found(checked: Checked) -> None:
    order = claim_again(checked, layer=7)
    decision = next(one for one in checked.store.decisions[ACCOUNT.id].values() if one.client_order_id)
    old = replace(
        decision,
        id="old",  # type: ignore[arg-type]
        client_order_id=order.client_order_id,
        event_time_ms=checked.universe.now_ms - 60_000,
    )
    checked.store.decisions[ACCOUNT.id][old.id] = old
    assert "I11" in checked.step()


def test_more_at_risk_than_the_budget_is_found(checked: Checked) -> None:
    """The balance of five minutes ago does not count any more."""
    poor = Balance(ACCOUNT.id, Decimal(1), Decimal(1), Decimal(0), checked.universe.now_ms)
    for _ in range(2):
        checked.store.balances[ACCOUNT.id] = poor
        checked.step()
        checked.desk.pass_time(301)
    checked.store.balances[ACCOUNT.id] = poor
    claim_again(checked, layer=7)
    checked.store.totals[ACCOUNT.id] = replace(checked.store.totals_of(ACCOUNT.id), risk=Decimal(1))
    assert any(one.invariant == "I2" and "at risk" in one.what for one in checked.broken())


@pytest.mark.parametrize("total", ["notional", "margin", "risk"])
def test_a_total_that_is_not_the_sum_of_its_slots_is_found(checked: Checked, total: str) -> None:
    known = checked.store.totals_of(ACCOUNT.id)
    changed = {total: getattr(known, total) + Decimal("1E-12"), "version": known.version + 1}
    checked.store.totals[ACCOUNT.id] = replace(known, **changed)
    assert checked.step() == ["I2"]


def test_a_symbol_counted_twice_is_found(checked: Checked) -> None:
    known = checked.store.totals_of(ACCOUNT.id)
    checked.store.totals[ACCOUNT.id] = replace(known, slots=known.slots + 1, version=known.version + 1)
    assert checked.step() == ["I2"]


def test_a_reservation_released_twice_is_found(checked: Checked) -> None:
    key, known = next(iter(checked.store.reservations.items()))
    zero = Decimal(0)
    released = replace(known, state=ReservationState.RELEASED, notional=zero, margin=zero, risk=zero)
    checked.store.reservations[key] = released
    assert checked.step() == []
    checked.store.reservations[key] = replace(released, released_at_ms=5)
    assert checked.step() == ["I2"]


@pytest.mark.parametrize("state", [OrderState.UNCONFIRMED, OrderState.LOST])
def test_an_entry_that_may_still_fill_without_a_reservation_is_found(state: OrderState) -> None:
    checked = open_checked()
    checked.desk.desk.evaluate(checked.desk.signal(checked.desk.symbols()[0]))
    order = claim_again(checked, layer=7)
    checked.step()
    checked.store.put_order(order.revised(state, checked.universe.now_ms))
    assert checked.step() == ["I2"]


def test_a_ladder_s_reserve_that_went_missing_is_found() -> None:
    checked = open_checked()
    laddered = slot().with_ladder(planned(request()))
    broken = replace(laddered, reserved={}, version=1)
    checked.store.slots[broken.account, broken.symbol, broken.side] = broken
    assert "I2" in checked.step()


def test_a_fill_that_moved_no_position_is_found(checked: Checked) -> None:
    position = checked.position()
    held = checked.slot()
    smaller = replace(position, quantity=position.quantity - Decimal("0.001"))
    after = replace(held, position=smaller, version=held.version + 1)
    checked.store.slots[held.account, held.symbol, held.side] = after
    assert checked.step() == ["I6"]


def test_a_fill_that_the_venue_never_traded_is_found(checked: Checked) -> None:
    fill = next(iter(checked.store.fills[ACCOUNT.id].values()))
    invented = replace(fill, trade_id=TradeId(5), quantity=Decimal(0))
    checked.store.fills[ACCOUNT.id][fill.symbol, invented.trade_id] = invented
    assert checked.step() == ["I6"]


def test_a_fill_whose_price_is_off_by_the_last_digit_is_found(checked: Checked) -> None:
    (key, fill), *_ = checked.store.fills[ACCOUNT.id].items()
    other = replace(fill, price=fill.price + Decimal("1E-10"))
    assert checked.invariants.truth.check_fill(fill) == []
    assert [one.invariant for one in checked.invariants.truth.check_fill(other)] == ["I6"]
    checked.store.fills[ACCOUNT.id][key] = other
    assert checked.step() == ["I10"]


def test_a_row_that_was_taken_away_is_found(checked: Checked) -> None:
    checked.store.orders[ACCOUNT.id].pop(checked.entry().client_order_id)
    assert checked.step() == ["I10"]
    checked.store.audit.append(AuditRow(1, "ann", "test", "main", "", ""))
    del checked.store.audit[0]
    assert checked.step() == ["I10"]


def test_a_strategy_from_nowhere_is_found(checked: Checked) -> None:
    given = checked.universe.params.current()
    known = next(iter(given.strategies.values()))
    checked.universe.params.replace(replace(given, strategies={**given.strategies, "new": known}))  # type: ignore[dict-item]
    assert checked.step() == ["I10"]


def test_a_final_order_that_comes_back_is_found(checked: Checked) -> None:
    entry = checked.entry()
    assert entry.state is OrderState.FILLED
    checked.store.put_order(entry.revised(OrderState.OPEN, checked.universe.now_ms))
    assert "I13" in checked.step()


def test_a_rejected_order_may_come_back_with_a_fill_only(checked: Checked) -> None:
    entry = replace(checked.entry(), state=OrderState.REJECTED, filled_quantity=Decimal(0))
    unfilled = entry.revised(OrderState.OPEN, 1)
    filled = replace(unfilled, filled_quantity=entry.intent.quantity or Decimal(0))
    assert check_row(Written("orders", ACCOUNT.id, entry.client_order_id, entry, filled), 1) == []
    found = check_row(Written("orders", ACCOUNT.id, entry.client_order_id, entry, unfilled), 1)
    assert [one.invariant for one in found] == ["I13"]


def test_a_fill_that_an_order_forgets_is_found(checked: Checked) -> None:
    entry = checked.entry()
    checked.store.put_order(replace(entry, filled_quantity=Decimal(0), version=entry.version + 1))
    assert checked.step() == ["I13"]


@pytest.mark.parametrize("step", [0, 2])
def test_a_version_written_twice_or_left_out_is_found(checked: Checked, step: int) -> None:
    entry = checked.entry()
    checked.store.put_order(replace(entry, version=entry.version + step, reason="changed"))
    assert checked.step() == ["I13"]


def test_a_lease_whose_epoch_falls_or_that_is_taken_too_early_is_found(checked: Checked) -> None:
    now_ms = checked.universe.now_ms
    checked.store.leases["reconcile"] = Lease("reconcile", "a", 4, now_ms + 1_000)
    assert checked.step() == []
    checked.store.leases["reconcile"] = Lease("reconcile", "b", 5, now_ms + 2_000)
    assert checked.step() == ["I14"]
    checked.store.leases["reconcile"] = Lease("reconcile", "a", 4, now_ms + 3_000)
    assert checked.step() == ["I14"]


def test_a_lease_that_is_taken_anew_under_the_same_epoch_is_found(checked: Checked) -> None:
    now_ms = checked.universe.now_ms
    checked.store.leases["reconcile"] = Lease("reconcile", "a", 4, now_ms)
    checked.step()
    checked.store.leases["reconcile"] = Lease("reconcile", "a", 4, now_ms + 2_000)
    assert checked.step() == ["I14"]


def test_a_place_kept_for_an_entry_that_has_ended_is_found_at_rest() -> None:
    checked = open_checked()
    checked.desk.desk.evaluate(checked.desk.signal(checked.desk.symbols()[0]))
    order = next(one for one in checked.store.orders[ACCOUNT.id].values() if one.intent.purpose is Purpose.ENTRY)
    checked.store.put_order(order.revised(OrderState.CANCELED, checked.universe.now_ms))
    assert {"I2", "I7"} <= set(checked.rest())


# --- what is held for true --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [OrderState.CANCELED, OrderState.REJECTED, OrderState.ABANDONED, OrderState.EXPIRED])
def test_an_order_recorded_as_ended_otherwise_than_at_the_venue_is_found(checked: Checked, state: OrderState) -> None:
    entry = checked.entry()
    believed = checked.invariants.believed
    assert believed.note(Written("orders", ACCOUNT.id, entry.client_order_id, None, entry), 1) == []
    ended = entry.revised(state, 1)
    found = believed.note(Written("orders", ACCOUNT.id, entry.client_order_id, None, ended), 1)
    assert [one.invariant for one in found] == ["I13"]


def test_an_order_given_up_while_it_stands_is_found(checked: Checked) -> None:
    stop = checked.store.orders[ACCOUNT.id][ClientOrderId(checked.guard("s").client_order_id)]
    checked.store.put_order(stop.revised(OrderState.ABANDONED, checked.universe.now_ms))
    assert "I13" in checked.step()


def test_an_order_that_arrives_after_it_was_given_up_is_found(checked: Checked) -> None:
    order = claim_again(checked, layer=7)
    checked.store.put_order(order.revised(OrderState.REJECTED, checked.universe.now_ms))
    checked.step()
    intent = order.intent
    assert intent.quantity is not None
    name = str(order.client_order_id)
    checked.trade_by_hand(intent.symbol, intent.side, intent.quantity, intent.position_side, name)
    assert any("arrived" in one.what for one in checked.broken())


@pytest.mark.parametrize(
    "reason", [CorrectionReason.ADOPTED, CorrectionReason.QUANTITY, CorrectionReason.CLOSED_OUTSIDE]
)
def test_a_position_set_to_what_the_venue_never_had_is_found(checked: Checked, reason: CorrectionReason) -> None:
    held, now_ms = checked.position(), checked.universe.now_ms
    side = held.side

    def corrected(after: Decimal) -> list[str]:
        row = Correction(ACCOUNT.id, held.symbol, side, 99, now_ms, reason, Decimal(0), after)
        found = checked.invariants.believed.note(Written("corrections", ACCOUNT.id, 0, None, row), now_ms)
        return [one.invariant for one in found]

    assert corrected(held.quantity) == []
    assert corrected(Decimal(0)) == ["I6"], "flat it was before a fill that is booked"
    assert corrected(held.quantity * 2) == ["I6"]


def test_only_trades_of_its_own_leg_tell_from_when_on_a_leg_may_be_believed(checked: Checked) -> None:
    held, now_ms = checked.position(), checked.universe.now_ms
    believed = checked.invariants.believed
    checked.trade_by_hand(held.symbol, held.side.entry_side, held.quantity, held.side, "by-hand")
    (trade,) = checked.desk.venues.venue.fetch_fills(held.symbol, now_ms)

    def corrected() -> list[str]:
        row = Correction(
            ACCOUNT.id, held.symbol, held.side, 99, now_ms, CorrectionReason.ADOPTED, Decimal(0), held.quantity
        )
        found = believed.note(Written("corrections", ACCOUNT.id, 0, None, row), now_ms)
        return [one.invariant for one in found]

    other = replace(trade, position_side=held.side.opposite, trade_id=TradeId(99))
    believed.note(Written("fills", ACCOUNT.id, other.trade_id, None, other), now_ms)
    assert corrected() == [], "a trade of the other side"
    believed.note(Written("fills", ACCOUNT.id, trade.trade_id, None, trade), now_ms)
    assert corrected() == ["I6"], "a trade of this side that came after"


def test_a_stop_that_we_cancel_while_it_is_the_position_s_is_found(checked: Checked) -> None:
    house, stop = checked.universe.house, checked.guard("s")
    name = ClientOrderId(stop.client_order_id)
    checked.universe.history.append(Operation("cancel", ACCOUNT.id, name, checked.universe.now_ms))
    house.exchange.cancel(ACCOUNT.id, stop.symbol, stop.id, None, house.now_ms)
    house.publish(house.now_ms)
    assert checked.step() == ["I4"]


def test_a_stop_that_its_owner_cancels_by_hand_is_not_our_doing(checked: Checked) -> None:
    house, stop = checked.universe.house, checked.guard("s")
    house.exchange.cancel(ACCOUNT.id, stop.symbol, stop.id, None, house.now_ms)
    house.publish(house.now_ms)
    assert checked.step() == []


def test_a_target_that_is_placed_before_the_stop_is_found(checked: Checked) -> None:
    target = checked.guard("t")
    held = checked.slot()
    assert held.position is not None
    naked = replace(held, position=replace(held.position, stop_order=None), version=held.version + 1)
    checked.store.slots[held.account, held.symbol, held.side] = naked
    arrived = next(
        event
        for event in seen_events(checked)
        if event.client_order_id == target.client_order_id and event.execution is Execution.NEW
    )
    checked.invariants.believed.hear(arrived)
    assert "I4" in checked.step()


def seen_events(checked: Checked) -> list[OrderEvent]:
    """What the venue would tell of the orders that stand, told anew."""
    floor = checked.universe.house.exchange.floor
    for order in floor.orders.open_of_account(ACCOUNT.id):
        report_order(floor, order, Execution.NEW, checked.universe.now_ms)
    told = [event for event in floor.events if isinstance(event, OrderEvent)]
    floor.events.clear()
    return told


# --- pauses, layers, records ------------------------------------------------------------------------------------------


def test_an_entry_within_the_pause_of_its_strategy_is_found() -> None:
    before = slot(cooldown_until_ms={HUNTER: 100_000})
    after = replace(before, entries=(live_entry(),), version=1)
    claims = open_checked().invariants.claims
    written = Written("slots", None, None, before, after)
    assert [one.invariant for one in claims.note(written, 50_000)] == ["I3"]
    assert claims.note(written, 99_000) == []
    assert claims.note(Written("slots", None, None, after, after), 50_000) == []


def test_a_layer_that_filled_and_is_claimed_again_is_found(checked: Checked) -> None:
    first = checked.entry()
    ladder = LadderId("l1")
    claims = checked.invariants.claims

    def claimed(order: Order) -> list[str]:
        return [one.invariant for one in claims.note(Written("orders", ACCOUNT.id, "", None, order), 1)]

    layer = replace(first, intent=replace(first.intent, ladder=ladder, layer=1))
    assert claimed(layer) == []
    again = replace(layer, intent=replace(layer.intent, client_order_id=ClientOrderId("ut-e-again")))
    assert claimed(again) == ["I3"]


def test_a_liquidation_that_left_no_decision_is_found() -> None:
    checked = open_checked()
    batch = checked.desk.signal(checked.desk.symbols()[0])
    decided = Decided(checked.universe)
    assert [one.invariant for one in decided.check(batch_text(batch))] == ["I15"]
    checked.desk.desk.evaluate(batch)
    assert list(decided.check(batch_text(batch))) == []

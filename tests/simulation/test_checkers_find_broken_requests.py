"""What people asked for: a checker that cannot fail proves nothing, so each is shown a request gone wrong."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from tests.services.world import ACCOUNT
from tests.simulation.checked import Checked, open_checked
from tests.simulation.simulation import Simulation
from tests.simulation.swarm import Swarm
from tests.simulation.table_stream import first_failed_on, rows_queue
from tests.unit.builders import live_entry
from tests.unit.ladders import planned
from tests.unit.ladders import request as plan_request

from undertow.domain.ids import ClientOrderId, client_order_id
from undertow.domain.json_text import write_json
from undertow.domain.ladder import Ladder
from undertow.domain.order import NEVER_SENT, OrderState
from undertow.domain.position import Slot
from undertow.domain.request import OperatorRequest, RequestKind, RequestState, request_id
from undertow.ports import AuditRow


@pytest.fixture(name="checked")
def _checked() -> Checked:
    """With an open, protected position."""
    opened = open_checked()
    opened.enter()
    assert opened.broken() == []
    return opened


def asked(checked: Checked, kind: RequestKind, *, key: str = "click", audited: bool = True, **changes: Any) -> Any:
    """As the API leaves it; returns the request."""
    slot, now_ms = checked.slot(), checked.universe.now_ms
    usual: dict[str, Any] = {
        "id": request_id(ACCOUNT.id, "ann", key),
        "account": ACCOUNT.id,
        "symbol": slot.symbol,
        "side": slot.side,
        "position": checked.position().id,
        "kind": kind,
        "asked_at_ms": now_ms,
        "by": "ann",
    }
    wish = OperatorRequest(**{**usual, **changes})
    if audited:
        row = AuditRow(now_ms, "ann", f"request:{kind.value}", "", "{}", write_json({"request": wish.id}))
        checked.store.audit.append(row)
    assert checked.universe.kept.requests.add(wish)
    return wish


def close(checked: Checked, **changes: Any) -> Any:
    return asked(checked, RequestKind.CLOSE, percent=Decimal(50), **changes)


def begun(checked: Checked, wish: OperatorRequest, **figures: Any) -> OperatorRequest:
    after = wish.begun(checked.universe.now_ms, **figures)
    assert checked.universe.kept.requests.update(after)
    return after


def ended(checked: Checked, wish: OperatorRequest, state: RequestState, reason: str = "so it was", **more: Any) -> None:
    assert checked.universe.kept.requests.update(wish.ended(state, checked.universe.now_ms, reason, **more))


def write(checked: Checked, change: Callable[[Slot], Slot]) -> None:
    """Straight into the store."""
    slot = checked.slot()
    after = replace(change(slot), version=slot.version + 1)
    checked.store.slots[slot.account, slot.symbol, slot.side] = after


def stopped(price: Decimal) -> Callable[[Slot], Slot]:
    def change(slot: Slot) -> Slot:
        assert slot.position is not None
        return slot.with_position(replace(slot.position, trailed_stop=price))

    return change


def laddered(slot: Slot, **changes: Any) -> Slot:
    return replace(slot, ladder=Ladder(planned(plan_request()), **changes))


def wrong(checked: Checked, words: str) -> bool:
    return any(one.invariant == "request" and words in one.what for one in checked.broken())


def test_requests_that_are_carried_out_as_they_should_be_break_nothing(checked: Checked) -> None:
    stop = checked.position().stop_price
    assert stop is not None
    mark = checked.universe.house.market.quote(checked.slot().symbol).mark
    for wish in (
        asked(checked, RequestKind.STOP, key="1", stop_price=(stop + mark) / 2),
        close(checked, key="2"),
        asked(checked, RequestKind.FREEZE_LAYERS, key="3"),
    ):
        checked.desk.desk.carry_out(ACCOUNT, wish.id)
        checked.desk.pass_time(5)
    states = [one.state for one in checked.store.requests[ACCOUNT.id].values()]
    assert states == [RequestState.DONE, RequestState.DONE, RequestState.REFUSED]
    assert checked.step() == []
    assert checked.rest() == []


def test_a_request_without_an_audit_row_is_found(checked: Checked) -> None:
    close(checked, audited=False)
    assert wrong(checked, "without an audit row")


def test_a_request_that_was_never_new_is_found(checked: Checked) -> None:
    close(checked, state=RequestState.DONE)
    assert wrong(checked, "was not new")


def test_a_wish_that_changes_is_found(checked: Checked) -> None:
    wish = close(checked)
    begun(checked, replace(wish, percent=Decimal(100)), quantity=Decimal(1))
    assert wrong(checked, "is not the wish that was asked")


def test_figures_that_change_after_the_beginning_are_found(checked: Checked) -> None:
    first = begun(checked, close(checked), quantity=Decimal("0.001"))
    assert checked.step() == []
    begun(checked, first, quantity=Decimal("0.002"))
    assert wrong(checked, "was begun, and then quantity changed")


def test_a_request_that_goes_on_after_its_end_is_found(checked: Checked) -> None:
    wish = asked(checked, RequestKind.FREEZE_LAYERS)
    ended(checked, wish, RequestState.REFUSED)
    assert checked.step() == []
    ended(checked, replace(wish, version=2), RequestState.DONE)
    assert wrong(checked, "had ended refused")


def test_a_request_that_is_begun_minutes_later_is_found(checked: Checked) -> None:
    wish = close(checked, asked_at_ms=checked.universe.now_ms - 120_000)
    begun(checked, wish, quantity=Decimal("0.001"))
    assert wrong(checked, "was begun 120000 ms after it was asked")


def test_a_close_of_more_than_was_asked_is_found(checked: Checked) -> None:
    wish = close(checked)
    checked.desk.pass_time(61)
    begun(checked, replace(wish), quantity=checked.position().quantity)
    assert wrong(checked, "asked for were 50 %")


def test_an_exit_that_is_sent_before_the_request_is_begun_is_found(checked: Checked) -> None:
    wish = close(checked)
    sent(checked, wish, checked.position().quantity)
    assert wrong(checked, "before it is begun")


def sent(checked: Checked, wish: OperatorRequest, quantity: Decimal, piece: int = 0) -> ClientOrderId:
    """An exit on record under the name that the request gives it."""
    name = client_order_id("x", wish.account, wish.position, "asked", wish.id, piece)
    stop = checked.store.orders[ACCOUNT.id][checked.position().stop_order]  # type: ignore[index]
    purpose = type(stop.intent.purpose).EXIT
    intent = replace(stop.intent, client_order_id=name, purpose=purpose, quantity=quantity, close_position=False)
    checked.store.put_order(replace(stop, intent=intent, version=1))
    return name


def test_exits_for_more_than_the_request_was_begun_for_are_found(checked: Checked) -> None:
    wish = begun(checked, close(checked), quantity=Decimal("0.001"))
    sent(checked, wish, Decimal("0.001"))
    assert checked.step() == []
    sent(checked, wish, Decimal("0.001"), piece=1)
    assert wrong(checked, "it was begun for 0.001")


def test_an_exit_that_is_sent_after_the_end_is_found(checked: Checked) -> None:
    wish = begun(checked, close(checked), quantity=Decimal("0.001"))
    ended(checked, wish, RequestState.REFUSED)
    sent(checked, wish, Decimal("0.001"))
    assert wrong(checked, "after it ended refused")


def test_an_exit_that_is_sent_minutes_after_it_was_asked_for_is_found(checked: Checked) -> None:
    wish = begun(checked, close(checked), quantity=Decimal("0.001"))
    name = sent(checked, wish, Decimal("0.001"))
    assert checked.step() == []
    never = checked.store.orders[ACCOUNT.id][name].revised(OrderState.ABANDONED, 1, f"{NEVER_SENT}: no route")
    checked.store.put_order(never)
    assert checked.step() == []
    checked.desk.pass_time(121)
    checked.store.put_order(never.revised(OrderState.IN_FLIGHT, 1))
    assert wrong(checked, "ms after it was asked")


def test_an_end_without_a_reason_is_found(checked: Checked) -> None:
    ended(checked, close(checked), RequestState.REFUSED, reason="")
    assert wrong(checked, "does not say why")


def test_an_end_by_orders_of_somebody_else_is_found(checked: Checked) -> None:
    wish = begun(checked, close(checked), quantity=Decimal("0.001"))
    ended(checked, wish, RequestState.REFUSED, orders=(ClientOrderId("ut-x-other"),))
    assert wrong(checked, "orders that are not its own")


def test_a_close_that_is_done_and_never_reached_the_venue_is_found(checked: Checked) -> None:
    wish = begun(checked, close(checked), quantity=Decimal("0.001"))
    name = sent(checked, wish, Decimal("0.001"))
    ended(checked, wish, RequestState.DONE, orders=(name,))
    assert wrong(checked, "none of its exits is at the venue")


def test_a_request_that_is_done_and_was_never_begun_is_found(checked: Checked) -> None:
    ended(checked, close(checked), RequestState.DONE)
    assert wrong(checked, "was never begun")


def test_a_refused_close_that_took_something_off_is_found(checked: Checked) -> None:
    wish = close(checked)
    checked.desk.desk.carry_out(ACCOUNT, wish.id)
    stored = checked.store.requests[ACCOUNT.id][wish.id]
    assert stored.state is RequestState.DONE
    checked.store.requests[ACCOUNT.id][wish.id] = replace(stored, state=RequestState.REFUSED, version=4)
    assert wrong(checked, "was refused")


def test_a_moved_stop_that_is_done_and_not_there_is_found(checked: Checked) -> None:
    price = checked.position().entry_price
    wish = begun(checked, asked(checked, RequestKind.STOP, stop_price=price), stop_price=price)
    ended(checked, wish, RequestState.DONE)
    assert wrong(checked, "the stop belongs at None")


def test_a_stop_that_is_loosened_by_nobody_is_found(checked: Checked) -> None:
    tight, loose = (checked.position().entry_price * (1 - checked.slot().side.sign * share) for share in (0, _1_PCT))
    write(checked, stopped(tight))
    assert checked.step() == []
    write(checked, stopped(loose))
    assert wrong(checked, "and nobody asked for that")


_1_PCT = Decimal("0.01")


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_stop_is_loosened_by_a_confirmed_request_only(checked: Checked, confirmed: bool) -> None:
    entry = checked.position().entry_price
    loose = entry * (1 - checked.slot().side.sign * _1_PCT)
    write(checked, stopped(entry))
    wish = asked(checked, RequestKind.STOP, stop_price=loose, confirmed=confirmed)
    begun(checked, wish, stop_price=loose, stop_before=entry)
    write(checked, stopped(loose))
    assert wrong(checked, "the request was not confirmed") is not confirmed


def test_a_freeze_that_is_done_and_froze_nothing_is_found(checked: Checked) -> None:
    write(checked, laddered)
    wish = begun(checked, asked(checked, RequestKind.FREEZE_LAYERS))
    ended(checked, wish, RequestState.DONE)
    assert wrong(checked, "layers may be added")


def test_layers_that_freeze_by_themselves_are_found(checked: Checked) -> None:
    write(checked, laddered)
    write(checked, lambda slot: slot.with_held_ladder(5))
    assert wrong(checked, "froze and nobody asked")


def test_layers_that_are_let_go_on_unconfirmed_are_found(checked: Checked) -> None:
    write(checked, lambda slot: laddered(slot, held_at_ms=5))
    begun(checked, asked(checked, RequestKind.UNFREEZE_LAYERS))
    write(checked, Slot.with_ladder_let_go)
    assert wrong(checked, "nobody confirmed that")


def test_layers_that_are_let_go_on_by_an_older_wish_than_the_freeze_are_found(checked: Checked) -> None:
    write(checked, lambda slot: laddered(slot, held_at_ms=5))
    begun(checked, asked(checked, RequestKind.UNFREEZE_LAYERS, key="older", confirmed=True), held_before_ms=5)
    write(checked, Slot.with_ladder_let_go)
    begun(checked, asked(checked, RequestKind.FREEZE_LAYERS, key="younger"))
    write(checked, lambda slot: slot.with_held_ladder(9))
    assert "request" not in checked.step()
    write(checked, Slot.with_ladder_let_go)
    assert wrong(checked, "older than the freeze")


def test_a_layer_that_is_added_to_a_frozen_ladder_is_found(checked: Checked) -> None:
    write(checked, lambda slot: laddered(slot, held_at_ms=5))
    checked.step()
    plan = planned(plan_request())
    write(checked, lambda slot: replace(slot, entries=(live_entry(ladder=plan.id, layer=2),)))
    assert wrong(checked, "adds a layer to a frozen ladder")


def test_a_request_that_never_ends_is_found_at_rest(checked: Checked) -> None:
    close(checked)
    assert "request" in checked.rest()


def test_a_row_comes_again_with_all_that_came_after_it() -> None:
    rows = rows_queue()
    for name in ("a", "b", "c"):
        rows.send(f"requests#main {name}", "requests#main", name, 0)
    messages = rows.receive(0, 10)
    assert [message.body[-1] for message in first_failed_on(messages, frozenset({"1"}))] == ["b", "c"]
    assert list(first_failed_on(messages, frozenset())) == []


def test_a_run_with_a_swarm_of_its_own_has_a_person_only_when_told_so() -> None:
    calm = Swarm(Simulation(1).random, {})
    assert Simulation(1, swarm=calm).person is None
    assert Simulation(1, swarm=calm, asks_a_minute=2.0).person is not None

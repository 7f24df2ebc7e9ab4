"""Each checker of the venue's side is shown a venue at which something happened that never may."""

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.services.world import ACCOUNT
from tests.simulation.at_rest import check_at_rest
from tests.simulation.checked import Checked, open_checked
from tests.simulation.history import Operation, check_history, told
from tests.simulation.identity import check_identity, imported_wallet, venue_wallet
from tests.simulation.recovery import spread, unprotected
from tests.unit.builders import fill

from undertow.adapters.paper.accounts import IncomeType
from undertow.adapters.paper.events import Leg
from undertow.adapters.paper.orders import OrderRequest
from undertow.domain.ids import ClientOrderId
from undertow.domain.income import Income, IncomeKind
from undertow.domain.market import PositionSide, Side
from undertow.domain.numbers import ZERO
from undertow.domain.order import OrderState, OrderType
from undertow.domain.outcome import NotOpen, Rejected, Unconfirmed


@pytest.fixture
def checked() -> Checked:
    """With an open, protected position."""
    opened = open_checked()
    opened.enter()
    opened.desk.pass_time(6)
    assert opened.broken() == []
    return opened


def at_rest(checked: Checked) -> set[str]:
    return {one.invariant for one in check_at_rest(checked.universe, checked.invariants.truth)}


# --- in action --------------------------------------------------------------------------------------------------------


def test_two_orders_under_one_of_our_ids_are_found(checked: Checked) -> None:
    entry, position = checked.entry(), checked.position()
    checked.desk.pass_time(10)
    side, leg = position.side.entry_side, position.side
    checked.trade_by_hand(position.symbol, side, position.quantity, leg, entry.client_order_id)
    assert "I3" in checked.step()


def test_an_order_that_was_never_written_down_is_found(checked: Checked) -> None:
    position = checked.position()
    checked.trade_by_hand(position.symbol, position.side.exit_side, position.quantity, position.side, "ut-x-unknown")
    assert "I3" in checked.step()


def test_an_exit_that_adds_to_a_position_is_found(checked: Checked) -> None:
    position = checked.position()
    checked.trade_by_hand(position.symbol, position.side.entry_side, position.quantity, position.side, "ut-x-wrong")
    assert "I8" in checked.step()


def test_somebody_else_s_order_may_do_what_it_likes(checked: Checked) -> None:
    position = checked.position()
    for _ in range(2):
        side, leg = position.side.entry_side, position.side
        checked.trade_by_hand(position.symbol, side, position.quantity, leg, "mine")
    assert checked.step() == []


def test_a_position_that_moved_without_an_order_is_found(checked: Checked) -> None:
    for legs in checked.universe.house.exchange.account(ACCOUNT.id).positions.values():
        for position in legs.values():
            position.amount *= 2
    assert "truth" in checked.rest()


# --- at rest ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("letter", ["s", "t"])
def test_a_position_without_its_stop_or_target_is_found(checked: Checked, letter: str) -> None:
    house, order = checked.universe.house, checked.guard(letter)
    assert at_rest(checked) == set()
    house.exchange.cancel(ACCOUNT.id, order.symbol, order.id, None, house.now_ms)
    assert "I4" in at_rest(checked)


def test_a_stop_too_small_for_its_position_is_found(checked: Checked) -> None:
    order = checked.guard("s")
    order.close_position, order.quantity = False, checked.position().quantity / 2
    assert at_rest(checked) == {"I4"}


def test_two_stops_of_one_position_are_found(checked: Checked) -> None:
    stop, floor = checked.guard("s"), checked.universe.house.exchange.floor
    floor.orders.add(replace(stop, id=stop.id + 1_000))
    assert at_rest(checked) == {"I4"}


def test_a_stop_without_a_position_is_found(checked: Checked) -> None:
    position = checked.position()
    checked.trade_by_hand(position.symbol, position.side.exit_side, position.quantity, position.side, "mine")
    assert {"I5", "I7"} <= at_rest(checked)


def test_a_position_that_the_ledger_does_not_know_is_found(checked: Checked) -> None:
    symbol = checked.desk.symbols()[-1]
    checked.trade_by_hand(symbol, Side.BUY, Decimal(1), PositionSide.LONG, "mine")
    assert "I7" in at_rest(checked)


def test_a_fill_that_was_never_booked_is_found(checked: Checked) -> None:
    checked.store.fills[ACCOUNT.id].clear()
    assert at_rest(checked) == {"I6"}


def test_an_order_that_stands_at_the_venue_and_has_ended_here_is_found(checked: Checked) -> None:
    stop = checked.store.orders[ACCOUNT.id][ClientOrderId(checked.guard("s").client_order_id)]
    checked.store.put_order(stop.revised(OrderState.REJECTED, 1))
    assert at_rest(checked) == {"I7"}


@pytest.mark.parametrize("state", [OrderState.IN_FLIGHT, OrderState.UNCONFIRMED, OrderState.OPEN, OrderState.LOST])
def test_an_order_that_lives_here_only_is_found(checked: Checked, state: OrderState) -> None:
    checked.store.put_order(checked.entry().revised(state, 1))
    assert "I7" in at_rest(checked)


def test_a_lost_order_that_a_person_was_told_of_is_not(checked: Checked) -> None:
    entry = checked.entry()
    checked.store.put_order(entry.revised(OrderState.LOST, 1))
    checked.universe.notifier.alert("critical", f"order_lost#{entry.client_order_id}", "", {})  # type: ignore[arg-type]
    assert at_rest(checked) == set()


def test_another_filled_quantity_than_the_venue_s_is_found(checked: Checked) -> None:
    checked.store.put_order(replace(checked.entry(), filled_quantity=Decimal(0)))
    assert "I7" in at_rest(checked)


# --- history ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("outcome", "is_found"), [("ok", False), ("info", False), (None, False), ("fail", True)])
def test_an_order_at_the_venue_was_taken_or_may_have_been(checked: Checked, outcome: str, is_found: bool) -> None:
    house = checked.universe.house
    history = [
        Operation("submit", order.account, ClientOrderId(order.client_order_id), 1, "ok", 2)
        for order in house.exchange.floor.orders.all.values()
    ]
    assert check_history(history, house) == []
    history[0].outcome = outcome  # type: ignore[assignment]
    assert bool(check_history(history, house)) is is_found
    assert check_history(history[1:], house)


@pytest.mark.parametrize(("outcome", "is_found"), [("ok", True), ("info", False), (None, False), ("fail", False)])
def test_an_order_that_is_not_at_the_venue_was_not_confirmed(outcome: str, is_found: bool) -> None:
    house = open_checked().universe.house
    history = [Operation("submit", ACCOUNT.id, ClientOrderId("ut-e-none"), 1, outcome, 2)]  # type: ignore[arg-type]
    assert bool(check_history(history, house)) is is_found


def test_two_orders_of_one_operation_are_found_whatever_was_said(checked: Checked) -> None:
    house = checked.universe.house
    floor, entry = house.exchange.floor, checked.entry()
    history = [
        Operation("submit", order.account, ClientOrderId(order.client_order_id), 1, was_never_sent=True)
        for order in floor.orders.all.values()
        for _ in range(2)
    ]
    assert check_history(history, house) == []
    known = floor.orders.by_client_id(ACCOUNT.id, entry.client_order_id)[0]
    floor.orders.add(replace(known, id=known.id + 1_000))
    assert "2 orders" in check_history(history, house)[0].what


def test_a_confirmed_cancel_that_cancelled_nothing_is_found(checked: Checked) -> None:
    house = checked.universe.house
    history = [
        Operation("submit", order.account, ClientOrderId(order.client_order_id), 1, "ok", 2)
        for order in house.exchange.floor.orders.all.values()
    ]
    stop = ClientOrderId(checked.guard("s").client_order_id)
    assert check_history([*history, Operation("cancel", ACCOUNT.id, stop, 3, "info", 4)], house) == []
    assert check_history([*history, Operation("cancel", ACCOUNT.id, stop, 3, "ok", 4)], house)


def test_answers_count_by_what_they_prove() -> None:
    assert told(Rejected(-2019, "no margin")) == "fail"
    assert told(Unconfirmed("503")) == "info"
    assert told(NotOpen()) == "fail"


# --- money ------------------------------------------------------------------------------------------------------------


def test_the_wallet_is_what_its_records_make(checked: Checked) -> None:
    checked.desk.pass_time(60)
    house = checked.universe.house
    assert check_identity(house, ACCOUNT.id) == []
    assert venue_wallet(house, ACCOUNT.id).fees != 0


def test_a_hundred_millionth_that_is_missing_is_found(checked: Checked) -> None:
    house = checked.universe.house
    house.exchange.account(ACCOUNT.id).wallet += Decimal("1E-8")
    assert [one.invariant for one in check_identity(house, ACCOUNT.id)] == ["I12"]


def test_an_income_line_written_twice_is_found(checked: Checked) -> None:
    house = checked.universe.house
    house.exchange.floor.incomes.append(house.exchange.floor.incomes[-1])
    assert any("two income lines" in one.what for one in check_identity(house, ACCOUNT.id))


def test_transfers_and_funding_are_part_of_the_wallet(checked: Checked) -> None:
    house = checked.universe.house
    floor = house.exchange.floor
    floor.book_income(floor.account(ACCOUNT.id), "", IncomeType.TRANSFER, Decimal(-250), house.now_ms)
    floor.book_income(floor.account(ACCOUNT.id), "BTCUSDT", IncomeType.FUNDING_FEE, Decimal("-0.5"), house.now_ms)
    wallet = venue_wallet(house, ACCOUNT.id)
    assert (wallet.transfers, wallet.funding, wallet.unexplained) == (Decimal(-250), Decimal("-0.5"), ZERO)


def test_our_books_make_the_wallet_only_with_every_line() -> None:
    def line(kind: IncomeKind, amount: str, name: str = "1") -> Income:
        return Income(ACCOUNT.id, name, kind, kind.value, "USDT", Decimal(amount), 1)

    trades = [fill("1", commission=Decimal("0.4"), realized_pnl=Decimal("12.5"))]
    incomes = [
        line(IncomeKind.TRANSFER, "100"),
        line(IncomeKind.FUNDING, "-0.1"),
        line(IncomeKind.COMMISSION, "-0.4"),
        line(IncomeKind.REALIZED_PNL, "12.5"),
        line(IncomeKind.INSURANCE, "-2"),
    ]
    assert imported_wallet(trades, incomes, Decimal("110")).unexplained == 0
    assert imported_wallet(trades, incomes[:-1], Decimal("110")).unexplained == -2
    assert imported_wallet([], incomes, Decimal("110")).unexplained != 0


# --- recovery ---------------------------------------------------------------------------------------------------------


def test_percentiles_are_times_that_were_measured() -> None:
    assert spread([]) == spread([0]).__class__(0, 0, 0, 0)
    told = spread(list(range(1, 201)))
    assert (told.count, told.p50, told.p99, told.max) == (200, 100, 198, 200)


def test_a_difference_lasts_from_the_trade_to_its_booking(checked: Checked) -> None:
    universe, recovery, position = checked.universe, checked.invariants.recovery, checked.position()
    known = recovery.all_ms(universe.now_ms)
    began_ms = universe.now_ms
    checked.trade_by_hand(position.symbol, position.side.entry_side, position.quantity, position.side, "mine")
    checked.step()
    checked.desk.pass_time(2, listening=False)
    checked.step()
    assert recovery.all_ms(universe.now_ms) == [*known, universe.now_ms - began_ms]
    checked.desk.deliver()
    checked.step()
    ended_ms = universe.now_ms
    checked.desk.pass_time(2)
    assert recovery.all_ms(universe.now_ms) == [*known, ended_ms - began_ms]


def test_the_time_without_a_stop_is_the_venue_s(checked: Checked) -> None:
    before = len(unprotected(checked.universe).ours_ms)
    house, order = checked.universe.house, checked.guard("s")
    house.exchange.cancel(ACCOUNT.id, order.symbol, order.id, None, house.now_ms)
    house.publish(house.now_ms)
    checked.desk.pass_time(1, listening=False)
    times_ms = unprotected(checked.universe).ours_ms
    assert len(times_ms) == before + 1
    assert max(times_ms) >= 1_000


def test_a_position_that_its_owner_opened_by_hand_is_his_until_we_guard_it(checked: Checked) -> None:
    before = unprotected(checked.universe)
    house = checked.universe.house
    symbol = house.market.symbols()[-1]
    house.refresh(symbol)
    quantity = house.exchange.floor.contract(symbol).instrument.market_lot_size * 1_000
    market = OrderRequest(symbol, Side.BUY, OrderType.MARKET, leg=Leg.LONG, quantity=quantity)
    house.exchange.place(ACCOUNT.id, market, house.now_ms)
    house.publish(house.now_ms)
    checked.desk.pass_time(1, listening=False)
    after = unprotected(checked.universe)
    assert after.ours_ms == before.ours_ms
    assert len(after.others_ms) == len(before.others_ms) + 1

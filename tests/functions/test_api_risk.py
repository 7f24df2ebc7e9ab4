"""The risk budget, the eight layers with live values, and shocks."""

from decimal import Decimal
from typing import Any

import pytest
from tests.functions.api_caller import ApiCaller
from tests.functions.console_world import MarksOfATest
from tests.functions.holdings import ETH, hold, plan, store
from tests.services.world import ACCOUNT, World
from tests.unit.builders import BTC, LONG, NOW_MS, SHORT, balance, d, intent, live_entry, order, readiness

from undertow.domain.account import MarginType
from undertow.domain.guard import Block, BlockKind
from undertow.domain.ids import ClientOrderId, Symbol
from undertow.domain.order import OrderState
from undertow.domain.position import Slot, ladder_key


def account(api: ApiCaller) -> dict[str, Any]:
    answer = api.get("/api/risk")
    assert answer.status == 200, answer.text
    (row,) = answer.json["accounts"]
    return row  # type: ignore[no-any-return]


def layer(row: dict[str, Any], number: int) -> dict[str, Any]:
    return row["layers"][number - 1]  # type: ignore[no-any-return]


def test_an_empty_book_has_its_whole_budget_free(api: ApiCaller) -> None:
    row = account(api)
    assert row["budget"] == {
        "filled": "0",
        "reserved": "0",
        "pending": "0",
        "free": "1450",
        "cap": "1450",
        "cap_pct": "14.5",
        "without_reserve": "0",
        "filledRiskPercentage": "0",
        "reservedRiskPercentage": "0",
        "pendingRiskPercentage": "0",
        "freeRiskPercentage": "14.5",
    }


def test_filled_risk_is_the_loss_at_the_stop_with_fees_and_slippage(api: ApiCaller, world: World) -> None:
    hold(world, stop="99000", reserved="25")
    budget = account(api)["budget"]
    # 0.01 * (1000 + 100000 * 0.04 % + 99000 * 0.14 %) = 11.786
    assert budget["filled"] == "11.786"
    assert (budget["reserved"], budget["free"]) == ("25", "1425")
    assert (budget["filledRiskPercentage"], budget["reservedRiskPercentage"]) == ("0.12", "0.25")
    assert budget["without_reserve"] == "0"


def test_a_position_without_a_reserve_is_said_to_be_so(api: ApiCaller, world: World) -> None:
    hold(world, stop="99000")
    assert account(api)["budget"]["without_reserve"] == "11.786"


def test_without_a_stop_the_risk_reaches_to_the_liquidation_price(api: ApiCaller, world: World) -> None:
    hold(world, stop=None)
    row = account(api)
    leg = row["positions"][0]["legs"][0]
    price = d(leg["liquidation_price"]["price"])
    assert d("90000") < price < d("91000")
    assert d(leg["filled"]) == d("0.01") * (100000 - price + 100000 * d("0.0004") + price * d("0.0014"))


def test_a_hedged_pair_is_one_position_with_the_risk_of_both_legs(api: ApiCaller, world: World) -> None:
    hold(world, stop="99000", reserved="12")
    hold(world, side=SHORT, stop="101000", reserved="13")
    (pair,) = account(api)["positions"]
    assert (pair["symbol"], pair["hedged"], pair["reserved"]) == ("BTCUSDT", True, "25")
    assert d(pair["filled"]) == sum((d(leg["filled"]) for leg in pair["legs"]), Decimal(0)) > 20


@pytest.mark.parametrize(
    ("state", "pending"),
    [(OrderState.IN_FLIGHT, "7"), (OrderState.UNCONFIRMED, "7"), (OrderState.LOST, "7"), (OrderState.OPEN, "0")],
)
def test_what_was_sent_and_not_acknowledged_is_pending(
    api: ApiCaller, world: World, state: OrderState, pending: str
) -> None:
    wanted = intent(client_order_id=ClientOrderId("ut-e-p"), risk=d("7"))
    world.desk.repositories.orders.add(order(state, wanted))
    store(world, Slot(ACCOUNT.id, BTC, LONG).with_entry(live_entry(wanted, risk=d("7")), 0))
    budget = account(api)["budget"]
    assert (budget["reserved"], budget["pending"], budget["filled"]) == ("7", pending, "0")


def test_a_ladder_holds_the_risk_of_its_unclaimed_layers(api: ApiCaller, world: World) -> None:
    store(world, Slot(ACCOUNT.id, BTC, LONG).with_ladder(plan()).with_position(hold(world, reserved="1")))
    (leg,) = account(api)["positions"][0]["legs"]
    assert (leg["layers_filled"], leg["layers"], leg["reserved"]) == (0, 3, "12")
    assert world.slot.reserved[ladder_key(plan().id)].risk == 12


def test_a_position_shows_each_layer_of_its_ladder_with_its_state(api: ApiCaller, world: World) -> None:
    held = hold(world, quantity="0.001")
    wanted = intent(client_order_id=ClientOrderId("ut-e-1"), layer=1, ladder=plan().id, risk=d("2"))
    world.desk.repositories.orders.add(order(OrderState.OPEN, wanted))
    slot = Slot(ACCOUNT.id, BTC, LONG).with_ladder(plan()).with_position(held)
    store(world, slot.with_entry(live_entry(wanted, ladder=plan().id, risk=d("2"), layer=1), 0, NOW_MS))
    (row,) = api.get("/api/positions").json["positions"]
    ladder = row["ladder"]
    assert [one["state"] for one in ladder["plan"]] == ["sent", "planned", "planned"]
    assert (ladder["layers"], ladder["layers_filled"], ladder["next_layer"]) == (3, 0, 2)
    assert (ladder["reserve"], ladder["unclaimed_risk"], row["reserved_risk"]) == ("12", "10", "12")
    assert ladder["plan"][1] == {
        "number": 2,
        "state": "planned",
        "price": "99600",
        "quantity": "0.002",
        "notional": "199.2",
        "risk": "4",
        "filled_quantity": "0",
        "order": None,
    }


def test_a_position_without_a_ladder_has_none(api: ApiCaller, world: World) -> None:
    hold(world, reserved="12")
    (row,) = api.get("/api/positions").json["positions"]
    assert row["ladder"] is None
    assert (row["filled_risk"], row["reserved_risk"], row["filledRiskPercentage"]) == ("11.786", "12", "0.12")
    assert row["liquidation"]["known"]


def test_without_a_balance_percentages_are_unknown_and_not_zero(api: ApiCaller, world: World) -> None:
    world.store.balances.clear()
    row = account(api)
    assert (row["equity"], row["budget"]["cap"], row["budget"]["free"]) == (None, None, None)
    assert row["budget"]["reservedRiskPercentage"] is None
    assert layer(row, 2)["state"] == layer(row, 3)["state"] == "unknown"


def test_the_eight_layers_come_in_their_order_with_values_and_limits(api: ApiCaller, world: World) -> None:
    world.desk.repositories.balances.save(balance(maintenance_margin=d("850"), initial_margin=d("100")))
    hold(world, stop="99000", reserved="12")
    row = account(api)
    assert [one["number"] for one in row["layers"]] == list(range(1, 9))
    assert layer(row, 1)["values"] == {"highest_leverage": 10, "beyond_their_tier": []}
    assert layer(row, 2)["values"] == {"notional": "1005", "effective_leverage": "0.1"}
    assert layer(row, 3)["values"] == {"maintenance_pct": "8.5", "initial_pct": "1"}
    assert layer(row, 4)["values"]["symbol"] == "BTCUSDT"
    assert [one["state"] for one in row["layers"]] == ["ok", "ok", "ok", "ok", "ok", "ok", "not_applicable", "unknown"]


@pytest.mark.parametrize(("maintenance", "state"), [("8000", "ok"), ("8100", "warning"), ("9100", "refuses")])
def test_margin_usage_warns_and_refuses_at_its_limits(
    api: ApiCaller, world: World, maintenance: str, state: str
) -> None:
    world.desk.repositories.balances.save(balance(maintenance_margin=d(maintenance), initial_margin=d("0")))
    assert layer(account(api), 3)["state"] == state


def test_a_position_without_its_stop_and_a_block_of_the_monitor_refuse(api: ApiCaller, world: World) -> None:
    hold(world, stop=None)
    block = Block("drawdown", NOW_MS, "equity fell", "a person clears it")
    world.remember(blocks={BlockKind.DRAWDOWN: block}, peak_equity=d("12500"), checked_at_ms=NOW_MS)
    row = account(api)
    assert layer(row, 5)["values"]["without_stop"] == ["BTCUSDT LONG"]
    assert layer(row, 5)["state"] == layer(row, 8)["state"] == "refuses"
    assert layer(row, 8)["values"]["drawdown_pct"] == "20"


# --- shocks ---------------------------------------------------------------------------------------------------------


def shock(api: ApiCaller, percent: str) -> dict[str, Any]:
    return next(one for one in account(api)["shocks"] if one["price_change_pct"] == percent)


def test_a_stop_caps_the_loss_of_a_shock(api: ApiCaller, world: World) -> None:
    hold(world, stop="99000", reserved="12")
    found = shock(api, "-5")
    # The mark is 100500. The stop fills at 99000 less 0.1 %, and pays 0.04 % of that.
    exit_price = d("98901")
    assert found["with_stops"]["stopped"] == ["BTCUSDT LONG"]
    assert d(found["with_stops"]["pnl"]) == d("0.01") * (exit_price - d("100500")) - d("0.01") * exit_price * d(
        "0.0004"
    )
    assert d(found["without_stops"]["pnl"]) == d("0.01") * (d("95475") - d("100500"))
    assert found["without_stops"]["stopped"] == []
    assert d(found["with_stops"]["equity"]) == 10000 + d(found["with_stops"]["pnl"])


def test_without_its_stop_a_position_is_liquidated_and_loses_its_margin_and_no_more(
    api: ApiCaller, world: World
) -> None:
    hold(world, stop="99000", reserved="12")
    for percent in ("-10", "-20"):
        found = shock(api, percent)
        assert found["with_stops"]["liquidated"] == []
        assert found["without_stops"]["liquidated"] == ["BTCUSDT LONG"]
        # Margin of 100, and the unrealised profit of 5 that was there.
        assert found["without_stops"]["pnl"] == "-105"


def test_a_short_gains_when_prices_fall(api: ApiCaller, world: World) -> None:
    hold(world, side=SHORT, stop="101000", reserved="12")
    found = shock(api, "-10")
    assert found["with_stops"] == found["without_stops"]
    assert d(found["with_stops"]["pnl"]) == d("0.01") * d("10050")


def test_a_position_whose_mark_is_not_known_makes_a_shock_unknown_and_not_harmless(
    api: ApiCaller, world: World, venue_marks: MarksOfATest
) -> None:
    venue_marks.price = None
    hold(world, ETH, reserved="12", stop="99000")
    found = shock(api, "-5")
    assert (found["complete"], found["without_mark"]) == (False, ["ETHUSDT"])
    assert found["with_stops"]["pnl"] is None
    assert found["with_stops"]["equity"] is None


def test_a_cross_position_is_judged_by_the_whole_wallet(api: ApiCaller, world: World) -> None:
    hold(world, quantity="0.5", stop=None)
    cross = readiness(margin_type=MarginType.CROSS, verified_at_ms=NOW_MS + 1)
    world.desk.repositories.readinesses.save(cross)
    leg = account(api)["positions"][0]["legs"][0]
    assert d(leg["liquidation_price"]["price"]) < 85_000
    assert shock(api, "-10")["without_stops"]["liquidated"] == []


def cross(world: World, *symbols: Symbol) -> None:
    for symbol in symbols:
        world.desk.repositories.readinesses.save(
            readiness(symbol=symbol, margin_type=MarginType.CROSS, verified_at_ms=NOW_MS + 1)
        )


def test_positions_that_share_a_wallet_fall_together_though_each_alone_would_stand(
    api: ApiCaller, world: World
) -> None:
    hold(world, quantity="0.35", stop=None)
    hold(world, ETH, quantity="0.35", stop=None)
    cross(world, BTC, ETH)
    # Either loses 7035 of 10000 at -20 %; together they lose more than there is.
    found = shock(api, "-20")["without_stops"]
    assert found["liquidated"] == ["BTCUSDT LONG", "ETHUSDT LONG"]
    assert shock(api, "-5")["without_stops"]["liquidated"] == []


def test_a_balanced_pair_in_one_wallet_survives_a_shock(api: ApiCaller, world: World) -> None:
    hold(world, quantity="0.35", stop=None)
    hold(world, quantity="0.35", side=SHORT, stop=None)
    cross(world, BTC)
    found = shock(api, "-20")["without_stops"]
    assert (found["liquidated"], found["pnl"]) == ([], "0")
    (pair,) = account(api)["positions"]
    assert [leg["liquidation_price"]["known"] for leg in pair["legs"]] == [True, True]


def test_a_hedged_pair_that_is_due_is_liquidated_where_it_stands(api: ApiCaller, world: World) -> None:
    hold(world, quantity="8", stop=None)
    hold(world, quantity="8", side=SHORT, stop=None)
    cross(world, BTC)
    (pair,) = account(api)["positions"]
    assert {leg["liquidation_price"]["price"] for leg in pair["legs"]} == {"100500"}

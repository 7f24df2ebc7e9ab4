"""What people read: positions with their stops, money, the tape, decisions and trades, each with its age."""

from typing import Any

import pytest
from tests.functions.api_caller import ApiCaller
from tests.functions.console_world import MarksOfATest
from tests.services.world import ACCOUNT, START_MS, World
from tests.unit.builders import BTC, d

from undertow.domain.account import Heartbeat, Switch
from undertow.domain.ids import LiquidationId, Symbol
from undertow.domain.market import Liquidation, Side, Venue
from undertow.domain.order import OrderState
from undertow.domain.outcome import Unconfirmed


def test_a_position_is_shown_with_its_stop_and_target_in_price_percent_and_money(api: ApiCaller, world: World) -> None:
    world.holding()
    world.clock.advance(2_000)
    body = api.get("/api/positions").json
    (position,) = body["positions"]
    assert (position["symbol"], position["side"], position["mode"]) == ("BTCUSDT", "LONG", "live")
    assert (position["quantity"], position["entry_price"]) == ("0.009", "100001")
    assert position["notional"] == "900.009"
    assert position["margin"] == "90.0009"
    assert position["mark"]["price"] == "100500"
    assert (position["unrealized_pnl"], position["unrealized_price_pct"]) == ("4.491", "0.5")
    assert position["unrealized_roe_pct"] == "4.99"
    assert (position["strategy"], position["external"]) == ("hunter", False)
    stop, target = position["stop"], position["target"]
    assert (stop["trigger_price"], stop["confirmed"], stop["purpose"]) == ("99000.9", True, "stop_loss")
    assert (stop["distance_from_entry_pct"], stop["pnl_at_trigger_estimate"]) == ("-1", "-9.0009")
    assert (target["trigger_price"], target["distance_from_entry_pct"]) == ("102001.1", "2")
    assert (position["protected_for_ms"], position["unprotected_for_ms"]) == (2_000, None)
    assert body["unprotected"] == 0


def test_a_position_without_a_stop_says_for_how_long(api: ApiCaller, world: World) -> None:
    entry = world.entered()
    world.venue.answers = [lambda _: Unconfirmed("503"), lambda _: Unconfirmed("503")]
    world.desk.track(ACCOUNT, world.venue.fill(entry, d("0.009"), d("100001")))
    world.clock.advance(1_500)
    body = api.get("/api/positions").json
    (position,) = body["positions"]
    assert (position["unprotected_for_ms"], position["protected_for_ms"]) == (1_500, None)
    assert body["unprotected"] == 1
    if position["stop"] is not None:
        assert not position["stop"]["confirmed"]


def test_an_entry_under_way_is_shown_with_margin_and_notional(api: ApiCaller, world: World) -> None:
    world.entered()
    (entry,) = api.get("/api/positions").json["entries"]
    assert (entry["state"], entry["confirmed"], entry["purpose"]) == ("open", True, "entry")
    assert d(entry["notional"]) == d(entry["margin"]) * 10


def test_without_a_mark_price_profit_is_unknown_and_not_zero(
    api: ApiCaller, world: World, venue_marks: MarksOfATest
) -> None:
    venue_marks.price = None
    world.holding()
    (position,) = api.get("/api/positions").json["positions"]
    assert position["mark"] is None
    assert position["unrealized_pnl"] is None
    assert api.get("/api/stats").json["unrealized_pnl"] is None


def test_marks_are_asked_for_once_in_three_seconds_and_a_failing_venue_is_left_alone(
    api: ApiCaller, world: World, venue_marks: MarksOfATest
) -> None:
    world.holding()
    for _ in range(3):
        api.get("/api/positions")
    assert len(venue_marks.asked) == 1
    venue_marks.price = None
    world.clock.advance(3_000)
    api.get("/api/positions")
    world.clock.advance(3_000)
    assert api.get("/api/positions").json["positions"][0]["mark"]["age_ms"] == 6_000
    assert len(venue_marks.asked) == 2


def test_an_account_shows_its_switch_its_money_and_what_is_left_of_its_caps(api: ApiCaller, world: World) -> None:
    world.holding()
    world.clock.advance(4_000)
    (account,) = api.get("/api/account").json["accounts"]
    assert (account["id"], account["mode"], account["position_mode"]) == ("main", "live", "hedge")
    assert (account["switch"]["state"], account["switch"]["by"]) == ("running", "test")
    assert account["balance"]["equity"] == "10000"
    assert account["balance"]["age_ms"] == 4_000
    assert account["committed"]["max_margin"] == "1000"
    assert d(account["committed"]["margin"]) > 0
    assert account["unconfirmed"] == []
    assert account["venue_blocked"] is None


def test_orders_without_an_answer_stand_out(api: ApiCaller, world: World) -> None:
    world.venue.answers = [lambda _: Unconfirmed("timeout")]
    entry = world.entered()
    (order,) = api.get("/api/account").json["accounts"][0]["unconfirmed"]
    assert (order["client_order_id"], order["state"]) == (entry, "unconfirmed")


def test_a_workers_silence_is_an_age_and_what_it_never_heard_is_null(api: ApiCaller, world: World) -> None:
    world.desk.repositories.heartbeats.put(
        Heartbeat("w1", 3, START_MS, START_MS - 500, None, None, 4, 1_000, 900, 1, 0, 2, window_covered=True)
    )
    world.clock.advance(7_000)
    (worker,) = api.get("/api/account").json["workers"]
    assert (worker["age_ms"], worker["market_stream_age_ms"], worker["user_stream_age_ms"]) == (7_000, 7_500, None)


@pytest.fixture
def tape(world: World) -> None:
    events = [
        (1, BTC, Side.SELL, "0.1", 3_000),
        (2, BTC, Side.BUY, "0.5", 2_000),
        (3, Symbol("币安人生USDT"), Side.SELL, "1", 1_000),
    ]
    world.desk.repositories.liquidations.append(
        Venue.ASTER,
        1,
        [
            Liquidation(
                LiquidationId(f"l{number}"),
                Venue.ASTER,
                symbol,
                side,
                d(size),
                d("1000"),
                START_MS - age,
                START_MS - age,
            )
            for number, symbol, side, size, age in events
        ],
    )


@pytest.mark.usefixtures("tape")
def test_the_tape_is_newest_first_and_says_who_was_liquidated(api: ApiCaller) -> None:
    body = api.get("/api/liquidations").json
    assert [row["id"] for row in body["liquidations"]] == ["l3", "l2", "l1"]
    assert [row["liquidated"] for row in body["liquidations"]] == ["long", "short", "long"]
    assert [row["value"] for row in body["liquidations"]] == ["1000", "500", "100"]
    assert [row["watched"] for row in body["liquidations"]] == [False, True, True]
    assert "lower bounds" in body["sampled"]


@pytest.mark.usefixtures("tape")
@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({"symbol": "BTCUSDT"}, ["l2", "l1"]),
        ({"symbol": "币安人生USDT"}, ["l3"]),
        ({"side": "long"}, ["l3", "l1"]),
        ({"side": "SHORT"}, ["l2"]),
        ({"min_value": "500"}, ["l3", "l2"]),
        ({"min_value": "500.01"}, ["l3"]),
        ({"from_ms": START_MS - 2_000}, ["l3", "l2"]),
        ({"from_ms": START_MS - 9_000, "to_ms": START_MS - 2_000}, ["l2", "l1"]),
        ({"limit": 1}, ["l3"]),
    ],
)
def test_the_tape_is_filtered(api: ApiCaller, query: dict[str, Any], ids: list[str]) -> None:
    body = api.get("/api/liquidations", **query).json
    assert [row["id"] for row in body["liquidations"]] == ids
    assert (body["next_cursor"] is not None) == ("limit" in query)


def test_each_decision_says_what_it_compared(api: ApiCaller, world: World) -> None:
    world.entered(1)
    world.desk.evaluate(world.liquidation_batch(2, before="0", after="500"))
    body = api.get("/api/decisions").json
    refused = next(row for row in body["decisions"] if row["outcome"] == "refused")
    assert refused["gate"] == "volume"
    assert refused["inputs"]["volume"] == "500"
    assert refused["thresholds"] == {"volume_threshold": "10000"}
    assert body["outcomes"] == {"taken": 1, "refused": 1}
    assert body["gates"] == {"volume": 1}
    assert [row["gate"] for row in api.get("/api/decisions", outcome="refused").json["decisions"]] == ["volume"]
    assert api.get("/api/decisions", gate="signal_age").json["decisions"] == []
    assert len(api.get("/api/decisions", symbol="BTCUSDT").json["decisions"]) == 2
    assert api.get("/api/decisions", limit=1).json["next_cursor"] is not None


def test_a_trade_is_told_with_its_fills_its_stop_and_its_target(api: ApiCaller, world: World) -> None:
    entry = world.holding()
    body = api.get(f"/api/trades/{entry}", resource="/api/trades/{order_id}").json
    assert body["order"]["client_order_id"] == entry
    assert (body["order"]["state"], body["order"]["fill_count"]) == ("filled", 1)
    assert [fill["price"] for fill in body["fills"]] == ["100001"]
    assert body["position"]["entry_price"] == "100001"
    assert (body["stop"]["trigger_price"], body["target"]["trigger_price"]) == ("99000.9", "102001.1")
    assert len(body["protective"]) == 2


def test_a_trade_is_found_by_the_venues_id_too(api: ApiCaller, world: World) -> None:
    entry = world.holding()
    venue_id = world.order(entry).venue_order_id
    body = api.get(f"/api/trades/{venue_id}", resource="/api/trades/{order_id}").json
    assert body["order"]["client_order_id"] == entry


def test_a_closed_trade_keeps_its_story(api: ApiCaller, world: World) -> None:
    entry = world.holding()
    world.clock.advance(5_000)
    (stop,) = world.venue.of_purpose("s")
    world.desk.track(ACCOUNT, world.venue.fill(stop.client_order_id, d("0.009"), d("99000")))
    body = api.get(f"/api/trades/{entry}", resource="/api/trades/{order_id}").json
    assert body["position"]["closed_at_ms"] == START_MS + 5_000
    assert body["stop"]["state"] == "filled"
    assert api.get("/api/positions").json["positions"] == []


def test_an_unknown_trade_is_not_found(api: ApiCaller) -> None:
    answer = api.get("/api/trades/ut-e-nothing", resource="/api/trades/{order_id}")
    assert (answer.status, answer.json["code"]) == (404, "no_such_order")


def test_trades_are_filtered_and_summed(api: ApiCaller, world: World) -> None:
    entry = world.holding()
    rows = api.get("/api/trades").json["trades"]
    assert {row["purpose"] for row in rows} == {"entry", "stop_loss", "take_profit"}
    (row,) = api.get("/api/trades", purpose="entry").json["trades"]
    assert (row["client_order_id"], row["commission"]) == (entry, {"USDT": "0.01"})
    assert api.get("/api/trades", symbol="ETHUSDT").json["trades"] == []
    assert api.get("/api/trades", state=OrderState.FILLED.value, purpose="entry").json["trades"] == [row]


def test_statistics_split_profit_fees_and_what_is_not_realised(api: ApiCaller, world: World) -> None:
    world.holding()
    body = api.get("/api/stats").json
    assert (body["realized_pnl"], body["fees"], body["net_pnl"]) == ("0", "0.01", "-0.01")
    assert (body["unrealized_pnl"], body["open_positions"]) == ("4.491", 1)
    assert [row["day"] for row in body["by_day"]] == ["2025-12-11"]
    assert [row["symbol"] for row in body["by_symbol"]] == ["BTCUSDT"]
    assert (body["funding"], body["excludes"]) == ("0", ["entries by hand"])
    assert not body["truncated"]


def test_settings_show_a_trade_as_margin_and_as_notional(api: ApiCaller) -> None:
    body = api.get("/api/config").json
    (strategy,) = body["in_force"]["strategies"]
    (symbol,) = strategy["symbols"]
    assert (symbol["trade_value_margin"], symbol["leverage"], symbol["trade_value_notional"]) == ("100", 10, "1000")
    assert (symbol["stop_loss_pct"], symbol["stop_loss_roe_pct"]) == ("1", "10")
    assert body["strategies"][0]["version"] == 1
    assert body["globals"]["document"]["accounts"]["main"]["mode"] == "live"


def test_what_the_venue_lists_and_its_limits_are_shown(api: ApiCaller) -> None:
    (listed,) = api.get("/api/exchange/symbols").json["symbols"]
    assert (listed["symbol"], listed["status"], listed["watched"]) == ("BTCUSDT", "TRADING", True)
    body = api.get("/api/exchange-limits").json
    assert [row["min_notional"] for row in body["limits"]] == ["5"]
    assert api.get("/api/exchange-limits", symbol="XUSDT").json["unknown"] == ["XUSDT"]


def test_an_account_that_was_never_switched_on_says_so(api: ApiCaller, world: World) -> None:
    del world.store.controls[ACCOUNT.id]
    (account,) = api.get("/api/account").json["accounts"]
    assert (account["switch"]["state"], account["switch"]["reason"]) == (Switch.PAUSED.value, "never switched on")


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("/api/liquidations", {"limit": "0"}, "limit"),
        ("/api/liquidations", {"limit": "1001"}, "limit"),
        ("/api/liquidations", {"limit": "1e2"}, "limit"),
        ("/api/liquidations", {"limit": "１０"}, "limit"),
        ("/api/liquidations", {"side": "up"}, "side"),
        ("/api/liquidations", {"min_value": "NaN"}, "min_value"),
        ("/api/liquidations", {"min_value": "-1"}, "min_value"),
        ("/api/liquidations", {"from_ms": str(START_MS + 1)}, "from_ms"),
        ("/api/liquidations", {"from_ms": str(START_MS - 86_400_001)}, "from_ms"),
        ("/api/liquidations", {"symbol": "A B"}, "symbol"),
        ("/api/liquidations", {"symbl": "BTCUSDT"}, "symbl"),
        ("/api/trades", {"state": "done"}, "state"),
        ("/api/trades", {"limit": "501"}, "limit"),
        ("/api/decisions", {"outcome": "maybe"}, "outcome"),
        ("/api/decisions", {"strategy": "../x"}, "strategy"),
        ("/api/stats", {"from_ms": "yesterday"}, "from_ms"),
        ("/api/positions", {"account": "MAIN"}, "account"),
    ],
)
def test_a_query_that_is_not_understood_names_field_and_range(
    api: ApiCaller, path: str, query: dict[str, Any], field: str
) -> None:
    answer = api.get(path, **query)
    assert (answer.status, answer.json["code"]) == (400, "bad_request")
    assert [flaw["field"] for flaw in answer.json["flaws"]] == [field]
    assert answer.json["flaws"][0]["allowed"]


def test_an_account_that_is_not_there_is_not_found(api: ApiCaller) -> None:
    answer = api.get("/api/positions", account="other")
    assert (answer.status, answer.json["code"]) == (404, "no_such_account")
    assert "main" in answer.json["detail"]

"""Advice: with reasons and figures, and never applied."""

import json
from typing import Any

from tests.functions.api_caller import ApiCaller
from tests.functions.console_world import MarksOfATest
from tests.functions.holdings import ETH, hold
from tests.services.world import World
from tests.unit.builders import BTC, HUNTER, NOW_MS, d, instrument, liquidation

from undertow.adapters.ssm.store import SsmDocuments
from undertow.domain.ids import LiquidationId, Symbol
from undertow.domain.market import Venue


def record(world: World, symbol: Symbol, count: int, *, quantity: str = "0.03") -> None:
    world.desk.repositories.liquidations.append(
        Venue.ASTER,
        1,
        [
            liquidation(
                id=LiquidationId(f"{symbol}{n}"), symbol=symbol, quantity=d(quantity), event_time_ms=NOW_MS - n * 1_000
            )
            for n in range(count)
        ],
    )


def symbols(api: ApiCaller) -> dict[str, dict[str, Any]]:
    answer = api.get("/api/recommendations")
    assert answer.status == 200, answer.text
    return {row["symbol"]: row for row in answer.json["accounts"][0]["symbols"]}


def settings(api: ApiCaller) -> list[dict[str, Any]]:
    return api.get("/api/recommendations").json["accounts"][0]["settings"]  # type: ignore[no-any-return]


def test_a_busy_symbol_that_is_traded_is_kept_with_its_figures(api: ApiCaller, world: World) -> None:
    world.desk.repositories.instruments.save([instrument(min_quantity=d("0.0001"))])
    record(world, BTC, 12)
    row = symbols(api)["BTCUSDT"]
    assert (row["advice"], row["traded"]) == ("keep", True)
    assert row["reasons"] == ["12 liquidations of 36000 USDT together were recorded"]
    assert row["figures"] == {
        "liquidations": 12,
        "volume": "36000",
        "largest": "3000",
        "spread_pct": "0.01",
        "cascade": None,
        "min_notional": "10.05",
    }


def test_a_quiet_symbol_that_is_traded_is_to_be_reviewed(api: ApiCaller) -> None:
    row = symbols(api)["BTCUSDT"]
    assert row["advice"] == "review"
    assert "only 0 liquidations" in row["reasons"][0]


def test_a_busy_symbol_that_is_not_traded_is_worth_considering(api: ApiCaller, world: World) -> None:
    world.desk.repositories.instruments.save([instrument(symbol=ETH, min_quantity=d("0.0001"))])
    record(world, ETH, 20)
    assert symbols(api)["ETHUSDT"]["advice"] == "consider"


def test_a_smallest_order_too_large_for_the_account_and_a_wide_spread_speak_against(
    api: ApiCaller, world: World, venue_marks: MarksOfATest
) -> None:
    world.desk.repositories.instruments.save([instrument(symbol=ETH, min_notional=d("200"))])
    record(world, ETH, 20)
    venue_marks.spread = "300"
    row = symbols(api)["ETHUSDT"]
    assert row["advice"] == "leave"
    assert row["reasons"][1:] == [
        "its smallest order of 200 USDT is more than 1 % of the equity",
        "its spread of 0.299 % is wider than 0.1 %",
    ]


def test_a_venue_that_does_not_answer_leaves_the_spread_unknown(
    api: ApiCaller, world: World, venue_marks: MarksOfATest
) -> None:
    record(world, BTC, 20)
    venue_marks.price = None
    assert symbols(api)["BTCUSDT"]["figures"]["spread_pct"] is None


def test_a_trade_too_large_for_the_equity_is_told_with_a_fitting_size(api: ApiCaller, documents: SsmDocuments) -> None:
    found = documents.strategy(HUNTER)
    assert found is not None
    changed = json.loads(found.text)
    changed["base"] |= {"trade_value_usdt": "500", "stop_loss_pct": "5", "take_profit_pct": "0.1"}
    documents.store_strategy(json.dumps(changed), expected=1)
    found_settings = {row["setting"]: row for row in settings(api)}
    size = found_settings["trade_value_usdt"]
    assert (size["value"], size["suggested"]) == ("500", "386.1")
    assert "259 USDT at its stop, 2.59 % of the equity" in size["reasons"][0]
    assert found_settings["take_profit_pct"]["suggested"] == "0.36"


def test_positions_without_reserved_risk_are_pointed_at(api: ApiCaller, world: World) -> None:
    hold(world)
    assert any(row["suggested"] == "undertow backfill-reserved-risk" for row in settings(api))


def test_advice_changes_nothing(api: ApiCaller, world: World, documents: SsmDocuments) -> None:
    hold(world)
    before = world.slot
    settings(api)
    assert world.slot == before
    assert [document.version for document in documents.strategies()] == [1]
    assert list(world.desk.repositories.audit.recent(0, 10**13, 10)) == []

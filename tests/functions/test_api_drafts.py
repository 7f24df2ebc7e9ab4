"""A draft that nobody stored: its schema, what it would do now, and the balance that it needs."""

import copy
from typing import Any

import pytest
from tests.functions.api_caller import Answer, ApiCaller
from tests.functions.console_world import LADDER_STRATEGY, STRATEGY, MarksOfATest
from tests.services.world import World
from tests.unit.builders import NOW_MS, balance, d, instrument

from undertow.adapters.ssm.store import SsmDocuments
from undertow.domain.ids import StrategyId
from undertow.domain.market import Candle

FIVE_MINUTES_MS = 300_000


@pytest.fixture(autouse=True)
def candles(venue_marks: MarksOfATest) -> None:
    """They serve as days and as what the ATR is measured over: 0.8 % from low to high."""
    opened = NOW_MS // FIVE_MINUTES_MS * FIVE_MINUTES_MS - 100 * FIVE_MINUTES_MS
    venue_marks.candles = [
        Candle(at, at + FIVE_MINUTES_MS - 1, d("100500"), d("100800"), d("100000"), d("100500"), d("1"))
        for at in range(opened, opened + 100 * FIVE_MINUTES_MS, FIVE_MINUTES_MS)
    ]


def draft(document: dict[str, Any] = LADDER_STRATEGY, **base: Any) -> dict[str, Any]:
    changed = copy.deepcopy(document)
    changed["base"].update(base)
    return changed


def preview(api: ApiCaller, document: object, **given: str) -> Answer:
    return api.post("/api/strategies/preview", {"document": document, "symbol": "BTCUSDT", **given})


def test_the_schema_says_what_a_strategy_may_say(api: ApiCaller) -> None:
    answer = api.get("/api/strategies/schema")
    assert answer.status == 200
    assert set(answer.json["strategies"]) == {"hunter", "ladder"}
    leverage = answer.json["strategies"]["ladder"]["$defs"]["settings"]["properties"]["leverage"]
    assert (leverage["minimum"], leverage["maximum"], leverage["x-unit"]) == (1, 50, "x")
    assert answer.json["globals"]["required"] == ["accounts"]


def test_a_draft_is_planned_without_being_stored(api: ApiCaller, documents: SsmDocuments, world: World) -> None:
    answer = preview(api, draft(max_layers=2))
    assert answer.status == 200, answer.text
    assert [layer["number"] for layer in answer.json["layers"]] == [1, 2]
    assert (answer.json["strategy"], answer.json["params_version"]) == ("ladder", "")
    assert documents.strategy(StrategyId("ladder")) is None
    assert world.store.audit == []
    assert world.venue.submitted == []


def test_a_draft_of_a_stored_strategy_is_shown_by_what_the_draft_says(api: ApiCaller) -> None:
    stored = preview(api, draft(STRATEGY)).json
    larger = preview(api, draft(STRATEGY, trade_value_usdt="200")).json
    assert d(larger["entry"]["notional"]) > d(stored["entry"]["notional"])


def test_both_sides_of_a_draft_can_be_looked_at(api: ApiCaller) -> None:
    long, short = preview(api, draft(), side="long").json, preview(api, draft(), side="short").json
    assert d(long["stop_price"]) < d(long["signal_price"])
    assert d(short["stop_price"]) > d(short["signal_price"])


def test_a_draft_with_flaws_is_told_every_one_of_them(api: ApiCaller) -> None:
    answer = preview(api, draft(leverage=500, first_step_pct="0"))
    assert (answer.status, answer.json["code"]) == (422, "bad_document")
    assert {flaw["field"] for flaw in answer.json["flaws"]} == {"base.leverage", "base.first_step_pct"}


@pytest.mark.parametrize("document", [None, "text", 3])
def test_a_preview_without_a_document_is_not_understood(api: ApiCaller, document: object) -> None:
    answer = preview(api, document)
    assert (answer.status, answer.json["flaws"][0]["field"]) == (400, "document")


def test_a_symbol_that_the_draft_does_not_trade_is_not_previewed(api: ApiCaller) -> None:
    answer = preview(api, draft(), symbol="ETHUSDT")
    assert (answer.status, answer.json["code"]) == (404, "no_such_document")


def test_the_worst_day_says_how_far_the_price_went_and_which_layers_it_reached(api: ApiCaller) -> None:
    worst = preview(api, draft()).json["worst_day"]
    assert d(worst["extreme_price"]) < d("100500")
    assert worst["entries_reached"] == 2


# --- the least balance ----------------------------------------------------------------------------------------------


def least(api: ApiCaller, **base: Any) -> Any:
    return preview(api, draft(**base)).json["least_balance"]


def placed_with(api: ApiCaller, world: World, amount: str, **base: Any) -> Any:
    sum_ = d(amount)
    world.store.balances.clear()
    world.desk.repositories.balances.save(balance(wallet=sum_, available=sum_))
    return preview(api, draft(**base)).json


def test_with_the_least_balance_a_ladder_is_placed_and_with_less_none(api: ApiCaller, world: World) -> None:
    needed = d(least(api)["to_trade"]["balance"])
    assert placed_with(api, world, str(needed))["refused"] is None
    less = placed_with(api, world, str((needed * d("0.999")).quantize(d("0.01"))))
    assert less["refused"] is not None
    assert less["least_balance"]["to_trade"]["balance"] == str(needed)


def test_with_the_balance_it_wants_nothing_is_trimmed(api: ApiCaller, world: World) -> None:
    wanted = least(api)["as_wanted"]
    shown = placed_with(api, world, wanted["balance"])
    assert len(shown["layers"]) == wanted["layers"] == 3
    assert shown["growth"] == shown["growth_wanted"]
    fewer = placed_with(api, world, str((d(wanted["balance"]) * d("0.99")).quantize(d("0.01"))))
    assert len(fewer["layers"]) < 3 or d(fewer["growth"]) < d(fewer["growth_wanted"])


def test_a_refused_ladder_says_the_balance_it_needs_too(api: ApiCaller, world: World) -> None:
    shown = placed_with(api, world, "5")
    assert shown["refused"] is not None
    assert d(shown["least_balance"]["to_trade"]["balance"]) > 5


def test_where_no_balance_helps_the_reason_is_told(api: ApiCaller, world: World) -> None:
    found = least(api, take_profit_pct="0.01")
    assert (found["to_trade"], found["as_wanted"]) == (None, None)
    assert "costs" in found["reason"]


def test_a_ladder_beyond_the_limit_on_risk_is_marked(api: ApiCaller, world: World) -> None:
    assert least(api)["to_trade"]["within_limits"]
    world.desk.repositories.instruments.save([instrument(min_quantity=d("0.001"))])
    risky = least(api, margin_pct="100", layer1_size_pct="100", size_growth="3", max_position_notional_usdt="100000")
    assert risky["as_wanted"] is None or not risky["as_wanted"]["within_limits"]

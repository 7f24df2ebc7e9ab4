"""What a strategy would do now: on live prices, with what it would have lost on the worst recorded day."""

import json
from typing import Any

import pytest
from tests.functions.api_caller import Answer, ApiCaller
from tests.functions.console_world import LADDER_STRATEGY, MarksOfATest
from tests.services.world import World
from tests.unit.builders import HUNTER, NOW_MS, balance, d, instrument

from undertow.adapters.ssm.store import SsmDocuments
from undertow.domain.market import Candle

DAY_MS = 86_400_000


def preview(api: ApiCaller, name: str = "hunter", **query: str) -> Answer:
    wanted = {"symbol": "BTCUSDT"} | query
    return api.get(f"/api/strategies/{name}/preview", resource="/api/strategies/{strategy_id}/preview", **wanted)


def day(number: int, low: str, high: str) -> Candle:
    opened = NOW_MS - number * DAY_MS
    return Candle(opened, opened + DAY_MS - 1, d("100"), d(high), d(low), d("100"), d("1"))


@pytest.fixture(autouse=True)
def calm_days(venue_marks: MarksOfATest) -> None:
    venue_marks.candles = [day(3, "99.5", "100.5"), day(2, "90", "104"), day(1, "98", "101")]


def change(documents: SsmDocuments, **base: Any) -> None:
    found = documents.strategy(HUNTER)
    assert found is not None
    fields = json.loads(found.text)
    documents.store_strategy(json.dumps({**fields, "base": fields["base"] | base}), expected=found.version)


def test_a_hunters_entry_is_shown_with_all_that_follows_from_it(api: ApiCaller) -> None:
    answer = preview(api)
    assert answer.status == 200, answer.text
    body = answer.json
    # Bid 100495 and ask 100505: the bid improved by a tenth of a thousandth would pass the ask, so it stands at it.
    assert body["entry"] == {"price": "100505", "quantity": "0.009", "notional": "904.545", "margin": "90.4545"}
    assert (body["stop_price"], body["target_price"]) == ("99499.9", "102515.1")
    assert body["liquidation"]["known"]
    assert d("90000") < d(body["liquidation"]["price"]) < d("92000")
    # 0.009 * (1005.1 + 100505 * 0.04 % + 99499.9 * 0.14 %)
    assert d(body["risk"]) == d("0.009") * (d("1005.1") + d("40.202") + d("99499.9") * d("0.0014"))
    assert (body["risk_equity_pct"], body["refused"]) == ("0.11", None)


@pytest.mark.parametrize(
    ("side", "against", "stop_reached", "entry"),
    [("long", "10", True, d("100505")), ("short", "4", True, d("100495"))],
)
def test_the_worst_recorded_day_is_replayed_from_the_present_price(
    api: ApiCaller, side: str, against: str, stop_reached: bool, entry: Any
) -> None:
    body = preview(api, side=side).json
    worst = body["worst_day"]
    assert (worst["opened_at_ms"], worst["days"]) == (NOW_MS - 2 * DAY_MS, 3)
    assert (worst["against_pct"], worst["stop_reached"], worst["entries_reached"]) == (against, stop_reached, 1)
    assert d(worst["loss_without_stop"]) == (entry * d(against) / 100 * d("0.009")).quantize(d("0.01"))
    assert d(worst["loss_with_stop"]) == (abs(entry - d(body["stop_price"])) * d("0.009")).quantize(d("0.01"))


def test_without_recorded_days_there_is_no_worst_one(api: ApiCaller, venue_marks: MarksOfATest) -> None:
    venue_marks.candles = []
    assert preview(api).json["worst_day"] is None


def test_an_entry_below_the_venues_minimum_says_what_would_be_enough(api: ApiCaller, world: World) -> None:
    world.desk.repositories.instruments.save([instrument(min_quantity=d("0.02"))])
    body = preview(api).json
    assert (body["entry"], body["refused"]) == (None, "the order is smaller than the venue's minimum")
    assert (body["min_notional"], body["trade_value_needed"]) == ("2010.1", "201.01")


def test_an_entry_beyond_the_account_says_the_balance_it_needs(api: ApiCaller, world: World) -> None:
    world.desk.repositories.balances.save(balance(wallet=d("50"), available=d("50"), time_ms=NOW_MS + 1))
    body = preview(api).json
    assert body["refused"] == "not enough margin is available"
    assert body["balance_needed"] == "90.4545"
    assert body["entry"]["margin"] == "90.4545"


def test_without_a_balance_an_entry_is_refused(api: ApiCaller, world: World) -> None:
    world.store.balances.clear()
    body = preview(api).json
    assert (body["refused"], body["equity"]) == ("the account's balance is not known yet", None)


def test_a_cross_position_without_a_balance_has_no_known_liquidation_price(
    api: ApiCaller, world: World, documents: SsmDocuments
) -> None:
    change(documents, margin_type="cross")
    assert preview(api).json["liquidation"]["known"]
    world.store.balances.clear()
    assert preview(api).json["liquidation"] == {
        "known": False,
        "price": None,
        "reason": "the balance that a cross position shares is not known",
    }


def test_a_venue_that_does_not_answer_makes_no_preview(api: ApiCaller, venue_marks: MarksOfATest) -> None:
    venue_marks.price = None
    answer = preview(api)
    assert (answer.status, answer.json["code"]) == (503, "venue_silent")


@pytest.mark.parametrize(
    ("name", "query", "status", "code"),
    [
        ("other", {}, 404, "no_such_document"),
        ("hunter", {"symbol": "ETHUSDT"}, 404, "no_such_document"),
        ("hunter", {"side": "up"}, 400, "bad_request"),
        ("hunter", {"symbol": ""}, 400, "bad_request"),
    ],
)
def test_what_cannot_be_previewed_is_said(
    api: ApiCaller, name: str, query: dict[str, str], status: int, code: str
) -> None:
    answer = preview(api, name, **query)
    assert (answer.status, answer.json["code"]) == (status, code)


def test_a_symbol_without_trading_rules_is_said_to_have_none(api: ApiCaller, world: World) -> None:
    world.store.instruments.clear()
    answer = preview(api)
    assert (answer.status, answer.json["code"]) == (404, "no_such_symbol")


def test_a_preview_places_and_stores_nothing(api: ApiCaller, world: World) -> None:
    preview(api)
    assert (world.venue.submitted, dict(world.store.slots)) == ([], {})


# --- ladders --------------------------------------------------------------------------------------------------------


def minutes(count: int) -> list[Candle]:
    opened = NOW_MS // 300_000 * 300_000 - count * 300_000
    return [
        Candle(at, at + 299_999, d("100500"), d("100800"), d("100000"), d("100500"), d("1"))
        for at in range(opened, opened + count * 300_000, 300_000)
    ]


@pytest.fixture
def ladder(documents: SsmDocuments, venue_marks: MarksOfATest) -> None:
    documents.store_strategy(json.dumps(LADDER_STRATEGY), expected=0)
    venue_marks.candles = minutes(60)


@pytest.mark.usefixtures("ladder")
def test_a_ladder_is_shown_layer_by_layer(api: ApiCaller) -> None:
    answer = preview(api, "ladder")
    assert answer.status == 200, answer.text
    body = answer.json
    assert body["refused"] is None, body
    assert [row["number"] for row in body["layers"]] == list(range(1, len(body["layers"]) + 1))
    assert sum(d(row["risk"]) for row in body["layers"]) == d(body["risk"])
    assert d(body["layers"][-1]["risk_together"]) == d(body["risk"])
    prices = [d(row["price"]) for row in body["layers"]]
    assert prices == sorted(prices, reverse=True)
    assert prices[-1] > d(body["stop_price"])
    assert all(d(row["liquidation"]["price"]) < d(body["stop_price"]) for row in body["layers"])


@pytest.mark.usefixtures("ladder")
def test_without_an_atr_no_ladder_is_planned(api: ApiCaller, venue_marks: MarksOfATest) -> None:
    venue_marks.candles = []
    body = preview(api, "ladder").json
    assert (body["layers"], "ATR" in body["refused"]) == ([], True)

"""Order endpoints as a client sees them."""

import json
from urllib.parse import quote

import pytest

from undertow.adapters.paper.events import OrderEvent
from undertow.domain.ids import Symbol

LETTERS = Symbol("币安人生USDT")
DAY_MS = 24 * 60 * 60 * 1000
LIMIT = {"type": "LIMIT", "timeInForce": "GTC", "quantity": "1", "price": "99"}


def test_an_acknowledgement_is_the_order_as_it_came_in(door):
    order = door.order(quantity="1", newClientOrderId="ut-e-1")
    chain = order.pop("newChainData")
    assert chain["hash"].startswith("0x")
    assert order == {
        "orderId": door.house.now_ms + 1,
        "symbol": "BTCUSDT",
        "status": "NEW",
        "clientOrderId": "ut-e-1",
        "price": "0",
        "avgPrice": "0.00000",
        "origQty": "1",
        "executedQty": "0",
        "cumQty": "0",
        "cumQuote": "0",
        "timeInForce": "GTC",
        "type": "MARKET",
        "reduceOnly": False,
        "closePosition": False,
        "side": "BUY",
        "positionSide": "BOTH",
        "stopPrice": "0",
        "workingType": "CONTRACT_PRICE",
        "priceProtect": False,
        "origType": "MARKET",
        "updateTime": door.now_ms,
    }


def test_a_result_tells_what_became_of_the_order(door):
    order = door.order(quantity="11", newOrderRespType="RESULT")
    assert (order["status"], order["executedQty"], order["avgPrice"], order["cumQuote"]) == (
        "FILLED",
        "11",
        "100.10909",
        "1101.2",
    )
    resting = door.order(**LIMIT, newOrderRespType="RESULT")
    assert resting["status"] == "NEW"
    expired = door.order(**{**LIMIT, "timeInForce": "IOC"}, newOrderRespType="RESULT")
    assert expired["status"] == "EXPIRED"


def test_a_queried_order_has_its_time_and_no_cumulated_quantity(door):
    placed = door.order(**LIMIT, newClientOrderId="a")
    for reference in ({"orderId": placed["orderId"]}, {"origClientOrderId": "a"}):
        found = door.ok("GET", "order", symbol="BTCUSDT", **reference)
        assert found["time"] == door.now_ms
        assert "cumQty" not in found
    # An order id goes before a client id.
    assert (
        door.ok("GET", "order", symbol="BTCUSDT", orderId=placed["orderId"], origClientOrderId="b")["status"] == "NEW"
    )


def test_trailing_orders_answer_under_other_names_than_they_are_asked_with(door):
    order = door.order(
        side="SELL", type="TRAILING_STOP_MARKET", quantity="1", callbackRate="0.5", activationPrice="105"
    )
    assert (order["activatePrice"], order["priceRate"]) == ("105", "0.5")


def test_unknown_orders_are_told_apart_by_what_was_tried(door):
    for path in ("order", "openOrder"):
        door.refused(door.v3("GET", path, symbol="BTCUSDT", origClientOrderId="no"), -2013)
    door.refused(door.v3("DELETE", "order", symbol="BTCUSDT", origClientOrderId="no"), -2011)
    door.refused(door.v3("GET", "order", symbol="BTCUSDT"), -1102)
    filled = door.order(quantity="1")
    door.refused(door.v3("GET", "openOrder", symbol="BTCUSDT", orderId=filled["orderId"]), -2013)


def test_a_canceled_order_is_returned_as_canceled(door):
    placed = door.order(**LIMIT)
    canceled = door.ok("DELETE", "order", symbol="BTCUSDT", orderId=placed["orderId"])
    assert canceled["status"] == "CANCELED"
    assert door.ok("GET", "openOrders") == []


def test_canceling_all_answers_with_a_text_for_a_code(door):
    door.order(**LIMIT)
    door.order(side="SELL", type="STOP_MARKET", closePosition="true", stopPrice="90")
    assert door.ok("DELETE", "allOpenOrders", symbol="BTCUSDT") == {
        "code": "200",
        "msg": "The operation of cancel all open order is done.",
    }
    assert door.ok("GET", "openOrders", symbol="BTCUSDT") == []


def test_a_batch_answers_in_the_order_of_its_rows_each_for_itself(door):
    rows = [
        {"symbol": "BTCUSDT", "side": "BUY", **LIMIT, "newClientOrderId": "one"},
        {"symbol": "BTCUSDT", "side": "BUY", **LIMIT, "quantity": "0"},
        {"symbol": "BTCUSDT", "side": "SELL", "type": "STOP_MARKET", "closePosition": True, "stopPrice": 90},
    ]
    one, two, three = door.ok("POST", "batchOrders", batchOrders=rows)
    assert (one["clientOrderId"], two["code"], three["closePosition"]) == ("one", -4003, True)


@pytest.mark.parametrize("rows", [[], [{}] * 6])
def test_a_batch_has_one_to_five_rows(door, rows):
    door.refused(door.v3("POST", "batchOrders", batchOrders=rows), -4082)


def test_a_batch_must_be_a_list(door):
    door.refused(door.v3("POST", "batchOrders", batchOrders="nonsense"), -1102)
    door.refused(door.v3("POST", "batchOrders", batchOrders='{"a":1}'), -1102)


def test_a_batch_of_cancels_takes_ids_or_names(door):
    ids = [door.order(**LIMIT, newClientOrderId=name)["orderId"] for name in ("a", "b", "c")]
    first = door.ok("DELETE", "batchOrders", symbol="BTCUSDT", orderIdList=json.dumps([ids[0], 1]))
    assert [row.get("status", row.get("code")) for row in first] == ["CANCELED", -2011]
    second = door.ok("DELETE", "batchOrders", symbol="BTCUSDT", origClientOrderIdList='["b","c"]')
    assert [row["status"] for row in second] == ["CANCELED", "CANCELED"]
    door.refused(door.v3("DELETE", "batchOrders", symbol="BTCUSDT", orderIdList=json.dumps(list(range(11)))), -4032)


def test_modifying_is_of_v3_and_of_limit_orders(door):
    placed = door.order(**LIMIT)
    changed = door.ok("PUT", "order", symbol="BTCUSDT", orderId=placed["orderId"], quantity="2", price="98")
    assert (changed["price"], changed["origQty"], changed["orderId"]) == ("98", "2", placed["orderId"])
    assert door.send("PUT", "/fapi/v1/order").status == 404


def test_an_order_that_is_only_tested_leaves_no_trace(door):
    assert door.ok("POST", "order/test", symbol="BTCUSDT", side="BUY", type="MARKET", quantity="1") == {}
    door.refused(door.v3("POST", "order/test", symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0"), -4003)
    assert door.ok("GET", "allOrders", symbol="BTCUSDT") == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"side": "HOLD"}, -1117),
        ({"type": "ICEBERG"}, -1116),
        ({"timeInForce": "GTD"}, -1115),
        ({"positionSide": "UP"}, -4060),
        ({"workingType": "INDEX"}, -4031),
        ({"newOrderRespType": "FULL"}, -1136),
        ({"stpMode": "NONE"}, -1130),
        ({"quantity": "1e0"}, -1100),
        ({"quantity": "NaN"}, -1100),
        ({"quantity": "１"}, -1100),
        ({"quantity": "1_0"}, -1100),
        ({"price": " 99"}, -1100),
        ({"price": ""}, -1105),
        ({"symbol": ""}, -1102),
        ({"reduceOnly": "yes"}, -1102),
    ],
)
def test_a_malformed_parameter_is_named_by_its_code(door, change, code):
    parameters = {"symbol": "BTCUSDT", "side": "BUY", **LIMIT, **change}
    door.refused(door.v3("POST", "order", **parameters), code)


@pytest.mark.parametrize("missing", ["symbol", "side", "type"])
def test_a_missing_parameter_is_named_in_the_text(door, read, missing):
    parameters = {"symbol": "BTCUSDT", "side": "BUY", **LIMIT}
    del parameters[missing]
    response = door.v3("POST", "order", **parameters)
    door.refused(response, -1102)
    assert f"'{missing}'" in read(response)["msg"]


def test_unknown_parameters_and_every_spelling_of_a_flag_are_taken(door):
    for spelling in ("true", "True", "TRUE"):
        order = door.order(
            side="SELL", type="STOP_MARKET", closePosition=spelling, stopPrice="90", postOnly=spelling, leak="x"
        )
        assert order["closePosition"] is True


def test_a_parameter_sent_twice_is_refused_and_a_query_goes_before_a_body(door, read):
    assert read(door.send("GET", "/fapi/v1/depth", "symbol=A&symbol=B"))["code"] == -1101
    depth = door.send("GET", "/fapi/v1/ticker/price", query="symbol=BTCUSDT", body="symbol=NOUSDT")
    assert read(depth)["symbol"] == "BTCUSDT"


def test_a_symbol_beyond_ascii_is_traded_like_any_other(door):
    order = door.order(symbol=LETTERS, quantity="1")
    assert order["symbol"] == LETTERS
    assert (
        door.public(f"/fapi/v3/ticker/price?symbol={quote(LETTERS)}".split("?")[0], symbol=LETTERS)["symbol"] == LETTERS
    )
    (row,) = door.ok("GET", "positionRisk", symbol=LETTERS)
    assert row["positionAmt"] == "1.000"


def test_history_spans_seven_days_at_most(door):
    first = door.order(**LIMIT)
    now_ms = door.now_ms
    assert len(door.ok("GET", "allOrders", symbol="BTCUSDT", startTime=now_ms - 7 * DAY_MS, endTime=now_ms)) == 1
    wide = {"symbol": "BTCUSDT", "startTime": now_ms - 7 * DAY_MS - 1, "endTime": now_ms}
    door.refused(door.v3("GET", "allOrders", **wide), -4165)
    door.refused(door.v3("GET", "userTrades", **wide), -4165)
    door.refused(door.v3("GET", "allOrders", symbol="BTCUSDT", startTime=2, endTime=1), -1023)
    door.refused(door.v3("GET", "allOrders", symbol="BTCUSDT", limit=1001), -1130)
    door.now_ms += 8 * DAY_MS
    assert door.ok("GET", "allOrders", symbol="BTCUSDT") == []
    assert len(door.ok("GET", "allOrders", symbol="BTCUSDT", orderId=first["orderId"])) == 1


def test_trades_page_forward_by_id_without_times(door):
    for _ in range(5):
        door.order(quantity="1")
    page = door.ok("GET", "userTrades", symbol="BTCUSDT", startTime=door.now_ms, limit=2)
    following = door.ok("GET", "userTrades", symbol="BTCUSDT", fromId=page[-1]["id"] + 1, limit=2)
    assert len({row["id"] for row in (*page, *following)}) == 4
    both = {"symbol": "BTCUSDT", "fromId": 1, "startTime": 1}
    door.refused(door.v3("GET", "userTrades", **both), -1128)


def test_what_an_order_did_is_told_to_the_listeners_before_its_answer(door):
    door.order(quantity="1", newClientOrderId="a")
    told = [event.execution.value for event in door.heard if isinstance(event, OrderEvent)]
    assert told == ["NEW", "TRADE"]


def test_a_countdown_runs_by_the_clock(door):
    door.order(**LIMIT)
    answer = door.ok("POST", "countdownCancelAll", symbol="BTCUSDT", countdownTime=100000)
    assert answer == {"symbol": "BTCUSDT", "countdownTime": "100000"}
    door.now_ms += 99_999
    assert len(door.ok("GET", "openOrders", symbol="BTCUSDT")) == 1
    door.now_ms += 1
    assert door.ok("GET", "openOrders", symbol="BTCUSDT") == []


def test_v1_orders_are_the_same_orders(door, read):
    response = door.v1("POST", "/fapi/v1/order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity="1")
    assert response.status == 200
    assert "newChainData" not in read(response)
    assert len(door.ok("GET", "userTrades", symbol="BTCUSDT")) == 1

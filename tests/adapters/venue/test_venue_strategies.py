"""Strategies, chases, protection, noop and guarded cancels over REST."""

import json

import pytest

LEG = {"securityType": "USDT_FUTURES", "symbol": "BTCUSDT"}
ENTRY = {**LEG, "strategySubId": "1", "side": "BUY", "type": "LIMIT", "quantity": "1", "price": "99"}
BRACKET = [
    ENTRY,
    {
        **LEG,
        "strategySubId": "2",
        "side": "SELL",
        "type": "LIMIT",
        "quantity": "1",
        "price": "105",
        "reduceOnly": True,
        "clientOrderId": "target",
        "firstDrivenId": "1",
        "firstDrivenOn": "FILLED",
        "firstTrigger": "PLACE_ORDER",
        "secondDrivenId": "3",
        "secondDrivenOn": "PARTIALLY_FILLED_OR_FILLED",
        "secondTrigger": "CANCEL_ORDER",
    },
    {
        **LEG,
        "strategySubId": "3",
        "side": "SELL",
        "type": "STOP_MARKET",
        "stopPrice": "95",
        "quantity": "1",
        "reduceOnly": True,
        "firstDrivenId": "1",
        "firstDrivenOn": "FILLED",
        "firstTrigger": "PLACE_ORDER",
    },
]


def test_a_bracket_runs_its_course(door):
    placed = door.ok("POST", "placeStrategyOrder", strategyType="OTOCO", clientStrategyId="b", subOrderList=BRACKET)
    assert placed["strategyStatus"] == "NEW"
    assert [sub["status"] for sub in placed["subOrders"]] == ["NEW", "WAITING", "WAITING"]

    door.now_ms += 1
    door.move("98.5")
    (open_now,) = door.ok("GET", "strategyOpenOrder", strategyType="OTOCO", clientStrategyId="b")
    assert [sub["status"] for sub in open_now["subOrders"]] == ["FILLED", "NEW", "NEW"]
    assert open_now["subOrders"][1]["clientOrderId"] == "target"

    door.move("94")
    assert door.ok("GET", "strategyOpenOrder", strategyType="OTOCO", strategyId=placed["strategyId"]) == []
    (past,) = door.ok("GET", "strategyHistoryOrder", strategyType="OTOCO", strategyId=placed["strategyId"])
    assert past["strategyStatus"] == "FINISHED"
    assert [sub["status"] for sub in past["subOrders"]] == ["FILLED", "CANCELED", "FILLED"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"strategyType": "GRID"}, -4020),
        ({"subOrderList": json.dumps(BRACKET[:2])}, -4020),
        ({"subOrderList": "no"}, -1102),
        ({"subOrderList": json.dumps([{**ENTRY, "securityType": "SPOT"}, *BRACKET[1:]])}, -4020),
        ({"subOrderList": json.dumps([{**ENTRY, "timeInForce": "IOC"}, *BRACKET[1:]])}, -1115),
    ],
)
def test_a_malformed_strategy_is_refused(door, change, code):
    wanted = {"strategyType": "OTOCO", "subOrderList": json.dumps(BRACKET), **change}
    door.refused(door.v3("POST", "placeStrategyOrder", **wanted), code)


def test_a_strategy_is_named_by_exactly_one_id(door):
    both = {"strategyType": "OTO", "strategyId": 1, "clientStrategyId": "b"}
    door.refused(door.v3("GET", "strategyOpenOrder", **both), -1128)
    door.refused(door.v3("GET", "strategyOpenOrder", strategyType="OTO"), -1128)
    door.refused(door.v3("GET", "strategyOpenOrder", strategyType="OTO", strategyId=1), -2013)


def test_updating_answers_for_each_part(door):
    placed = door.ok("POST", "placeStrategyOrder", strategyType="OTOCO", subOrderList=BRACKET)
    changed = [{**ENTRY, "price": "98"}, {**BRACKET[2], "stopPrice": "94"}, {**ENTRY, "strategySubId": "7"}]
    results = door.ok(
        "POST",
        "updateStrategyOrder",
        strategyType="OTOCO",
        strategyId=placed["strategyId"],
        subOrderList=changed,
    )
    assert [row.get("price", row.get("status", row.get("code"))) for row in results] == ["98", "WAITING", -4020]


def test_a_chase_is_placed_and_canceled_by_its_strategy_id(door):
    wanted = {"symbol": "BTCUSDT", "side": "BUY", "quantityUnit": "QUOTE", "quantity": "50", "timeInForce": "GTX"}
    placed = door.ok("POST", "chase", **wanted, maxChaseOffset="1", maxChaseOffsetType="PERCENTAGE")
    (order,) = placed["subOrders"]
    assert (order["price"], order["origQty"], order["timeInForce"]) == ("100", "0.5", "GTX")

    canceled = door.ok("DELETE", "order", symbol="BTCUSDT", orderId=placed["strategyId"])
    assert canceled["strategyStatus"] == "CANCELED"
    assert door.ok("GET", "openOrders") == []
    door.refused(door.v3("POST", "chase", **{**wanted, "quantityUnit": "COINS"}), -1130)
    door.refused(door.v3("POST", "chase", **wanted, clientStrategyId="x" * 29), -4015)


def test_protection_is_set_shown_reset_and_deleted(door):
    limits = {"windowTimeInMilliseconds": 1000, "frozenTimeInMilliseconds": 0, "qtyLimit": "1"}
    assert door.ok("POST", "mmp", symbol="BTCUSDT", **limits)["frozen"] is False
    door.order(quantity="2")
    assert door.ok("GET", "mmp", symbol="BTCUSDT")[0]["frozen"] is True
    quote = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "1", "price": "99"}
    door.refused(door.v3("POST", "order", **quote), -2010)
    door.ok("POST", "mmpReset", symbol="BTCUSDT")
    door.ok("POST", "order", **quote)
    door.ok("DELETE", "mmp", symbol="BTCUSDT")
    assert door.ok("GET", "mmp") == []
    door.refused(door.v3("DELETE", "mmp", symbol="BTCUSDT"), -1130)


def under_nonce(door, method, path, nonce, sign, **parameters):
    text = "&".join(f"{name}={value}" for name, value in {**parameters, "nonce": nonce}.items())
    text += f"&signer={door.owner.signer}"
    return door.send(method, f"/fapi/v3/{path}", body=f"{text}&signature={sign(text, door.owner.agent_key)}")


@pytest.mark.parametrize(
    ("method", "path", "parameters"),
    [
        ("POST", "noop", {}),
        ("DELETE", "guardedCancelOrder", {"symbol": "BTCUSDT", "origClientOrderId": "a"}),
        ("DELETE", "guardedBatchOrders", {"symbol": "BTCUSDT", "origClientOrderIdList": "x"}),
    ],
)
def test_the_nonce_of_a_queued_order_withdraws_it(make_door, sign, method, path, parameters):
    door = make_door("late_503=1")
    order = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "1"}
    nonce = door.nonce()
    assert under_nonce(door, "POST", "order", nonce, sign, **order).status == 503

    assert under_nonce(door, method, path, nonce, sign, **parameters).status == 200
    door.refused(under_nonce(door, method, path, nonce, sign, **parameters), -4225)

    door.now_ms += 10_000
    door.house.advance(door.now_ms)
    assert not door.house.exchange.floor.orders.all
    assert door.house.refusals["late -4225"] == 1


def test_a_noop_ahead_of_its_order_spends_the_nonce(door, sign):
    nonce = door.nonce()
    assert under_nonce(door, "POST", "noop", nonce, sign).status == 200
    order = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "1"}
    door.refused(under_nonce(door, "POST", "order", nonce, sign, **order), -4225)


def test_a_guarded_cancel_without_a_queued_order_is_refused(door):
    door.refused(door.v3("DELETE", "guardedCancelOrder", symbol="BTCUSDT", origClientOrderId="a"), -2011)

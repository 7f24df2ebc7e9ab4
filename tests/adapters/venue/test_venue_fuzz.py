"""Whatever is sent, the venue answers in its own words and its books stay in order."""

from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from local.venue.http import Request
from local.venue.limits import Limits
from local.venue.rest import ROUTES

NASTY = (
    *("", " ", "0", "-1", "1", "0.001", "1.5", "99", "101", "1e400", "NaN", "Infinity", "-0", "1_000", "１２"),
    *("99999999999999999999", "0.00000000000000000001", "9" * 40, "true", "TRUE", "false", "\x00", "%", "&", "=", "💥"),
    *("[]", "[1]", '["a"]', "[1e999]", "[null]", '[{"a":[1]}]', "[{}]", "{}", "[" * 5_000, "1m", "RESULT"),
    *(
        "BTCUSDT",
        "币安人生USDT",
        "NOUSDT",
        "BUY",
        "SELL",
        "LONG",
        "BOTH",
        "LIMIT",
        "MARKET",
        "STOP_MARKET",
        "GTC",
        "GTX",
    ),
    *("TRAILING_STOP_MARKET", "ISOLATED", "CROSSED", "SPOT_FUTURE", "FUTURE_SPOT", "USDT", "OTO", "BASE", "QUEUE_1"),
)
NAMES = (
    *("symbol", "pair", "side", "type", "positionSide", "timeInForce", "quantity", "price", "stopPrice", "reduceOnly"),
    *("closePosition", "newClientOrderId", "origClientOrderId", "orderId", "activationPrice", "callbackRate", "limit"),
    *("workingType", "priceProtect", "newOrderRespType", "batchOrders", "orderIdList", "origClientOrderIdList", "id"),
    *("countdownTime", "startTime", "endTime", "fromId", "interval", "leverage", "marginType", "amount", "asset"),
    *("clientTranId", "kindType", "dualSidePosition", "multiAssetsMargin", "stpMode", "pegPriceType", "pegOffset"),
    *("strategyType", "subOrderList", "strategyId", "clientStrategyId", "quantityUnit", "chaseOffset", "qtyLimit"),
    *("maxChaseOffset", "windowTimeInMilliseconds", "frozenTimeInMilliseconds", "incomeType", "autoCloseType"),
)
SENSIBLE = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "1",
    "price": "99",
    "amount": "1",
    "kindType": "SPOT_FUTURE",
    "asset": "USDT",
    "clientTranId": "t",
    "leverage": "5",
    "interval": "1m",
    "quantityUnit": "BASE",
    "strategyType": "OTO",
    "windowTimeInMilliseconds": "1",
    "frozenTimeInMilliseconds": "1",
}


def wild(random):
    """Sensible parameters, some of them left out, some of them and others nasty."""
    kept = {name: each for name, each in SENSIBLE.items() if random.random() < 0.85}
    return kept | {random.choice(NAMES): random.choice(NASTY) for _ in range(random.randrange(4))}


def check_books(door):
    floor = door.house.exchange.floor
    for account in floor.accounts.values():
        assert account.wallet == sum((row.amount for row in floor.incomes if row.account == account.id), Decimal(0))


@pytest.mark.parametrize(("method", "path"), sorted(ROUTES))
def test_an_endpoint_answers_whatever_it_is_sent(make_door, method, path):
    door, random = make_door(limits=Limits(10**9, 10**9)), Random(f"{method} {path}")
    for name in NAMES:
        door.now_ms += 10
        signed = door.signed(**{**wild(random), name: random.choice(NASTY)})
        response = door.send(method, path, **({"query": signed} if method == "GET" else {"body": signed}))
        assert response.status in (200, 400, 401, 404), response.body
    check_books(door)


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("POST", "batchOrders", "batchOrders"),
        ("DELETE", "batchOrders", "orderIdList"),
        ("DELETE", "batchOrders", "origClientOrderIdList"),
        ("POST", "placeStrategyOrder", "subOrderList"),
    ],
)
@pytest.mark.parametrize(
    "value", [*NASTY, "[1,2.5]", "[true]", '[{"symbol":{}}]', '["a","b"]', "[-1]", "[" + "9" * 5000 + "]"]
)
def test_a_list_parameter_may_hold_anything(door, method, path, name, value):
    sensible = {each: text for each, text in SENSIBLE.items() if each not in ("side", "type")}
    response = door.v3(method, path, **{**sensible, name: value})
    assert response.status in (200, 400), response.body


def test_a_day_of_nonsense_leaves_the_books_in_order(make_door):
    door, random = make_door(limits=Limits(10**9, 10**9)), Random(1)
    writes = [route for route in sorted(ROUTES) if route[0] != "GET"]
    for step in range(1_500):
        door.now_ms += 10
        method, path = random.choice(writes)
        response = door.send(method, path, body=door.signed(**wild(random)))
        assert response.status in (200, 400, 401, 404), response.body
        if step % 50 == 0:
            door.move(random.randint(80, 120))
    check_books(door)
    assert len(door.house.exchange.floor.orders.all) > 20


@given(
    method=st.sampled_from(("GET", "POST", "PUT", "DELETE", "PATCH", "")),
    path=st.one_of(st.sampled_from(sorted({path for _, path in ROUTES})), st.text(max_size=30)),
    query=st.text(max_size=200),
    body=st.text(max_size=200),
    key=st.one_of(st.none(), st.text(max_size=70)),
)
@settings(max_examples=300, deadline=None)
def test_unsigned_garbage_is_answered_and_changes_nothing(make_door_once, method, path, query, body, key):
    door = make_door_once()
    headers = {} if key is None else {"x-mbx-apikey": key}
    response = door.rest.handle(Request(method, path, query, body, headers))
    assert response.status in (200, 400, 401, 404)
    assert not door.house.exchange.floor.orders.all

"""The true log, the watch over unprotected positions, and state over a restart."""

import json

import pytest
from local.venue import state
from local.venue.faults import faults
from local.venue.house import open_house

LIMIT = {"type": "LIMIT", "timeInForce": "GTC", "quantity": "1", "price": "99"}
STOP = {"side": "SELL", "type": "STOP_MARKET", "closePosition": "true", "stopPrice": "90"}


def report(door, read):
    return read(door.send("GET", "/sim/report"))


def test_the_report_holds_every_order_and_every_fill(door, read):
    door.order(quantity="11", newClientOrderId="a")
    door.order(**LIMIT, newClientOrderId="b")
    door.ok("DELETE", "order", symbol="BTCUSDT", origClientOrderId="b")
    told = report(door, read)
    (account,) = told["accounts"]
    assert [(order["clientOrderId"], order["status"]) for order in account["orders"]] == [
        ("a", "FILLED"),
        ("b", "CANCELED"),
    ]
    assert [(fill["qty"], fill["clientOrderId"]) for fill in account["fills"]] == [("10", "a"), ("1", "a")]
    assert account["positions"][0]["positionAmt"] == "11.000"
    assert account["openOrders"] == []
    assert account["booked"] == {"COMMISSION": "-0.38542", "TRANSFER": "10000"}
    assert told["rest"]["requests"] == {"DELETE /fapi/v3/order": 1, "POST /fapi/v3/order": 2}


def test_client_ids_used_twice_stand_out(door, read):
    for _ in range(2):
        door.order(quantity="1", newClientOrderId="again")
    assert report(door, read)["accounts"][0]["reusedClientOrderIds"] == ["again"]


def test_refusals_are_counted_by_code(door, read):
    door.v3("POST", "order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0")
    assert report(door, read)["rest"]["refusals"] == {"400 -4003": 1}


def test_the_time_without_a_stop_is_measured(door, read):
    door.order(quantity="1")
    door.now_ms += 700
    (naked,) = report(door, read)["protection"]["unprotectedNow"]
    assert (naked["symbol"], naked["side"], naked["forMs"]) == ("BTCUSDT", "LONG", 700)
    door.order(**STOP, newClientOrderId="stop")
    protection = report(door, read)["protection"]
    assert (protection["positionsOpened"], protection["afterOpeningMs"], protection["unprotectedNow"]) == (1, [700], [])

    door.now_ms += 1_000
    door.ok("DELETE", "order", symbol="BTCUSDT", origClientOrderId="stop")
    door.now_ms += 50
    door.order(**STOP)
    assert report(door, read)["protection"]["laterMs"] == [50]


@pytest.mark.parametrize(
    ("stop", "protects"),
    [
        ({**STOP, "side": "BUY", "stopPrice": "110"}, False),
        ({"side": "SELL", "type": "TAKE_PROFIT_MARKET", "closePosition": "true", "stopPrice": "110"}, False),
        ({"side": "SELL", "type": "STOP_MARKET", "quantity": "0.5", "reduceOnly": "true", "stopPrice": "90"}, False),
        ({"side": "SELL", "type": "STOP_MARKET", "quantity": "1", "reduceOnly": "true", "stopPrice": "90"}, True),
        (
            {
                "side": "SELL",
                "type": "TRAILING_STOP_MARKET",
                "quantity": "1",
                "reduceOnly": "true",
                "callbackRate": "1",
            },
            True,
        ),
    ],
)
def test_what_counts_as_a_stop(door, read, stop, protects):
    door.order(quantity="1")
    door.order(**stop)
    assert (report(door, read)["protection"]["unprotectedNow"] == []) is protects


def test_a_position_closed_without_ever_having_a_stop_counts_too(door, read):
    door.order(quantity="1")
    door.now_ms += 30
    door.order(side="SELL", quantity="1", reduceOnly="true")
    protection = report(door, read)["protection"]
    assert (protection["afterOpeningMs"], protection["endedByClosing"]) == ([30], 1)


def test_state_survives_an_orderly_stop(door, tmp_path):
    door.ok("POST", "positionSide/dual", dualSidePosition="true")
    door.ok("POST", "marginType", symbol="BTCUSDT", marginType="ISOLATED")
    door.order(quantity="1", positionSide="LONG", newClientOrderId="entry")
    door.order(**STOP, positionSide="LONG", newClientOrderId="stop")
    door.ok("POST", "positionMargin", symbol="BTCUSDT", positionSide="LONG", amount="3", type=1)
    door.ok("POST", "mmp", symbol="BTCUSDT", windowTimeInMilliseconds=1000, frozenTimeInMilliseconds=0, qtyLimit="5")
    chase = {"side": "BUY", "positionSide": "LONG", "quantityUnit": "BASE", "quantity": "1"}
    door.ok("POST", "chase", symbol="币安人生USDT", **chase)
    path = tmp_path / "deep" / "venue.json"
    state.save(door.house, path)
    saved = state.read(path)
    assert saved is not None

    again = open_house(door.market, faults("none", 1), seed=1, now_ms=door.now_ms + 5_000)
    state.restore(again, saved)

    before, after = door.house.exchange, again.exchange
    assert after.floor.accounts == before.floor.accounts
    assert list(after.floor.orders.all.values()) == list(before.floor.orders.all.values())
    assert [order.client_order_id for order in after.open_orders("main")] == ["stop", "sim1700000000005"]
    assert after.strategies.all == before.strategies.all
    assert after.protections.all == before.protections.all
    assert (after.floor.trades, after.floor.incomes) == (before.floor.trades, before.floor.incomes)
    assert after.floor.margin_changes == before.floor.margin_changes
    assert after.floor.ids.order > before.floor.ids.order
    assert again.watch.unprotected() == []

    door.market.watched = frozenset({"BTCUSDT"})
    door.market.move(89, now_ms=door.now_ms + 6_000)
    again.advance(door.now_ms + 6_000)
    assert after.open_orders("main", "BTCUSDT") == []
    assert not after.account("main").open_positions()


def test_a_position_in_a_symbol_of_another_tape_stands_at_its_last_price_and_can_be_closed(door, make_door, tmp_path):
    door.order(symbol="币安人生USDT", quantity="1")
    state.save(door.house, tmp_path / "venue.json")

    again = make_door(known=("BTCUSDT",))
    state.restore(again.house, state.read(tmp_path / "venue.json"))

    rows = {row["symbol"]: row["positionAmt"] for row in again.ok("GET", "positionRisk")}
    assert rows == {"BTCUSDT": "0.000", "币安人生USDT": "1.000"}
    assert again.public("/fapi/v3/ticker/price", symbol="币安人生USDT")["code"] == -1121
    assert len(again.public("/fapi/v3/ticker/price")) == 1
    again.order(symbol="币安人生USDT", side="SELL", quantity="1", reduceOnly="true")
    assert not again.house.exchange.account("main").open_positions()


def test_without_a_state_file_the_venue_starts_empty_and_a_broken_one_is_an_error(tmp_path):
    assert state.read(tmp_path / "none.json") is None
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps({"tape": "x"}))
    with pytest.raises(ValueError, match="tape_position_ms"):
        state.read(broken)


def test_listen_keys_and_deleveraging_can_be_forced(door, read):
    door.ok("POST", "listenKey")
    assert door.send("POST", "/sim/expire-listen-key").status == 200
    door.refused(door.v3("PUT", "listenKey"), -1125)
    door.order(quantity="2")
    body = {"query": "symbol=BTCUSDT&quantity=1"}
    assert door.send("POST", "/sim/deleverage", **body).status == 200
    assert report(door, read)["accounts"][0]["positions"][0]["positionAmt"] == "1.000"
    assert door.send("GET", "/sim/nothing").status == 404

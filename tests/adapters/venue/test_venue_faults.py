"""Misbehaviour on request: what the client is told, and what really happened."""

import httpx
import pytest
from local.venue.faults import Fault, UnknownFault, faults, parsed
from local.venue.http import Delivery
from local.venue.transport import VenueTransport

MARKET = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "1", "newClientOrderId": "a"}


def taken(door):
    return [order.client_order_id for order in door.house.exchange.floor.orders.all.values()]


@pytest.mark.parametrize(
    ("fault", "status", "delivery", "executed"),
    [
        ("take_then_503", 503, Delivery.ANSWER, True),
        ("take_then_timeout", 200, Delivery.HANG, True),
        ("take_then_reset", 200, Delivery.RESET, True),
        ("unparsable", 200, Delivery.ANSWER, True),
        ("refuse_503", 503, Delivery.ANSWER, False),
        ("late_503", 503, Delivery.ANSWER, False),
        ("html_page", 502, Delivery.ANSWER, False),
        ("clock_skew", 400, Delivery.ANSWER, False),
        ("answer_429", 429, Delivery.ANSWER, False),
        ("answer_418", 418, Delivery.ANSWER, False),
        ("take_then_1007", 408, Delivery.ANSWER, True),
        ("empty_answer", 200, Delivery.ANSWER, True),
        ("refuse_1007", 408, Delivery.ANSWER, False),
        ("refuse_in_200", 200, Delivery.ANSWER, False),
        ("margin_refused", 400, Delivery.ANSWER, False),
        ("filter_refused", 400, Delivery.ANSWER, False),
        ("order_limit", 429, Delivery.ANSWER, False),
        ("signature_refused", 400, Delivery.ANSWER, False),
        ("nonce_refused", 400, Delivery.ANSWER, False),
        ("maintenance_s", 503, Delivery.ANSWER, False),
        ("key_refused_s", 401, Delivery.ANSWER, False),
    ],
)
def test_an_order_meets_a_fault(make_door, fault, status, delivery, executed):
    door = make_door(f"{fault}=1")
    response = door.v3("POST", "order", **MARKET)
    assert (response.status, response.delivery) == (status, delivery)
    assert taken(door) == (["a"] if executed else [])
    assert door.house.faults.counts == {Fault(fault): 1}


def resting(door, name="a"):
    return door.order(
        symbol="BTCUSDT", side="BUY", type="LIMIT", timeInForce="GTC", price="99", quantity="1", newClientOrderId=name
    )


@pytest.mark.parametrize(
    ("fault", "status", "delivery", "outcome"),
    [
        ("cancel_then_503", 503, Delivery.ANSWER, "CANCELED"),
        ("cancel_then_timeout", 200, Delivery.HANG, "CANCELED"),
        ("cancel_then_2011", 400, Delivery.ANSWER, "CANCELED"),
        ("refuse_cancel_503", 503, Delivery.ANSWER, "NEW"),
        ("fill_before_cancel", 400, Delivery.ANSWER, "FILLED"),
    ],
)
def test_a_cancel_meets_a_fault(make_door, fault, status, delivery, outcome):
    door = make_door()
    resting(door)
    door.house.faults.replace(f"{fault}=1")
    response = door.v1("DELETE", "/fapi/v1/order", symbol="BTCUSDT", origClientOrderId="a")
    assert (response.status, response.delivery) == (status, delivery)
    assert door.house.faults.counts == {Fault(fault): 1}
    door.house.faults.replace("none")
    assert door.ok("GET", "order", symbol="BTCUSDT", origClientOrderId="a")["status"] == outcome


@pytest.mark.parametrize(
    ("fault", "status", "delivery"),
    [
        ("read_503", 503, Delivery.ANSWER),
        ("read_timeout", 200, Delivery.HANG),
        ("read_reset", 200, Delivery.RESET),
    ],
)
def test_a_read_meets_a_fault_and_orders_do_not(make_door, fault, status, delivery):
    door = make_door(f"{fault}=1")
    response = door.v3("GET", "balance")
    assert (response.status, response.delivery) == (status, delivery)
    assert door.order(**MARKET)["status"] == "NEW"


@pytest.mark.parametrize(("fault", "code"), [("trigger_refused", -2021), ("stops_refused", -4045)])
def test_stops_are_refused_and_other_orders_are_not(make_door, fault, code):
    door = make_door(f"{fault}=1")
    door.order(**MARKET)
    stop = {"symbol": "BTCUSDT", "side": "SELL", "type": "STOP_MARKET", "stopPrice": "90", "closePosition": "true"}
    door.refused(door.v3("POST", "order", **stop), code)


def test_margin_is_never_missing_for_an_order_that_closes(make_door):
    door = make_door()
    door.order(**MARKET)
    door.house.faults.replace("margin_refused=1")
    door.order(symbol="BTCUSDT", side="SELL", type="MARKET", quantity="1", reduceOnly="true")
    door.refused(door.v3("POST", "order", **{**MARKET, "newClientOrderId": "b"}), -2019)


def test_a_spell_begins_with_the_next_request_and_ends(make_door):
    door = make_door("maintenance_s=10")
    assert door.v3("GET", "balance").status == 503
    door.now_ms += 9_999
    assert door.v3("GET", "balance").status == 503
    door.now_ms += 1
    assert door.v3("GET", "balance").status == 200
    assert door.house.faults.counts == {Fault.MAINTENANCE_S: 1}


def test_the_list_of_open_orders_is_old_both_ways(make_door):
    door = make_door("listing_lag_s=2")
    resting(door)
    assert door.ok("GET", "openOrders", symbol="BTCUSDT") == []
    door.now_ms += 3_000
    door.house.faults.replace("listing_lag_s=2,fill_before_cancel=1")
    door.v1("DELETE", "/fapi/v1/order", symbol="BTCUSDT", origClientOrderId="a")
    (ghost,) = door.ok("GET", "openOrders", symbol="BTCUSDT")
    assert (ghost["clientOrderId"], ghost["status"], ghost["executedQty"]) == ("a", "NEW", "0")
    door.now_ms += 2_001
    assert door.ok("GET", "openOrders", symbol="BTCUSDT") == []


def test_the_list_of_positions_is_old(make_door):
    door = make_door("positions_lag_s=2")

    def amounts():
        return [row["positionAmt"] for row in door.ok("GET", "positionRisk", symbol="BTCUSDT")]

    assert amounts() == ["0.000"]
    door.now_ms += 3_000
    door.order(**MARKET)
    assert amounts() == ["0.000"]
    door.now_ms += 1_000
    door.order(**{**MARKET, "newClientOrderId": "b"})
    door.now_ms += 1_000
    assert amounts() == ["1.000"]
    door.now_ms += 1_000
    assert amounts() == ["2.000"]
    assert door.house.faults.counts[Fault.POSITIONS_LAG_S] == 2


def test_a_503_says_that_the_outcome_is_unknown(make_door, read):
    door = make_door("take_then_503=1")
    assert read(door.v3("POST", "order", **MARKET)) == {
        "code": -1006,
        "msg": "Unknown error, please check your request or try again later.",
    }


def test_an_unparsable_answer_is_cut_off(make_door):
    body = make_door("unparsable=1").v3("POST", "order", **MARKET).body
    assert body.startswith(b'{"orderId"')
    assert not body.endswith(b"}")


def test_a_late_order_is_executed_after_its_503(make_door):
    door = make_door("late_503=1")
    door.v3("POST", "order", **MARKET)
    door.now_ms += 2_999
    assert door.v3("GET", "order", symbol="BTCUSDT", origClientOrderId="a").status == 400
    door.now_ms += 1
    assert door.ok("GET", "order", symbol="BTCUSDT", origClientOrderId="a")["status"] == "FILLED"


def test_order_faults_leave_everything_else_alone(make_door):
    door = make_door("take_then_503=1,take_then_timeout=1,refuse_503=1")
    assert door.ok("GET", "balance")
    assert door.ok("POST", "leverage", symbol="BTCUSDT", leverage=5)


def test_young_orders_are_not_found_while_queries_lag(make_door):
    door = make_door("query_lag_s=2")
    door.order(**{**MARKET, "type": "LIMIT", "timeInForce": "GTC", "price": "99"})
    door.refused(door.v3("GET", "order", symbol="BTCUSDT", origClientOrderId="a"), -2013)
    assert door.ok("GET", "openOrders", symbol="BTCUSDT") == []
    door.now_ms += 2_000
    assert door.ok("GET", "order", symbol="BTCUSDT", origClientOrderId="a")["status"] == "NEW"


def test_a_429_lasts_until_the_minute_is_over(make_door):
    door = make_door("answer_429=1")
    door.v3("GET", "balance")
    door.house.faults.replace("none")
    assert door.v3("GET", "balance").status == 429
    door.now_ms += 60_000
    assert door.v3("GET", "balance").status == 200


def test_through_httpx_silence_is_a_timeout_and_a_cut_is_a_read_error(make_door):
    for fault, error in (("take_then_timeout", httpx.ReadTimeout), ("take_then_reset", httpx.ReadError)):
        door = make_door(f"{fault}=1")
        client = httpx.Client(transport=VenueTransport(door.rest.handle), base_url="http://venue")
        with pytest.raises(error):
            client.post("/fapi/v3/order", content=door.signed(**MARKET))
        assert taken(door) == ["a"]


def test_faults_are_drawn_from_their_seed():
    def drawn(seed):
        plan = faults("take_then_503=0.5", seed)
        return [plan.strikes(Fault.TAKE_THEN_503) for _ in range(200)]

    assert drawn(1) == drawn(1) != drawn(2)
    assert 70 < sum(drawn(1)) < 130


def test_a_one_time_fault_strikes_once():
    plan = faults("expire_listen_key_once", 1)
    assert [plan.strikes(Fault.EXPIRE_LISTEN_KEY_ONCE) for _ in range(3)] == [True, False, False]
    assert plan.counts[Fault.EXPIRE_LISTEN_KEY_ONCE] == 1


def test_all_is_the_set_that_the_smoke_test_names():
    assert parsed("all") == {
        Fault.TAKE_THEN_503: 0.05,
        Fault.DROP_WS_EVERY_S: 20,
        Fault.DUPLICATE: 0.1,
        Fault.LATE: 0.1,
        Fault.EXPIRE_LISTEN_KEY_ONCE: 1,
    }
    assert parsed("none") == {}
    assert set(Fault) - set(parsed("storm")) == {Fault.ANSWER_418, Fault.LATE_BY_S}
    assert parsed("all, late=0.5")[Fault.LATE] == 0.5


@pytest.mark.parametrize("text", ["nonsense", "duplicate=2", "duplicate=-1", "late=often", "drop_ws_every_s=-1"])
def test_a_wrong_fault_text_is_refused_by_name(text):
    with pytest.raises(UnknownFault, match=text.partition("=")[0]):
        parsed(text)


def test_faults_can_be_turned_while_the_venue_runs(door, read):
    answer = door.send("POST", "/sim/faults", query="faults=take_then_503%3D1")
    assert read(answer) == {"take_then_503": 1.0}
    assert door.v3("POST", "order", **MARKET).status == 503
    assert door.send("POST", "/sim/faults", query="faults=nonsense").status == 400

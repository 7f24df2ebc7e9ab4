"""Weights, order counts, 429 and bans."""

import pytest
from local.venue.limits import Limits


def used(response):
    return response.headers.get("x-mbx-used-weight-1m")


def test_weight_adds_up_over_a_minute_and_starts_anew_with_the_next(door):
    assert [used(door.v3("GET", "balance")) for _ in range(2)] == ["5", "10"]
    door.now_ms += 60_000
    assert used(door.v3("GET", "positionSide/dual")) == "30"


def test_orders_are_counted_per_account_and_cancels_are_not(door):
    placed = door.v3("POST", "order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity="1")
    assert placed.headers["x-mbx-order-count-1m"] == "1"
    rows = [{"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "1"}] * 3
    assert door.v3("POST", "batchOrders", batchOrders=rows).headers["x-mbx-order-count-1m"] == "4"
    assert "x-mbx-order-count-1m" not in door.v3("DELETE", "allOpenOrders", symbol="BTCUSDT").headers


def test_too_many_orders_are_told_without_a_time_to_come_back(make_door):
    door = make_door(limits=Limits(orders_per_minute=2))
    for _ in range(2):
        door.order(quantity="1")
    refused = door.v3("POST", "order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity="1")
    door.refused(refused, -1015, 429)
    assert "retry-after" not in refused.headers
    door.now_ms += 60_000
    door.order(quantity="1")


def test_first_429_then_418_with_bans_that_double(make_door, read):
    door = make_door(limits=Limits(weight_per_minute=3, patience=2))
    for _ in range(3):
        assert door.send("GET", "/fapi/v3/time").status == 200
    first = door.send("GET", "/fapi/v3/time")
    door.refused(first, -1003, 429)
    assert int(first.headers["retry-after"]) == -(-(60_000 - door.now_ms % 60_000) // 1000)
    assert door.send("GET", "/fapi/v3/time").status == 429

    banned = door.send("GET", "/fapi/v3/time")
    door.refused(banned, -1003, 418)
    assert banned.headers["retry-after"] == "120"
    assert f"IP banned until {door.now_ms + 120_000}" in read(banned)["msg"]

    door.now_ms += 119_999
    assert door.send("GET", "/fapi/v3/time").status == 418
    door.now_ms += 1
    for _ in range(3):
        assert door.send("GET", "/fapi/v3/time").status == 200
    for _ in range(3):
        again = door.send("GET", "/fapi/v3/time")
    assert (again.status, again.headers["retry-after"]) == (418, "240")
    assert door.house.limits.refused == 5


def test_one_address_does_not_use_up_the_weight_of_another():
    limits = Limits(weight_per_minute=1)
    assert [limits.enter(address, 1, 0) for address in ("a", "b")] == [1, 1]


@pytest.mark.parametrize(("bans", "hours"), [(1, 120 / 3600), (2, 240 / 3600), (30, 72)])
def test_bans_end_at_three_days(bans, hours):
    limits = Limits()
    for _ in range(bans):
        limits.ban("a", 0)
    assert limits._callers["a"].banned_until_ms == round(hours * 3_600_000)

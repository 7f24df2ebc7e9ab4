"""Market data endpoints: shapes, weights and refusals."""

import pytest


def test_exchange_info_lists_every_rule_as_text(door):
    info = door.public("/fapi/v1/exchangeInfo")
    assert info == door.public("/fapi/v3/exchangeInfo")
    assert [limit["limit"] for limit in info["rateLimits"]] == [2400, 1200]
    listed = info["symbols"][0]
    assert listed["OrderType"] == listed["orderTypes"]
    assert listed["timeInForce"] == ["GTC", "IOC", "FOK", "GTX", "HIDDEN"]
    filters = {each["filterType"]: each for each in listed["filters"]}
    assert filters["PRICE_FILTER"]["tickSize"] == "0.1"
    assert filters["PERCENT_PRICE"]["multiplierUp"] == "1.1500"
    assert filters["MAX_NUM_ORDERS"] == {"filterType": "MAX_NUM_ORDERS", "limit": 200}
    assert door.public("/api/v3/exchangeInfo")["symbols"] == []


@pytest.mark.parametrize("generation", ["v1", "v3"])
@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        ("ping", {}),
        ("time", {}),
        ("depth", {"symbol": "BTCUSDT"}),
        ("trades", {"symbol": "BTCUSDT"}),
        ("aggTrades", {"symbol": "BTCUSDT"}),
        ("klines", {"symbol": "BTCUSDT", "interval": "1m"}),
        ("markPriceKlines", {"symbol": "BTCUSDT", "interval": "1m"}),
        ("indexPriceKlines", {"pair": "BTCUSDT", "interval": "1m"}),
        ("premiumIndex", {"symbol": "BTCUSDT"}),
        ("premiumIndex", {}),
        ("fundingRate", {}),
        ("fundingInfo", {}),
        ("ticker/24hr", {"symbol": "BTCUSDT"}),
        ("ticker/24hr", {}),
        ("ticker/price", {}),
        ("ticker/bookTicker", {"symbol": "BTCUSDT"}),
    ],
)
def test_everybody_may_read_the_market(door, generation, path, parameters):
    answer = door.public(f"/fapi/{generation}/{path}", **parameters)
    one = "symbol" in parameters or "pair" in parameters or path in ("ping", "time")
    lists = ("trades", "aggTrades", "klines", "markPriceKlines", "indexPriceKlines", "fundingRate", "fundingInfo")
    assert isinstance(answer, dict if one and path not in lists else list)


@pytest.mark.parametrize(
    ("path", "parameters", "code"),
    [
        ("depth", {}, -1102),
        ("depth", {"symbol": "NOUSDT"}, -1121),
        ("depth", {"symbol": "BTCUSDT", "limit": 7}, -4021),
        ("klines", {"symbol": "BTCUSDT", "interval": "7m"}, -1120),
        ("klines", {"symbol": "BTCUSDT", "interval": "1m", "limit": 1501}, -1130),
        ("trades", {"symbol": "BTCUSDT", "limit": 1001}, -1130),
        ("aggTrades", {"symbol": "BTCUSDT", "startTime": 0, "endTime": 3_600_000}, -4165),
        ("ticker/price", {"symbol": "NOUSDT"}, -1121),
        ("indexreferences", {"symbol": "NOUSDT"}, -1000),
    ],
)
def test_a_wrong_question_is_refused(door, path, parameters, code):
    assert door.public(f"/fapi/v3/{path}", **parameters)["code"] == code


def test_pages_begin_where_they_were_asked_to(door):
    ids = [row["a"] for row in door.public("/fapi/v3/aggTrades", symbol="BTCUSDT", fromId=2)]
    assert ids == [2, 3]
    assert [row["id"] for row in door.public("/fapi/v3/trades", symbol="BTCUSDT", limit=1)] == [3]


def test_old_trades_need_the_key_on_v1_only(door, read):
    assert read(door.send("GET", "/fapi/v1/historicalTrades", "symbol=BTCUSDT"))["code"] == -2014
    keyed = door.send(
        "GET", "/fapi/v1/historicalTrades", "symbol=BTCUSDT", headers={"x-mbx-apikey": door.owner.api_key}
    )
    assert keyed.status == 200
    assert door.send("GET", "/fapi/v3/historicalTrades", "symbol=BTCUSDT").status == 200


def test_an_unknown_path_is_not_found(door):
    assert door.send("GET", "/fapi/v3/openInterest").status == 404


@pytest.mark.parametrize(
    ("path", "query", "weight"),
    [
        ("depth", "symbol=BTCUSDT", 10),
        ("depth", "symbol=BTCUSDT&limit=5", 2),
        ("depth", "symbol=BTCUSDT&limit=1000", 20),
        ("klines", "symbol=BTCUSDT&interval=1m", 5),
        ("klines", "symbol=BTCUSDT&interval=1m&limit=99", 1),
        ("klines", "symbol=BTCUSDT&interval=1m&limit=1500", 10),
        ("ticker/24hr", "", 40),
        ("ticker/24hr", "symbol=BTCUSDT", 1),
        ("historicalTrades", "symbol=BTCUSDT", 20),
    ],
)
def test_each_question_has_its_weight(door, path, query, weight):
    response = door.send("GET", f"/fapi/v3/{path}", query)
    assert response.headers["x-mbx-used-weight-1m"] == str(weight)

"""Account endpoints as a client sees them."""

import pytest


def test_balance_and_account_agree(door):
    door.order(quantity="1")
    (balance,) = door.ok("GET", "balance")
    account = door.ok("GET", "accountWithJoinMargin")
    assert account == door.ok("GET", "account")
    assert balance["balance"] == account["totalWalletBalance"] == "9999.96496500"
    assert account["totalUnrealizedProfit"] == "-0.10000000"
    assert account["totalPositionInitialMargin"] == "5.00000000"
    assert account["assets"][0]["availableBalance"] == account["availableBalance"] == "9994.86496500"
    assert [row["symbol"] for row in account["positions"]] == ["BTCUSDT", "币安人生USDT"]
    assert account["positions"][0]["positionAmt"] == "1.000"


def test_position_risk_shows_shorts_as_negative_in_hedge_mode_too(door):
    assert door.ok("POST", "positionSide/dual", dualSidePosition="true") == {"code": 200, "msg": "success"}
    assert door.ok("GET", "positionSide/dual") == {"dualSidePosition": True}
    door.order(side="SELL", positionSide="SHORT", quantity="1")
    long, short = door.ok("GET", "positionRisk", symbol="BTCUSDT")
    assert (long["positionSide"], long["positionAmt"], long["liquidationPrice"]) == ("LONG", "0.000", "0")
    assert (short["positionSide"], short["positionAmt"], short["entryPrice"]) == ("SHORT", "-1.000", "100.00000")
    assert short["isAutoAddMargin"] == "false"
    assert "unRealizedProfit" in short


def test_settings_read_back_what_was_set(door):
    assert door.ok("POST", "leverage", symbol="BTCUSDT", leverage=100) == {
        "leverage": 100,
        "maxNotionalValue": "50000",
        "symbol": "BTCUSDT",
    }
    door.ok("POST", "marginType", symbol="BTCUSDT", marginType="ISOLATED")
    door.refused(door.v3("POST", "marginType", symbol="BTCUSDT", marginType="ISOLATED"), -4046)
    (row,) = door.ok("GET", "positionRisk", symbol="BTCUSDT")
    assert (row["leverage"], row["marginType"]) == ("100", "isolated")
    door.refused(door.v3("POST", "leverage", symbol="BTCUSDT", leverage=101), -4028)
    door.refused(door.v3("POST", "marginType", symbol="BTCUSDT", marginType="SIDEWAYS"), -1130)
    door.refused(door.v3("POST", "positionSide/dual", dualSidePosition="false"), -4059)
    assert door.ok("GET", "multiAssetsMargin") == {"multiAssetsMargin": False}
    door.ok("POST", "multiAssetsMargin", multiAssetsMargin="true")
    assert door.ok("GET", "multiAssetsMargin") == {"multiAssetsMargin": True}
    door.ok("POST", "stpMode", stpMode="EXPIRE_BOTH")
    assert door.ok("GET", "stpMode") == {"stpMode": "EXPIRE_BOTH"}


def test_isolated_margin_and_its_history(door):
    door.ok("POST", "marginType", symbol="BTCUSDT", marginType="ISOLATED")
    door.order(quantity="1")
    answer = door.ok("POST", "positionMargin", symbol="BTCUSDT", amount="7.5", type=1)
    assert (answer["amount"], answer["code"], answer["type"]) == (7.5, 200, 1)
    door.ok("POST", "positionMargin", symbol="BTCUSDT", amount="2", type=2)
    rows = door.ok("GET", "positionMargin/history", symbol="BTCUSDT")
    assert [(row["amount"], row["type"]) for row in rows] == [("7.5", 1), ("2", 2)]
    door.refused(door.v3("POST", "positionMargin", symbol="BTCUSDT", amount="-1", type=1), -4055)


def test_income_explains_the_whole_wallet(door):
    door.order(quantity="1")
    door.order(side="SELL", quantity="1", reduceOnly="true")
    rows = door.ok("GET", "income")
    kinds = [row["incomeType"] for row in rows]
    assert kinds == ["TRANSFER", "COMMISSION", "COMMISSION", "REALIZED_PNL"]
    trades = door.ok("GET", "userTrades", symbol="BTCUSDT")
    assert [row["tradeId"] for row in rows[1:]] == [str(trades[0]["id"]), str(trades[1]["id"]), str(trades[1]["id"])]
    assert rows[3]["income"] == trades[1]["realizedPnl"] == "-0.1"
    assert door.ok("GET", "income", incomeType="REALIZED_PNL") == rows[3:]
    assert len({(row["tranId"], row["incomeType"]) for row in rows}) == 4


def test_brackets_are_an_object_with_a_symbol_and_numbers_are_numbers(door):
    one = door.ok("GET", "leverageBracket", symbol="BTCUSDT")
    assert one["brackets"][0] == {
        "bracket": 1,
        "initialLeverage": 100,
        "notionalCap": 50000,
        "notionalFloor": 0,
        "maintMarginRatio": 0.005,
        "cum": 0,
    }
    assert len(door.ok("GET", "leverageBracket")) == 2


def test_liquidations_appear_among_the_forced_orders(door):
    door.ok("POST", "marginType", symbol="BTCUSDT", marginType="ISOLATED")
    door.order(quantity="1")
    door.move(90)
    (order,) = door.ok("GET", "forceOrders", symbol="BTCUSDT")
    assert order["clientOrderId"].startswith("autoclose-")
    assert (order["type"], order["timeInForce"], order["status"]) == ("LIMIT", "IOC", "FILLED")
    assert door.ok("GET", "forceOrders", autoCloseType="ADL") == []


def test_transfers_need_an_id_of_their_own(door):
    wanted = {"asset": "USDT", "amount": "10", "clientTranId": "t1", "kindType": "SPOT_FUTURE"}
    assert door.ok("POST", "asset/wallet/transfer", **wanted)["status"] == "SUCCESS"
    door.refused(door.v3("POST", "asset/wallet/transfer", **wanted), -4115)


@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        ("adlQuantile", {}),
        ("commissionRate", {"symbol": "BTCUSDT"}),
        ("agent", {}),
        ("builder", {}),
        ("announcement/direct", {}),
    ],
)
def test_the_small_endpoints_answer(door, path, parameters):
    door.ok("GET", path, **parameters)


def test_the_remaining_notional_is_of_v1(door, read):
    response = door.v1("GET", "/fapi/v1/remainingOpenableNotionalValue", symbol="BTCUSDT", leverage=10)
    assert read(response) == {"remainingOpenableNotionalValue": 100000.0}
    assert door.v3("GET", "remainingOpenableNotionalValue", symbol="BTCUSDT", leverage=10).status == 404


def test_the_paths_of_v1_have_versions_of_their_own(door):
    for path in ("/fapi/v2/balance", "/fapi/v4/account", "/fapi/v2/positionRisk"):
        assert door.v1("GET", path).status == 200


def test_a_wallet_signature_is_taken_on_old_paths_too(door):
    """ccxt asks /fapi/v4/account with it."""
    signed = door.v3("GET", "balance")
    assert signed.status == 200
    text = f"nonce={door.nonce()}&user={door.owner.user}&signer={door.owner.signer}"
    assert door.send("GET", "/fapi/v4/account", f"{text}&signature={'00' * 65}").status == 400


def test_listen_keys_live_sixty_minutes_and_are_one_per_account(door, read):
    key = door.ok("POST", "listenKey")["listenKey"]
    assert len(key) == 64
    door.now_ms += 59 * 60_000
    assert door.ok("POST", "listenKey")["listenKey"] == key
    door.now_ms += 59 * 60_000
    assert door.ok("PUT", "listenKey") == {}
    door.now_ms += 60 * 60_000
    door.refused(door.v3("PUT", "listenKey"), -1125)
    renewed = door.send("POST", "/fapi/v1/listenKey", headers={"x-mbx-apikey": door.owner.api_key})
    assert read(renewed)["listenKey"] != key
    assert door.ok("DELETE", "listenKey") == {}
    door.refused(door.v3("DELETE", "listenKey"), -1125)
    door.refused(door.send("POST", "/fapi/v1/listenKey"), -2014, 401)


def test_positions_are_ranked_for_deleveraging_by_profit_and_mode(door):
    assert door.ok("GET", "adlQuantile") == []
    door.order(quantity="1")
    (flat_out,) = door.ok("GET", "adlQuantile")
    assert flat_out == {"symbol": "BTCUSDT", "adlQuantile": {"LONG": 0, "SHORT": 0, "BOTH": 0}}
    assert door.ok("GET", "adlQuantile", symbol="BTCUSDT") == [flat_out]
    ranks = []
    for price in (100.2, 101, 103, 106):
        door.move(price)
        (row,) = door.ok("GET", "adlQuantile")
        ranks.append(row["adlQuantile"]["BOTH"])
    assert ranks == [1, 2, 3, 4]


def test_in_hedge_mode_each_side_is_ranked_and_crossed_margin_says_hedge(door):
    door.ok("POST", "positionSide/dual", dualSidePosition="true")
    door.order(side="SELL", positionSide="SHORT", quantity="1")
    door.move(96)
    (row,) = door.ok("GET", "adlQuantile")
    assert row["adlQuantile"].keys() == {"LONG", "SHORT", "HEDGE"}
    assert (row["adlQuantile"]["LONG"], row["adlQuantile"]["HEDGE"]) == (0, 0)
    assert row["adlQuantile"]["SHORT"] > 1

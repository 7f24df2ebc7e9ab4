import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from undertow.adapters.aster.messages import AggregateTrade, Kline, Mark, Marks, Quote, Reply, read_market
from undertow.adapters.aster.strict import BadFrame
from undertow.adapters.aster.user_messages import Announcement, ListenKeyExpired, read_user
from undertow.domain.account import MarginType
from undertow.domain.event import (
    AccountChanged,
    ConfigChanged,
    MarginCalled,
    OrderChanged,
    PositionSeen,
    WalletChange,
)
from undertow.domain.fill import Fill
from undertow.domain.ids import AccountId, ClientOrderId, Symbol, TradeId, VenueOrderId
from undertow.domain.market import BestPrices, Liquidation, MarkPrice, PositionSide, Side, Venue, liquidation_id
from undertow.domain.order import OrderNews, OrderState, OrderType

Payload = Callable[[str], Any]
ACCOUNT = AccountId("main")
BTC = Symbol("BTCUSDT")
D = Decimal


def frame(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


# --- market ----------------------------------------------------------------------------------------------------------


def test_a_liquidation_order_that_sells_is_a_liquidated_long(payload: Payload) -> None:
    assert read_market(frame(payload("ws_forceOrder"))) == Liquidation(
        id=liquidation_id("BTCUSDT", "SELL", "0.014", "9910", 1568014460893),
        venue=Venue.ASTER,
        symbol=BTC,
        side=Side.SELL,
        quantity=D("0.014"),
        price=D(9910),
        event_time_ms=1568014460893,
        trade_time_ms=1568014460893,
    )


def liquidation(payload: Payload, **changes: Any) -> Liquidation:
    event = payload("ws_forceOrder")
    event["o"] |= changes
    read = read_market(frame(event))
    assert isinstance(read, Liquidation)
    return read


def test_what_traded_counts_and_not_what_was_ordered(payload: Payload) -> None:
    read = liquidation(payload, z="0.010", ap="9900.5")
    assert (read.quantity, read.price, read.notional) == (D("0.010"), D("9900.5"), D("99.0050"))


@pytest.mark.parametrize("unfilled", [{"ap": "0"}, {"z": "0"}, {"z": "0.000", "ap": "0.00"}])
def test_an_order_not_filled_in_yet_counts_with_its_own_quantity_and_price(
    unfilled: dict[str, str], payload: Payload
) -> None:
    read = liquidation(payload, **unfilled)
    assert (read.quantity, read.price) == (D("0.014"), D(9910))


def test_the_identity_is_made_of_the_orders_own_fields(payload: Payload) -> None:
    first = liquidation(payload)
    assert liquidation(payload, z="0.001", ap="1").id == first.id
    changes: list[dict[str, Any]] = [
        {"q": "0.015"},
        {"p": "9911"},
        {"S": "BUY"},
        {"T": 1568014460894},
        {"s": "ETHUSDT"},
    ]
    for change in changes:
        assert liquidation(payload, **change).id != first.id


def test_a_combined_connection_wraps_its_frames(payload: Payload) -> None:
    event = payload("ws_forceOrder")
    assert read_market(frame({"stream": "!forceOrder@arr", "data": event})) == read_market(frame(event))
    assert read_market(frame(event).encode()) == read_market(frame(event))


def test_symbols_with_letters_of_any_script_are_read(payload: Payload) -> None:
    assert liquidation(payload, s="币安人生USDT").symbol == "币安人生USDT"


NOT_DECIMALS: list[Any] = [None, 1, True, "NaN", "1e400", "1_000", "１"]
BAD_FIELDS: list[tuple[str, Any]] = [
    *((field, value) for field in ("q", "p") for value in ["0", "-1", "0.000", *NOT_DECIMALS]),
    *((field, value) for field in ("z", "ap") for value in ["-0.1", *NOT_DECIMALS]),
    *(("S", value) for value in ("sell", "", None, 1)),
    *(("s", value) for value in ("", None, 1, "A B", "\x00")),
    *(("T", value) for value in (0, -1, "1", 1.5, True, None, 10**13)),
]


@pytest.mark.parametrize(("field", "value"), BAD_FIELDS)
def test_a_liquidation_with_one_bad_field_is_a_bad_frame(field: str, value: Any, payload: Payload) -> None:
    with pytest.raises(BadFrame):
        liquidation(payload, **{field: value})


@pytest.mark.parametrize("field", ["s", "S", "q", "p", "ap", "z", "T"])
def test_a_liquidation_without_a_field_is_a_bad_frame(field: str, payload: Payload) -> None:
    event = payload("ws_forceOrder")
    del event["o"][field]
    with pytest.raises(BadFrame):
        read_market(frame(event))


@pytest.mark.parametrize("order", [None, [], "text", 5])
def test_a_liquidation_without_an_order_is_a_bad_frame(order: Any) -> None:
    with pytest.raises(BadFrame):
        read_market(frame({"e": "forceOrder", "E": 1568014460893, "o": order}))


def test_best_prices_of_a_symbol(payload: Payload) -> None:
    assert read_market(frame(payload("ws_bookTicker"))) == Quote(
        symbol=Symbol("BNBUSDT"),
        prices=BestPrices(D("25.35190000"), D("31.21"), D("25.36520000"), D("40.66"), 1568014460891),
        update_id=400900217,
        event_time_ms=1568014460893,
    )


def test_a_crossed_book_is_a_bad_frame(payload: Payload) -> None:
    with pytest.raises(BadFrame, match="above the ask"):
        read_market(frame(payload("ws_bookTicker") | {"b": "25.37"}))


def test_mark_prices_of_one_and_of_all_symbols(payload: Payload) -> None:
    mark = MarkPrice(D("11794.15"), 1562305380000, D("11784.62659091"), D("0.00038167"), 1562306400000)
    assert read_market(frame(payload("ws_markPriceUpdate"))) == Marks((Mark(BTC, mark),))
    every = read_market(frame({"stream": "!markPrice@arr", "data": payload("ws_markPriceUpdate_arr")}))
    assert isinstance(every, Marks)
    assert [(seen.symbol, seen.mark.price) for seen in every.marks] == [(BTC, D("11185.87786614"))]


def test_an_array_of_anything_else_is_a_bad_frame(payload: Payload) -> None:
    with pytest.raises(BadFrame):
        read_market(frame([payload("ws_bookTicker")]))


def test_a_candle(payload: Payload) -> None:
    assert read_market(frame(payload("ws_kline"))) == Kline(
        symbol=BTC,
        interval="1m",
        open_time_ms=123400000,
        close_time_ms=123460000,
        open=D("0.0010"),
        high=D("0.0025"),
        low=D("0.0015"),
        close=D("0.0020"),
        volume=D(1000),
        quote_volume=D(1),
        trades=100,
        closed=False,
        event_time_ms=123456789,
    )


def test_where_the_buyer_was_the_maker_the_taker_sold(payload: Payload) -> None:
    trade = payload("ws_aggTrade")
    assert read_market(frame(trade)) == AggregateTrade(
        BTC, 5933014, D("0.001"), D(100), Side.SELL, 123456785, 123456789
    )
    bought = read_market(frame(trade | {"m": False}))
    assert isinstance(bought, AggregateTrade)
    assert bought.taker_side is Side.BUY


@pytest.mark.parametrize(
    ("answer", "reply"),
    [
        ({"result": None, "id": 1}, Reply(1, None)),
        ({"result": ["btcusdt@aggTrade"], "id": 3}, Reply(3, ("btcusdt@aggTrade",))),
        ({"result": True, "id": 4}, Reply(4, True)),
        ({"code": 0, "msg": "Unknown property"}, Reply(None, None, "0 Unknown property")),
        ({"code": 2, "msg": "Invalid request", "id": 5}, Reply(5, None, "2 Invalid request")),
    ],
)
def test_answers_to_control_messages(answer: Any, reply: Reply) -> None:
    assert read_market(frame(answer)) == reply
    assert read_user(frame(answer), ACCOUNT) == reply


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "null", "5", '"text"', "{", "[", "{}", "[5]", "[null]", '{"e": 5}', '{"e": "depthUpdate"}', "NaN"),
        *('{"e": NaN}', '{"e": ["forceOrder"]}', '{"result": 5, "id": 1}', '{"result": [1], "id": 1}'),
        *('{"result": null}', '{"code": -1, "msg": ""}', '{"code": 1}', '{"stream": "x", "data": null}'),
        *("[" * 100_000, '{"a":' * 100_000, "1" * 5000, '{"E": 1e9999999999999999999}', "\ud800"),
    ],
)
def test_any_other_frame_is_a_bad_frame(text: str) -> None:
    with pytest.raises(BadFrame):
        read_market(text)
    with pytest.raises(BadFrame):
        read_user(text, ACCOUNT)


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"\x00", b"{\xc3\x28}"])
def test_bytes_that_are_no_text_are_a_bad_frame(raw: bytes) -> None:
    with pytest.raises(BadFrame):
        read_market(raw)


def test_an_oversize_frame_is_not_even_decoded() -> None:
    with pytest.raises(BadFrame, match="longer"):
        read_market("[" + "1," * 600_000 + "1]")


# --- user data -------------------------------------------------------------------------------------------------------

NEWS = OrderNews(
    symbol=BTC,
    client_order_id=ClientOrderId("TEST"),
    venue_order_id=VenueOrderId(8886774),
    side=Side.SELL,
    position_side=PositionSide.LONG,
    type=OrderType.TRAILING_STOP_MARKET,
    state=OrderState.OPEN,
    quantity=D("0.001"),
    filled_quantity=D(0),
    average_price=D(0),
    price=D(0),
    stop_price=D("7103.04"),
    reduce_only=False,
    close_position=False,
    time_ms=1568879465651,
)


def order_changed(payload: Payload, **changes: Any) -> OrderChanged:
    event = payload("ws_ORDER_TRADE_UPDATE")
    event["o"] |= changes
    event["o"] = {name: value for name, value in event["o"].items() if value is not ...}
    read = read_user(frame(event), ACCOUNT)
    assert isinstance(read, OrderChanged)
    return read


def traded(payload: Payload, **changes: Any) -> OrderChanged:
    filled = {"x": "TRADE", "X": "FILLED", "l": "0.001", "z": "0.001", "L": "7100.5", "ap": "7100.5", "t": 77}
    return order_changed(payload, **{**filled, "n": "0.0028", "rp": "-1.25", "m": True, **changes})


def test_a_new_order_is_news_without_a_fill(payload: Payload) -> None:
    assert order_changed(payload) == OrderChanged(ACCOUNT, NEWS, None, "", 1568879465651)


def test_a_trade_carries_its_fill(payload: Payload) -> None:
    changed = traded(payload)
    assert changed.news.state is OrderState.FILLED
    assert changed.fill == Fill(
        account=ACCOUNT,
        symbol=BTC,
        trade_id=TradeId(77),
        venue_order_id=VenueOrderId(8886774),
        client_order_id=ClientOrderId("TEST"),
        side=Side.SELL,
        position_side=PositionSide.LONG,
        price=D("7100.5"),
        quantity=D("0.001"),
        commission=D("0.0028"),
        commission_asset="USDT",
        realized_pnl=D("-1.25"),
        maker=True,
        time_ms=1568879465651,
    )


def test_a_trade_without_commission_costs_nothing(payload: Payload) -> None:
    fill = traded(payload, n=..., N=...).fill
    assert fill is not None
    assert (fill.commission, fill.commission_asset) == (D(0), "")


@pytest.mark.parametrize("change", [{"l": "0"}, {"L": "0"}, {"t": -1}, {"l": ...}, {"rp": "NaN"}])
def test_a_trade_without_its_numbers_is_a_bad_frame(change: dict[str, Any], payload: Payload) -> None:
    with pytest.raises(BadFrame):
        traded(payload, **change)


def test_a_triggered_stop_is_known_by_its_original_type(payload: Payload) -> None:
    assert order_changed(payload, o="MARKET", ot="STOP_MARKET").news.type is OrderType.STOP_MARKET


@pytest.mark.parametrize(
    ("change", "forced"),
    [
        ({"c": "autoclose-1568879465651", "o": "LIQUIDATION", "ot": "LIMIT"}, "liquidation"),
        ({"o": "LIQUIDATION", "ot": "LIQUIDATION"}, "liquidation"),
        ({"X": "NEW_INSURANCE"}, "liquidation"),
        ({"c": "adl_autoclose"}, "adl"),
        ({"X": "NEW_ADL"}, "adl"),
    ],
)
def test_orders_of_the_venue_itself_are_told_apart(change: dict[str, str], forced: str, payload: Payload) -> None:
    assert order_changed(payload, **change).forced == forced


def test_a_liquidation_execution_carries_a_fill(payload: Payload) -> None:
    changed = traded(payload, x="CALCULATED", c="autoclose-1", o="LIQUIDATION")
    assert changed.fill is not None
    assert order_changed(payload, x="CALCULATED", c="autoclose-1").fill is None


@pytest.mark.parametrize("execution", ["TRADE", "CALCULATED"])
def test_an_execution_that_names_no_trade_is_news_and_leaves_its_fill_to_the_history(
    execution: str, payload: Payload
) -> None:
    """By id 0 a second one would pass for the first, and the history would book each of them once more."""
    changed = traded(payload, x=execution, c="autoclose-1", o="LIQUIDATION", t=0)
    assert changed.fill is None
    assert (changed.news.state, changed.forced) == (OrderState.FILLED, "liquidation")


@pytest.mark.parametrize(
    "change",
    [{"X": "PENDING"}, {"x": "AMENDMENT"}, {"S": "HOLD"}, {"ps": "NONE"}, {"R": "false"}, {"cp": 1}, {"ot": "OCO"}],
)
def test_an_unknown_word_in_an_order_is_loud(change: dict[str, Any], payload: Payload) -> None:
    with pytest.raises(BadFrame):
        order_changed(payload, **change)


def test_the_account_update_lists_wallets_and_positions(payload: Payload) -> None:
    changed = read_user(frame(payload("ws_ACCOUNT_UPDATE")), ACCOUNT)
    assert isinstance(changed, AccountChanged)
    assert (changed.reason, changed.event_time_ms) == ("ORDER", 1564745798939)
    assert changed.wallets[0] == WalletChange("USDT", D("122624.12345678"), D("100.12345678"), D("50.12345678"))
    assert changed.positions[1] == PositionSeen(
        BTC, PositionSide.LONG, D(20), D("6563.66500"), D("2850.21200"), MarginType.ISOLATED
    )
    assert [(seen.side, seen.amount) for seen in changed.positions] == [
        (None, D(0)),
        (PositionSide.LONG, D(20)),
        (PositionSide.SHORT, D(-10)),
    ]


def test_a_funding_fee_may_come_without_positions(payload: Payload) -> None:
    event = payload("ws_ACCOUNT_UPDATE")
    event["a"] = {"m": "FUNDING_FEE", "B": event["a"]["B"][:1]}
    changed = read_user(frame(event), ACCOUNT)
    assert isinstance(changed, AccountChanged)
    assert (len(changed.wallets), changed.positions) == (1, ())


def test_margin_call_configuration_expiry_and_announcement(payload: Payload) -> None:
    def read(name: str) -> Any:
        return read_user(frame(payload(name)), ACCOUNT)

    assert read("ws_MARGIN_CALL") == MarginCalled(ACCOUNT, (Symbol("ETHUSDT"),), 1587727187525)
    assert read("ws_ACCOUNT_CONFIG_UPDATE_leverage") == ConfigChanged(ACCOUNT, BTC, 25, None, None, 1611646737479)
    assert read("ws_ACCOUNT_CONFIG_UPDATE_modes") == ConfigChanged(ACCOUNT, None, None, True, True, 1611646737479)
    assert read("ws_listenKeyExpired") == ListenKeyExpired(1576653824250)
    assert read_user('{"e":"announcement","en":{},"zh":{}}', ACCOUNT) == Announcement()


def test_market_events_are_no_user_events(payload: Payload) -> None:
    with pytest.raises(BadFrame, match="user stream"):
        read_user(frame(payload("ws_forceOrder")), ACCOUNT)

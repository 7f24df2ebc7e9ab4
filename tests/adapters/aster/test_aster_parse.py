from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from undertow.adapters.aster import parse, strict
from undertow.adapters.aster.strict import BadFrame
from undertow.domain.account import Balance, MarginType, VenuePosition
from undertow.domain.fill import Fill
from undertow.domain.ids import AccountId, ClientOrderId, Symbol, TradeId, VenueOrderId
from undertow.domain.instrument import Instrument, LeverageBracket
from undertow.domain.market import BestPrices, MarkPrice, PositionSide, Side, Venue
from undertow.domain.order import OrderNews, OrderState, OrderType

Payload = Callable[[str], Any]
ACCOUNT = AccountId("main")
D = Decimal


# --- the strict readers ----------------------------------------------------------------------------------------------

NOT_DECIMALS: list[Any] = [
    *(
        "",
        " 1",
        "1 ",
        "+1",
        "1.",
        ".5",
        "1e3",
        "1E-8",
        "NaN",
        "Infinity",
        "-Infinity",
        "1_000",
        "１２",
        "٣",
        "--1",
        "0x10",
    ),
    *("1" * 16, "1." + "1" * 13, "1,5", "1\n", "\n1", "1" * 40, "sNaN", "-", "1.2.3"),
    *(True, False, None, 1, 1.5, Decimal(1), [], {}, [1], 10**400),
]


@pytest.mark.parametrize("value", NOT_DECIMALS)
def test_anything_but_a_plain_decimal_text_is_a_bad_frame(value: object) -> None:
    with pytest.raises(BadFrame) as raised:
        strict.decimal({"p": value}, "p")
    assert raised.value.field == "p"
    assert len(raised.value.value) <= 64


@settings(deadline=None)
@given(st.from_regex(r"-?[0-9]{1,15}(\.[0-9]{1,12})?", fullmatch=True, alphabet="0123456789.-"))
def test_a_plain_decimal_text_is_read_exactly(text: str) -> None:
    assert strict.decimal({"p": text}, "p") == Decimal(text)


@settings(deadline=None)
@given(st.text() | st.integers() | st.floats() | st.booleans() | st.none() | st.decimals())
def test_a_decimal_or_a_bad_frame_and_nothing_else(value: object) -> None:
    try:
        read = strict.decimal({"p": value}, "p")
    except BadFrame:
        return
    assert type(value) is str
    assert read.is_finite()
    assert abs(read) < 10**15


@pytest.mark.parametrize("value", [Decimal("1E+999999"), Decimal("1E-13"), 10**15, True, "1", None, Decimal("1E+15")])
def test_a_json_number_beyond_reason_is_a_bad_frame(value: object) -> None:
    with pytest.raises(BadFrame):
        strict.number({"n": value}, "n")


@pytest.mark.parametrize("value", [0, 5, Decimal("0.0065"), Decimal("100.0")])
def test_a_json_number_is_read_exactly(value: Any) -> None:
    assert strict.number({"n": value}, "n") == value


@pytest.mark.parametrize("value", [True, -1, 2**63, 1.0, "5", None])
def test_ids_are_longs(value: object) -> None:
    with pytest.raises(BadFrame):
        strict.integer({"i": value}, "i")


@pytest.mark.parametrize("value", [0, -1, 10**13, True, 1.5e12, "1568014460893", None])
def test_times_are_milliseconds_within_reason(value: object) -> None:
    with pytest.raises(BadFrame):
        strict.time_ms({"T": value}, "T")


@pytest.mark.parametrize("value", ["BTCUSDT", "1000PEPEUSDT", "币安人生USDT", "BTCUSDT_240628", "BTC-PERP"])
def test_symbols_may_be_of_any_script(value: str) -> None:
    assert strict.symbol({"s": value}, "s") == value


@pytest.mark.parametrize(
    "value", ["", "_", "BTC USDT", "BTC#USDT", "\ud800", "a\x00b", "<b>", "A" * 41, 5, None, ["A"]]
)
def test_other_texts_are_no_symbols(value: object) -> None:
    with pytest.raises(BadFrame):
        strict.symbol({"s": value}, "s")


@pytest.mark.parametrize("value", ["\ud800", "a\n", "x" * 65, 5, None])
def test_unprintable_or_endless_texts_are_refused(value: object) -> None:
    with pytest.raises(BadFrame):
        strict.text({"c": value}, "c")


@pytest.mark.parametrize("holder", [None, [], "text", 5, {"other": 1}])
def test_a_missing_field_is_a_bad_frame(holder: object) -> None:
    with pytest.raises(BadFrame):
        strict.member(holder, "p")


def test_a_refused_container_is_shown_by_its_type_only() -> None:
    nested: list[Any] = []
    for _ in range(100_000):
        nested = [nested]
    with pytest.raises(BadFrame) as raised:
        strict.decimal({"p": nested}, "p")
    assert raised.value.value == "list"


# --- answers ---------------------------------------------------------------------------------------------------------


def test_a_placed_order_is_news(payload: Payload) -> None:
    assert parse.order_news(payload("http_post_order")) == OrderNews(
        symbol=Symbol("BTCUSDT"),
        client_order_id=ClientOrderId("testOrder"),
        venue_order_id=VenueOrderId(22542179),
        side=Side.BUY,
        position_side=PositionSide.SHORT,
        type=OrderType.TRAILING_STOP_MARKET,
        state=OrderState.OPEN,
        quantity=D(10),
        filled_quantity=D(0),
        average_price=D(0),
        price=D(0),
        stop_price=D(9300),
        reduce_only=False,
        close_position=False,
        time_ms=1566818724722,
    )


@pytest.mark.parametrize("name", ["http_get_order", "http_delete_order"])
def test_queries_and_cancels_have_the_same_shape(name: str, payload: Payload) -> None:
    news = parse.order_news(payload(name))
    assert news.state is (OrderState.CANCELED if name == "http_delete_order" else OrderState.OPEN)


def test_a_cancel_tells_what_filled_before_without_naming_an_average(payload: Payload) -> None:
    canceled = payload("http_delete_order") | {"executedQty": "4", "cumQuote": "37.0"}
    news = parse.order_news(canceled)
    assert (news.filled_quantity, news.average_price) == (D(4), D("9.25"))


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("NEW", OrderState.OPEN),
        ("PARTIALLY_FILLED", OrderState.PARTIALLY_FILLED),
        ("FILLED", OrderState.FILLED),
        ("CANCELED", OrderState.CANCELED),
        ("REJECTED", OrderState.REJECTED),
        ("EXPIRED", OrderState.EXPIRED),
    ],
)
def test_every_documented_status_has_a_state(status: str, state: OrderState, payload: Payload) -> None:
    assert parse.order_news(payload("http_get_order") | {"status": status}).state is state


@pytest.mark.parametrize("status", ["PENDING_CANCEL", "", None, 5, "new"])
def test_an_unknown_status_is_loud(status: object, payload: Payload) -> None:
    with pytest.raises(BadFrame, match="status"):
        parse.order_news(payload("http_get_order") | {"status": status})


def test_a_triggered_stop_keeps_the_type_it_was_placed_with(payload: Payload) -> None:
    triggered = payload("http_get_order") | {"type": "MARKET", "origType": "STOP_MARKET"}
    assert parse.order_news(triggered).type is OrderType.STOP_MARKET


def test_a_one_way_order_has_no_position_side(payload: Payload) -> None:
    assert parse.order_news(payload("http_get_order") | {"positionSide": "BOTH"}).position_side is None


@pytest.mark.parametrize("commission", ["-0.07819010", "0.07819010"])
def test_a_trade_is_a_fill_whose_commission_is_a_cost_whatever_its_sign(commission: str, payload: Payload) -> None:
    (trade,) = payload("http_get_userTrades")
    assert parse.fill(trade | {"commission": commission}, ACCOUNT) == Fill(
        account=ACCOUNT,
        symbol=Symbol("BTCUSDT"),
        trade_id=TradeId(698759),
        venue_order_id=VenueOrderId(25851813),
        client_order_id=None,
        side=Side.SELL,
        position_side=PositionSide.SHORT,
        price=D("7819.01"),
        quantity=D("0.002"),
        commission=D("0.07819010"),
        commission_asset="USDT",
        realized_pnl=D("-0.91539999"),
        maker=False,
        time_ms=1569514978020,
    )


def test_flat_rows_are_no_positions(payload: Payload) -> None:
    (row,) = payload("http_get_positionRisk_one_way")
    assert parse.open_position(row) is None


def test_both_sides_of_a_hedge_account_have_positive_quantities(payload: Payload) -> None:
    long, short = (parse.open_position(row) for row in payload("http_get_positionRisk_hedge"))
    assert long == VenuePosition(
        symbol=Symbol("BTCUSDT"),
        side=PositionSide.LONG,
        quantity=D(20),
        entry_price=D("6563.66500"),
        mark_price=D("6679.50671178"),
        unrealized=D("2316.83423560"),
        leverage=10,
        margin_type=MarginType.ISOLATED,
        liquidation_price=D("5930.78"),
        updated_at_ms=1625474304765,
        isolated_wallet=D("13200.70726908"),
    )
    assert short is not None
    assert (short.side, short.quantity) == (PositionSide.SHORT, D(10))


@pytest.mark.parametrize(("amount", "side"), [("1", PositionSide.LONG), ("-1", PositionSide.SHORT)])
def test_the_side_of_a_one_way_position_is_its_sign(amount: str, side: PositionSide, payload: Payload) -> None:
    (row,) = payload("http_get_positionRisk_one_way")
    position = parse.open_position(row | {"positionAmt": amount, "marginType": "cross"})
    assert position is not None
    assert (position.side, position.margin_type, position.liquidation_price) == (side, MarginType.CROSS, None)


@pytest.mark.parametrize("leverage", ["0", "1002", 0, True, "ten", "-5", None])
def test_a_leverage_beyond_reason_is_a_bad_frame(leverage: object) -> None:
    with pytest.raises(BadFrame):
        parse.leverage({"leverage": leverage})


def test_leverage_is_read_from_text_and_number(payload: Payload) -> None:
    assert parse.leverage(payload("http_post_leverage")) == 21
    assert parse.leverage({"leverage": "10"}) == 10


def test_the_balance_is_the_accounts_totals(payload: Payload) -> None:
    balance = parse.balance(payload("http_get_account"), ACCOUNT, 5)
    assert balance == Balance(
        ACCOUNT,
        wallet=D("23.72469206"),
        available=D("23.72469206"),
        unrealized=D(0),
        time_ms=5,
        initial_margin=D(0),
        maintenance_margin=D(0),
    )


@pytest.mark.parametrize("field", ["totalInitialMargin", "totalMaintMargin"])
@pytest.mark.parametrize("value", ["-1", "", "NaN", 1.5, None])
def test_a_margin_that_is_no_plain_amount_is_refused(field: str, value: object, payload: Payload) -> None:
    with pytest.raises(BadFrame, match=field):
        parse.balance(payload("http_get_account") | {field: value}, ACCOUNT, 5)


def test_both_margins_of_the_account_are_read(payload: Payload) -> None:
    answer = payload("http_get_account") | {"totalInitialMargin": "12.50000000", "totalMaintMargin": "0.33745156"}
    balance = parse.balance(answer, ACCOUNT, 5)
    assert (balance.initial_margin, balance.maintenance_margin) == (D("12.5"), D("0.33745156"))


def test_best_prices_and_mark_price(payload: Payload) -> None:
    assert parse.best_prices(payload("http_get_bookTicker")) == BestPrices(
        bid=D("4.00000000"), bid_quantity=D(431), ask=D("4.00000200"), ask_quantity=D(9), time_ms=1589437530011
    )
    assert parse.mark_price(payload("http_get_premiumIndex")) == MarkPrice(
        price=D("11793.63104562"),
        time_ms=1597370495002,
        index=D("11781.80495970"),
        funding_rate=D("0.00038246"),
        next_funding_time_ms=1597392000000,
    )


def test_an_instrument_takes_its_grid_from_the_filters(payload: Payload) -> None:
    (row,) = payload("http_get_exchangeInfo")["symbols"]
    assert parse.instrument(row, 7) == Instrument(
        venue=Venue.ASTER,
        symbol=Symbol("DOGEUSDT"),
        base_asset="BLZ",
        quote_asset="USDT",
        margin_asset="USDT",
        status="TRADING",
        tick_size=D("0.0001"),
        min_price=D("0.0001"),
        max_price=D(300),
        lot_size=D(1),
        min_quantity=D(1),
        max_quantity=D(10000000),
        market_lot_size=D(1),
        market_min_quantity=D(1),
        market_max_quantity=D(590119),
        min_notional=D(1),
        price_multiplier_up=D("1.1500"),
        price_multiplier_down=D("0.8500"),
        max_orders=200,
        max_algo_orders=100,
        trigger_protect=D("0.15"),
        market_take_bound=D("0.30"),
        liquidation_fee=D("0.010000"),
        fetched_at_ms=7,
    )


def test_an_absent_limit_is_none_and_an_absent_grid_is_a_bad_frame(payload: Payload) -> None:
    (row,) = payload("http_get_exchangeInfo")["symbols"]
    grid = [entry for entry in row["filters"] if entry["filterType"] in ("PRICE_FILTER", "LOT_SIZE")]
    bare = parse.instrument(row | {"filters": grid}, 7)
    assert bare.min_notional == bare.price_multiplier_up == bare.max_orders == 0
    assert bare.market_max_quantity == bare.max_quantity
    with pytest.raises(BadFrame, match="LOT_SIZE"):
        parse.instrument(row | {"filters": grid[:1]}, 7)


@pytest.mark.parametrize("name", ["http_get_leverageBracket", "http_get_leverageBracket_symbol"])
def test_leverage_brackets_hold_json_numbers(name: str, payload: Payload) -> None:
    answer = payload(name)
    symbol, brackets = parse.leverage_brackets(answer[0] if isinstance(answer, list) else answer)
    assert symbol == "ETHUSDT"
    assert brackets == (LeverageBracket(1, 75, D(0), D(10000), D("0.0065"), D(0)),)

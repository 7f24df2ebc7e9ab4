"""The entry's price: into a wide spread, over the best of a narrow one, never across it."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.builders import NOW_MS, book, d, instrument

from undertow.domain.instrument import Instrument
from undertow.domain.market import BestPrices, MarkPrice, Side
from undertow.domain.order import TimeInForce
from undertow.strategies.pricing import PriceTerms, entry_price

BUY, SELL = Side.BUY, Side.SELL
GTC, GTX = TimeInForce.GTC, TimeInForce.GTX
MARK = MarkPrice(d("100"), NOW_MS)


def price(
    side: Side, prices: BestPrices | None, tif: TimeInForce = GTC, tick: str = "0.01", mark: MarkPrice | None = MARK
) -> Decimal | None:
    rules = instrument(tick_size=d(tick), min_price=d(tick))
    return entry_price(side, prices, mark, PriceTerms(tif, d("0.15")), rules)


@pytest.mark.parametrize(
    ("sentence", "bid", "ask", "tick", "buy", "sell"),
    [
        ("a wide spread is entered by a fifth", "100", "101", "0.01", "100.2", "100.8"),
        (
            "a fifth that is no multiple of a tick is rounded away from the market",
            "100",
            "101.03",
            "0.1",
            "100.2",
            "100.9",
        ),
        ("of a wide spread of two ticks a fifth is nothing", "1", "1.2", "0.1", "1", "1.2"),
        ("at exactly 0.2 % the spread is narrow", "100", "100.2", "0.01", "100.01", "100.19"),
        ("just above 0.2 % it is wide", "100", "100.21", "0.01", "100.04", "100.17"),
        ("a narrow spread is improved by 0.01 %", "100000", "100100", "0.1", "100010", "100090"),
        ("an improvement is at least a tick", "10", "10.01", "0.001", "10.001", "10.009"),
        ("0.01 % that is wider than the spread stops at the other side", "100000", "100001", "0.1", "100001", "100000"),
        ("a spread of one tick is crossed by a taker", "100", "100.1", "0.1", "100.1", "100"),
    ],
)
def test_an_entry_is_priced_from_the_book(sentence: str, bid: str, ask: str, tick: str, buy: str, sell: str) -> None:
    assert (price(BUY, book(bid, ask), tick=tick), price(SELL, book(bid, ask), tick=tick)) == (d(buy), d(sell))


@pytest.mark.parametrize(
    ("sentence", "bid", "ask", "tick", "buy", "sell"),
    [
        ("a wide spread leaves it room", "100", "101", "0.01", "100.2", "100.8"),
        (
            "a narrow spread is improved as far as a tick before the other side",
            "100000",
            "100001",
            "0.1",
            "100000.9",
            "100000.1",
        ),
        ("a spread of two ticks is improved by one", "100", "100.2", "0.1", "100.1", "100.1"),
        ("a spread of one tick leaves the best price as it is", "100", "100.1", "0.1", "100", "100.1"),
        ("a book off the grid is stayed clear of", "100.05", "100.08", "0.1", "99.9", "100.2"),
    ],
)
def test_a_post_only_entry_stops_a_tick_before_the_other_side(
    sentence: str, bid: str, ask: str, tick: str, buy: str, sell: str
) -> None:
    assert price(BUY, book(bid, ask), GTX, tick) == d(buy)
    assert price(SELL, book(bid, ask), GTX, tick) == d(sell)


@pytest.mark.parametrize(
    ("sentence", "prices"),
    [
        ("no book", None),
        ("an empty book", book("0", "0")),
        ("a book without bids", book("0", "100.1")),
        ("a book without asks", book("100", "0")),
        ("a negative bid", book("-100", "100.1")),
        ("a locked book", book("100", "100")),
        ("an inverted book", book("100.1", "100")),
    ],
)
def test_a_book_that_cannot_be_read_is_replaced_by_an_offset_from_the_mark(
    sentence: str, prices: BestPrices | None
) -> None:
    assert (price(BUY, prices), price(SELL, prices)) == (d("99.85"), d("100.15"))
    assert (price(BUY, prices, tick="0.1"), price(SELL, prices, tick="0.1")) == (d("99.8"), d("100.2"))


@pytest.mark.parametrize("mark", [None, MarkPrice(d("0"), NOW_MS), MarkPrice(d("-1"), NOW_MS)])
@pytest.mark.parametrize("side", Side)
def test_without_book_and_mark_there_is_no_price(mark: MarkPrice | None, side: Side) -> None:
    assert price(side, None, mark=mark) is None


ticks = st.sampled_from([d("0.1"), d("0.01"), d("0.5"), d("0.00001"), d("3")])
grids = st.builds(
    lambda tick, start: instrument(tick_size=tick, min_price=tick * start),
    ticks,
    st.sampled_from([d("0"), d("1"), d("0.5")]),
)


@st.composite
def books_on_the_grid(draw: st.DrawFn) -> tuple[Instrument, BestPrices]:
    rules = draw(grids)
    bid = draw(st.integers(1, 10**7)) * rules.tick_size + rules.min_price
    spread = draw(st.one_of(st.integers(1, 3), st.integers(1, 10**5))) * rules.tick_size
    return rules, BestPrices(bid, d("1"), bid + spread, d("1"), NOW_MS)


@given(books_on_the_grid(), st.sampled_from(Side), st.sampled_from(TimeInForce))
def test_an_entry_lies_between_the_best_prices_and_on_the_grid(
    given_book: tuple[Instrument, BestPrices], side: Side, tif: TimeInForce
) -> None:
    rules, prices = given_book
    found = entry_price(side, prices, None, PriceTerms(tif, d("0.1")), rules)
    assert found is not None
    assert prices.bid <= found <= prices.ask
    assert (found - rules.min_price) % rules.tick_size == 0
    if tif is GTX:
        assert found < prices.ask if side is BUY else found > prices.bid


@given(
    grids,
    st.decimals("0.00001", "200000", places=9, allow_nan=False),
    st.decimals("0.000000001", "5000", places=9, allow_nan=False),
    st.sampled_from(Side),
    st.booleans(),
)
def test_rounding_never_crosses_the_spread_even_of_a_book_off_the_grid(
    rules: Instrument, bid: Decimal, spread: Decimal, side: Side, post_only: bool
) -> None:
    """The tick size may have changed since the trading rules were read."""
    prices = BestPrices(bid, d("1"), bid + spread, d("1"), NOW_MS)
    terms = PriceTerms(GTX if post_only else GTC, d("0.1"))
    found = entry_price(side, prices, None, terms, rules)
    assert found is not None
    assert found <= prices.ask if side is BUY else found >= prices.bid
    if post_only:
        assert found < prices.ask if side is BUY else found > prices.bid


@given(grids, st.decimals("0.00001", "200000", places=9, allow_nan=False), st.decimals("0", "10", places=3))
def test_an_offset_entry_is_never_nearer_to_the_market_than_its_offset(
    rules: Instrument, mark: Decimal, offset: Decimal
) -> None:
    params = PriceTerms(GTC, offset)
    buy = entry_price(BUY, None, MarkPrice(mark, NOW_MS), params, rules)
    sell = entry_price(SELL, None, MarkPrice(mark, NOW_MS), params, rules)
    assert buy is not None
    assert sell is not None
    assert buy <= mark * (1 - offset / 100)
    assert sell >= mark * (1 + offset / 100)

"""Volume-weighted average price against exact fractions, and the lean of book and funding. Algorithms, section 5.5."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undertow.domain.conditions import Vwap
from undertow.domain.market import BestPrices, Candle
from undertow.signals.bias import bias_of
from undertow.signals.vwap import VwapOfCandles, vwap_interval_s

BEGIN_MS = 1_765_411_200_000
MINUTE_MS = 60_000

Row = tuple[Decimal, Decimal, Decimal, Decimal]

amounts = st.decimals("0", "1000000", places=3, allow_nan=False, allow_infinity=False)


@st.composite
def rows(draw: st.DrawFn) -> Row:
    """Low, high, close and volume."""
    low, high = sorted((draw(st.integers(1, 10**9)), draw(st.integers(1, 10**9))))
    close = draw(st.integers(low, high))
    return Decimal(low).scaleb(-4), Decimal(high).scaleb(-4), Decimal(close).scaleb(-4), draw(amounts)


def candles_of(given_rows: list[Row], length_ms: int = MINUTE_MS) -> list[Candle]:
    return [
        Candle(begin_ms, begin_ms + length_ms - 1, close, high, low, close, volume)
        for begin_ms, (low, high, close, volume) in (
            (BEGIN_MS + number * length_ms, row) for number, row in enumerate(given_rows)
        )
    ]


def after(minutes: int) -> int:
    return BEGIN_MS + minutes * MINUTE_MS


def vwap_of(candles: list[Candle], minutes: int, now_ms: int) -> Vwap | None:
    vwap = VwapOfCandles(minutes)
    for candle in candles:
        vwap.add(candle)
    return vwap.value(now_ms)


@given(st.lists(rows(), min_size=7, max_size=20))
def test_it_is_the_typical_price_weighted_by_volume_over_the_trailing_minutes(given_rows: list[Row]) -> None:
    found = vwap_of(candles_of(given_rows), 7, after(len(given_rows)))
    last = given_rows[-7:]
    volume = sum((Fraction(row[3]) for row in last), Fraction(0))
    if volume == 0:
        assert found is None
        return
    exact = sum(
        ((Fraction(low) + Fraction(high) + Fraction(close)) / 3 * Fraction(size) for low, high, close, size in last)
    )
    assert found is not None
    assert abs(Fraction(found.price) - exact / volume) < Fraction(1, 10**10)
    assert (found.minutes, found.closed_at_ms) == (7, after(len(given_rows)) - 1)


@given(st.lists(rows(), min_size=7, max_size=12))
def test_it_lies_between_the_lowest_and_the_highest_price(given_rows: list[Row]) -> None:
    found = vwap_of(candles_of(given_rows), 7, after(len(given_rows)))
    if found is not None:
        slack = Decimal("1E-10")
        assert min(row[0] for row in given_rows) - slack <= found.price <= max(row[1] for row in given_rows) + slack


@given(st.lists(rows(), min_size=8, max_size=12), st.integers(1, 6))
def test_one_missing_candle_in_the_span_makes_none(given_rows: list[Row], missing: int) -> None:
    candles = candles_of(given_rows)
    del candles[-1 - missing]
    assert vwap_of(candles, 7, after(len(given_rows))) is None


def test_too_few_candles_make_none() -> None:
    row = (Decimal(1), Decimal(3), Decimal(2), Decimal(5))
    assert vwap_of(candles_of([row] * 6), 7, after(6)) is None
    found = vwap_of(candles_of([row] * 7), 7, after(7))
    assert found is not None
    assert found.price == 2


def test_a_late_candle_makes_none() -> None:
    vwap = VwapOfCandles(5)
    for one in candles_of([(Decimal(1), Decimal(3), Decimal(2), Decimal(5))] * 5):
        vwap.add(one)
        vwap.add(one)
    assert vwap.value(after(5) - 1 + 2 * MINUTE_MS) is not None
    assert vwap.value(after(5) + 2 * MINUTE_MS) is None


@pytest.mark.parametrize(("minutes", "interval_s"), [(5, 60), (59, 60), (60, 300), (61, 60), (240, 300), (959, 60)])
def test_long_averages_are_made_of_five_minute_candles_where_they_fit(minutes: int, interval_s: int) -> None:
    """Section 5.5: 240 minutes."""
    assert vwap_interval_s(minutes) == interval_s


def test_four_hours_are_forty_eight_candles_of_five_minutes() -> None:
    """Section 5.5: 240 minutes."""
    row = (Decimal(1), Decimal(3), Decimal(2), Decimal(5))
    candles = candles_of([row] * 48, 5 * MINUTE_MS)
    assert vwap_of(candles[1:], 240, after(240)) is None
    assert vwap_of(candles, 240, after(240)) is not None


# --- bias -------------------------------------------------------------------------------------------------------------


def book(bid_quantity: Decimal, ask_quantity: Decimal) -> BestPrices:
    return BestPrices(Decimal(99), bid_quantity, Decimal(101), ask_quantity, BEGIN_MS)


rates = st.decimals("-0.03", "0.03", places=8, allow_nan=False, allow_infinity=False)


@given(amounts, amounts, rates)
def test_a_bias_is_sixty_percent_depth_and_forty_percent_funding(bids: Decimal, asks: Decimal, rate: Decimal) -> None:
    bias = bias_of(book(bids, asks), rate)
    assert bias is not None
    assert bias.funding is not None
    assert -1 <= bias.funding <= 1
    if bids + asks == 0:
        assert (bias.book, bias.combined) == (None, None)
        return
    assert bias.book is not None
    assert bias.combined is not None
    assert abs(bias.combined - (bias.book * Decimal("0.6") + bias.funding * Decimal("0.4"))) <= Decimal("0.000001")
    assert -1 <= bias.combined <= 1


@given(amounts, amounts, rates)
def test_a_mirrored_market_leans_the_other_way(bids: Decimal, asks: Decimal, rate: Decimal) -> None:
    one, other = bias_of(book(bids, asks), rate), bias_of(book(asks, bids), -rate)
    assert one is not None
    assert other is not None
    assert one.funding == -(other.funding or Decimal(0))
    assert (one.book or 0) == -(other.book or 0)
    assert (one.combined or 0) == -(other.combined or 0)


def test_a_bias_of_one_half_has_no_whole() -> None:
    assert bias_of(None, None) is None
    only_book, only_funding = bias_of(book(Decimal(3), Decimal(1)), None), bias_of(None, Decimal("0.00025"))
    assert only_book is not None
    assert only_funding is not None
    assert (only_book.book, only_book.funding, only_book.combined) == (Decimal("0.5"), None, None)
    assert (only_funding.book, only_funding.funding, only_funding.combined) == (None, Decimal("-0.5"), None)

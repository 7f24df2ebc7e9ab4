"""What is written is read back as it was, and nothing else is read at all."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.adapters.measured import conditions, percentiles

from undertow.adapters.sqs import messages
from undertow.adapters.sqs.messages import BadMessage, UserFrames
from undertow.domain.conditions import (
    AggregateCascade,
    Atr,
    Bias,
    CascadeFormula,
    CascadeReading,
    Colour,
    Conditions,
    PercentileRank,
    ReversalQuality,
    Vwap,
)
from undertow.domain.event import StreamGap, Ticks
from undertow.domain.follow_up import FollowUp, FollowUpKind
from undertow.domain.ids import AccountId, ClientOrderId, LiquidationId, Symbol
from undertow.domain.market import (
    BestPrices,
    Liquidation,
    LiquidationBatch,
    MarkPrice,
    MeasuredLiquidation,
    PositionSide,
    Side,
    Venue,
    VolumeWindow,
)

exact = st.decimals("0.000000000001", "999999999999999", allow_nan=False, allow_infinity=False, places=12)
sums = st.decimals(0, "1e40", allow_nan=False, allow_infinity=False, places=24)
times = st.integers(1, 10**13 - 1)
symbols = st.sampled_from(["BTCUSDT", "1000PEPEUSDT", "币安人生USDT", "A_B-C.D"]).map(Symbol)
windows = st.builds(
    VolumeWindow,
    st.sampled_from([1, 60, 3600]),
    sums,
    sums,
    sums,
    sums,
    st.integers(0, 5_000),
    st.integers(0, 3_600),
)


@st.composite
def batches(draw: st.DrawFn) -> LiquidationBatch:
    symbol = draw(symbols)
    liquidation = st.builds(
        Liquidation,
        st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=26, max_size=26).map(LiquidationId),
        st.just(Venue.ASTER),
        st.just(symbol),
        st.sampled_from(Side),
        exact,
        exact,
        times,
        times,
    )
    measured = st.builds(
        lambda one, found, received_at_ms, rank: MeasuredLiquidation(
            one, {w.seconds: w for w in found}, received_at_ms, rank
        ),
        liquidation,
        st.lists(windows, max_size=3),
        times,
        st.none() | percentiles,
    )
    return LiquidationBatch(
        Venue.ASTER,
        symbol,
        draw(times),
        draw(st.booleans()),
        draw(times),
        draw(st.none() | st.builds(BestPrices, exact, exact, exact, exact, times)),
        draw(st.none() | st.builds(MarkPrice, exact, times, st.none() | exact, st.none() | exact, st.none() | times)),
        tuple(draw(st.lists(measured, min_size=1, max_size=4))),
        draw(st.none() | conditions()),
    )


@settings(max_examples=150, deadline=None)
@given(batches())
def test_liquidations_are_read_back_as_they_were_written(batch: LiquidationBatch) -> None:
    assert messages.read_liquidations(messages.batch_text(batch)) == batch


frames = st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=4).map(tuple)


@settings(max_examples=100, deadline=None)
@given(times, frames)
def test_user_frames_are_read_back_letter_by_letter(received_at_ms: int, texts: tuple[str, ...]) -> None:
    sent = UserFrames(Venue.ASTER, AccountId("main"), received_at_ms, texts)
    assert messages.read_user_events(messages.user_frames_text(sent)) == sent


def test_a_gap_is_read_back_as_it_was_written() -> None:
    gap = StreamGap(AccountId("main"), 1_000, 2_000, "reconnect")
    text = messages.gap_text(Venue.ASTER, gap)
    assert json.loads(text) == {
        "v": 1,
        "venue": "aster",
        "account": "main",
        "gap": {"from_ms": 1_000, "to_ms": 2_000, "reason": "reconnect"},
    }
    assert messages.read_user_events(text) == gap


@pytest.mark.parametrize("order", [None, ClientOrderId("ut-e-abc")])
def test_a_follow_up_is_read_back_as_it_was_written(order: ClientOrderId | None) -> None:
    follow_up = FollowUp(
        FollowUpKind.CHECK_PROTECTION, AccountId("main"), Symbol("币安人生USDT"), PositionSide.SHORT, order, 2, 5
    )
    assert messages.read_follow_up(messages.follow_up_text(follow_up)) == follow_up


def test_the_group_of_a_symbol_that_is_not_ascii_is_ascii() -> None:
    group = messages.liquidations_group(Venue.ASTER, Symbol("币安人生USDT"))
    assert group.isascii()
    assert group == "aster#%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT"
    assert messages.user_events_group(AccountId("main"), messages.WHOLE_ACCOUNT) == "main#*"


def test_the_group_of_a_long_name_fits_and_is_its_own() -> None:
    first, second = (messages.liquidations_group(Venue.ASTER, Symbol("币" * 39 + end)) for end in "ab")
    assert first != second
    assert max(len(first), len(second)) <= messages.LONGEST_GROUP


def test_the_same_liquidations_have_the_same_digest_and_others_another() -> None:
    ids = [LiquidationId("a" * 26), LiquidationId("b" * 26)]
    digests = {messages.liquidations_digest(some) for some in (ids, ids[:1], ids[1:], ids[::-1])}
    assert len(digests) == 4
    assert all(len(digest) == 26 for digest in digests)


BATCH = LiquidationBatch(
    Venue.ASTER,
    Symbol("BTCUSDT"),
    7,
    True,
    1_700_000_000_100,
    BestPrices(Decimal("1.5"), Decimal(1), Decimal("1.6"), Decimal(2), 1_700_000_000_000),
    MarkPrice(Decimal("1.55"), 1_700_000_000_000),
    (
        MeasuredLiquidation(
            Liquidation(
                LiquidationId("a"), Venue.ASTER, Symbol("BTCUSDT"), Side.SELL, Decimal(3), Decimal("1.4"), 1_000, 999
            ),
            {60: VolumeWindow(60, Decimal("4.2"), Decimal(3), Decimal(0), Decimal(0), 1, 1)},
            1_001,
            PercentileRank(Decimal("97.5"), 240, Decimal("29.5"), True),
        ),
    ),
    Conditions(
        atrs={300: Atr(Decimal("0.4"), Decimal("0.5"), 300, 1_000)},
        vwaps={240: Vwap(Decimal("1.5"), 240, 1_000)},
        cascades={
            CascadeFormula.MAGNITUDE: CascadeReading(
                CascadeFormula.MAGNITUDE,
                Colour.YELLOW,
                Decimal(2),
                Decimal("5.1"),
                Decimal("-1.2"),
                None,
                ("liquidations", "returns"),
                ReversalQuality.OK,
                1_000,
                1_001,
            )
        },
        aggregates={CascadeFormula.MAGNITUDE: AggregateCascade(False, 1, 5, 5, 1_000, 1_001)},
        bias=Bias(Decimal("0.25"), None, None),
    ),
)

Change = Callable[[dict[str, Any]], object]


def _first(body: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = body["liquidations"][0]
    return found


def _cascade(body: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = body["conditions"]["cascades"][0]
    return found


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.update(v=2),
        lambda body: body.pop("epoch"),
        lambda body: body.update(epoch="7"),
        lambda body: body.update(surprise=1),
        lambda body: body.update(window_covered=1),
        lambda body: body.update(venue="binance"),
        lambda body: body.update(liquidations=[]),
        lambda body: body["book"].update(bid=1.5),
        lambda body: body["book"].update(bid="0"),
        lambda body: body["book"].update(bid="-1"),
        lambda body: body["mark"].update(price="NaN"),
        lambda body: body["mark"].update(price="1e5"),
        lambda body: body["mark"].update(time_ms=True),
        lambda body: _first(body).update(quantity="1_000"),
        lambda body: _first(body).update(quantity="１２"),
        lambda body: _first(body).update(quantity="9" * 40),
        lambda body: _first(body).update(side="HOLD"),
        lambda body: _first(body)["windows"][0].update(usdt="-1"),
        lambda body: _first(body)["windows"][0].update(usdt="Infinity"),
        lambda body: _first(body)["windows"][0].update(seconds=0),
        lambda body: _first(body)["percentile"].update(rank="100.1"),
        lambda body: _first(body)["percentile"].update(rank=97.5),
        lambda body: _first(body)["percentile"].update(rank="NaN"),
        lambda body: _first(body)["percentile"].update(events=-1),
        lambda body: _first(body)["percentile"].update(complete="true"),
        lambda body: _first(body)["percentile"].pop("days"),
        lambda body: body["conditions"].pop("atrs"),
        lambda body: body["conditions"].update(surprise=1),
        lambda body: body["conditions"]["atrs"][0].update(fast_pct="-0.1"),
        lambda body: body["conditions"]["atrs"][0].update(interval_s=0),
        lambda body: body["conditions"]["atrs"].append(dict(body["conditions"]["atrs"][0])),
        lambda body: body["conditions"]["vwaps"][0].update(price="0"),
        lambda body: body["conditions"]["cascades"].append(dict(_cascade(body))),
        lambda body: _cascade(body).update(colour="purple"),
        lambda body: _cascade(body).update(formula="other"),
        lambda body: _cascade(body).update(points="Infinity"),
        lambda body: _cascade(body).update(counted="all"),
        lambda body: _cascade(body).update(measured_at_ms=0),
        lambda body: body["conditions"]["aggregates"][0].update(blocked=0),
        lambda body: body["conditions"]["bias"].update(book="1.01"),
    ],
)
def test_a_body_that_is_not_as_documented_is_refused(change: Change) -> None:
    body = json.loads(messages.batch_text(BATCH))
    change(body)
    with pytest.raises(BadMessage):
        messages.read_liquidations(json.dumps(body))


def test_a_message_of_a_worker_that_measures_no_conditions_is_read() -> None:
    body = json.loads(messages.batch_text(BATCH))
    del body["conditions"], _first(body)["percentile"]

    read = messages.read_liquidations(json.dumps(body))

    assert read.conditions is None
    assert read.liquidations[0].percentile is None


prices = st.builds(MarkPrice, exact, times)
ticks = st.builds(Ticks, st.sampled_from(Venue), st.just(AccountId("main")), times, st.dictionaries(symbols, prices))


def _ticks_text(sent: Ticks) -> str:
    marks = ",".join(messages.tick_mark_text(symbol, mark) for symbol, mark in sent.marks.items())
    return messages.ticks_text(sent.venue, sent.account, sent.sent_at_ms, marks)


@settings(max_examples=100, deadline=None)
@given(ticks)
def test_ticks_are_read_back_as_they_were_written(sent: Ticks) -> None:
    assert messages.read_ticks(_ticks_text(sent)) == sent


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.update(v=2),
        lambda body: body.pop("account"),
        lambda body: body.update(sent_at_ms="1"),
        lambda body: body.update(marks=[]),
        lambda body: body.update(surprise=1),
        lambda body: body["marks"].update(BTCUSDT={"price": "0", "time_ms": 1}),
        lambda body: body["marks"].update(BTCUSDT={"price": 1.5, "time_ms": 1}),
        lambda body: body["marks"].update(BTCUSDT={"price": "1"}),
        lambda body: body["marks"].update({"": {"price": "1", "time_ms": 1}}),
    ],
)
def test_ticks_that_are_not_as_documented_are_refused(change: Change) -> None:
    sent = Ticks(Venue.ASTER, AccountId("main"), 5, {Symbol("ETHUSDT"): MarkPrice(Decimal(2), 4)})
    body = json.loads(_ticks_text(sent))
    change(body)
    with pytest.raises(BadMessage):
        messages.read_ticks(json.dumps(body))


@pytest.mark.parametrize("body", ["", "null", "[]", "{", '{"v":1}', "[" * 100_000])
def test_what_is_no_body_is_refused_by_every_reader(body: str) -> None:
    for read in (messages.read_liquidations, messages.read_user_events, messages.read_follow_up, messages.read_ticks):
        with pytest.raises(BadMessage):
            read(body)


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.pop("frames"),
        lambda body: body.update(frames=[]),
        lambda body: body.update(frames=[1]),
        lambda body: body.pop("received_at_ms"),
        lambda body: body.update(gap={"from_ms": 1, "to_ms": 2, "reason": "x"}),
    ],
)
def test_a_user_message_holds_frames_or_a_gap_and_not_both(change: Change) -> None:
    body = json.loads(messages.user_frames_text(UserFrames(Venue.ASTER, AccountId("main"), 1, ("{}",))))
    change(body)
    with pytest.raises(BadMessage):
        messages.read_user_events(json.dumps(body))

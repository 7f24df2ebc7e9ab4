"""Which liquidations open a ladder or add a layer, and what is on record of those that do not."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.builders import LONG, NOW_MS, SHORT, book, d, liquidation
from tests.unit.ladders import MAGNITUDE, aggregate, conditions, ladder_params, observed, ranked, reading

from undertow.domain.conditions import Atr, CascadeFormula, Colour, Conditions, Vwap
from undertow.domain.market import LiquidationBatch, MarkPrice, MeasuredLiquidation, PositionSide, Side
from undertow.risk.approval import Refusal
from undertow.strategies.ladder.params import LadderParams, PercentileTrigger, VwapFilter
from undertow.strategies.ladder.trigger import detect, usable_atr
from undertow.strategies.signal import Direction, Signal, TradeSide

MAX_AGE_MS = 5_000


def looked(
    measured: MeasuredLiquidation | None = None,
    batch: LiquidationBatch | None = None,
    params: LadderParams | None = None,
) -> Signal | Refusal:
    return detect(measured or ranked(), batch or observed(), params or ladder_params(), MAX_AGE_MS, NOW_MS)


def taken(**given: Any) -> Signal:
    seen = looked(**given)
    assert isinstance(seen, Signal), seen
    return seen


def refused(**given: Any) -> Refusal:
    seen = looked(**given)
    assert isinstance(seen, Refusal)
    return seen


def filtering(**changes: Any) -> LadderParams:
    return ladder_params(vwap=VwapFilter(), **changes)


def of_side(side: Side) -> MeasuredLiquidation:
    return replace(ranked(), liquidation=liquidation(side=side))


@pytest.mark.parametrize(
    ("liquidated", "direction", "side"),
    [
        (Side.SELL, Direction.FADE, LONG),
        (Side.BUY, Direction.FADE, SHORT),
        (Side.SELL, Direction.FOLLOW, SHORT),
        (Side.BUY, Direction.FOLLOW, LONG),
    ],
)
def test_a_liquidated_long_is_bought_unless_it_is_followed(
    liquidated: Side, direction: Direction, side: PositionSide
) -> None:
    assert taken(measured=of_side(liquidated), params=ladder_params(direction=direction)).side is side


def test_a_signal_tells_everything_that_was_measured() -> None:
    signal = taken(params=filtering())
    assert signal.inputs == {
        "side": "LONG",
        "percentile": "80",
        "history_events": "900",
        "history_days": "29.5",
        "history_complete": "yes",
        "cascade": "green",
        "cascade_points": "1.5",
        "cascade_lq": "4.2",
        "cascade_ret": "1.1",
        "cascade_oi": "not counted",
        "cascade_counted": "liquidations, returns",
        "reversal_quality": "ok",
        "cascade_since_ms": str(NOW_MS - 9_000),
        "atr_pct": "0.5",
        "vwap": "100500",
        "mid": "100005",
        "bias": "0.05",
        "bias_book": "0.2",
        "bias_funding": "-0.1",
    }
    assert signal.thresholds == {
        "percentile_threshold": "50",
        "min_history": "200",
        "cascade_formula": "magnitude",
        "atr_interval_s": "300",
        "vwap_minutes": "240",
        "vwap_buffer_pct": "0.05",
    }


def test_a_refusal_tells_it_as_well() -> None:
    refusal = refused(measured=ranked("10"))
    assert refusal.inputs["percentile"] == "10"
    assert refusal.inputs["cascade"] == "green"
    assert refusal.thresholds["percentile_threshold"] == "50"


def test_a_bias_that_was_not_measured_is_left_out_and_refuses_nothing() -> None:
    assert "bias" not in taken(batch=observed(bias=None)).inputs


def test_a_symbol_that_is_switched_off_is_not_looked_at() -> None:
    assert refused(params=ladder_params(enabled=False)).gate == "symbol_enabled"


@pytest.mark.parametrize(("age_ms", "gate"), [(5_001, "event_age"), (-1_001, "event_age"), (5_000, ""), (-1_000, "")])
def test_a_liquidation_must_be_fresh_and_not_ahead_of_our_clock(age_ms: int, gate: str) -> None:
    measured = replace(ranked(), liquidation=liquidation(event_time_ms=NOW_MS - age_ms))
    seen = looked(measured)
    assert (seen.gate if isinstance(seen, Refusal) else "") == gate


def test_a_price_far_from_the_mark_is_not_believed() -> None:
    batch = replace(observed(), mark=MarkPrice(d("70000"), NOW_MS))
    refusal = refused(batch=batch)
    assert refusal.gate == "liquidation_price"
    assert (refusal.inputs["price"], refusal.inputs["mark"]) == ("100000", "70000")


@pytest.mark.parametrize(
    ("measured", "says"),
    [
        (replace(ranked(), percentile=None), "not ranked"),
        (ranked(complete=False), "still being read"),
        (ranked(events=199), "not enough history (199/200)"),
        (ranked(events=0), "not enough history (0/200)"),
    ],
)
def test_without_enough_history_nothing_is_opened(measured: MeasuredLiquidation, says: str) -> None:
    refusal = refused(measured=measured)
    assert refusal.gate == "history"
    assert says in refusal.reason


def test_as_many_earlier_ones_as_are_asked_for_are_enough() -> None:
    assert taken(measured=ranked(events=200)).inputs["history_events"] == "200"


@pytest.mark.parametrize(("rank", "passes"), [("49.999", False), ("50", True), ("50.001", True), ("100", True)])
def test_a_rank_is_compared_as_it_is_without_rounding(rank: str, passes: bool) -> None:
    seen = looked(ranked(rank))
    assert isinstance(seen, Signal) is passes
    assert passes or (isinstance(seen, Refusal) and seen.gate == "percentile")


@pytest.mark.parametrize("formula", list(CascadeFormula))
@pytest.mark.parametrize(
    ("colour", "gate"),
    [
        (Colour.GREEN, ""),
        (Colour.YELLOW, ""),
        (Colour.ORANGE, "cascade"),
        (Colour.RED, "cascade"),
        (Colour.UNKNOWN, "cascade_unknown"),
    ],
)
def test_an_orange_red_or_unknown_symbol_is_blocked_by_either_formula(
    formula: CascadeFormula, colour: Colour, gate: str
) -> None:
    batch = observed(cascades={formula: reading(colour, formula=formula)}, aggregates={formula: aggregate()})
    seen = looked(batch=batch, params=ladder_params(cascade_formula=formula))
    assert (seen.gate if isinstance(seen, Refusal) else "") == gate


def test_why_a_cascade_is_unknown_is_told() -> None:
    batch = observed(cascades={MAGNITUDE: reading(Colour.UNKNOWN, reason="open interest is stale")})
    assert "open interest is stale" in refused(batch=batch).reason


@pytest.mark.parametrize(
    "unknown",
    [
        {"cascades": {}},
        {"aggregates": {}},
        {"cascades": {CascadeFormula.LEGACY: reading(formula=CascadeFormula.LEGACY)}},
        {"cascades": {MAGNITUDE: reading(measured_at_ms=NOW_MS - 15_001)}},
        {"aggregates": {MAGNITUDE: aggregate(measured_at_ms=NOW_MS - 15_001)}},
        {"cascades": {MAGNITUDE: reading(measured_at_ms=NOW_MS + 1_001)}},
        {"aggregates": {MAGNITUDE: aggregate(measured_at_ms=NOW_MS + 1_001)}},
    ],
)
def test_a_cascade_that_was_not_measured_just_now_blocks(unknown: dict[str, Any]) -> None:
    assert refused(batch=observed(**unknown)).gate == "cascade_unknown"


def test_a_reading_of_15_seconds_is_still_believed() -> None:
    at_ms = NOW_MS - 15_000
    measured = {"cascades": {MAGNITUDE: reading(measured_at_ms=at_ms)}}
    taken(batch=observed(**measured, aggregates={MAGNITUDE: aggregate(measured_at_ms=at_ms)}))


def test_a_cascade_of_the_market_comes_before_that_of_the_symbol() -> None:
    batch = observed(
        cascades={MAGNITUDE: reading(Colour.RED)}, aggregates={MAGNITUDE: aggregate(blocked=True, blocked_symbols=6)}
    )
    refusal = refused(batch=batch)
    assert refusal.gate == "cascade_aggregate"
    assert (refusal.inputs["blocked_symbols"], refusal.inputs["fresh_symbols"]) == ("6", "10")


def test_without_a_formula_cascades_block_nothing() -> None:
    batch = observed(cascades={MAGNITUDE: reading(Colour.RED)}, aggregates={})
    signal = taken(batch=batch, params=ladder_params(cascade_formula=None))
    assert signal.thresholds["cascade_formula"] == "off"


@pytest.mark.parametrize(
    ("trade_side", "liquidated", "passes"),
    [
        (TradeSide.LONG, Side.SELL, True),
        (TradeSide.LONG, Side.BUY, False),
        (TradeSide.SHORT, Side.BUY, True),
        (TradeSide.SHORT, Side.SELL, False),
    ],
)
def test_a_strategy_of_one_side_trades_that_side_only(trade_side: TradeSide, liquidated: Side, passes: bool) -> None:
    seen = looked(of_side(liquidated), params=ladder_params(trade_side=trade_side))
    assert isinstance(seen, Signal) is passes
    assert passes or (isinstance(seen, Refusal) and seen.gate == "trade_side")


@pytest.mark.parametrize(
    "atrs",
    [
        {},
        {60: Atr(d("0.4"), d("0.5"), 60, NOW_MS)},
        {300: Atr(d("0.4"), d("0.5"), 300, NOW_MS - 900_001)},
        {300: Atr(d("0.4"), d("0.5"), 300, NOW_MS + 1_001)},
        {300: Atr(d("0"), d("0"), 300, NOW_MS)},
    ],
)
def test_section_2_a_missing_stale_or_empty_atr_blocks_and_is_never_made_up(atrs: dict[int, Atr]) -> None:
    assert usable_atr(conditions(atrs=atrs), ladder_params(), NOW_MS) is None
    assert refused(batch=observed(atrs=atrs)).gate == "atr"


def test_section_2_of_a_fast_and_a_slow_atr_the_larger_counts() -> None:
    usual = usable_atr(conditions(), ladder_params(), NOW_MS)
    burst = usable_atr(conditions(atrs={300: Atr(d("2.5"), d("0.5"), 300, NOW_MS)}), ladder_params(), NOW_MS)
    assert usual is not None
    assert burst is not None
    assert (usual.pct, burst.pct) == (d("0.5"), d("2.5"))


def test_without_any_conditions_there_is_no_atr() -> None:
    batch = replace(observed(), conditions=None)
    assert refused(batch=batch, params=ladder_params(cascade_formula=None)).gate == "atr"
    assert refused(batch=batch).gate == "cascade_unknown"


@pytest.mark.parametrize(
    ("liquidated", "vwap", "passes"),
    [
        # The mid is 100005; the buffer of 0.05 % of 100055 is a little over 50.
        (Side.SELL, "100056", True),
        (Side.SELL, "100055", False),
        (Side.BUY, "99954", True),
        (Side.BUY, "99956", False),
    ],
)
def test_section_5_5_longs_are_opened_below_the_vwap_and_shorts_above_by_the_buffer(
    liquidated: Side, vwap: str, passes: bool
) -> None:
    batch = observed(vwaps={240: Vwap(d(vwap), 240, NOW_MS)})
    seen = looked(of_side(liquidated), batch, filtering())
    assert isinstance(seen, Signal) is passes
    assert passes or (isinstance(seen, Refusal) and seen.gate == "vwap")


def test_section_5_5_a_price_at_the_vwap_itself_opens_neither_side() -> None:
    params = ladder_params(vwap=VwapFilter(buffer_pct=d("0")))
    batch = observed(vwaps={240: Vwap(d("100005"), 240, NOW_MS)})
    assert [refused(measured=of_side(side), batch=batch, params=params).gate for side in Side] == ["vwap", "vwap"]


def test_section_5_5_the_middle_of_the_book_counts_and_not_the_price_of_the_liquidation() -> None:
    cheap = replace(ranked(), liquidation=liquidation(price=d("90000")))
    batch = observed(vwaps={240: Vwap(d("100000"), 240, NOW_MS)})
    assert refused(measured=cheap, batch=batch, params=filtering()).gate == "vwap"


@pytest.mark.parametrize(
    "batch",
    [
        observed(vwaps={}),
        observed(vwaps={60: Vwap(d("100500"), 60, NOW_MS)}),
        observed(vwaps={240: Vwap(d("100500"), 240, NOW_MS - 15 * 60_000 - 1)}),
        observed(vwaps={240: Vwap(d("100500"), 240, NOW_MS + 1_001)}),
        replace(observed(), book=None),
        replace(observed(), book=book("100010", "100010")),
        replace(observed(), book=book("0", "100010")),
        replace(observed(), mark=MarkPrice(d("100005"), NOW_MS + 30_001)),
    ],
)
def test_without_a_current_vwap_or_a_book_to_compare_with_the_filter_blocks(batch: LiquidationBatch) -> None:
    assert refused(batch=batch, params=filtering()).gate == "vwap"
    taken(batch=batch)


def test_section_6_2_the_first_gate_that_fails_is_the_one_that_is_told() -> None:
    """Everything is wrong at once; then one thing after the other is put right."""
    bad_price = replace(ranked("10", events=3), liquidation=liquidation(price=d("10"), event_time_ms=NOW_MS - 60_000))
    late, known = replace(bad_price.liquidation, event_time_ms=NOW_MS), ranked("10")
    market = {"atrs": {}, "vwaps": {}, "cascades": {MAGNITUDE: reading(Colour.RED)}}
    blocked = observed(**market, aggregates={MAGNITUDE: aggregate(blocked=True)})
    off = filtering(enabled=False, trade_side=TradeSide.SHORT)
    on = replace(off, enabled=True)
    both = replace(on, trade_side=TradeSide.BOTH)
    green = observed(atrs={}, vwaps={})
    steps = [
        (bad_price, blocked, off, "symbol_enabled"),
        (bad_price, blocked, on, "event_age"),
        (replace(bad_price, liquidation=late), blocked, on, "liquidation_price"),
        (ranked("10", events=3), blocked, on, "cascade_aggregate"),
        (ranked("10", events=3), observed(**market), on, "cascade"),
        (ranked("10", events=3), green, on, "history"),
        (known, green, on, "percentile"),
        (ranked(), green, on, "trade_side"),
        (ranked(), green, both, "atr"),
        (ranked(), observed(vwaps={}), both, "vwap"),
    ]
    seen = [refused(measured=measured, batch=batch, params=params).gate for measured, batch, params, _ in steps]
    assert seen == [gate for *_, gate in steps]


@given(st.decimals(0, 100, places=4), st.decimals(1, 100, places=2))
def test_a_liquidation_qualifies_exactly_when_it_ranks_at_least_at_the_percentile(rank: Any, threshold: Any) -> None:
    seen = looked(ranked(str(rank)), params=ladder_params(trigger=PercentileTrigger(threshold)))
    assert isinstance(seen, Signal) is (rank >= threshold)


@st.composite
def markets(draw: st.DrawFn) -> Conditions:
    """Any mixture of fresh, stale and missing readings."""
    at_ms = st.integers(NOW_MS - 30_000, NOW_MS + 3_000)
    colour = draw(st.sampled_from(Colour))
    found = {MAGNITUDE: reading(colour, measured_at_ms=draw(at_ms))} if draw(st.booleans()) else {}
    whole = {MAGNITUDE: aggregate(blocked=draw(st.booleans()), measured_at_ms=draw(at_ms))}
    atrs = {300: Atr(d("0.4"), d("0.5"), 300, NOW_MS - draw(st.integers(0, 2_000_000)))}
    return conditions(
        cascades=found,
        aggregates=whole if draw(st.booleans()) else {},
        atrs=atrs if draw(st.booleans()) else {},
        vwaps=draw(st.sampled_from(({}, {240: Vwap(d("100500"), 240, NOW_MS)}))),
    )


@given(markets())
def test_whatever_is_taken_was_measured_just_now_and_is_not_in_a_cascade(market: Conditions) -> None:
    seen = looked(batch=replace(observed(), conditions=market), params=filtering())
    if isinstance(seen, Refusal):
        return
    assert not market.aggregates[MAGNITUDE].blocked
    assert not market.cascades[MAGNITUDE].colour.blocks
    measured_at = (market.aggregates[MAGNITUDE].measured_at_ms, market.cascades[MAGNITUDE].measured_at_ms)
    assert all(NOW_MS - 15_000 <= at_ms <= NOW_MS + 1_000 for at_ms in measured_at)
    assert NOW_MS - market.atrs[300].closed_at_ms <= 900_000
    assert market.vwaps

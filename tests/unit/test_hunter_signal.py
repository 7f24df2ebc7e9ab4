"""When the hunter acts: side, switch, age, window, edge, bound, and which side it may trade."""

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.builders import LONG, NOW_MS, SHORT, batch, d, hunter_params, liquidation, measured

from undertow.domain.market import LiquidationBatch, MeasuredLiquidation, PositionSide, Side
from undertow.risk.approval import Refusal
from undertow.strategies.hunter import Threshold, VolumeUnit, detect
from undertow.strategies.signal import Direction, Signal, TradeSide, position_side

MAX_AGE_MS = 5_000
FIRES = "fires"
FADE, FOLLOW = Direction.FADE, Direction.FOLLOW


def asked(
    what: MeasuredLiquidation | None = None, of: LiquidationBatch | None = None, now_ms: int = NOW_MS, **params: Any
) -> Signal | Refusal:
    return detect(what or measured(), of or batch(), hunter_params(**params), MAX_AGE_MS, now_ms)


def gate_of(answer: Signal | Refusal) -> str:
    return answer.gate if isinstance(answer, Refusal) else FIRES


@pytest.mark.parametrize(
    ("liquidated", "direction", "opened"),
    [(Side.SELL, FADE, LONG), (Side.BUY, FADE, SHORT), (Side.SELL, FOLLOW, SHORT), (Side.BUY, FOLLOW, LONG)],
)
@pytest.mark.parametrize("trade_side", TradeSide)
def test_the_direction_decides_the_side_and_the_trade_side_whether_it_is_taken(
    liquidated: Side, direction: Direction, opened: PositionSide, trade_side: TradeSide
) -> None:
    assert position_side(liquidated, direction) is opened
    answer = asked(measured(of=liquidation(side=liquidated)), direction=direction, trade_side=trade_side)
    if trade_side is TradeSide.BOTH or trade_side.value.upper() == opened.value:
        assert isinstance(answer, Signal)
        assert answer.side is opened
    else:
        assert isinstance(answer, Refusal)
        assert (answer.gate, answer.inputs["side"]) == ("trade_side", opened.value)


@pytest.mark.parametrize(
    ("before", "after", "answer"),
    [
        pytest.param("0", "9999.999", "volume", id="still below"),
        pytest.param("0", "10000", FIRES, id="exactly reached"),
        pytest.param("9999.999", "10000.001", FIRES, id="crossed"),
        pytest.param("0", "999999", FIRES, id="crossed by one event"),
        pytest.param("10000", "10001", "volume_edge", id="reached before"),
        pytest.param("12000", "13000", "volume_edge", id="above before"),
        pytest.param("12000", "12000", "volume_edge", id="above before, by an event that came too late to count"),
        pytest.param("9000", "9000", "volume", id="below, by an event that came too late to count"),
        pytest.param("12000", "9000", "volume", id="fallen below again"),
    ],
)
def test_the_volume_must_cross_its_threshold_upwards(before: str, after: str, answer: str) -> None:
    assert gate_of(asked(measured(before, after))) == answer


@pytest.mark.parametrize(
    ("after", "answer"),
    [
        ("9999", "volume"),
        ("10000", FIRES),
        ("20000", FIRES),
        ("20000.001", "volume_upper_bound"),
        ("900000", "volume_upper_bound"),
    ],
)
def test_a_cascade_above_the_upper_bound_means_stay_out(after: str, answer: str) -> None:
    assert gate_of(asked(measured("0", after), long=Threshold(d("10000"), d("20000")))) == answer


@pytest.mark.parametrize(("liquidated", "answer"), [(Side.SELL, FIRES), (Side.BUY, "volume")])
def test_each_side_has_the_threshold_of_the_position_it_opens(liquidated: Side, answer: str) -> None:
    params = hunter_params(short=Threshold(d("50000"), None))
    assert (params.threshold(LONG).lower, params.threshold(SHORT).lower) == (d("10000"), d("50000"))
    assert gate_of(asked(measured(of=liquidation(side=liquidated)), short=Threshold(d("50000"), None))) == answer


@pytest.mark.parametrize(
    ("lower", "answer"),
    [("12", FIRES), ("9.1", FIRES), ("9", "volume_edge"), ("12.001", "volume"), ("10000", "volume")],
)
def test_volume_may_be_counted_in_tokens(lower: str, answer: str) -> None:
    found = asked(measured("9000", "12000"), volume_unit=VolumeUnit.TOKENS, long=Threshold(d(lower), None))
    assert gate_of(found) == answer
    assert found.inputs["unit"] == "tokens"
    assert (found.inputs["volume_before"], found.inputs["volume"]) == ("9", "12")


def test_a_symbol_that_is_switched_off_is_not_traded() -> None:
    assert gate_of(asked(enabled=False)) == "symbol_enabled"


@pytest.mark.parametrize(
    ("age_ms", "answer"), [(-400, FIRES), (0, FIRES), (5_000, FIRES), (5_001, "event_age"), (10**9, "event_age")]
)
def test_a_liquidation_is_traded_while_it_is_fresh(age_ms: int, answer: str) -> None:
    found = asked(measured(of=liquidation(event_time_ms=NOW_MS - age_ms)))
    assert gate_of(found) == answer
    if isinstance(found, Refusal):
        assert (found.inputs, found.thresholds) == ({"age_ms": str(age_ms)}, {"max_age_ms": "5000"})


def test_a_window_that_is_not_measured_is_refused() -> None:
    refusal = asked(volume_window_s=120)
    assert isinstance(refusal, Refusal)
    assert refusal.gate == "window"
    assert "120 s" in refusal.reason


def test_a_window_that_is_not_covered_is_refused_even_when_it_would_trigger() -> None:
    refusal = asked(of=batch(window_covered=False))
    assert isinstance(refusal, Refusal)
    assert refusal.gate == "window"
    assert "not fully covered" in refusal.reason


def test_the_window_of_the_configured_length_counts() -> None:
    two = measured("9000", "12000")
    two = replace(two, windows={**two.windows, 120: replace(two.windows[60], seconds=120, usdt_before=d("11000"))})
    assert gate_of(asked(two, volume_window_s=60)) == FIRES
    assert gate_of(asked(two, volume_window_s=120)) == "volume_edge"


def test_the_first_reason_is_told() -> None:
    """Cheap facts of the message come before the volume."""
    old = measured("0", "1", of=liquidation(event_time_ms=0))
    assert gate_of(asked(old, batch(window_covered=False), enabled=False)) == "symbol_enabled"
    assert gate_of(asked(old, batch(window_covered=False))) == "event_age"
    assert gate_of(asked(measured("0", "1"), batch(window_covered=False))) == "window"
    assert gate_of(asked(measured("0", "1"), trade_side=TradeSide.SHORT)) == "volume"
    bound = Threshold(d("10000"), d("11000"))
    assert gate_of(asked(trade_side=TradeSide.SHORT, long=bound)) == "volume_upper_bound"


def test_a_signal_and_a_refusal_show_what_was_compared() -> None:
    bound = Threshold(d("10000"), d("20000"))
    inputs = {
        "volume": "12000",
        "volume_before": "9000",
        "unit": "usdt",
        "window_s": "60",
        "sampled_seconds": "4",
        "side": "LONG",
    }
    fired = asked(long=bound)
    assert isinstance(fired, Signal)
    assert fired.liquidation == liquidation()
    assert (fired.inputs, fired.thresholds) == (inputs, {"volume_threshold": "10000"})
    over = asked(measured("9000", "20001"), long=bound)
    assert (over.inputs, over.thresholds) == (
        inputs | {"volume": "20001"},
        {"volume_threshold": "10000", "volume_upper_bound": "20000"},
    )

"""The flow as pages read it: candles with what lies over them, windows, the tape by the hour, gaps."""

from collections.abc import Iterable
from typing import Any

import pytest
from tests.functions.api_caller import ApiCaller
from tests.functions.console_world import MarksOfATest
from tests.services.world import START_MS, World
from tests.unit.builders import BTC, d

from undertow.adapters.memory.repositories import MemoryLiquidations
from undertow.domain.account import Heartbeat
from undertow.domain.cascade import CascadeState
from undertow.domain.conditions import (
    AggregateCascade,
    CascadeFormula,
    CascadeReading,
    Colour,
    ReversalQuality,
)
from undertow.domain.ids import LiquidationId, Symbol
from undertow.domain.market import Candle, Liquidation, Side, Venue
from undertow.domain.recording import RecordingGap
from undertow.services.views.past_candles import FRESH_MS, MOST_A_MINUTE, SILENCE_MS
from undertow.services.views.past_tape import PastTape

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
THIS_MINUTE = START_MS - START_MS % MINUTE_MS
DOGE = Symbol("DOGEUSDT")


def candle(minute: int, price: str = "100000", length_ms: int = MINUTE_MS) -> Candle:
    """``minute`` counts from the present one, which has the number 0."""
    open_ms = THIS_MINUTE + minute * length_ms
    return Candle(open_ms, open_ms + length_ms - 1, d(price), d(price) + 50, d(price) - 50, d(price) + 10, d("3"))


def liquidation(
    number: int, ago_ms: int, value: str = "1000", side: Side = Side.SELL, symbol: Symbol = BTC
) -> Liquidation:
    price = d("100000")
    at_ms = START_MS - ago_ms
    return Liquidation(LiquidationId(f"l{number}"), Venue.ASTER, symbol, side, d(value) / price, price, at_ms, at_ms)


def store(world: World, *liquidations: Liquidation) -> None:
    world.desk.repositories.liquidations.append(Venue.ASTER, 1, liquidations)


def beat(world: World, ago_ms: int = 0, *, covered: bool = True) -> None:
    at_ms = START_MS - ago_ms
    world.desk.repositories.heartbeats.put(
        Heartbeat("worker", 1, at_ms, at_ms, at_ms, None, 1, 10, 5, 0, 0, 0, window_covered=covered)
    )


# --- candles --------------------------------------------------------------------------------------------------------


def test_a_chart_has_candles_liquidations_by_candle_our_fills_and_the_gaps(
    api: ApiCaller, world: World, venue_marks: MarksOfATest
) -> None:
    venue_marks.candles = [candle(minute) for minute in range(-600, 1)]
    store(
        world,
        liquidation(1, 90_000, "5000"),
        liquidation(2, 80_000, "300", Side.BUY),
        liquidation(3, 80_000, "900", symbol=DOGE),
    )
    world.desk.repositories.liquidations.record_gap(
        Venue.ASTER, RecordingGap(START_MS - HOUR_MS, START_MS - HOUR_MS + 5_000, "the stream was cut off")
    )
    beat(world)
    world.holding()
    body = api.get("/api/candles", symbol="BTCUSDT", interval="1m").json
    assert len(body["candles"]) == 241
    assert body["candles"][-1] == {
        "time_ms": THIS_MINUTE,
        "open": "100000",
        "high": "100050",
        "low": "99950",
        "close": "100010",
        "volume": "3",
        "closed": False,
    }
    assert body["candles"][-2]["closed"]
    sums = [(one["long_value"], one["short_value"], one["count"]) for one in body["liquidations"]]
    assert sums == [("5000", "300", 2)]
    (fill,) = body["fills"]
    assert (fill["side"], fill["price"], fill["quantity"], fill["account"]) == ("BUY", "100001", "0.009", "main")
    (gap,) = body["gaps"]
    assert (gap["to_ms"] - gap["from_ms"], gap["reason"]) == (5_000, "the stream was cut off")
    assert "lower bounds" in body["sampled"]
    assert body["candles_source"]["missing"] is None


def test_a_venue_that_does_not_answer_leaves_the_rest_of_the_chart_and_is_left_alone_for_a_while(
    api: ApiCaller, world: World, venue_marks: MarksOfATest
) -> None:
    venue_marks.price = None
    store(world, liquidation(1, 90_000))
    for _ in range(3):
        body = api.get("/api/candles", symbol="BTCUSDT").json
        assert body["candles"] == []
        assert "not answer" in body["candles_source"]["missing"]
        assert len(body["liquidations"]) == 1
    assert len(venue_marks.candles_asked) == 1
    world.clock.advance(SILENCE_MS)
    venue_marks.price, venue_marks.candles = "1", [candle(0)]
    assert len(api.get("/api/candles", symbol="BTCUSDT").json["candles"]) == 1


def test_candles_of_the_past_are_asked_for_once_and_those_of_now_when_they_are_old(
    api: ApiCaller, world: World, venue_marks: MarksOfATest
) -> None:
    venue_marks.candles = [candle(minute) for minute in range(-2_000, 1)]
    past: dict[str, Any] = {"symbol": "BTCUSDT", "from_ms": START_MS - 30 * HOUR_MS, "to_ms": START_MS - 28 * HOUR_MS}
    for _ in range(2):
        assert len(api.get("/api/candles", **past).json["candles"]) in (120, 121)
    asked = len(venue_marks.candles_asked)
    assert asked <= 2
    now: dict[str, Any] = {"symbol": "BTCUSDT", "from_ms": THIS_MINUTE, "to_ms": START_MS}
    for _ in range(2):
        api.get("/api/candles", **now)
    assert len(venue_marks.candles_asked) == asked + 1
    world.clock.advance(FRESH_MS)
    api.get("/api/candles", **now)
    assert len(venue_marks.candles_asked) == asked + 2


def test_pages_ask_the_venue_so_often_in_a_minute_and_no_more(
    api: ApiCaller, world: World, venue_marks: MarksOfATest
) -> None:
    venue_marks.candles = [candle(0)]
    for day in range(60):
        to_ms = START_MS - day * 24 * HOUR_MS
        last = api.get("/api/candles", symbol="BTCUSDT", from_ms=to_ms - MINUTE_MS, to_ms=to_ms).json
    assert len(venue_marks.candles_asked) == MOST_A_MINUTE
    assert "in this minute" in last["candles_source"]["missing"]
    world.clock.advance(MINUTE_MS)
    to_ms = START_MS - 100 * 24 * HOUR_MS
    api.get("/api/candles", symbol="BTCUSDT", from_ms=to_ms - MINUTE_MS, to_ms=to_ms)
    assert len(venue_marks.candles_asked) == MOST_A_MINUTE + 1


def test_a_symbol_that_nobody_knows_has_no_chart_and_costs_the_venue_nothing(
    api: ApiCaller, venue_marks: MarksOfATest
) -> None:
    answer = api.get("/api/candles", symbol="NOSUCHUSDT")
    assert (answer.status, answer.json["code"]) == (404, "no_such_symbol")
    assert venue_marks.candles_asked == []


@pytest.mark.parametrize("query", [{}, {"symbol": "BTCUSDT", "interval": "2m"}, {"symbol": "BTCUSDT", "from_ms": 1}])
def test_a_chart_without_a_symbol_of_an_odd_interval_or_too_long_is_not_understood(
    api: ApiCaller, query: dict[str, str]
) -> None:
    assert api.get("/api/candles", **query).status == 400


# --- windows --------------------------------------------------------------------------------------------------------


def test_progress_toward_both_sides_counts_what_was_liquidated_within_the_window(api: ApiCaller, world: World) -> None:
    beat(world)
    store(
        world,
        liquidation(1, 59_000, "4000"),
        liquidation(2, 1_000, "3500"),
        liquidation(3, 60_000, "9999"),
        liquidation(4, 30_000, "12000", Side.BUY),
    )
    body = api.get("/api/windows").json
    (row,) = body["symbols"]
    (strategy,) = row["strategies"]
    long, short = strategy["thresholds"]
    assert (row["symbol"], strategy["kind"], strategy["window_s"], strategy["unit"]) == (
        "BTCUSDT",
        "hunter",
        60,
        "usdt",
    )
    assert (long["side"], long["liquidated"], long["volume"], long["progress_pct"]) == ("LONG", "long", "7500", "75")
    assert (short["side"], short["liquidated"], short["progress_pct"], short["events"]) == ("SHORT", "short", "120", 1)
    assert body["coverage"] == {
        "worker": "worker",
        "heard_at_ms": START_MS,
        "age_ms": 0,
        "late": False,
        "covered": True,
    }


def test_a_worker_that_is_late_covers_nothing(api: ApiCaller, world: World) -> None:
    assert api.get("/api/windows").json["coverage"]["worker"] is None
    beat(world, ago_ms=31_000)
    coverage = api.get("/api/windows").json["coverage"]
    assert (coverage["late"], coverage["covered"], coverage["age_ms"]) == (True, False, 31_000)


def test_cascades_are_told_with_their_age_and_an_old_state_is_stale(api: ApiCaller, world: World) -> None:
    assert api.get("/api/windows").json["cascade"]["stale"]
    reading = CascadeReading(
        CascadeFormula.MAGNITUDE,
        Colour.ORANGE,
        d("3.5"),
        d("2"),
        d("1.5"),
        None,
        ("LQ", "RET"),
        ReversalQuality.GOOD,
        START_MS - 5_000,
        START_MS,
    )
    aggregate = AggregateCascade(False, 1, 3, 4, START_MS - 9_000, START_MS)
    world.desk.repositories.cascades.put(
        CascadeState(
            Venue.ASTER,
            START_MS,
            True,
            {CascadeFormula.MAGNITUDE: aggregate},
            {BTC: {CascadeFormula.MAGNITUDE: reading}},
        )
    )
    body = api.get("/api/windows").json
    (cascade,) = body["symbols"][0]["cascades"]
    assert (cascade["colour"], cascade["points"], cascade["open_interest"]) == ("orange", "3.5", None)
    (told,) = body["cascade"]["aggregates"]
    assert (told["share_pct"], told["blocked"], body["cascade"]["stale"]) == ("33.3", False, False)
    world.clock.advance(31_000)
    assert api.get("/api/windows").json["cascade"]["stale"]


# --- the tape by the hour -------------------------------------------------------------------------------------------


def test_the_tape_is_summed_by_symbol_and_hour_with_usual_sizes_and_price_bands(api: ApiCaller, world: World) -> None:
    beat(world)
    store(world, *(liquidation(number, number * 10_000, str(100 * (number + 1))) for number in range(100)))
    store(world, liquidation(500, 1_000, "77", Side.BUY, DOGE), liquidation(501, 30 * HOUR_MS))
    body = api.get("/api/liquidations/summary").json
    assert (body["count"], body["symbols_seen"], len(body["hours"])) == (101, 2, 24)
    first, second = body["symbols"]
    assert (first["symbol"], first["watched"], first["count"], first["largest"]) == ("BTCUSDT", True, 100, "10000")
    assert (first["long_value"], first["short_value"]) == ("505000", "0")
    assert sum(cell["count"] for cell in first["hours"]) == 100
    sizes = {one["percentile"]: one["value"] for one in first["sizes"]}
    assert (sizes[0], sizes[50], sizes[95], sizes[100]) == ("100", "5000", "9500", "10000")
    (hotspot,) = first["hotspots"]
    assert (hotspot["share_pct"], hotspot["count"]) == ("100", 100)
    assert d(hotspot["from_price"]) <= d("100000") <= d(hotspot["to_price"])
    assert (second["symbol"], second["sizes"], second["hotspots"]) == ("DOGEUSDT", [], [])


def test_the_tape_of_the_past_is_read_once_and_the_present_anew(world: World) -> None:
    store(world, *(liquidation(number, number * 60_000) for number in range(120)))
    kept, past, asked = world.desk.repositories.liquidations, PastTape(), list[tuple[int, int]]()

    class Counted(MemoryLiquidations):
        def between(self, venue: Venue, from_ms: int, to_ms: int) -> Iterable[Liquidation]:
            asked.append((from_ms, to_ms))
            return kept.between(venue, from_ms, to_ms)

    counted = Counted(world.store)
    wanted = (START_MS - 2 * HOUR_MS, START_MS)
    for _ in range(3):
        found = list(past.between(counted, Venue.ASTER, *wanted, START_MS))
        assert found == list(kept.between(Venue.ASTER, *wanted))
    assert len(asked) == 3
    assert asked[1][1] - asked[1][0] < 30 * MINUTE_MS
    store(world, liquidation(999, 5_000))
    narrow = (START_MS - 6_000, START_MS - 4_000)
    assert [one.id for one in past.between(counted, Venue.ASTER, *narrow, START_MS)] == ["l999"]


def test_a_gap_that_is_still_open_has_no_end(api: ApiCaller, world: World) -> None:
    beat(world, ago_ms=40_000)
    (gap,) = api.get("/api/liquidations/summary").json["gaps"]
    assert (gap["from_ms"], gap["to_ms"]) == (START_MS - 40_000, None)

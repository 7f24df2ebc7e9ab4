"""Reading tapes and putting them on the wall clock."""

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from local.tapes.generator import lines
from local.venue.tape import EmptyTape, Tape, Timing, read_tape, tape_of
from tests.unit.taped import tapes

ORDER = {
    "s": "BTCUSDT",
    "S": "SELL",
    "o": "LIMIT",
    "f": "IOC",
    "q": "0.014",
    "p": "9910",
    "ap": "9915.5",
    "X": "FILLED",
    "l": "0.004",
    "z": "0.014",
    "T": 1568014460890,
}


def line(event_ms: Any = 1568014460893, **changes: Any) -> str:
    data = {"e": "forceOrder", "E": event_ms, "o": {**ORDER, **changes}}
    return json.dumps({"stream": "!forceOrder@arr", "data": data}, ensure_ascii=False)


def test_a_frame_is_what_traded_at_its_average_price() -> None:
    (read,) = tape_of([line()], "one").frames
    assert (read.symbol, read.price, read.quantity) == ("BTCUSDT", Decimal("9915.5"), Decimal("0.014"))
    assert (read.event_ms, read.trade_ms) == (1568014460893, 1568014460890)


def test_an_average_of_zero_falls_back_on_the_limit_price() -> None:
    assert tape_of([line(ap="0")], "one").frames[0].price == Decimal(9910)


def test_a_bare_payload_without_the_combined_wrapper_is_read_too() -> None:
    bare = json.dumps(json.loads(line())["data"])
    assert len(tape_of([bare], "bare").frames) == 1


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("{torn", "not JSON"),
        ("[1,2]", "not a frame"),
        ('{"stream":"x","data":7}', "not a frame"),
        ('{"stream":"btcusdt@bookTicker","data":{"e":"bookTicker"}}', "another event"),
        (line(S="HOLD"), "unknown side or empty symbol"),
        (line(s=""), "unknown side or empty symbol"),
        (line(ap=1.5), "missing or mistyped field"),
        (line(ap="NaN"), "unusable number"),
        (line(z="1e400"), "unusable number"),
        (line(z="1_000"), "unusable number"),
        (line(ap="0", p="0"), "price or quantity not positive"),
        (line(z="-1"), "price or quantity not positive"),
        (line(T=True), "unusable time"),
        (line(event_ms="1568014460893"), "unusable time"),
        (line(event_ms=0), "unusable time"),
    ],
)
def test_a_bad_line_is_counted_by_its_reason_and_the_rest_is_read(bad: str, reason: str) -> None:
    tape = tape_of([line(), bad, "", line(event_ms=1568014461999)], "mixed")
    assert len(tape.frames) == 2
    assert tape.skipped == {reason: 1}


@given(st.text(max_size=300))
def test_no_text_whatever_stops_the_reading(text: str) -> None:
    assert len(tape_of([text.replace("\n", " "), line()], "any").frames) >= 1


def test_a_tape_without_a_usable_frame_says_what_it_held_instead() -> None:
    with pytest.raises(EmptyTape, match="another event"):
        tape_of(['{"data":{"e":"kline"}}'], "klines")


def test_frames_out_of_order_are_put_in_order() -> None:
    tape = tape_of([line(event_ms=3), line(event_ms=1), line(event_ms=2)], "shuffled")
    assert [frame.event_ms for frame in tape.frames] == [1, 2, 3]


@pytest.mark.parametrize("zipped", [True, False])
def test_a_file_is_read_with_the_candles_beside_it(tmp_path: Path, zipped: bool) -> None:
    content = "\n".join(lines(seed=3, minutes=1)).encode() + b"\n\xff\xfe torn bytes\n"
    path = tmp_path / ("a.ndjson.gz" if zipped else "a.ndjson")
    path.write_bytes(gzip.compress(content) if zipped else content)
    rows = "open_time_ms,open,high,low,close,volume\n60000,2,3,1,2.5,7\n0,1,2,1,2,7\n"
    (tmp_path / "a-klines-1m-暗流USDT.csv").write_text(rows, encoding="utf-8")
    tape = read_tape(path)
    assert tape.name == "a"
    assert tape.is_synthetic
    assert tape.skipped == {"not JSON": 1}
    ((symbol, candles),) = tape.candles.items()
    assert symbol == "暗流USDT"
    assert [(candle.open_time_ms, candle.high) for candle in candles] == [(0, Decimal(2)), (60000, Decimal(3))]


@pytest.mark.parametrize("tape", tapes(), ids=lambda tape: tape.name)
def test_one_symbol_is_not_ascii_and_keeps_its_name(tape: Tape) -> None:
    foreign = {frame.symbol for frame in tape.frames if not frame.symbol.isascii()}
    for symbol in foreign:
        frame = next(frame for frame in tape.frames if frame.symbol == symbol)
        assert json.loads(json.dumps(frame.payload(1, 2)))["o"]["s"] == symbol
    assert len(foreign) == 1 or not tape.is_synthetic


@given(st.integers(0, 10**10), st.integers(0, 10**10), st.sampled_from([1, 5, 20, 60]))
def test_compression_keeps_the_order_of_times(first: int, second: int, speed: int) -> None:
    timing = Timing(tape_start_ms=1_000, start_ms=5_000_000, speed=speed)
    early, late = sorted((first, second))
    assert timing.wall(early) <= timing.wall(late)
    assert timing.wall(1_000) == 5_000_000


@given(st.integers(0, 10**9), st.sampled_from([1, 5, 20, 60]))
def test_a_time_on_the_wall_clock_maps_back_to_within_one_of_its_milliseconds(tape_ms: int, speed: int) -> None:
    timing = Timing(tape_start_ms=0, start_ms=5_000_000, speed=speed)
    assert 0 <= tape_ms - timing.tape(timing.wall(tape_ms)) < speed


def test_a_payload_carries_the_new_times_and_everything_else_as_recorded() -> None:
    (read,) = tape_of([line()], "one").frames
    assert read.payload(7, 5) == {"e": "forceOrder", "E": 7, "o": {**ORDER, "T": 5}}

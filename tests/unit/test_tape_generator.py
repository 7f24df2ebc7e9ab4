"""The synthetic tape has the statistics it is calibrated to, whatever the seed."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from local.tapes.generator import lines, write_tape
from local.tapes.statistics import NOTIONAL, Measured, at, measure
from local.venue.tape import read_tape
from tests.unit.taped import synthetic


@pytest.fixture(scope="module", params=[1, 2, 7])
def measured(request: pytest.FixtureRequest) -> Measured:
    return measure(synthetic(request.param, 50))


def test_the_rate_of_events_is_that_of_a_cascade(measured: Measured) -> None:
    assert measured.mean_per_second == pytest.approx(1.7, rel=0.1)
    assert measured.quiet_share == pytest.approx(0.54, abs=0.04)
    assert measured.per_second[0.5] == 0
    assert measured.per_second[0.9] == pytest.approx(4, abs=1)
    assert measured.per_second[0.99] == pytest.approx(22, abs=4)
    assert measured.per_second[0.999] == pytest.approx(67, rel=0.2)
    assert measured.most_per_second == pytest.approx(147, rel=0.2)
    assert 400 <= measured.most_per_minute <= 1_200


def test_as_many_as_64_events_share_one_millisecond(measured: Measured) -> None:
    assert 50 <= measured.most_per_millisecond <= 64


def test_no_symbol_has_two_events_within_a_second(measured: Measured) -> None:
    assert measured.least_gap_ms >= 1_000


def test_notionals_have_the_quantiles_of_the_recording(measured: Measured) -> None:
    assert measured.notional[0.5] == pytest.approx(192, rel=0.05)
    assert measured.notional[0.9] == pytest.approx(3_458, rel=0.05)
    assert measured.notional[0.99] == pytest.approx(35_656, rel=0.1)
    assert measured.most_notional == pytest.approx(4_000_000, rel=0.05)


def test_mostly_longs_of_some_hundreds_of_symbols_are_liquidated_a_few_of_them_often(measured: Measured) -> None:
    assert measured.sell_share == pytest.approx(0.92, abs=0.02)
    assert 450 <= measured.symbols <= 530
    assert 110 <= measured.most_of_a_symbol <= 180
    assert measured.not_ascii == 1


def test_half_of_the_last_fills_are_smaller_than_the_whole(measured: Measured) -> None:
    assert measured.partial_last_fill_share == pytest.approx(0.58, abs=0.04)


def test_prices_slide_together() -> None:
    tape = synthetic(1, 50)
    falls = []
    for symbol in ("BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT", "DOGEUSDT", "BNBUSDT"):
        prices = [float(frame.price) for frame in tape.frames if frame.symbol == symbol]
        falls.append(math.log(min(prices) / prices[0]))
    assert all(-0.15 < fall < -0.003 for fall in falls)


def test_the_limit_price_lies_beyond_the_price_of_the_fill() -> None:
    for frame in synthetic(1, 50).frames:
        limit, average = float(frame.order["p"]), float(frame.order["ap"])
        assert limit <= average * 1.0001 if frame.order["S"] == "SELL" else limit >= average * 0.9999


def test_the_first_line_says_that_the_tape_is_synthetic() -> None:
    first = json.loads(next(lines(seed=5, minutes=2)))
    assert first["data"]["synthetic"] is True
    assert first["data"]["seed"] == 5


def test_the_same_seed_writes_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_tape(tmp_path / f"{name}.ndjson.gz", seed, 2)
    first, again, other = ((tmp_path / f"{name}.ndjson.gz").read_bytes() for name in "abc")
    assert first == again
    assert first != other


def test_a_written_tape_reads_as_it_was_generated(tmp_path: Path) -> None:
    write_tape(tmp_path / "t.ndjson.gz", 1, 8)
    assert measure(read_tape(tmp_path / "t.ndjson.gz")) == replace(measure(synthetic(1, 8)))


@pytest.mark.parametrize("minutes", [0.5, 2_000, math.nan])
def test_a_length_out_of_range_is_refused(minutes: float) -> None:
    with pytest.raises(ValueError, match="minutes"):
        list(lines(1, minutes))


def test_a_curve_passes_through_its_points_and_never_falls() -> None:
    assert all(at(NOTIONAL, share) == pytest.approx(value) for share, value in NOTIONAL)
    values = [at(NOTIONAL, step / 1_000) for step in range(1_001)]
    assert values == sorted(values)

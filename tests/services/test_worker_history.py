"""The history of percentiles: read once, latest first, whatever fails on the way, each event counted once."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import pytest
from stream_worker import history
from stream_worker.history import DAY_MS, History
from tests.services.worker_rig import BTC, ETH, NOW_MS, during, liquidation, until

from undertow.adapters.aws.worker_tables import StoreFailed
from undertow.adapters.memory.clock import SettableClock
from undertow.domain.ids import Symbol
from undertow.domain.market import Liquidation

DAYS = 30
Row = Sequence[Liquidation]


@dataclass
class FakeRows:
    """Rows as a table holds them. ``fails_after`` so many rows, once."""

    rows: list[Row]
    fails_after: int | None = None
    spans: list[tuple[int, int]] = field(default_factory=list)

    async def backwards(self, from_ms: int, to_ms: int) -> AsyncIterator[Row]:
        self.spans.append((from_ms, to_ms))
        ordered = sorted(self.rows, key=lambda row: -row[-1].event_time_ms)
        for number, row in enumerate(ordered):
            if number == self.fails_after:
                self.fails_after = None
                raise StoreFailed("down")
            if inside := [one for one in row if from_ms <= one.event_time_ms < to_ms]:
                yield inside


@dataclass
class FakePercentiles:
    asking: set[Symbol]
    counted: list[str] = field(default_factory=list)
    done: list[tuple[frozenset[Symbol], int]] = field(default_factory=list)

    def without_history(self) -> Mapping[Symbol, int]:
        return dict.fromkeys(self.asking, DAYS)

    def remember(self, one: Liquidation) -> None:
        self.counted.append(one.id)

    def remembered(self, symbols: Collection[Symbol], since_ms: int) -> None:
        self.done.append((frozenset(symbols), since_ms))
        self.asking -= set(symbols)


def read(rows: FakeRows, percentiles: FakePercentiles, passes: int = 1) -> None:
    reading = History(rows.backwards, percentiles, SettableClock(NOW_MS), retry_s=0.001)
    during(reading.run(), lambda: until(lambda: len(percentiles.done) >= passes))


def test_the_latest_events_are_read_first_over_thirty_days() -> None:
    rows = FakeRows([[liquidation(number, at_ms=NOW_MS - number * DAY_MS)] for number in range(DAYS + 2)])
    percentiles = FakePercentiles({BTC})

    read(rows, percentiles)

    assert percentiles.counted == [f"id{number}" for number in range(DAYS)]
    assert percentiles.done == [(frozenset({BTC}), NOW_MS + 1 - DAYS * DAY_MS)]


def test_an_event_that_two_workers_stored_counts_once() -> None:
    first = [liquidation(1, at_ms=NOW_MS - 50_000), liquidation(2, at_ms=NOW_MS - 1_000)]
    second = [liquidation(1, at_ms=NOW_MS - 50_000), liquidation(3, at_ms=NOW_MS - 20_000)]
    percentiles = FakePercentiles({BTC})

    read(FakeRows([first, second]), percentiles)

    assert sorted(percentiles.counted) == ["id1", "id2", "id3"]


def test_symbols_that_nobody_asked_for_are_left_out() -> None:
    rows = FakeRows([[liquidation(1, ETH), liquidation(2, BTC)]])
    percentiles = FakePercentiles({BTC})

    read(rows, percentiles)

    assert percentiles.counted == ["id2"]


@pytest.mark.parametrize("fails_after", range(5))
def test_a_table_that_fails_on_the_way_costs_no_event_and_none_counts_twice(fails_after: int) -> None:
    rows = FakeRows([[liquidation(n, at_ms=NOW_MS - n * 3_600_000)] for n in range(5)], fails_after)
    percentiles = FakePercentiles({BTC})

    read(rows, percentiles)

    assert percentiles.counted == [f"id{number}" for number in range(5)]
    assert len(rows.spans) == 2


def test_a_symbol_that_is_added_later_is_read_in_a_pass_of_its_own() -> None:
    rows = FakeRows([[liquidation(1, BTC), liquidation(2, ETH)]])
    percentiles = FakePercentiles({BTC})

    reading = History(rows.backwards, percentiles, SettableClock(NOW_MS), retry_s=0.001, look_s=0.001)

    async def script() -> None:
        await until(lambda: len(percentiles.done) == 1)
        percentiles.asking.add(ETH)
        await until(lambda: len(percentiles.done) == 2)

    during(reading.run(), script)

    assert percentiles.counted == ["id1", "id2"]


def test_a_month_is_read_slowly_enough_to_leave_the_loop_alone() -> None:
    """Some 8 us of CPU an event."""
    assert 0.000008 / history.PAUSE_PER_EVENT_S < 0.05

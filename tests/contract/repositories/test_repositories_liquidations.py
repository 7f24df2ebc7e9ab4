from dataclasses import replace

from tests.contract.repositories.make import BIANCE, NOW_MS, d, liquidation
from tests.contract.request_counter import RequestCounter

from undertow.adapters.dynamo.liquidations import DynamoLiquidations
from undertow.adapters.dynamo.store import DynamoStore
from undertow.adapters.dynamo.worker_rows import MAX_EVENTS_BYTES, SPREAD_MS, liquidation_items
from undertow.adapters.memory import SettableClock
from undertow.adapters.sdk import Aws
from undertow.domain.ids import Symbol
from undertow.domain.market import Side, Venue
from undertow.domain.recording import RecordingGap
from undertow.ports import Repositories

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


def test_liquidations_come_back_as_they_were_stored_by_event_time(kept: Repositories) -> None:
    made = [
        liquidation("a", event_time_ms=NOW_MS + 2),
        liquidation("b", symbol=BIANCE, side=Side.BUY, quantity=d("12345678901234.123456789012")),
        liquidation("c", event_time_ms=NOW_MS + 1, symbol=Symbol('Q"\\#\t')),
    ]
    kept.liquidations.append(Venue.ASTER, 1, made)
    assert list(kept.liquidations.between(Venue.ASTER, NOW_MS, NOW_MS + 2)) == [made[1], made[2], made[0]]
    assert list(kept.liquidations.between(Venue.HYPERLIQUID, NOW_MS, NOW_MS + 2)) == []


def test_an_event_stored_by_two_workers_is_read_once(kept: Repositories) -> None:
    one, two = liquidation("a"), liquidation("b", event_time_ms=NOW_MS + 1)
    kept.liquidations.append(Venue.ASTER, 1, [one])
    kept.liquidations.append(Venue.ASTER, 2, [one, two])
    kept.liquidations.append(Venue.ASTER, 2, [one, two])
    assert list(kept.liquidations.between(Venue.ASTER, 0, NOW_MS * 2)) == [one, two]


def test_events_are_found_by_their_own_time_however_late_they_were_stored(kept: Repositories) -> None:
    """Late events lie in a row of a later day, or in rows of their own."""
    turn_ms = (NOW_MS // DAY_MS + 1) * DAY_MS
    late = liquidation("late", event_time_ms=turn_ms - SPREAD_MS)
    very_late = liquidation("very late", event_time_ms=turn_ms - 2 * HOUR_MS)
    punctual = liquidation("punctual", event_time_ms=turn_ms)
    kept.liquidations.append(Venue.ASTER, 1, [punctual, late, very_late])
    assert list(kept.liquidations.between(Venue.ASTER, turn_ms - SPREAD_MS, turn_ms - SPREAD_MS)) == [late]
    assert list(kept.liquidations.between(Venue.ASTER, turn_ms - 3 * HOUR_MS, turn_ms - HOUR_MS)) == [very_late]
    assert list(kept.liquidations.between(Venue.ASTER, turn_ms, turn_ms)) == [punctual]


def test_a_flush_of_thousands_is_split_below_the_size_of_a_row_and_read_whole(kept: Repositories) -> None:
    made = [liquidation(str(number), event_time_ms=NOW_MS + number, symbol=BIANCE) for number in range(9_000)]
    kept.liquidations.append(Venue.ASTER, 1, made)
    assert list(kept.liquidations.between(Venue.ASTER, NOW_MS, NOW_MS + 9_000)) == made
    for item in liquidation_items(Venue.ASTER, 1, made):
        assert len(item["events"]["S"].encode()) <= MAX_EVENTS_BYTES + 2


def test_a_flush_is_one_write(store: DynamoStore, aws: Aws, clock: SettableClock) -> None:
    requests = RequestCounter(aws.dynamodb)
    flush = [liquidation(str(number), event_time_ms=NOW_MS + number) for number in range(2_000)]
    DynamoLiquidations(store, clock).append(Venue.ASTER, 1, flush)
    assert requests.by_operation == {"PutItem": 1}


def test_events_that_should_have_expired_are_not_read(store: DynamoStore, clock: SettableClock) -> None:
    """The table removes expired rows when it finds the time."""
    liquidations = DynamoLiquidations(store, clock)
    liquidations.append(Venue.ASTER, 1, [replace(liquidation(), event_time_ms=NOW_MS)])
    clock.advance(31 * DAY_MS)
    assert list(liquidations.between(Venue.ASTER, 0, NOW_MS * 2)) == []


def test_an_empty_flush_writes_nothing(kept: Repositories) -> None:
    kept.liquidations.append(Venue.ASTER, 1, [])
    assert list(kept.liquidations.between(Venue.ASTER, 0, NOW_MS * 2)) == []


def test_gaps_in_the_recording_are_found_wherever_they_touch_the_range(kept: Repositories) -> None:
    early = RecordingGap(NOW_MS - 9 * HOUR_MS, NOW_MS - 8 * HOUR_MS, "the stream was cut off")
    long = RecordingGap(NOW_MS - 5 * HOUR_MS, NOW_MS - HOUR_MS, "no worker was running")
    late = RecordingGap(NOW_MS - 1_000, NOW_MS, "the stream was cut off")
    for gap in (late, early, long, long):
        kept.liquidations.record_gap(Venue.ASTER, gap)
    found = kept.liquidations.gaps(Venue.ASTER, NOW_MS - 4 * HOUR_MS, NOW_MS - 3 * HOUR_MS)
    assert list(found) == [long]
    assert list(kept.liquidations.gaps(Venue.ASTER, NOW_MS - 24 * HOUR_MS, NOW_MS)) == [early, long, late]
    assert list(kept.liquidations.between(Venue.ASTER, NOW_MS - 24 * HOUR_MS, NOW_MS)) == []
    assert list(kept.liquidations.gaps(Venue.HYPERLIQUID, 0, NOW_MS)) == []

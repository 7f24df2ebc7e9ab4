"""All trades, over as many pages as it takes."""

import httpx
import pytest
from tests.adapters.aster.scripted import (
    NOW_MS,
    SYMBOL,
    ScriptedVenue,
    read_payload,
)

from undertow.adapters.aster.venue import AsterVenue
from undertow.domain.outcome import (
    VenueReadFailed,
)


class TradeHistory:
    """A venue that keeps ``trades`` and pages through them as documented."""

    def __init__(self, times_ms: list[int]) -> None:
        (sample,) = read_payload("http_get_userTrades")
        self.trades = [
            sample | {"id": 100 + at, "time": time_ms, "symbol": SYMBOL} for at, time_ms in enumerate(times_ms)
        ]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        asked = dict(request.url.params)
        assert not ({"startTime", "endTime"} & asked.keys() and "fromId" in asked)
        if "fromId" in asked:
            found = [trade for trade in self.trades if trade["id"] >= int(asked["fromId"])]
        else:
            start_ms, end_ms = int(asked["startTime"]), int(asked["endTime"])
            assert end_ms - start_ms < 7 * 24 * 3_600_000
            found = [trade for trade in self.trades if start_ms <= trade["time"] <= end_ms]
        return httpx.Response(200, json=found[: int(asked["limit"])])


DAY_MS = 24 * 3_600_000


def test_all_trades_are_found_over_as_many_pages_as_it_takes(venue: AsterVenue, script: ScriptedVenue) -> None:
    times_ms = [NOW_MS - 2_500 + at for at in range(2_500)]
    script.on("GET userTrades", TradeHistory(times_ms))
    fills = venue.fetch_fills(SYMBOL, NOW_MS - 2_400)
    assert [fill.trade_id for fill in fills] == list(range(200, 2600))
    assert len(script.requests) == 3


def test_trades_are_looked_for_week_by_week_and_then_by_id(venue: AsterVenue, script: ScriptedVenue) -> None:
    times_ms = [NOW_MS - 16 * DAY_MS, NOW_MS - 15 * DAY_MS, NOW_MS - 1]
    script.on("GET userTrades", TradeHistory(times_ms))
    fills = venue.fetch_fills(SYMBOL, NOW_MS - 30 * DAY_MS)
    assert [fill.time_ms for fill in fills] == times_ms
    # Weeks one and two are empty, week three has two trades, the rest comes by id.
    assert len(script.requests) == 4


def test_without_trades_the_answer_is_empty_after_all_weeks(venue: AsterVenue, script: ScriptedVenue) -> None:
    script.on("GET userTrades", TradeHistory([]))
    assert venue.fetch_fills(SYMBOL, NOW_MS - 20 * DAY_MS) == []
    assert len(script.requests) == 3


def test_a_search_over_the_whole_past_goes_by_id(venue: AsterVenue, script: ScriptedVenue) -> None:
    script.on("GET userTrades", TradeHistory([NOW_MS - 400 * DAY_MS, NOW_MS - 1]))
    assert len(venue.fetch_fills(SYMBOL, 0)) == 2
    assert [fill.trade_id for fill in venue.fetch_fills(SYMBOL, NOW_MS - 300 * DAY_MS)] == [101]


def test_a_page_that_goes_backwards_is_a_failed_read(venue: AsterVenue, script: ScriptedVenue) -> None:
    full = TradeHistory([NOW_MS - 2_000 + at for at in range(1_000)])
    first = httpx.Response(200, json=full.trades)
    script.on("GET userTrades", first)
    with pytest.raises(VenueReadFailed):
        venue.fetch_fills(SYMBOL, NOW_MS - 3_000)

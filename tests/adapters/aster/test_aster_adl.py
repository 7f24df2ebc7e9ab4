"""Ranks for auto-deleveraging as the venue writes them: by side in hedge mode, as BOTH in one-way mode."""

from typing import Any

import pytest
from tests.adapters.aster.scripted import ScriptedVenue

from undertow.adapters.aster.venue import AsterVenue
from undertow.domain.account import PositionMode
from undertow.domain.ids import Symbol
from undertow.domain.market import PositionSide
from undertow.domain.outcome import VenueReadFailed

BTC, ETH = Symbol("BTCUSDT"), Symbol("ETHUSDT")
LONG, SHORT = PositionSide.LONG, PositionSide.SHORT


def row(symbol: Symbol, **ranks: object) -> dict[str, Any]:
    return {"symbol": symbol, "adlQuantile": ranks}


def test_in_hedge_mode_each_side_has_a_rank_of_its_own(venue: AsterVenue, script: ScriptedVenue) -> None:
    script.on("GET adlQuantile", [row(BTC, LONG=1, SHORT=2, BOTH=0), row(ETH, LONG=3, SHORT=4, HEDGE=0)])
    assert venue.fetch_adl_ranks(PositionMode.HEDGE) == {
        (BTC, LONG): 1,
        (BTC, SHORT): 2,
        (ETH, LONG): 3,
        (ETH, SHORT): 4,
    }
    (request,) = script.requests
    assert request.url.path == "/fapi/v3/adlQuantile"


def test_in_one_way_mode_the_one_position_is_ranked(venue: AsterVenue, script: ScriptedVenue) -> None:
    script.on("GET adlQuantile", [row(BTC, LONG=0, SHORT=0, BOTH=4)])
    assert venue.fetch_adl_ranks(PositionMode.ONE_WAY) == {(BTC, LONG): 4, (BTC, SHORT): 4}


def test_what_the_venue_does_not_rank_is_not_known_and_never_the_last_in_line(
    venue: AsterVenue, script: ScriptedVenue
) -> None:
    script.on("GET adlQuantile", [row(BTC, LONG=1), row(ETH, LONG=1, SHORT=1, HEDGE=0)])
    assert venue.fetch_adl_ranks(PositionMode.HEDGE) == {(BTC, LONG): 1, (ETH, LONG): 1, (ETH, SHORT): 1}
    assert venue.fetch_adl_ranks(PositionMode.ONE_WAY) == {}
    script.on("GET adlQuantile", [])
    assert venue.fetch_adl_ranks(PositionMode.HEDGE) == {}


@pytest.mark.parametrize("rank", [5, -1, "1", 1.5, None, True])
def test_a_rank_that_is_not_documented_is_an_answer_that_cannot_be_read(
    rank: object, venue: AsterVenue, script: ScriptedVenue
) -> None:
    script.on("GET adlQuantile", [row(BTC, LONG=rank, SHORT=0, BOTH=0)])
    with pytest.raises(VenueReadFailed):
        venue.fetch_adl_ranks(PositionMode.HEDGE)

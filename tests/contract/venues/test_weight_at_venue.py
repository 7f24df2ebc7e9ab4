"""What we count of our requests is what the venue counts of them, endpoint by endpoint."""

import pytest
from local.tapes.generator import lines
from local.venue.authentication import Doorman
from local.venue.faults import faults
from local.venue.house import open_house
from local.venue.market import TapeMarket
from local.venue.rest import Rest
from local.venue.tape import tape_of
from local.venue.transport import VenueTransport
from tests.services.world import ACCOUNT, START_MS

from undertow.adapters.aster.connection import AgentCredentials, AsterConnection, KeyCredentials, connect
from undertow.adapters.aster.market_data import AsterMarketData
from undertow.adapters.aster.tally import WeightTally
from undertow.adapters.aster.venue import AsterVenue
from undertow.adapters.memory import MemoryStore, SettableClock, memory_repositories
from undertow.domain.account import PositionMode
from undertow.domain.contact import MINUTE_MS, Contact
from undertow.domain.market import Venue
from undertow.services.keep_contacts import KeepContacts

AHEAD_MS = 700


@pytest.fixture
def tally() -> WeightTally:
    return WeightTally("reconcile")


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(START_MS)


@pytest.fixture(params=[1, 3], ids=["hmac", "agent key"])
def connection(request: pytest.FixtureRequest, tally: WeightTally, clock: SettableClock) -> AsterConnection:
    """One account at a simulator whose clock is ahead of ours."""
    market = TapeMarket(tape_of(lines(1, 2.0), "test"), seed=1, speed=1.0, start_ms=START_MS)
    house = open_house(market, faults("none", 1), seed=1, now_ms=START_MS)
    rest = Rest(house, Doorman(house.accounts), lambda: clock.now_ms() + AHEAD_MS)
    keys = house.accounts[0]
    credentials = (
        AgentCredentials(keys.user, keys.agent_key)
        if request.param == 3
        else KeyCredentials(keys.api_key, keys.api_secret)
    )
    transport = VenueTransport(rest.handle)
    return connect("http://venue", credentials, clock.now_ms, lane=1, transport=transport, tally=tally)


def ask_around(connection: AsterConnection) -> None:
    venue, market = AsterVenue(ACCOUNT.id, connection), AsterMarketData(connection)
    venue.fetch_clock_offset_ms()
    symbol = market.fetch_instruments()[0].symbol
    market.fetch_candles(symbol, 60, 500)
    venue.fetch_open_orders()
    venue.fetch_positions()
    venue.fetch_balance()
    venue.fetch_brackets()
    venue.fetch_adl_ranks(PositionMode.HEDGE)


def test_the_weight_of_all_endpoints_is_what_the_venue_counted(connection: AsterConnection, tally: WeightTally) -> None:
    ask_around(connection)
    (one,) = tally.take()
    assert one.count is not None
    assert sum(asked.weight for asked in one.by_endpoint.values()) == one.count.used
    assert sum(asked.requests for asked in one.by_endpoint.values()) == 5 + 7
    assert one.count.limit == 2_400


def test_what_was_asked_reaches_the_table_with_the_venues_count_and_clock(
    connection: AsterConnection, tally: WeightTally, clock: SettableClock
) -> None:
    kept = memory_repositories(MemoryStore(), clock).contacts
    ask_around(connection)

    KeepContacts(tally, kept, clock)()

    (one,) = kept.since(Venue.ASTER, START_MS // MINUTE_MS)
    assert isinstance(one, Contact)
    assert one.clock is not None
    assert one.clock.offset_ms == AHEAD_MS
    assert any(name.endswith("/adlQuantile") for name in one.by_endpoint)

"""Fixtures over the scripted venue."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from tests.adapters.aster.scripted import MAIN, V3, ScriptedVenue, SettableNow, read_payload

from undertow.adapters.aster.connection import AsterConnection, Credentials, connect
from undertow.adapters.aster.venue import AsterVenue
from undertow.ports import TradingVenue


@pytest.fixture
def payload() -> Callable[[str], Any]:
    return read_payload


@pytest.fixture
def now() -> SettableNow:
    return SettableNow()


@pytest.fixture
def script() -> ScriptedVenue:
    return ScriptedVenue()


@pytest.fixture
def open_connection(script: ScriptedVenue, now: SettableNow) -> Callable[[Credentials | None], AsterConnection]:
    def opened(credentials: Credentials | None = V3) -> AsterConnection:
        return connect("https://venue.test", credentials, now, lane=0, transport=httpx.MockTransport(script))

    return opened


@pytest.fixture
def connection(open_connection: Callable[[Credentials | None], AsterConnection]) -> AsterConnection:
    return open_connection(V3)


@pytest.fixture
def venue(connection: AsterConnection) -> AsterVenue:
    venue = AsterVenue(MAIN, connection)
    _is_a_trading_venue: TradingVenue = venue
    return venue

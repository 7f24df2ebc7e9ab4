"""Everything one account needs to talk to Aster over REST: credentials, clock, budget and the raw client."""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from undertow.adapters.aster import strict
from undertow.adapters.aster.budget import BUFFER_PCT, Budget
from undertow.adapters.aster.rest import AsterRest, Wire
from undertow.adapters.aster.rest.wire import open_http
from undertow.adapters.aster.server_time import SAMPLES, Drift, ServerTime, TimeSample
from undertow.adapters.aster.signing import (
    MAINNET_CHAIN_ID,
    AgentKeyAuth,
    ApiKeyAuth,
    AsterAuth,
    NoCredentials,
    Nonces,
)
from undertow.adapters.aster.tally import WeightTally

MAINNET_REST: Final = "https://fapi.asterdex.com"
MAINNET_STREAM: Final = "wss://fstream.asterdex.com"
RECV_WINDOW_MS: Final = 5000


@dataclass(frozen=True, slots=True)
class AgentCredentials:
    """V3: the main wallet's address and the private key of its agent, which may trade and must not withdraw."""

    user: str
    agent_key: str = field(repr=False)
    chain_id: int = MAINNET_CHAIN_ID


@dataclass(frozen=True, slots=True)
class KeyCredentials:
    """V1: for keys made before 2026-03-25."""

    api_key: str = field(repr=False)
    secret: str = field(repr=False)
    recv_window_ms: int = RECV_WINDOW_MS


Credentials = AgentCredentials | KeyCredentials


def read_credentials(document: str) -> Credentials:
    """Credentials from a stored JSON secret.

    V3 has ``user``, ``agent_key`` and optionally ``chain_id``, V1 has ``api_key``, ``secret`` and optionally
    ``recv_window_ms``. Raises ValueError, whose text names fields and never shows a value.
    """
    try:
        given = json.loads(document)
    except ValueError:
        raise ValueError("the secret is not JSON") from None
    names: set[str] = set(given) if isinstance(given, dict) else set()
    if {"user", "agent_key"} <= names <= {"user", "agent_key", "chain_id"}:
        return AgentCredentials(
            _filled(given, "user"), _filled(given, "agent_key"), _whole(given, "chain_id", MAINNET_CHAIN_ID)
        )
    if {"api_key", "secret"} <= names <= {"api_key", "secret", "recv_window_ms"}:
        return KeyCredentials(
            _filled(given, "api_key"), _filled(given, "secret"), _whole(given, "recv_window_ms", RECV_WINDOW_MS)
        )
    raise ValueError("the secret must be an object with user and agent_key (V3), or with api_key and secret (V1)")


def _filled(given: dict[str, Any], name: str) -> str:
    value = given[name]
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} of the secret is not a text")
    return value


def _whole(given: dict[str, Any], name: str, default: int) -> int:
    value = given.get(name, default)
    if type(value) is not int:
        raise ValueError(f"{name} of the secret is not an integer")
    return value


class AsterConnection:
    """One host and one set of credentials. Shared by the trading venue, the market data and the listen keys."""

    def __init__(
        self, http: httpx.Client, auth: AsterAuth, time: ServerTime, budget: Budget, tally: WeightTally
    ) -> None:
        self._http = http
        self._tally = tally
        self.time = time
        self.budget = budget
        self.rest = AsterRest(Wire(http, auth, budget, tally))

    def sync_clock(self) -> Drift:
        """Measure the offset to the venue's clock with 5 questions. Raises the errors of ``errors``, or BadFrame."""
        samples = []
        for _ in range(SAMPLES):
            sent_ms = self.time.local_ms()
            server_ms = strict.time_ms(self.rest.market.time(), "serverTime")
            samples.append(TimeSample(sent_ms, server_ms, self.time.local_ms()))
        offset_ms = self.time.learn(samples)
        self._tally.compared(self.time.now_ms(), offset_ms)
        return self.time.drift

    def close(self) -> None:
        self._http.close()


def connect(
    base_url: str,
    credentials: Credentials | None,
    now_ms: Callable[[], int],
    *,
    rate_limit_buffer_pct: int = BUFFER_PCT,
    lane: int | None = None,
    transport: httpx.BaseTransport | None = None,
    tally: WeightTally | None = None,
) -> AsterConnection:
    """A connection that has sent nothing yet. No credentials: public market data only.

    ``now_ms`` is our clock; ``lane`` tells processes that share an agent key apart (see Nonces), random by default.
    ``tally`` counts what is asked, for all connections of a process; one of its own by default.
    """
    time = ServerTime(now_ms)
    auth: AsterAuth
    if isinstance(credentials, AgentCredentials):
        nonces = Nonces(time.now_ms, secrets.randbelow(1000) if lane is None else lane)
        auth = AgentKeyAuth(credentials.user, credentials.agent_key, nonces, credentials.chain_id)
    elif isinstance(credentials, KeyCredentials):
        auth = ApiKeyAuth(credentials.api_key, credentials.secret, time.now_ms, credentials.recv_window_ms)
    else:
        auth = NoCredentials()
    budget = Budget(time.now_ms, buffer_pct=rate_limit_buffer_pct)
    return AsterConnection(open_http(base_url, transport), auth, time, budget, tally or WeightTally("undertow"))

"""The shape of every request that the raw client makes, under both generations of the API."""

import inspect
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from tests.adapters.aster.calls import CALLS, Call
from tests.adapters.aster.documented import ALL, PUBLIC
from tests.adapters.aster.scripted import ScriptedVenue

from undertow.adapters.aster.connection import AgentCredentials, AsterConnection, Credentials, KeyCredentials
from undertow.adapters.aster.rest import AsterRest
from undertow.adapters.aster.signing import Generation

NAMED_OTHERWISE = {
    ("GET", "balance"): ("/fapi/v2/balance", "/fapi/v3/balance"),
    ("GET", "account"): ("/fapi/v4/account", "/fapi/v3/accountWithJoinMargin"),
    ("GET", "positionRisk"): ("/fapi/v2/positionRisk", "/fapi/v3/positionRisk"),
}

Opener = Callable[[Credentials | None], AsterConnection]


def calls_of(generation: Generation) -> list[Any]:
    chosen = []
    for call in CALLS:
        method, tail = call[2].split(" ")
        offered = next(
            endpoint
            for endpoint in ALL.values()
            if endpoint.method == method and any(p.endswith(_tails(method, tail)) for p in endpoint.paths.values())
        )
        if generation in offered.paths:
            chosen.append(pytest.param(call, id=call[0]))
    return chosen


def _tails(method: str, tail: str) -> tuple[str, ...]:
    return tuple(NAMED_OTHERWISE.get((method, tail), (f"1/{tail}", f"3/{tail}")))


def test_every_method_of_the_client_is_called_here() -> None:
    rest = AsterRest.__init__.__globals__
    parts = {"market": "MarketApi", "orders": "OrdersApi", "strategies": "StrategiesApi", "account": "AccountApi"}
    parts["user_stream"] = "UserStreamApi"
    methods = {
        f"{part}.{name}"
        for part, api in parts.items()
        for name, _ in inspect.getmembers(rest[api], inspect.isfunction)
        if not name.startswith("_")
    }
    assert {name.split(" ")[0] for name, *_ in CALLS} == methods
    assert len(methods) == len(ALL)


def parameters(request: httpx.Request) -> str:
    return (request.url.query if request.method == "GET" else request.content).decode()


@pytest.mark.parametrize("call", calls_of(Generation.V3))
def test_v3_request(call: Call, open_connection: Opener, script: ScriptedVenue) -> None:
    request = made(call, open_connection, script, Generation.V3)
    tail = call[2].split(" ")[1]
    if tail in PUBLIC:
        assert parameters(request) == call[3]
    else:
        rest = parameters(request).removeprefix(call[3]).removeprefix("&")
        names = [pair.split("=")[0] for pair in rest.split("&")]
        assert parameters(request).startswith(call[3])
        # noop and guarded cancels name the nonce they mean, and are signed under that one alone.
        fresh = [] if "nonce=" in call[3] else ["nonce"]
        assert names == [*fresh, "user", "signer", "signature"]
    assert "x-mbx-apikey" not in request.headers


@pytest.mark.parametrize("call", calls_of(Generation.V1))
def test_v1_request(call: Call, open_connection: Opener, script: ScriptedVenue) -> None:
    request = made(call, open_connection, script, Generation.V1)
    tail = call[2].split(" ")[1]
    keyed = tail in ("historicalTrades", "listenKey")
    if tail in PUBLIC or keyed:
        assert parameters(request) == call[3]
    else:
        rest = parameters(request).removeprefix(call[3]).removeprefix("&")
        assert parameters(request).startswith(call[3])
        assert [pair.split("=")[0] for pair in rest.split("&")] == ["recvWindow", "timestamp", "signature"]
    assert ("x-mbx-apikey" in request.headers) == (keyed or tail not in PUBLIC)


def made(call: Call, open_connection: Opener, script: ScriptedVenue, generation: Generation) -> httpx.Request:
    """Make ``call`` and return the one request it sent, with method and path checked."""
    _, make, route, _ = call
    method, tail = route.split(" ")
    named = NAMED_OTHERWISE.get((method, tail), (f"/fapi/v1/{tail}", f"/fapi/v3/{tail}"))
    expected = named[0 if generation is Generation.V1 else 1]
    script.on(f"{method} {expected.split('/', 3)[3]}", {})
    credentials = V1_CREDENTIALS if generation is Generation.V1 else V3_CREDENTIALS
    make(open_connection(credentials).rest)
    request: httpx.Request = script.requests[0]
    assert len(script.requests) == 1
    assert (request.method, request.url.path) == (method, expected)
    return request


V1_CREDENTIALS = KeyCredentials(api_key="k" * 64, secret="s" * 64)
V3_CREDENTIALS = AgentCredentials(user="0x63DD5aCC6b1aa0f563956C0e534DD30B6dcF7C4e", agent_key="0x" + "11" * 32)


def test_an_endpoint_that_the_generation_lacks_is_refused_before_anything_is_sent(
    open_connection: Opener, script: ScriptedVenue
) -> None:
    with pytest.raises(ValueError, match="does not exist in v1"):
        open_connection(V1_CREDENTIALS).rest.strategies.noop(1)
    assert script.requests == []

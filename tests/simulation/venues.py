"""The venue as one container reaches it: a client of its own over a transport that the gate holds."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
from local.venue.credentials import Credentials
from local.venue.http import Delivery, Request, Response
from tests.simulation.gate import PATIENCE_MS, Gate

from undertow.adapters.aster.connection import AgentCredentials, AsterConnection, KeyCredentials, connect
from undertow.adapters.aster.market_data import AsterMarketData
from undertow.adapters.aster.venue import AsterVenue
from undertow.domain.account import Account
from undertow.domain.ids import AccountId
from undertow.domain.market import Venue

Handle = Callable[[Request], Response]


class HeldTransport(httpx.BaseTransport):
    """The wire between a function and the venue. Requests and answers get lost on it, each after its time."""

    def __init__(self, gate: Gate, handle: Handle) -> None:
        self._gate, self._handle = gate, handle

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        gate, run = self._gate, self._gate.alive()
        received = Request(
            method=request.method,
            path=request.url.path,
            query=request.url.query.decode("ascii"),
            body=request.read().decode(),
            headers={name.lower(): value for name, value in request.headers.items()},
        )
        if run is None:
            return self._answer(request, self._handle(received))
        kind, what = _kind(request.method), f"{request.method} {request.url.path}"
        gate.before(run, kind, what)
        if gate.swarm.strikes("connection_refused"):
            raise httpx.ConnectError("refused", request=request)
        if gate.swarm.strikes("request_lost"):
            gate.hold(run, kind, what, "before", PATIENCE_MS)
            raise httpx.ReadTimeout("the request never arrived", request=request)
        response = self._spoiled(received, self._handle(received))
        if response.delivery is Delivery.HANG or gate.swarm.strikes("answer_lost"):
            gate.hold(run, kind, what, "after", PATIENCE_MS)
            raise httpx.ReadTimeout("no answer came", request=request)
        if gate.swarm.strikes("answer_slow"):
            gate.hold(run, kind, what, "after", 3_500)
        else:
            gate.after(run, kind, what)
        return self._answer(request, response)

    def _spoiled(self, request: Request, response: Response) -> Response:
        """What is answered where the venue is not as it should be: it lacks trades, a list, or what it documents."""
        gate = self._gate
        if response.delivery is not Delivery.ANSWER or response.status != 200:
            return response
        if request.path.endswith("/positionRisk") and gate.positions_are_unreadable:
            return replace(response, status=503, body=b'{"code":-1001,"msg":"Internal error"}')
        if request.path.endswith("/userTrades") and gate.never_listed:
            rows = [row for row in json.loads(response.body) if row["id"] not in gate.never_listed]
            return replace(response, body=json.dumps(rows).encode())
        if request.method == "POST" and request.path.endswith("/order") and gate.swarm.strikes("answer_strange"):
            row = json.loads(response.body)
            row.pop("status", None)
            return replace(response, body=json.dumps(row).encode())
        return response

    def _answer(self, request: httpx.Request, response: Response) -> httpx.Response:
        match response.delivery:
            case Delivery.HANG:
                raise httpx.ReadTimeout("the venue does not answer", request=request)
            case Delivery.RESET:
                raise httpx.ReadError("the venue cut the connection", request=request)
        return httpx.Response(response.status, headers=dict(response.headers), content=response.body)


def _kind(method: str) -> str:
    return {"POST": "venue_post", "PUT": "venue_post", "DELETE": "venue_cancel"}.get(method, "venue_get")


@dataclass(slots=True)
class ContainerVenues:
    """One client per account, as long as the container lives. ``record`` wraps what orders are submitted through."""

    gate: Gate
    handle: Handle
    now_ms: Callable[[], int]
    lane: int
    keys: dict[AccountId, tuple[Credentials, int]]
    """By account: its keys, and which generation of the API it uses."""
    record: Callable[[AsterVenue, AccountId], Any]
    _trading: dict[AccountId, Any] = field(default_factory=dict)
    _public: AsterConnection | None = None

    def trading(self, account: Account) -> Any:
        known = self._trading.get(account.id)
        if known is None:
            keys, generation = self.keys[account.id]
            credentials = (
                AgentCredentials(keys.user, keys.agent_key)
                if generation == 3
                else KeyCredentials(keys.api_key, keys.api_secret)
            )
            venue = AsterVenue(account.id, self._connect(credentials))
            known = self._trading[account.id] = self.record(venue, account.id)
        return known

    def market_data(self, venue: Venue) -> AsterMarketData:
        if self._public is None:
            self._public = self._connect(None)
        return AsterMarketData(self._public)

    def _connect(self, credentials: AgentCredentials | KeyCredentials | None) -> AsterConnection:
        transport = HeldTransport(self.gate, self.handle)
        return connect("http://venue", credentials, self.now_ms, lane=self.lane, transport=transport)

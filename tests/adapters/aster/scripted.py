"""A venue made of scripted answers, mounted as an httpx transport."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

from undertow.adapters.aster import parse
from undertow.adapters.aster.connection import AgentCredentials, KeyCredentials
from undertow.domain.account import PositionMode
from undertow.domain.ids import AccountId, ClientOrderId, StrategyId, Symbol
from undertow.domain.market import PositionSide
from undertow.domain.order import OrderIntent, OrderType, Purpose
from undertow.risk.approval import ApprovedOrder

PAYLOADS = Path(__file__).parents[2] / "payloads" / "aster"
NOW_MS = 1_748_310_859_508
NEXT_MINUTE_MS = 1_748_310_900_000
MAIN = AccountId("main")
SYMBOL = Symbol("DOGEUSDT")
ID = ClientOrderId("ut-e-abc")

V3 = AgentCredentials(
    user="0x63DD5aCC6b1aa0f563956C0e534DD30B6dcF7C4e",
    agent_key="0x4fd0a42218f3eae43a6ce26d22544e986139a01e5b34a62db53757ffca81bae1",
)
V1 = KeyCredentials(
    api_key="dbefbc809e3e83c283a984c3a1459732ea7db1360ca80c5c2c8867408d28cc83",
    secret="2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9",
)

Answer = httpx.Response | httpx.RequestError | Callable[[httpx.Request], httpx.Response]


def read_payload(name: str) -> Any:
    return json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"), parse_float=Decimal)


def approved(
    purpose: Purpose = Purpose.ENTRY,
    kind: OrderType = OrderType.LIMIT,
    mode: PositionMode = PositionMode.HEDGE,
    **changes: Any,
) -> ApprovedOrder:
    """An order for 100 on the long side, as the gate would approve it."""
    (row,) = read_payload("http_get_exchangeInfo")["symbols"]
    fields: dict[str, Any] = {
        "client_order_id": ID,
        "account": MAIN,
        "symbol": SYMBOL,
        "position_side": PositionSide.LONG,
        "purpose": purpose,
        "type": kind,
        "quantity": Decimal(100),
        "price": Decimal("0.0700") if kind is OrderType.LIMIT else None,
        "strategy": StrategyId("s"),
    }
    return ApprovedOrder(OrderIntent(**{**fields, **changes}), parse.instrument(row, NOW_MS), mode)


def order_answer(**changes: Any) -> Any:
    """The documented answer to a placement, as if about the order of ``approved``."""
    about_ours = {"symbol": SYMBOL, "clientOrderId": ID, "positionSide": "LONG"}
    return read_payload("http_post_order") | about_ours | changes


class SettableNow:
    def __init__(self, now_ms: int = NOW_MS) -> None:
        self.ms = now_ms

    def __call__(self) -> int:
        return self.ms


class ScriptedVenue:
    """Gives the answers of one route in turn, the last one for ever, and keeps what was asked."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self._answers: dict[str, list[Answer]] = {}

    def on(self, route: str, *answers: Answer | Any, status: int = 200) -> None:
        """``route`` is method and last part of the path, ``POST order``; plain values are sent as JSON."""
        known = (httpx.Response, httpx.RequestError)
        self._answers[route] = [
            answer if isinstance(answer, known) or callable(answer) else httpx.Response(status, json=answer)
            for answer in answers
        ]

    def refuse(self, route: str, code: int, text: str = "", status: int = 400) -> None:
        self.on(route, refused(code, text, status))

    def asked(self, route: str) -> list[httpx.Request]:
        return [request for request in self.requests if self._route(request) == route]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answers = self._answers.get(self._route(request))
        if not answers:
            return httpx.Response(404, text="no such route in this script")
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, httpx.RequestError):
            raise answer
        return answer(request) if callable(answer) else answer

    @staticmethod
    def _route(request: httpx.Request) -> str:
        return f"{request.method} {request.url.path.split('/', 3)[3]}"


def refused(code: int, text: str = "", status: int = 400) -> httpx.Response:
    return httpx.Response(status, json={"code": code, "msg": text})

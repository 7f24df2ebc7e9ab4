"""What people asked of open positions, and what became of it."""

from dataclasses import dataclass

from typing_extensions import TypedDict

from undertow.domain.account import Account
from undertow.domain.ids import AccountId
from undertow.domain.numbers import plain
from undertow.domain.request import OperatorRequest, RequestState
from undertow.services.views import render
from undertow.services.views.sources import Sources


class RequestRow(TypedDict):
    """``state`` is asked, done or refused, and ``reason`` says how it ended; ``what`` is the request in words.

    ``quantity`` (base units) and ``stop_price`` are fixed when it is begun. ``orders`` are the exits sent for it.
    """

    id: str
    account: str
    symbol: str
    side: str
    position: str
    kind: str
    what: str
    percent: str | None
    stop_price: str | None
    quantity: str | None
    confirmed: bool
    state: str
    reason: str
    asked_at_ms: int
    begun_at_ms: int | None
    finished_at_ms: int | None
    by: str
    orders: list[str]


class RequestAnswer(TypedDict):
    """``mode`` is the account's: live, paper, demo or simulate."""

    mode: str
    request: RequestRow


class RequestList(TypedDict):
    time_ms: int
    requests: list[RequestRow]


@dataclass(frozen=True, slots=True)
class RequestFilter:
    """Both ends included, by when they were asked."""

    account: AccountId | None
    from_ms: int
    to_ms: int
    limit: int


def requests(sources: Sources, wanted: RequestFilter) -> RequestList:
    """Newest first."""
    now_ms = sources.clock.now_ms()
    found = [
        request
        for account in sources.accounts(wanted.account)
        for request in sources.kept.requests.recent(account.id, wanted.from_ms, wanted.to_ms, wanted.limit)
    ]
    found.sort(key=lambda one: (one.asked_at_ms, one.id), reverse=True)
    return {"time_ms": now_ms, "requests": [request_row(request, now_ms) for request in found[: wanted.limit]]}


def request_answer(account: Account, request: OperatorRequest, now_ms: int) -> RequestAnswer:
    return {"mode": account.mode.value, "request": request_row(request, now_ms)}


def request_row(request: OperatorRequest, now_ms: int) -> RequestRow:
    """One that is too old to be begun is shown as refused already: nobody will carry it out."""
    stale = not request.state.is_final and request.is_stale(now_ms)
    return {
        "id": request.id,
        "account": request.account,
        "symbol": request.symbol,
        "side": request.side.value,
        "position": request.position,
        "kind": request.kind.value,
        "what": request.describe(),
        "percent": render.figure(request.percent),
        "stop_price": render.figure(request.stop_price),
        "quantity": None if request.quantity is None else plain(request.quantity),
        "confirmed": request.confirmed,
        "state": RequestState.REFUSED.value if stale else request.state.value,
        "reason": "it was not begun within a minute" if stale else request.reason,
        "asked_at_ms": request.asked_at_ms,
        "begun_at_ms": request.begun_at_ms,
        "finished_at_ms": request.finished_at_ms,
        "by": request.by,
        "orders": list(request.orders),
    }

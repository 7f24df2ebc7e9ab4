"""What people asked of open positions, and what became of it."""

from dataclasses import dataclass
from typing import Final

from typing_extensions import TypedDict

from undertow.domain.account import Account, Mode
from undertow.domain.ids import AccountId
from undertow.domain.market import PositionSide
from undertow.domain.numbers import plain
from undertow.domain.request import OperatorRequest, RequestKind, RequestState
from undertow.ports.requests import place_of_request
from undertow.services.views import render
from undertow.services.views.paging import Listed, Mark
from undertow.services.views.render import EpochMs, Figure
from undertow.services.views.sources import Sources

REQUESTS: Final = "requests"


class RequestRow(TypedDict):
    """``state`` is asked, done or refused, and ``reason`` says how it ended; ``what`` is the request in words.

    ``quantity`` (base units) and ``stop_price`` are fixed when it is begun. ``orders`` are the exits sent for it.
    """

    id: str
    account: str
    symbol: str
    side: PositionSide
    position: str
    kind: RequestKind
    what: str
    percent: Figure | None
    stop_price: Figure | None
    quantity: Figure | None
    confirmed: bool
    state: RequestState
    reason: str
    asked_at_ms: EpochMs
    begun_at_ms: EpochMs | None
    finished_at_ms: EpochMs | None
    by: str
    orders: list[str]


class RequestAnswer(TypedDict):
    """``mode`` is the account's: live, paper, demo or simulate."""

    mode: Mode
    request: RequestRow


class RequestList(TypedDict):
    time_ms: EpochMs
    requests: list[RequestRow]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class RequestFilter:
    """Both ends included, by when they were asked."""

    account: AccountId | None
    from_ms: int
    to_ms: int
    limit: int
    after: Mark | None = None


def requests(sources: Sources, wanted: RequestFilter) -> RequestList:
    """Newest first."""
    now_ms = sources.clock.now_ms()
    listed: Listed[OperatorRequest] = Listed(
        lambda account, limit, place: sources.kept.requests.recent(
            account.id, wanted.from_ms, wanted.to_ms, limit, place
        ),
        place_of_request,
    )
    page = listed.page(sources.accounts(wanted.account), wanted.limit, wanted.after)
    return {
        "time_ms": now_ms,
        "requests": [request_row(request, now_ms) for _, request in page.rows],
        "next_cursor": page.cursor(REQUESTS),
    }


def request_answer(account: Account, request: OperatorRequest, now_ms: int) -> RequestAnswer:
    return {"mode": account.mode, "request": request_row(request, now_ms)}


def request_row(request: OperatorRequest, now_ms: int) -> RequestRow:
    """One that is too old to be begun is shown as refused already: nobody will carry it out."""
    stale = not request.state.is_final and request.is_stale(now_ms)
    return {
        "id": request.id,
        "account": request.account,
        "symbol": request.symbol,
        "side": request.side,
        "position": request.position,
        "kind": request.kind,
        "what": request.describe(),
        "percent": render.figure(request.percent),
        "stop_price": render.figure(request.stop_price),
        "quantity": None if request.quantity is None else plain(request.quantity),
        "confirmed": request.confirmed,
        "state": RequestState.REFUSED if stale else request.state,
        "reason": "it was not begun within a minute" if stale else request.reason,
        "asked_at_ms": request.asked_at_ms,
        "begun_at_ms": request.begun_at_ms,
        "finished_at_ms": request.finished_at_ms,
        "by": request.by,
        "orders": list(request.orders),
    }

"""A click on the page: the route of the API that takes a person's request down, without its HTTP."""

import json
from decimal import Decimal
from typing import Any, Final

from undertow.desk import Desk
from undertow.domain.account import Account
from undertow.domain.ids import PositionId, Symbol
from undertow.domain.market import PositionSide
from undertow.domain.position import Position
from undertow.domain.request import OperatorRequest, RequestKind, request_id
from undertow.ports import Venues
from undertow.services.ask_request import AskRequest
from undertow.services.read_request import ReadRequest
from undertow.services.views.marks import Marks

BY: Final = "test"


def click_text(position: Position, kind: RequestKind, **given: str) -> str:
    return json.dumps({"kind": kind.value, "symbol": position.symbol, "position": position.id, **given})


def take_down(desk: Desk, venues: Venues, account: Account, text: str) -> OperatorRequest:
    """The same click again is the same request. Raises RequestProblem."""
    kept, clock = desk.repositories, desk.clock
    read, marks = ReadRequest(kept.instruments, desk.params), Marks(venues, clock)
    ask = AskRequest(kept.ledger, kept.requests, read, marks, kept.audit, clock)
    return ask(account, _read(text, account, clock.now_ms()))


def _read(text: str, account: Account, now_ms: int) -> OperatorRequest:
    given: dict[str, Any] = json.loads(text)
    return OperatorRequest(
        id=request_id(account.id, BY, given["kind"]),
        account=account.id,
        symbol=Symbol(given["symbol"]),
        side=PositionSide.LONG,
        position=PositionId(given["position"]),
        kind=RequestKind(given["kind"]),
        asked_at_ms=now_ms,
        by=BY,
        percent=Decimal(given["percent"]) if "percent" in given else None,
        stop_price=Decimal(given["stop_price"]) if "stop_price" in given else None,
        confirmed="confirmed" in given,
    )

"""What a person asks of an open position. It is taken down here; one with the exchange's key carries it out."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from undertow.api.call import DAY_MS, Answer, Call, time_range
from undertow.api.pages import wanted_page
from undertow.domain.ids import PositionId, Symbol
from undertow.domain.market import PositionSide
from undertow.domain.numbers import HUNDRED
from undertow.domain.request import OperatorRequest, RequestKind, request_id
from undertow.services.console import Console
from undertow.services.views.requests import (
    REQUESTS,
    RequestAnswer,
    RequestFilter,
    RequestList,
    request_answer,
    requests,
)

LONGEST_ID: Final = 40


def _requests(console: Console, call: Call) -> RequestList:
    """What people asked of open positions, newest first, and what became of it."""
    given = call.given
    from_ms, to_ms = time_range(console, given, DAY_MS, 31 * DAY_MS)
    page = wanted_page(given, REQUESTS, 50, 200)
    wanted = RequestFilter(given.account(), from_ms, to_ms, page.limit, page.after)
    given.done()
    return requests(console.sources, wanted)


def _close(console: Console, call: Call) -> RequestAnswer:
    """Close a part of a position at market, or all of it."""
    percent = call.given.positive("percent", HUNDRED)
    return _asked(console, call, RequestKind.CLOSE, percent=percent)


def _stop(console: Console, call: Call) -> RequestAnswer:
    """Move the stop. Away from the price it needs a confirmation, and never goes beyond the strategy's own stop."""
    price = call.given.positive("stop_price")
    return _asked(console, call, RequestKind.STOP, stop_price=price)


def _break_even(console: Console, call: Call) -> RequestAnswer:
    """Move the stop to where an exit pays the fees of both ends."""
    return _asked(console, call, RequestKind.BREAK_EVEN)


def _layers(console: Console, call: Call) -> RequestAnswer:
    """Freeze the ladder of a position, or let it go on, which needs a confirmation."""
    freeze = call.given.flag("freeze", None)
    return _asked(console, call, RequestKind.FREEZE_LAYERS if freeze else RequestKind.UNFREEZE_LAYERS)


def _asked(
    console: Console,
    call: Call,
    kind: RequestKind,
    percent: Decimal | None = None,
    stop_price: Decimal | None = None,
) -> RequestAnswer:
    """``position`` is the id of the position as the page shows it: what was opened since then is never touched."""
    given = call.given
    name, symbol = given.account(required=True), given.symbol(required=True)
    side = given.chosen("side", PositionSide)
    position = given.words("position", None, LONGEST_ID)
    confirmed = given.flag("confirm", False)
    given.done()
    if name is None or symbol is None or call.key is None:
        raise RuntimeError("required fields, and the key that the route needs, were read before")
    (account,) = console.sources.accounts(name)
    wish = OperatorRequest(
        id=request_id(account.id, call.by, call.key),
        account=account.id,
        symbol=Symbol(symbol),
        side=side,
        position=PositionId(position),
        kind=kind,
        asked_at_ms=console.sources.clock.now_ms(),
        by=call.by,
        percent=percent,
        stop_price=stop_price,
        confirmed=confirmed,
    )
    return request_answer(account, console.ask(account, wish), console.sources.clock.now_ms())


ANSWERS: Final[Mapping[str, Answer]] = {
    "requests": _requests,
    "close_position": _close,
    "move_stop": _stop,
    "break_even": _break_even,
    "hold_layers": _layers,
}

"""What a person asks of the position of a case, and what must have become of it whoever died on the way."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from tests.kill.case import AN_HOUR_MS, Case, Door, now_ms
from tests.kill.child import Settings
from tests.kill.page import click_text, take_down

from undertow.domain.ids import ClientOrderId, Symbol
from undertow.domain.ladder import Ladder
from undertow.domain.market import Venue
from undertow.domain.order import OrderState
from undertow.domain.request import OperatorRequest, RequestKind, RequestState

TIGHTER: Final = Decimal("0.96")
"""Of the mark price; the strategy's own stop is further away."""


def half_is_asked_to_close(case: Case) -> Sequence[Door]:
    """The fatal run is the one that takes it down."""
    return [("ask", _click(case, RequestKind.CLOSE, percent="50"))]


def half_is_to_close(case: Case) -> Sequence[Door]:
    return _taken_down(case, _click(case, RequestKind.CLOSE, percent="50"))


def all_is_to_close(case: Case) -> Sequence[Door]:
    return _taken_down(case, _click(case, RequestKind.CLOSE, percent="100"))


def stop_is_to_move(case: Case) -> Sequence[Door]:
    mark = case.here.venues.market_data(Venue.ASTER).fetch_mark_price(Symbol(case.post.symbol))
    return _taken_down(case, _click(case, RequestKind.STOP, stop_price=str(round(mark.price * TIGHTER, 8))))


def layers_are_to_freeze(case: Case) -> Sequence[Door]:
    return _taken_down(case, _click(case, RequestKind.FREEZE_LAYERS))


def layers_are_to_go_on(case: Case) -> Sequence[Door]:
    case.run(*layers_are_to_freeze(case), settings=Settings(strategy="ladder"))
    return _taken_down(case, _click(case, RequestKind.UNFREEZE_LAYERS, confirmed="yes"))


def _click(case: Case, kind: RequestKind, **given: str) -> str:
    """As the page sends it, on the position as it stands."""
    position = case.slot().position
    assert position is not None
    return click_text(position, kind, **given)


def _taken_down(case: Case, click: str) -> Sequence[Door]:
    """In good order; the row is what the stream hands over."""
    here = case.here
    return [("request", take_down(here.desk, here.venues, here.account, click).id)]


# --- what must be true in the end ---


def assert_closed_once_or_never(case: Case) -> None:
    request, exits = _last(case), case.orders_at_venue("x")
    if request.state is RequestState.REFUSED:
        assert exits == [], request.reason
        return
    assert [ClientOrderId(one["clientOrderId"]) for one in exits] == list(request.orders)
    (name,) = request.orders
    order = case.here.desk.repositories.orders.get(case.here.account.id, name)
    assert order is not None
    assert (order.state, order.filled_quantity) == (OrderState.FILLED, request.quantity)


def assert_stop_moved_or_never(case: Case) -> None:
    request, position = _last(case), case.slot().position
    assert position is not None
    moved = request.state is RequestState.DONE
    assert (position.trailed_stop == request.stop_price) == moved
    assert (position.stop_price == request.stop_price) == moved


def assert_layers_frozen_or_never(case: Case) -> None:
    done = _last(case).state is RequestState.DONE
    assert (_ladder(case).held_at_ms is not None) == done


def assert_layers_go_on_or_never(case: Case) -> None:
    done = _last(case).state is RequestState.DONE
    assert (_ladder(case).held_at_ms is None) == done


def _ladder(case: Case) -> Ladder:
    ladder = case.slot().ladder
    assert ladder is not None
    return ladder


def _last(case: Case) -> OperatorRequest:
    """It has ended, says why, and nobody need wonder who asked."""
    kept = case.here.desk.repositories
    newest, *_ = kept.requests.recent(case.here.account.id, 0, now_ms() + AN_HOUR_MS, 10)
    assert newest.state.is_final, f"{newest.describe()} has not ended"
    assert newest.reason
    rows = kept.audit.recent(0, now_ms() + AN_HOUR_MS, 200)
    assert any(newest.id in row.after for row in rows), "the request is in no audit row"
    return newest

"""What a person asks of the position that a small world holds, and what became of it."""

from typing import Any

from tests.services.world import ACCOUNT, World
from tests.unit.builders import BTC, LONG, d

from undertow.domain.order import OrderIntent, Purpose
from undertow.domain.request import OperatorRequest, RequestId, RequestKind, request_id


def wish(world: World, kind: RequestKind, **changes: Any) -> OperatorRequest:
    usual: dict[str, Any] = {
        "id": request_id(ACCOUNT.id, "token", "click-1"),
        "account": ACCOUNT.id,
        "symbol": BTC,
        "side": LONG,
        "position": world.position.id,
        "kind": kind,
        "asked_at_ms": world.clock.now_ms(),
        "by": "token abcdefgh",
    }
    return OperatorRequest(**{**usual, **changes})


def asked(world: World, kind: RequestKind, **changes: Any) -> RequestId:
    """As the API leaves it: taken down, and nothing done about it yet."""
    request = wish(world, kind, **changes)
    assert world.desk.repositories.requests.add(request)
    return request.id


def close(world: World, percent: str, **changes: Any) -> RequestId:
    return asked(world, RequestKind.CLOSE, percent=d(percent), **changes)


def carry_out(world: World, request: RequestId) -> OperatorRequest:
    done = world.desk.carry_out(ACCOUNT, request)
    assert done is not None
    assert done == world.desk.repositories.requests.get(ACCOUNT.id, request)
    return done


def exits(world: World) -> list[OrderIntent]:
    sent = [order.intent for order in world.venue.submitted]
    return [intent for intent in sent if intent.purpose is Purpose.EXIT]


def fill_exit(world: World, price: str = "100500") -> None:
    """The venue fills the market exit that stands."""
    (standing,) = world.venue.of_purpose("x")
    world.desk.track(ACCOUNT, world.venue.fill(standing.client_order_id, standing.quantity, d(price)))

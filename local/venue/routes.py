"""What a handler gets, and how a row of the routing table looks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from local.venue.house import House
from local.venue.http import Json
from local.venue.parameters import Parameters

from undertow.adapters.paper.errors import ExchangeError
from undertow.domain.ids import AccountId


class Security(StrEnum):
    NONE = "none"
    KEY = "key"
    """V1 asks for the key header; V3 for nothing."""
    STREAM = "stream"
    """V1 asks for the key header; V3 for a signature."""
    SIGNED = "signed"


@dataclass(frozen=True, slots=True)
class Call:
    """One request, authenticated. ``generation`` is 1 or 3."""

    house: House
    parameters: Parameters
    now_ms: int
    generation: int
    caller: AccountId | None

    @property
    def account(self) -> AccountId:
        if self.caller is None:
            raise ExchangeError(-1002, "You are not authorized to execute this request.", 401)
        return self.caller


Handler = Callable[[Call], Json]
Measure = Callable[[Parameters], int]


@dataclass(frozen=True, slots=True)
class Route:
    """``orders`` is how many orders a request counts as; ``takes_orders`` marks what the order faults strike."""

    method: str
    paths: tuple[str, ...]
    security: Security
    handler: Handler
    weight: Measure
    orders: Measure
    takes_orders: bool


def always(value: int) -> Measure:
    return lambda _: value


def by_symbol(with_symbol: int, without: int) -> Measure:
    return lambda parameters: with_symbol if parameters.has("symbol") else without


def route(
    method: str,
    tail: str,
    handler: Handler,
    security: Security = Security.SIGNED,
    *,
    weight: int | Measure = 1,
    orders: int | Measure = 0,
    takes_orders: bool = False,
    v1: str | None = "",
    v3: str | None = "",
) -> Route:
    """A row for ``/fapi/v1/<tail>`` and ``/fapi/v3/<tail>``; ``v1`` or ``v3`` name another path, None means none."""
    own = {1: v1, 3: v3}
    paths = tuple(path or f"/fapi/v{number}/{tail}" for number, path in own.items() if path is not None)
    return Route(
        method,
        paths,
        security,
        handler,
        weight if callable(weight) else always(weight),
        orders if callable(orders) else always(orders),
        takes_orders,
    )


Table = Mapping[tuple[str, str], Route]


def table(*rows: Route) -> Table:
    return {(row.method, path): row for row in rows for path in row.paths}


ACK: Final = {"code": 200, "msg": "success"}

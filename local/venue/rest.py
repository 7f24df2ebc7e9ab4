"""The REST door: a function from request to response. Faults of the order path strike here.

A request is let in (bans, weight), its caller identified, its orders counted, and then handled. What the engine did is
published before the answer goes out, so that a fill may reach the user stream before its acknowledgement.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from local.venue import (
    mishaps,
    rest_account,
    rest_history,
    rest_listings,
    rest_market,
    rest_orders,
    rest_strategies,
    rest_user_stream,
)
from local.venue.authentication import Doorman
from local.venue.faults import Fault
from local.venue.house import House
from local.venue.http import Request, Response, answer, refusal
from local.venue.limits import TooMany
from local.venue.parameters import Parameters, parse_parameters
from local.venue.rest_sim import SIM_PREFIX, Inspection
from local.venue.routes import Call, Route, Security, table

from undertow.adapters.paper.errors import ExchangeError
from undertow.domain.ids import AccountId

ROUTES: Final = table(
    *rest_listings.ROUTES,
    *rest_market.ROUTES,
    *rest_orders.ROUTES,
    *rest_strategies.ROUTES,
    *rest_account.ROUTES,
    *rest_history.ROUTES,
    *rest_user_stream.ROUTES,
)
_HTML: Final = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
_CLOSED: Final = b"<html><head><title>503 Service Temporarily Unavailable</title></head></html>"
_LATE_MS: Final = 3_000
"""How long after its 503 a late order is executed: within every recvWindow and nonce window."""


@dataclass(slots=True)
class Rest:
    house: House
    doorman: Doorman
    clock: Callable[[], int]

    def handle(self, request: Request) -> Response:
        house = self.house
        house.advance(self.clock())
        if request.path.startswith(SIM_PREFIX):
            return self._inspect(request)
        house.requests[f"{request.method} {request.path}"] += 1
        headers: dict[str, str] = {}
        try:
            response = self._handle(request, headers)
        except TooMany as error:
            house.refusals[f"{error.status} {error.code}"] += 1
            if error.retry_after_s is not None:
                headers["retry-after"] = str(error.retry_after_s)
            response = refusal(error.status, error.code, error.message, headers)
        except ExchangeError as error:
            house.refusals[f"{error.http_status} {error.code}"] += 1
            response = refusal(error.http_status, error.code, error.message, headers)
        house.publish(house.now_ms)
        return response

    def _inspect(self, request: Request) -> Response:
        try:
            parameters = Parameters(parse_parameters(request.query, request.body))
            response = answer(200, Inspection(self.house).handle(request.method, request.path, parameters))
        except ExchangeError as error:
            response = refusal(error.http_status, error.code, error.message)
        self.house.publish(self.house.now_ms)
        return response

    def _handle(self, request: Request, headers: dict[str, str]) -> Response:
        """``headers`` go out with the answer, whatever it is."""
        house = self.house
        route = ROUTES.get((request.method, request.path))
        self._strike_at_the_door(request)
        if house.faults.lasts(Fault.MAINTENANCE_S, house.now_ms):
            return Response(503, _CLOSED, {"content-type": "text/html"})
        if route is None:
            house.limits.enter(request.address, 1, house.now_ms)
            raise ExchangeError(-5000, f"Path {request.path}, Method {request.method} is invalid", 404)
        parameters = Parameters(parse_parameters(request.query, request.body))
        used = house.limits.enter(request.address, route.weight(parameters), house.now_ms)
        headers["x-mbx-used-weight-1m"] = str(used)
        if route.security is Security.SIGNED and house.faults.strikes(Fault.CLOCK_SKEW):
            raise ExchangeError(-1021, "Timestamp for this request is outside of the recvWindow.")
        if house.faults.strikes(Fault.HTML_PAGE):
            return Response(502, _HTML, {"content-type": "text/html", **headers})
        call = Call(house, parameters, house.now_ms, _generation(request), self._caller(route, request, parameters))
        signed = route.security is Security.SIGNED
        mishaps.at_the_desk(call, signed=signed)
        orders = route.orders(parameters)
        if orders:
            headers["x-mbx-order-count-1m"] = str(house.limits.count_orders(call.account, orders, house.now_ms))
        if route.takes_orders:
            return self._take_order(route, call, headers)
        if request.method == "GET":
            return mishaps.reading(call, route.handler, headers)
        if request.method == "DELETE" and signed:
            return mishaps.canceling(call, route.handler, headers)
        return answer(200, route.handler(call), headers)

    def _strike_at_the_door(self, request: Request) -> None:
        house = self.house
        if house.limits.is_banned(request.address, house.now_ms):
            return
        if house.faults.strikes(Fault.ANSWER_429):
            house.limits.exhaust(request.address, house.now_ms)
        if house.faults.strikes(Fault.ANSWER_418):
            house.limits.ban(request.address, house.now_ms)

    def _caller(self, route: Route, request: Request, parameters: Parameters) -> AccountId | None:
        keyed = _generation(request) == 1 and route.security in (Security.KEY, Security.STREAM)
        if keyed:
            return self.doorman.by_key(request).account
        if route.security in (Security.NONE, Security.KEY):
            return None
        return self.doorman.by_signature(request, parameters, self.house.judging_ms).account

    def _take_order(self, route: Route, call: Call, headers: Mapping[str, str]) -> Response:
        """Place, with the ways in which an answer to an order can go wrong."""
        refused = mishaps.refused_order(call, headers)
        if refused is not None:
            return refused
        if self.house.faults.strikes(Fault.LATE_503):
            # V1 requests have no nonce, and nothing withdraws them: any number of their own will do.
            nonce = call.parameters.optional_integer("nonce") or -self.house.exchange.floor.ids.next_priority()
            self.house.queue.add(call.account, nonce)
            self.house.at(call.now_ms + _LATE_MS, lambda: self._execute_late(route, call, nonce))
            return mishaps.unknown(headers)
        return mishaps.told_of_order(call, answer(200, route.handler(call), headers), headers)

    def _execute_late(self, route: Route, call: Call, nonce: int) -> None:
        if not self.house.queue.take(call.account, nonce):
            self.house.refusals["late -4225"] += 1
            return
        try:
            route.handler(replace(call, now_ms=self.house.now_ms))
        except ExchangeError as error:
            self.house.refusals[f"late {error.code}"] += 1


def _generation(request: Request) -> int:
    """V1 callers show a key; everybody else is V3, on whichever path."""
    return 1 if "x-mbx-apikey" in request.headers or not request.path.startswith("/fapi/v3/") else 3

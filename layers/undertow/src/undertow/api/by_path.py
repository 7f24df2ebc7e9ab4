"""From an address to its route.

Every route that the gateway knows is a statement in the policy of the function, and such a policy holds 20,480 bytes:
some fifty routes. So the gateway knows one greedy route for all data, and which one is meant is told here, by the same
table that the authoriser's policy is made from.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from undertow.api.routes import ROUTES, Route

Handler = Callable[[Mapping[str, Any], Any], Any]

GREEDY: Final = "/api/{proxy+}"
_BEFORE: Final = "/api/"
# Exact parts before variable ones, from the left: /api/strategies/schema is no strategy.
_IN_ORDER: Final = sorted(ROUTES, key=lambda route: [part.startswith("{") for part in route.path.split("/")])


def by_path(handler: Handler) -> Handler:
    """``handler`` is given the event as if the gateway had known the route. One that is not there stays what it was."""

    def lambda_handler(event: Mapping[str, Any], context: Any) -> Any:
        if event.get("resource") != GREEDY:
            return handler(event, context)
        found = route_of(str(event["httpMethod"]), _BEFORE + str((event.get("pathParameters") or {}).get("proxy", "")))
        if found is None:
            return handler(event, context)
        route, variables = found
        inner = {**event["requestContext"], "resourcePath": route.path}
        known = {"resource": route.path, "pathParameters": variables or None, "requestContext": inner}
        return handler({**event, **known}, context)

    return lambda_handler


def route_of(method: str, path: str) -> tuple[Route, Mapping[str, str]] | None:
    """The route, and what stands in the place of its variables."""
    parts = path.split("/")
    for route in _IN_ORDER:
        variables = _variables(route, parts) if route.method == method else None
        if variables is not None:
            return route, variables
    return None


def _variables(route: Route, parts: list[str]) -> Mapping[str, str] | None:
    """None where it is another route. A variable is never empty."""
    wanted = route.path.split("/")
    if len(wanted) != len(parts):
        return None
    pairs = list(zip(wanted, parts, strict=True))
    fits = all(part if want.startswith("{") else want == part for want, part in pairs)
    return {want[1:-1]: part for want, part in pairs if want.startswith("{")} if fits else None

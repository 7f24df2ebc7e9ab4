"""Messages that clients send on a market stream connection, and the venue's answers."""

import json
from typing import Any

from local.venue.hub import Listener, StreamHub, TooManyStreams, encoded


class BadControl(ValueError):
    """A message the venue refuses. ``code``: 0 unknown property, 1 bad value type, 2 bad request, 3 bad JSON."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


def answer(text: str | bytes, listener: Listener, hub: StreamHub, now_ms: int) -> str:
    """Do what the message asks and return the reply. Some clients leave ``id`` out: then the reply has a null one."""
    request_id: int | None = None
    try:
        request = _parsed(text)
        request_id = _request_id(request)
        reply = {"result": _done(request, listener, hub, now_ms), "id": request_id}
    except BadControl as bad:
        reply = {"code": bad.code, "msg": str(bad), "id": request_id}
    return encoded(reply)


def _request_id(request: dict[str, Any]) -> int | None:
    request_id = request.get("id")
    if request_id is None or (type(request_id) is int and request_id >= 0):
        return request_id
    raise BadControl(2, "Invalid request: request ID must be an unsigned integer")


def _parsed(text: str | bytes) -> dict[str, Any]:
    try:
        request = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadControl(3, f"Invalid JSON: {error}") from None
    if not isinstance(request, dict):
        raise BadControl(2, "Invalid request: expected an object")
    return request


def _done(request: dict[str, Any], listener: Listener, hub: StreamHub, now_ms: int) -> Any:
    match request.get("method"):
        case "SUBSCRIBE":
            try:
                hub.subscribe(listener, _names(request), now_ms)
            except TooManyStreams as error:
                raise BadControl(2, f"Invalid request: {error}") from None
            return None
        case "UNSUBSCRIBE":
            hub.unsubscribe(listener, _names(request))
            return None
        case "LIST_SUBSCRIPTIONS":
            return list(listener.streams)
        case "SET_PROPERTY":
            name, *values = _property(request, length=2)
            if type(values[0]) is not bool:
                raise BadControl(1, f"Invalid value type: expected Boolean for {name}")
            listener.combined = values[0]
            return None
        case "GET_PROPERTY":
            _property(request, length=1)
            return listener.combined
        case None:
            raise BadControl(2, "Invalid request: missing field `method`")
        case method:
            raise BadControl(2, f"Invalid request: unknown method {str(method)[:40]!r}")


def _names(request: dict[str, Any]) -> list[str]:
    names = request.get("params")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise BadControl(2, "Invalid request: params must be an array of strings")
    return names


def _property(request: dict[str, Any], length: int) -> list[Any]:
    params = request.get("params")
    if not isinstance(params, list) or len(params) != length or not isinstance(params[0], str):
        raise BadControl(2, "Invalid request: property name must be a string")
    if params[0] != "combined":
        raise BadControl(0, "Unknown property")
    return params

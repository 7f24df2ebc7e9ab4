"""Listen keys over REST (aster.md section 13)."""

from typing import Final

from local.venue.http import Json
from local.venue.routes import Call, Route, Security, route

from undertow.adapters.paper.errors import ExchangeError


def open_key(call: Call) -> Json:
    return {"listenKey": call.house.listen_keys.open(call.account, call.now_ms)}


def extend_key(call: Call) -> Json:
    if not call.house.listen_keys.extend(call.account, call.now_ms):
        raise _unknown_key()
    return {}


def close_key(call: Call) -> Json:
    if not call.house.listen_keys.close(call.account, call.now_ms):
        raise _unknown_key()
    return {}


def _unknown_key() -> ExchangeError:
    return ExchangeError(-1125, "This listenKey does not exist.")


ROUTES: Final[tuple[Route, ...]] = (
    route("POST", "listenKey", open_key, Security.STREAM),
    route("PUT", "listenKey", extend_key, Security.STREAM),
    route("DELETE", "listenKey", close_key, Security.STREAM),
)

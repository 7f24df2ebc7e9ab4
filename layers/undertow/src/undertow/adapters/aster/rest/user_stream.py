"""The key of the user data stream. There is one per account, whoever asked for it."""

from undertow.adapters.aster.rest import endpoints
from undertow.adapters.aster.rest.wire import JsonObject, Wire


class UserStreamApi:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def start(self) -> JsonObject:
        """A key valid for 60 minutes; where one is active already, that one, extended."""
        return self._wire.object(endpoints.START_USER_STREAM, {})

    def keep_alive(self) -> JsonObject:
        """Extend the active key to 60 minutes from now. -1125: there is none."""
        return self._wire.object(endpoints.KEEP_USER_STREAM, {})

    def close(self) -> JsonObject:
        """End the stream for everybody on this account: a worker that stops must not call it, its successor listens."""
        return self._wire.object(endpoints.CLOSE_USER_STREAM, {})

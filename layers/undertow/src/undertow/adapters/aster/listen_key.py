"""The key of an account's user data stream, for whoever listens."""

from typing import Final

from undertow.adapters.aster import strict
from undertow.adapters.aster.calls import read
from undertow.adapters.aster.connection import AsterConnection
from undertow.adapters.aster.errors import Refused

UNKNOWN_KEY: Final = -1125


class ListenKeys:
    """There is one key per account, shared by all listeners, so nobody here ever closes it."""

    def __init__(self, connection: AsterConnection) -> None:
        self._connection = connection
        self._obtained: str | None = None

    def obtain(self) -> str:
        """The active key or a new one, good for 60 minutes. Fails as the reads of ``ports.TradingVenue`` do."""
        self._obtained = self._active()
        return self._obtained

    def renew(self) -> bool:
        """Extend the key by 60 minutes. False: it is the venue's no more, so obtain one and connect again.

        The venue extends whichever key is active. Where another program of the owner closed ours and made its own, a
        connection on ours would stay up and silent: so it is asked which one it is.
        """

        def ask() -> bool:
            try:
                self._connection.rest.user_stream.keep_alive()
            except Refused as refused:
                if refused.code == UNKNOWN_KEY:
                    return False
                raise
            return True

        if not read(self._connection, ask):
            return False
        return self._obtained is None or self._active() == self._obtained

    def _active(self) -> str:
        return read(
            self._connection,
            lambda: strict.text(self._connection.rest.user_stream.start(), "listenKey", longest=256),
        )

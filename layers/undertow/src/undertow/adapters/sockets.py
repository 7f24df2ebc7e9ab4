"""Open pages over the gateway's own door for sockets: many at once, none of them for long."""

import logging
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

logger = logging.getLogger(__name__)

AT_ONCE: Final = 16
GONE: Final = frozenset({"GoneException", "410"})


class GatewaySockets:
    """``client`` is asked for at the first message. It should try once, and not for long: a page mends its own gaps."""

    def __init__(self, client: Callable[[], Any]) -> None:
        self._client = client
        self._pool: ThreadPoolExecutor | None = None

    def send(self, connections: Iterable[str], text: str) -> Sequence[str]:
        wanted = list(connections)
        client, data = self._client(), text.encode()

        def post(connection: str) -> bool:
            return _posted(client, connection, data)

        if len(wanted) == 1:
            return [] if post(wanted[0]) else wanted
        if self._pool is None:
            self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="sockets")
        return [one for one, there in zip(wanted, self._pool.map(post, wanted), strict=True) if not there]


def _posted(client: Any, connection: str, data: bytes) -> bool:
    """False when the socket is gone. One that did not take it is there still: it will ask for what it missed."""
    try:
        client.post_to_connection(ConnectionId=connection, Data=data)
    except ClientError as error:
        if str(error.response["Error"].get("Code")) in GONE or _status(error) == 410:
            return False
        logger.warning("news_not_taken", extra={"cause": str(error)})
    except BotoCoreError as error:
        logger.warning("news_not_taken", extra={"cause": str(error)})
    return True


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))

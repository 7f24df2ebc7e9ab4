"""The door of sockets. The gateway hands over what a socket does, one event at a time; a queue says that there is news.

Anybody may open a socket: a browser cannot send a header with it, and a token in an address would stand in logs. So
nothing is told, kept or read of one until a message on it shows a token.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

from undertow.adapters.sqs.messages import BadMessage
from undertow.adapters.sqs.news import read_call
from undertow.entry import Event, LambdaContext
from undertow.ports import StoreBusy
from undertow.services.feed.live import Live

logger = logging.getLogger(__name__)

LONGEST_MESSAGE: Final = 1_024
"""Characters. A token and a number are a fifth of that."""
Answer = Mapping[str, Any]
_TAKEN: Final[Answer] = {"statusCode": 200}
_BUSY: Final[Answer] = {"statusCode": 503}
_TOO_LONG: Final[Answer] = {"statusCode": 413}
_ALL_DONE: Final[Answer] = {"batchItemFailures": []}


def live_door(make: Callable[[], Live]) -> Callable[[Event, LambdaContext], Answer]:
    built: list[Live] = []

    def live() -> Live:
        if not built:
            built.append(make())
        return built[0]

    def lambda_handler(event: Event, _context: LambdaContext) -> Answer:
        try:
            return _pushed(live(), event) if "Records" in event else _happened(live, event)
        except StoreBusy as busy:
            logger.warning("socket_not_served", extra={"cause": str(busy)})
            return _BUSY

    return lambda_handler


def _pushed(live: Live, event: Event) -> Answer:
    """All that gathered at once. What fails is not tried again: that would hold up what comes after it, which tells of
    everything before; and a page learns the last number with its next ping.
    """
    calls: list[tuple[int, int]] = []
    for record in event["Records"]:
        try:
            calls.append(read_call(record["body"]))
        except BadMessage as bad:
            logger.warning("call_not_understood", extra={"cause": str(bad)})
    if calls:
        try:
            live.push(min(first for first, _ in calls), max(last for _, last in calls))
        except StoreBusy as busy:
            logger.warning("news_not_pushed", extra={"cause": str(busy)})
    return _ALL_DONE


def _happened(live: Callable[[], Live], event: Event) -> Answer:
    context: Mapping[str, Any] = event["requestContext"]
    connection, kind = str(context["connectionId"]), str(context["eventType"])
    if kind == "DISCONNECT":
        live().listen.leave(connection)
    elif kind == "MESSAGE":
        said = str(event.get("body") or "")
        if len(said) > LONGEST_MESSAGE:
            return _TOO_LONG
        live().listen.hear(connection, said)
    return _TAKEN

"""How reads fail in our words: VenueReadFailed, VenueBlocked, VenueUnreachable. No failure ever looks like data."""

import logging
from collections.abc import Callable
from typing import TypeVar

from undertow.adapters.aster.connection import AsterConnection
from undertow.adapters.aster.errors import (
    AsterError,
    ClockSkew,
    ConnectFailed,
    HeldBack,
    NonceSpent,
    OutcomeUnknown,
    RateLimited,
)
from undertow.adapters.aster.strict import BadFrame
from undertow.domain.outcome import VenueBlocked, VenueReadFailed, VenueUnreachable

logger = logging.getLogger(__name__)

T = TypeVar("T")


def read(connection: AsterConnection, ask: Callable[[], T]) -> T:
    """What ``ask`` returns. A read changes nothing, so it is tried a second time where that can help."""
    try:
        return _read_twice(connection, ask)
    except (AsterError, BadFrame) as error:
        raise in_our_words(error) from error


def _read_twice(connection: AsterConnection, ask: Callable[[], T]) -> T:
    try:
        return ask()
    except (ClockSkew, NonceSpent):
        connection.sync_clock()
    except OutcomeUnknown:
        # Most often a kept connection that the venue had closed in the meantime.
        logger.info("read_tried_again")
    return ask()


def in_our_words(error: AsterError | BadFrame) -> VenueUnreachable | VenueReadFailed:
    """A rate limit is a definite no to this very request, so it counts as not sent, like our own budget's."""
    match error:
        case HeldBack():
            return VenueBlocked(error.until_ms, error.reason, entries_only=error.entries_only)
        case RateLimited():
            return VenueBlocked(error.until_ms, str(error), entries_only=error.orders_only)
        case ConnectFailed():
            return VenueUnreachable(str(error))
        case _:
            return VenueReadFailed(str(error))

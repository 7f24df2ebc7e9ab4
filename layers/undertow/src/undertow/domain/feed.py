"""Live news for people who look: numbered without holes, kept for an hour, and not even written while nobody looks."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from undertow.domain.account import Balance, Control, VenueHealth
from undertow.domain.alert import Alert
from undertow.domain.decision import Decision
from undertow.domain.fill import Fill
from undertow.domain.guard import AccountGuard
from undertow.domain.json_text import Json
from undertow.domain.market import Liquidation
from undertow.domain.order import Order
from undertow.domain.position import Slot
from undertow.domain.request import OperatorRequest

WATCHED_FOR_MS: Final = 120_000
"""One who looks says so again within this time."""
LEEWAY_MS: Final = 10_000
"""News is kept a little longer than somebody is known to watch: clocks differ, and nothing may be lost in between."""
CONNECTED_FOR_MS: Final = 90_000
"""A socket that was silent for so long is taken to be gone. A revoked token loses its socket within this time too."""


Change = (
    Alert
    | AccountGuard
    | Balance
    | Control
    | Decision
    | Fill
    | Liquidation
    | Order
    | OperatorRequest
    | Slot
    | VenueHealth
)
"""A row that was written, as it is now."""


class NewsKind(StrEnum):
    TRADE_BLOCK = "trade_block"
    LIQUIDATION = "liquidation"
    DECISION = "decision"
    ORDER = "order"
    FILL = "fill"
    POSITION = "position"
    RISK = "risk"
    BALANCE = "balance"
    ALERT = "alert"
    SWITCH = "switch"
    REQUEST = "request"


@dataclass(frozen=True, slots=True)
class News:
    """``data`` is as the API would show it. ``account`` is None for what concerns all of them."""

    kind: NewsKind
    at_ms: int
    account: str | None
    data: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class FeedEvent:
    seq: int
    news: News


@dataclass(frozen=True, slots=True)
class FeedPage:
    """What came after a number. ``seq`` is the last number given out so far.

    ``reset``: something after the number is not there any more, or was never written; take a snapshot instead.
    """

    events: tuple[FeedEvent, ...]
    seq: int
    reset: bool


@dataclass(frozen=True, slots=True)
class Connection:
    """An open socket whose owner has shown a token."""

    id: str
    token: str
    since_ms: int
    renew_by_ms: int

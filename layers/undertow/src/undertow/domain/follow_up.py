"""Things to look at again later: an order without an answer, an entry that may fill and its end, a naked position."""

from dataclasses import dataclass
from enum import StrEnum

from undertow.domain.ids import AccountId, ClientOrderId, Symbol
from undertow.domain.market import PositionSide


class FollowUpKind(StrEnum):
    RESOLVE_UNCONFIRMED = "resolve_unconfirmed"
    CHECK_ENTRY = "check_entry"
    EXPIRE_ORDER = "expire_order"
    CHECK_PROTECTION = "check_protection"


@dataclass(frozen=True, slots=True)
class FollowUp:
    """``order`` is set for the kinds about an order; ``attempt`` counts from 0."""

    kind: FollowUpKind
    account: AccountId
    symbol: Symbol
    position_side: PositionSide
    order: ClientOrderId | None
    attempt: int
    created_at_ms: int

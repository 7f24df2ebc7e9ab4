"""What a strategy of several orders consists of."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from undertow.adapters.paper.orders import OrderRequest
from undertow.domain.ids import AccountId


class StrategyType(StrEnum):
    OTO = "OTO"
    OCO = "OCO"
    OTOCO = "OTOCO"
    CHASE = "CHASE"


class DrivenOn(StrEnum):
    NEW = "NEW"
    PARTIALLY_FILLED_OR_FILLED = "PARTIALLY_FILLED_OR_FILLED"
    FILLED = "FILLED"
    CANCELED = "CANCELED"
    REPLACED = "REPLACED"
    STOPPED = "STOPPED"
    """The conditional order has triggered."""
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"


class Trigger(StrEnum):
    PLACE_ORDER = "PLACE_ORDER"
    CANCEL_ORDER = "CANCEL_ORDER"


class StrategyStatus(StrEnum):
    NEW = "NEW"
    WORKING = "WORKING"
    FINISHED = "FINISHED"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True)
class Drive:
    """When the order of sub-order ``driver`` reaches ``on``, do ``trigger``."""

    driver: str
    on: DrivenOn
    trigger: Trigger


@dataclass(slots=True)
class SubOrder:
    """``order_id`` is set once it is placed; ``dropped`` says why it never will be: 0 for canceled before its time."""

    id: str
    request: OrderRequest
    drives: tuple[Drive, ...] = ()
    order_id: int | None = None
    dropped: int | None = None

    @property
    def waits(self) -> bool:
        return self.order_id is None and self.dropped is None


@dataclass(frozen=True, slots=True)
class Chase:
    """``offset`` away from the best price of its own side, until that has run ``furthest`` from ``started_at``."""

    offset: Decimal
    furthest: Decimal | None
    started_at: Decimal


@dataclass(slots=True)
class Strategy:
    id: int
    client_id: str
    account: AccountId
    type: StrategyType
    subs: list[SubOrder]
    created_at_ms: int
    updated_at_ms: int
    status: StrategyStatus = StrategyStatus.NEW
    chase: Chase | None = None
    looked_at_ms: int = 0

    @property
    def is_open(self) -> bool:
        return self.status in (StrategyStatus.NEW, StrategyStatus.WORKING)

"""Orders from intent to their end.

IN_FLIGHT -> OPEN -> PARTIALLY_FILLED -> FILLED | CANCELED | EXPIRED
    |   \\-> REJECTED | ABANDONED (the venue proved that it never took it, or it was never sent)
    \\-----> UNCONFIRMED -> any of the above, or LOST (not found three times; may still come back)
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Final

from undertow.domain.ids import (
    AccountId,
    ClientOrderId,
    LadderId,
    PositionId,
    StrategyId,
    Symbol,
    VenueOrderId,
)
from undertow.domain.market import PositionSide, Side
from undertow.domain.numbers import ONE, ZERO


class OrderType(StrEnum):
    LIMIT = "LIMIT"
    MARKET = "MARKET"
    STOP = "STOP"
    STOP_MARKET = "STOP_MARKET"
    TAKE_PROFIT = "TAKE_PROFIT"
    TAKE_PROFIT_MARKET = "TAKE_PROFIT_MARKET"
    TRAILING_STOP_MARKET = "TRAILING_STOP_MARKET"


class TimeInForce(StrEnum):
    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"
    GTX = "GTX"
    HIDDEN = "HIDDEN"


class WorkingType(StrEnum):
    """Which price triggers a conditional order."""

    CONTRACT_PRICE = "CONTRACT_PRICE"
    MARK_PRICE = "MARK_PRICE"


class Purpose(StrEnum):
    ENTRY = "entry"
    STOP_LOSS = "stop_loss"
    TAKE_PROFIT = "take_profit"
    EXIT = "exit"

    @property
    def letter(self) -> str:
        return {Purpose.ENTRY: "e", Purpose.STOP_LOSS: "s", Purpose.TAKE_PROFIT: "t", Purpose.EXIT: "x"}[self]

    @property
    def is_protective(self) -> bool:
        return self in (Purpose.STOP_LOSS, Purpose.TAKE_PROFIT)


class OrderState(StrEnum):
    IN_FLIGHT = "in_flight"
    UNCONFIRMED = "unconfirmed"
    OPEN = "open"
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    CANCELED = "canceled"
    EXPIRED = "expired"
    REJECTED = "rejected"
    ABANDONED = "abandoned"
    LOST = "lost"

    @property
    def is_final(self) -> bool:
        """No later truth may change it. LOST is not final: a late fill still counts."""
        return self in FINAL_STATES


FINAL_STATES: Final = frozenset(
    {OrderState.FILLED, OrderState.CANCELED, OrderState.EXPIRED, OrderState.REJECTED, OrderState.ABANDONED}
)
UNRESOLVED: Final = frozenset({OrderState.IN_FLIGHT, OrderState.UNCONFIRMED, OrderState.LOST})
"""The venue has not said a word of the order."""
_PROGRESS: Final = {
    OrderState.IN_FLIGHT: 0,
    OrderState.UNCONFIRMED: 1,
    OrderState.LOST: 1,
    OrderState.OPEN: 2,
    OrderState.PARTIALLY_FILLED: 3,
}

NEVER_SENT: Final = "never sent"
"""How the reason of an ABANDONED order begins when no request for it left us."""


@dataclass(frozen=True, slots=True)
class OrderIntent:
    """What a strategy or the protection wants. It has an identity before anything is sent.

    ``quantity`` is in base units and None only with ``close_position``. ``price`` is the limit, ``stop_price`` the
    trigger. ``expires_at_ms`` bounds the age of a perishable entry; exits never expire (None). ``risk`` is what an
    entry loses at its stop once it has filled at its worst price, fees and slippage included, in quote units.
    ``ladder`` names the ladder that ``layer`` belongs to. ``confidence`` is 0 to 100 where a model proposed the entry.
    """

    client_order_id: ClientOrderId
    account: AccountId
    symbol: Symbol
    position_side: PositionSide
    purpose: Purpose
    type: OrderType
    quantity: Decimal | None
    strategy: StrategyId | None = None
    position_id: PositionId | None = None
    price: Decimal | None = None
    stop_price: Decimal | None = None
    time_in_force: TimeInForce | None = None
    working_type: WorkingType | None = None
    price_protect: bool = False
    close_position: bool = False
    leverage: int = 1
    layer: int = 0
    ttl_s: int | None = None
    expires_at_ms: int | None = None
    ladder: LadderId | None = None
    risk: Decimal = ZERO
    confidence: int | None = None

    @property
    def side(self) -> Side:
        opening = self.purpose is Purpose.ENTRY
        return self.position_side.entry_side if opening else self.position_side.exit_side

    @property
    def reduces(self) -> bool:
        return self.purpose is not Purpose.ENTRY

    @property
    def notional(self) -> Decimal:
        """Quote units at the worst price the order admits; zero where the order only closes."""
        if self.quantity is None or self.price is None:
            return ZERO
        return self.quantity * self.price

    @property
    def margin(self) -> Decimal:
        return self.notional / self.leverage


@dataclass(frozen=True, slots=True)
class Order:
    """The record of one intent and of what became of it. ``version`` grows by one with every stored change.

    ``answered_at_ms`` is when the venue's first word on it came, by our clock: its answer to the placing, or what else
    told of the order first. None: no word yet, it was never sent, or it is a record from before this was kept.
    ``not_found`` is how often in a row the venue did not know the order, the first time at ``missing_since_ms``.
    """

    intent: OrderIntent
    state: OrderState
    created_at_ms: int
    updated_at_ms: int
    venue_order_id: VenueOrderId | None = None
    filled_quantity: Decimal = ZERO
    average_price: Decimal = ZERO
    reason: str = ""
    not_found: int = 0
    version: int = 0
    answered_at_ms: int | None = None
    missing_since_ms: int | None = None

    @property
    def client_order_id(self) -> ClientOrderId:
        return self.intent.client_order_id

    @property
    def was_never_sent(self) -> bool:
        """Nothing reached the venue under this id. An exit may be sent under it again; an entry has perished."""
        return self.state is OrderState.ABANDONED and self.reason.startswith(NEVER_SENT)

    def revised(self, state: OrderState, now_ms: int, reason: str = "") -> "Order":
        """This order in ``state``, as the next version of its record."""
        answered_at_ms = self._first_word(now_ms) if state is OrderState.REJECTED else self.answered_at_ms
        return replace(
            self,
            state=state,
            updated_at_ms=now_ms,
            reason=reason or self.reason,
            version=self.version + 1,
            answered_at_ms=answered_at_ms,
        )

    def not_found_again(self, now_ms: int) -> "Order":
        since_ms = now_ms if self.missing_since_ms is None else self.missing_since_ms
        return replace(
            self,
            not_found=self.not_found + 1,
            missing_since_ms=since_ms,
            updated_at_ms=now_ms,
            version=self.version + 1,
        )

    def share_of(self, quantity: Decimal) -> Decimal:
        """What part of the order ``quantity`` is, 0 to 1. An order that closes a position has no parts: zero."""
        return min(quantity / self.intent.quantity, ONE) if self.intent.quantity else ZERO

    def with_news(self, news: "OrderNews", now_ms: int) -> "Order":
        """This order after ``news`` from the venue. News may come late, twice and out of order.

        The filled quantity only grows and a final state stays, so that every order of delivery ends alike; the one
        exception is REJECTED or ABANDONED against a fill, where the fill is the proof that the order lived.
        Returns self when nothing is new, else the next version of the record.
        """
        merged = replace(
            self,
            state=self._state_after(news),
            filled_quantity=max(self.filled_quantity, news.filled_quantity),
            average_price=self._average_after(news),
            venue_order_id=news.venue_order_id or self.venue_order_id,
            reason=news.reason or self.reason,
            not_found=0,
            missing_since_ms=None,
            answered_at_ms=self._first_word(now_ms),
        )
        return self if merged == self else replace(merged, updated_at_ms=now_ms, version=self.version + 1)

    def _first_word(self, now_ms: int) -> int | None:
        """The venue speaks of the order now. What it says of one that it spoke of before is not its first word."""
        return now_ms if self.state in UNRESOLVED and self.answered_at_ms is None else self.answered_at_ms

    def _average_after(self, news: "OrderNews") -> Decimal:
        """Zero, which is unknown, when more filled and the news does not say at what: an older average is not it."""
        if news.filled_quantity < self.filled_quantity:
            return self.average_price
        same = self.average_price if news.filled_quantity == self.filled_quantity else ZERO
        return news.average_price or same

    def _state_after(self, news: "OrderNews") -> OrderState:
        wrongly_ended = self.state in (OrderState.REJECTED, OrderState.ABANDONED) and news.filled_quantity > 0
        if self.state.is_final and not wrongly_ended:
            return self.state
        if news.state.is_final:
            return news.state
        if wrongly_ended:
            return news.state
        return news.state if _PROGRESS[news.state] >= _PROGRESS[self.state] else self.state


@dataclass(frozen=True, slots=True)
class OrderNews:
    """What the venue says of one order, by stream or by query. ``filled_quantity`` is cumulative."""

    symbol: Symbol
    client_order_id: ClientOrderId
    venue_order_id: VenueOrderId | None
    side: Side
    position_side: PositionSide | None
    type: OrderType
    state: OrderState
    quantity: Decimal
    filled_quantity: Decimal
    average_price: Decimal
    price: Decimal
    stop_price: Decimal
    reduce_only: bool
    close_position: bool
    time_ms: int
    reason: str = ""

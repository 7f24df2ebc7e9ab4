"""What a person asks of one open position, from the question to its end.

ASKED -> DONE | REFUSED. A request is begun once, with its figures fixed, before anything of it is sent: whoever takes
it up again then goes on with the same figures and the same order ids.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Final, NewType

from undertow.domain.ids import AccountId, ClientOrderId, PositionId, Symbol, digest_of
from undertow.domain.market import PositionSide
from undertow.domain.numbers import plain

RequestId = NewType("RequestId", str)

LONGEST_WAIT_MS: Final = 60_000
"""A request that nobody began within a minute is refused: the person saw another market when asking."""


class RequestKind(StrEnum):
    CLOSE = "close"
    STOP = "stop"
    BREAK_EVEN = "break_even"
    FREEZE_LAYERS = "freeze_layers"
    UNFREEZE_LAYERS = "unfreeze_layers"

    @property
    def moves_the_stop(self) -> bool:
        return self in (RequestKind.STOP, RequestKind.BREAK_EVEN)


class RequestState(StrEnum):
    ASKED = "asked"
    DONE = "done"
    REFUSED = "refused"

    @property
    def is_final(self) -> bool:
        return self is not RequestState.ASKED


@dataclass(frozen=True, slots=True)
class OperatorRequest:
    """``position`` is the one that the person saw: a request never touches another one that came after it.

    ``percent`` (above 0, at most 100) is of a CLOSE, ``stop_price`` (quote units) of a STOP; a BREAK_EVEN gets its
    price when it is begun, and a CLOSE its ``quantity`` (base units); ``asked_price`` is then what the person gave.
    ``stop_before`` is the tightest stop that trailing or a person had set when the request was begun, and
    ``held_before_ms`` since when the layers were frozen. ``confirmed`` says that the person was told what grows.
    ``orders`` are the exits that were sent for it, ``reason`` says how it ended. ``version`` grows by one with every
    stored change.
    """

    id: RequestId
    account: AccountId
    symbol: Symbol
    side: PositionSide
    position: PositionId
    kind: RequestKind
    asked_at_ms: int
    by: str
    percent: Decimal | None = None
    stop_price: Decimal | None = None
    confirmed: bool = False
    state: RequestState = RequestState.ASKED
    begun_at_ms: int | None = None
    finished_at_ms: int | None = None
    quantity: Decimal | None = None
    asked_price: Decimal | None = None
    stop_before: Decimal | None = None
    held_before_ms: int | None = None
    orders: tuple[ClientOrderId, ...] = ()
    reason: str = ""
    version: int = 1

    def asks_the_same_as(self, other: "OperatorRequest") -> bool:
        return self._wish == other._wish

    @property
    def _wish(self) -> tuple[object, ...]:
        # What is fixed later, when the request is begun, is no part of the wish: a stop is put on the tick grid then.
        asked = self.stop_price if self.asked_price is None else self.asked_price
        price = asked if self.kind is RequestKind.STOP else None
        return self.account, self.symbol, self.side, self.position, self.kind, self.percent, price, self.confirmed

    def is_stale(self, now_ms: int) -> bool:
        return self.begun_at_ms is None and now_ms - self.asked_at_ms > LONGEST_WAIT_MS

    def begun(
        self,
        now_ms: int,
        quantity: Decimal | None = None,
        stop_price: Decimal | None = None,
        stop_before: Decimal | None = None,
        held_before_ms: int | None = None,
    ) -> "OperatorRequest":
        return replace(
            self,
            begun_at_ms=now_ms,
            quantity=quantity,
            stop_price=stop_price if stop_price is not None else self.stop_price,
            asked_price=self.stop_price,
            stop_before=stop_before,
            held_before_ms=held_before_ms,
            version=self.version + 1,
        )

    def ended(
        self, state: RequestState, now_ms: int, reason: str, orders: tuple[ClientOrderId, ...] = ()
    ) -> "OperatorRequest":
        return replace(
            self,
            state=state,
            finished_at_ms=now_ms,
            reason=reason,
            orders=orders or self.orders,
            version=self.version + 1,
        )

    def describe(self) -> str:
        """In a few words, for records and messages."""
        where = f"{self.symbol} {self.side.value}"
        if self.kind is RequestKind.CLOSE and self.percent is not None:
            return f"close {plain(self.percent)} % of {where}"
        if self.kind is RequestKind.STOP and self.stop_price is not None:
            return f"move the stop of {where} to {plain(self.stop_price)}"
        words = {
            RequestKind.BREAK_EVEN: "move the stop to break-even",
            RequestKind.FREEZE_LAYERS: "freeze the layers",
            RequestKind.UNFREEZE_LAYERS: "let layers be added again",
        }
        return f"{words.get(self.kind, self.kind.value)}: {where}"


def request_id(account: AccountId, by: str, key: str) -> RequestId:
    """A key belongs to who sent it. It always names the same request: a repeated click asks for nothing new."""
    return RequestId(digest_of("request", account, by, key))

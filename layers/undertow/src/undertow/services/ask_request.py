"""Take a person's request down. Nothing is sent here: who asks holds no key of the exchange."""

import logging
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from undertow.domain.account import Account, Mode
from undertow.domain.json_text import write_json
from undertow.domain.market import MarkPrice
from undertow.domain.numbers import plain
from undertow.domain.position import Position, Slot
from undertow.domain.request import OperatorRequest, RequestKind
from undertow.ports import Audit, AuditRow, Clock, Ledger, Requests
from undertow.risk.approval import Refusal
from undertow.services.read_request import Meant, ReadRequest
from undertow.services.views.marks import Marks

logger = logging.getLogger(__name__)

MAX_MARK_AGE_MS: Final = 30_000
"""A stop is not judged by an older price."""


class RequestProblem(Exception):
    """A request that was not taken down. ``code`` is stable, the text is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class NoSuchPosition(RequestProblem):
    """There is no open position on that side."""


class ConfirmationNeeded(RequestProblem):
    """It would let more be lost or held than now, by ``amount`` quote units, and the person did not say so."""

    def __init__(self, message: str, amount: Decimal) -> None:
        super().__init__("confirmation_needed", message)
        self.amount = amount


@dataclass(frozen=True, slots=True)
class AskRequest:
    ledger: Ledger
    requests: Requests
    read: ReadRequest
    marks: Marks
    audit: Audit
    clock: Clock

    def __call__(self, account: Account, wish: OperatorRequest) -> OperatorRequest:
        """Take ``wish`` down and return it as it then stands; one that was taken down before is returned as it stands.

        Raises RequestProblem, with nothing written. The audit row comes first: no request is without one.
        """
        known = self.requests.get(account.id, wish.id)
        if known is not None:
            return _the_same(known, wish)
        if account.mode is Mode.SIMULATE:
            raise RequestProblem("simulated", f"account {account.id} only simulates: it holds nothing at a venue")
        slot = self.ledger.slot(account.id, wish.symbol, wish.side)
        position = _seen(slot, wish)
        meant = self.read(account, wish, slot, self._mark(account, wish))
        if isinstance(meant, Refusal):
            raise RequestProblem(meant.gate, meant.reason)
        if meant.grows_by > 0 and not wish.confirmed:
            raise ConfirmationNeeded(_what_grows(wish, meant), meant.grows_by)
        self._record(wish, position, meant)
        if not self.requests.add(wish):
            known = self.requests.get(account.id, wish.id)
            return _the_same(known, wish) if known is not None else wish
        logger.info("request_asked", extra={"request": wish.id, "account": account.id, "what": wish.describe()})
        return wish

    def _mark(self, account: Account, wish: OperatorRequest) -> Decimal | None:
        if not wish.kind.moves_the_stop:
            return None
        mark: MarkPrice | None = self.marks.of(account.venue, [wish.symbol]).get(wish.symbol)
        if mark is None or self.clock.now_ms() - mark.time_ms > MAX_MARK_AGE_MS:
            return None
        return mark.price

    def _record(self, wish: OperatorRequest, position: Position, meant: Meant) -> None:
        before = {
            "position": position.id,
            "quantity": plain(position.quantity),
            "stop_price": None if position.stop_price is None else plain(position.stop_price),
        }
        after = {
            "request": wish.id,
            "what": wish.describe(),
            "quantity": None if meant.quantity is None else plain(meant.quantity),
            "stop_price": None if meant.stop is None else plain(meant.stop.price),
            "confirmed": wish.confirmed,
        }
        subject = f"{wish.account} {wish.symbol} {wish.side.value}"
        self.audit.append(
            AuditRow(
                wish.asked_at_ms, wish.by, f"request:{wish.kind.value}", subject, write_json(before), write_json(after)
            )
        )


class KeyReused(RequestProblem):
    """The key was used before, for something else."""

    def __init__(self, known: OperatorRequest) -> None:
        super().__init__("key_reused", f"this Idempotency-Key was used before, for: {known.describe()}")


def _the_same(known: OperatorRequest, wish: OperatorRequest) -> OperatorRequest:
    if not known.asks_the_same_as(wish):
        raise KeyReused(known)
    return known


def _seen(slot: Slot, wish: OperatorRequest) -> Position:
    position = slot.position
    if position is None:
        raise NoSuchPosition("no_such_position", f"account {wish.account} holds no {wish.symbol} {wish.side.value}")
    if position.id != wish.position:
        raise RequestProblem("position_changed", "the position you saw is closed; another one is open there now")
    return position


def _what_grows(wish: OperatorRequest, meant: Meant) -> str:
    amount = plain(meant.grows_by)
    if wish.kind is RequestKind.UNFREEZE_LAYERS:
        return f"layers of {amount} USDT together may be added again"
    return f"the stop would be looser: {amount} USDT more can be lost at it"

"""What people are told of a position that lacks its stop or its target, and that it lacks them no more."""

from dataclasses import dataclass
from typing import Final

from undertow.domain.position import Position
from undertow.ports import AlertLevel, Clock, Ledger
from undertow.services.tell_later import TellLater

WORTH_TELLING_MS: Final = 3_000
"""A position that got its stop sooner is left to the check of every minute, which ends its alert if there is one."""

NO_STOP: Final = "unprotected"
NO_STOP_FOR_LONG: Final = "unprotected_for_long"
NO_TARGET: Final = "no_target"


@dataclass(frozen=True, slots=True)
class TellOfPosition:
    ledger: Ledger
    notifier: TellLater
    clock: Clock

    def no_stop(self, position: Position, message: str) -> None:
        facts = {"account": position.account, "symbol": position.symbol, "side": position.side.value}
        self.notifier.alert_while(
            lambda: self._nobody_gave_it_a_stop(position), AlertLevel.CRITICAL, _key(NO_STOP, position), message, facts
        )

    def no_stop_yet(self, position: Position) -> None:
        """Right after a fill it is rather another process that waits for the venue's answer."""
        since_ms = position.unprotected_since_ms
        if since_ms is None or self._is_worth_telling(since_ms):
            self.no_stop(position, "no stop could be confirmed at the venue")

    def no_stop_for_long(self, position: Position, naked_ms: int) -> None:
        facts = {"symbol": position.symbol, "side": position.side.value, "unprotected_for_ms": str(naked_ms)}
        self.notifier.alert_while(
            lambda: self._nobody_gave_it_a_stop(position),
            AlertLevel.CRITICAL,
            _key(NO_STOP_FOR_LONG, position),
            "a position has been without a stop for too long",
            facts,
        )

    def no_target(self, position: Position, message: str) -> None:
        facts = {"account": position.account, "symbol": position.symbol, "side": position.side.value}
        self.notifier.alert_while(
            lambda: self._found(position) is not None, AlertLevel.HIGH, _key(NO_TARGET, position), message, facts
        )

    def has_its_stop(self, position: Position) -> None:
        """Not of every position that was just opened: of those that were without a stop long enough to be told of."""
        since_ms = position.unprotected_since_ms
        if since_ms is not None and self._is_worth_telling(since_ms):
            self._end(position, "the position has its stop")

    def is_closed(self, position: Position) -> None:
        if position.unprotected_since_ms is not None:
            self._end(position, "the position is closed")

    def _end(self, position: Position, reason: str) -> None:
        for kind in (NO_STOP, NO_STOP_FOR_LONG):
            self.notifier.resolved(_key(kind, position), reason)

    def _is_worth_telling(self, since_ms: int) -> bool:
        return self.clock.now_ms() - since_ms >= WORTH_TELLING_MS

    def _nobody_gave_it_a_stop(self, position: Position) -> bool:
        """Since this process looked at it. It may also have closed meanwhile; who saw to that has ended the alerts."""
        found = self._found(position)
        if found is None:
            return False
        was_counted = position.unprotected_since_ms is not None
        return found.unprotected_since_ms is not None or (not was_counted and found.stop_order == position.stop_order)

    def _found(self, position: Position) -> Position | None:
        found = self.ledger.slot(position.account, position.symbol, position.side).position
        return found if found is not None and found.id == position.id else None


def _key(kind: str, position: Position) -> str:
    return f"{kind}#{position.account}#{position.symbol}#{position.side}"

"""Look again at a position that should be protected: protect it, tell when it takes long, close it when too long."""

import logging
from dataclasses import dataclass
from typing import Final

from undertow.domain.account import Account
from undertow.domain.follow_up import FollowUp, FollowUpKind
from undertow.domain.ids import Symbol
from undertow.domain.market import PositionSide
from undertow.domain.position import Position
from undertow.ports import AlertLevel, Clock, FollowUps, Ledger, Notifier, ParamsSource
from undertow.services.close_position import ClosePosition
from undertow.services.protect import Protect, Protection

logger = logging.getLogger(__name__)

FIRST_LOOKS_S: Final = (2, 1, 2)
"""After 2 and 3 s, so that a process that died is made up for within 5 s; and again at 5 s, when it is time to tell."""
LOOK_AGAIN_S: Final = 5
LOOKS: Final = 25
"""After two minutes of looking every 5 s the schedule, once a minute, is what looks."""


@dataclass(frozen=True, slots=True)
class GuardPosition:
    ledger: Ledger
    params: ParamsSource
    protect: Protect
    close: ClosePosition
    follow_ups: FollowUps
    notifier: Notifier
    clock: Clock

    def watch(self, account: Account, symbol: Symbol, side: PositionSide) -> None:
        """Make sure that somebody looks in a few seconds, even if this process dies now."""
        self._schedule(account, symbol, side, attempt=0)

    def __call__(self, account: Account, symbol: Symbol, side: PositionSide, attempt: int | None = None) -> Protection:
        """Protect the position; ``attempt`` counts the looks of a follow-up (None: called by a schedule).

        While an entry may still fill, it looks again: the message that tells of the fill may fail, and come back late.
        """
        protection = self.protect(account, symbol, side)
        if protection is not Protection.UNPROTECTED:
            if attempt is not None and self.ledger.slot(account.id, symbol, side).entries:
                self._look_again(account, symbol, side, attempt)
            return protection
        position = self.ledger.slot(account.id, symbol, side).position
        if position is None or position.unprotected_since_ms is None:
            return protection
        if self._too_long(account, position):
            return Protection.CLOSING
        if attempt is not None:
            self._look_again(account, symbol, side, attempt)
        return protection

    def _too_long(self, account: Account, position: Position) -> bool:
        """Alert, and close at market, by the two settings. The stop could not be placed: the risk must go."""
        settings = self.params.current().globals
        naked_ms = self.clock.now_ms() - (position.unprotected_since_ms or 0)
        if naked_ms < settings.unprotected_alert_s * 1000:
            return False
        self.notifier.alert(
            AlertLevel.CRITICAL,
            f"unprotected_for_long#{position.account}#{position.symbol}#{position.side}",
            "a position has been without a stop for too long",
            {"symbol": position.symbol, "side": position.side.value, "unprotected_for_ms": str(naked_ms)},
        )
        if naked_ms < settings.unprotected_close_s * 1000:
            return False
        self.close(account, position, f"without a stop for {naked_ms} ms")
        return True

    def _look_again(self, account: Account, symbol: Symbol, side: PositionSide, attempt: int) -> None:
        if attempt + 1 < LOOKS:
            self._schedule(account, symbol, side, attempt + 1)

    def _schedule(self, account: Account, symbol: Symbol, side: PositionSide, attempt: int) -> None:
        self.follow_ups.schedule(
            FollowUp(FollowUpKind.CHECK_PROTECTION, account.id, symbol, side, None, attempt, self.clock.now_ms()),
            FIRST_LOOKS_S[attempt] if attempt < len(FIRST_LOOKS_S) else LOOK_AGAIN_S,
        )

"""Look again at a position that should be protected: protect it, tell when it takes long, close it when too long."""

import logging
from dataclasses import dataclass
from typing import Final

from undertow.domain.account import Account
from undertow.domain.follow_up import FollowUp, FollowUpKind
from undertow.domain.ids import Symbol
from undertow.domain.market import PositionSide
from undertow.domain.position import Position
from undertow.ports import Clock, FollowUps, Ledger, NotScheduled, ParamsSource
from undertow.services.check_entry import CheckEntry
from undertow.services.close_position import ClosePosition
from undertow.services.protect import Protect, Protection
from undertow.services.tell_later import TellLater
from undertow.services.tell_of_position import TellOfPosition

logger = logging.getLogger(__name__)

FIRST_LOOKS_S: Final = (1, 1, 1, 2)
"""Every second at first, so that a process that died or a stop that did not arrive is made up for within 3 s; and again
at 5 s, when it is time to tell."""
LOOK_AGAIN_S: Final = 5
LOOKS: Final = 26
"""After two minutes of looking every 5 s the schedule, once a minute, is what looks."""


@dataclass(frozen=True, slots=True)
class GuardPosition:
    ledger: Ledger
    params: ParamsSource
    check_entry: CheckEntry
    protect: Protect
    close: ClosePosition
    follow_ups: FollowUps
    notifier: TellLater
    tell: TellOfPosition
    clock: Clock

    def watch(self, account: Account, symbol: Symbol, side: PositionSide) -> None:
        """Make sure that somebody looks in a few seconds, even if this process dies now."""
        self._schedule(account, symbol, side, attempt=0)

    def __call__(
        self,
        account: Account,
        symbol: Symbol,
        side: PositionSide,
        attempt: int | None = None,
        *,
        is_repeated: bool = False,
    ) -> Protection:
        """Protect the position; ``attempt`` counts the looks of a follow-up (None: called by a schedule).

        It looks again until the position has its stop or is gone, and while an entry may still fill: the message that
        tells of the fill may fail, and come back late. Where that is clear beforehand the next look is put off before
        anything else, so that it comes even if this one dies; a look that the queue brings again has done so already.
        """
        with self.notifier.after_this():
            return self._see_to(account, symbol, side, attempt, is_repeated)

    def _see_to(
        self, account: Account, symbol: Symbol, side: PositionSide, attempt: int | None, is_repeated: bool
    ) -> Protection:
        if attempt is None:
            return self._look(account, symbol, side)
        is_due = self._is_unsettled(account, symbol, side)
        unwatched = self._look_again(account, symbol, side, attempt) if is_due and not is_repeated else None
        protection = self._look(account, symbol, side)
        is_missing = protection in (Protection.UNPROTECTED, Protection.CLOSING)
        if is_missing and not is_due and self._is_unsettled(account, symbol, side):
            unwatched = self._look_again(account, symbol, side, attempt)
        if unwatched is not None and is_missing:
            raise unwatched
        return protection

    def _look(self, account: Account, symbol: Symbol, side: PositionSide) -> Protection:
        self.check_entry.of_side(account, symbol, side)
        protection = self.protect(account, symbol, side)
        if protection is not Protection.UNPROTECTED:
            return protection
        position = self.ledger.slot(account.id, symbol, side).position
        if position is None or position.unprotected_since_ms is None or not self._too_long(account, position):
            return protection
        return Protection.CLOSING

    def _is_unsettled(self, account: Account, symbol: Symbol, side: PositionSide) -> bool:
        """An exit at market may be refused, or not arrive, like a stop: it is looked after until nothing is left."""
        slot = self.ledger.slot(account.id, symbol, side)
        return bool(slot.entries) or (slot.position is not None and slot.position.unprotected_since_ms is not None)

    def _too_long(self, account: Account, position: Position) -> bool:
        """Alert, and close at market, by the two settings. The stop could not be placed: the risk must go."""
        settings = self.params.current().globals
        naked_ms = self.clock.now_ms() - (position.unprotected_since_ms or 0)
        if naked_ms < settings.unprotected_alert_s * 1000:
            return False
        self.tell.no_stop_for_long(position, naked_ms)
        if naked_ms < settings.unprotected_close_s * 1000:
            return False
        self.close(account, position, f"without a stop for {naked_ms} ms")
        return True

    def _look_again(self, account: Account, symbol: Symbol, side: PositionSide, attempt: int) -> NotScheduled | None:
        """The failure, if it could not be put off: the stop does not wait for the queue."""
        if attempt + 1 < LOOKS:
            try:
                self._schedule(account, symbol, side, attempt + 1)
            except NotScheduled as failure:
                return failure
        return None

    def _schedule(self, account: Account, symbol: Symbol, side: PositionSide, attempt: int) -> None:
        self.follow_ups.schedule(
            FollowUp(FollowUpKind.CHECK_PROTECTION, account.id, symbol, side, None, attempt, self.clock.now_ms()),
            FIRST_LOOKS_S[attempt] if attempt < len(FIRST_LOOKS_S) else LOOK_AGAIN_S,
        )

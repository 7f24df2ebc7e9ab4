"""End alerts whose condition is seen to be over, whoever raised them and whatever became of that process.

A service that ends a condition says so itself, at once. This one finds what was missed: the process died in between,
or what ended the condition (a stop that filled, a hand at the venue) knows nothing of the alert.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from undertow.domain.account import Account
from undertow.domain.alert import Alert
from undertow.domain.guard import BlockKind
from undertow.domain.ids import AccountId, ClientOrderId, Symbol
from undertow.domain.market import PositionSide
from undertow.ports import Clock, Notifier, Repositories

MINUTE_MS: Final = 60_000
QUIET_MS: Final = 5 * MINUTE_MS
"""What a pass reports every minute for as long as it holds, and has not reported for so long, holds no more."""
FORGOTTEN_MS: Final = 24 * 60 * MINUTE_MS
"""What only happens, and has no end that could be seen, is put away after a day."""
_SEEN_TO_LAST: Final = frozenset({"unprotected", "unprotected_for_long", "no_target", "exit_failed", "blocked"})
"""Each look tells whether these still hold: they last however long ago they were reported. A block is reported once."""


@dataclass(frozen=True, slots=True)
class _Case:
    """An open alert; ``parts`` are what its key says after the kind of condition."""

    alert: Alert
    parts: Sequence[str]
    accounts: Sequence[Account]


@dataclass(frozen=True, slots=True)
class EndAlerts:
    kept: Repositories
    notifier: Notifier
    clock: Clock

    def __call__(self, standing: Sequence[Alert], accounts: Sequence[Account]) -> None:
        for alert in standing:
            reason = self._reason(alert, accounts)
            if reason is not None:
                self.notifier.resolved(alert.key, reason)

    def _reason(self, alert: Alert, accounts: Sequence[Account]) -> str | None:
        """Why the condition is over; None while it may still hold."""
        now_ms = self.clock.now_ms()
        kind, *parts = alert.key.split("#")
        look = self._looks.get(kind)
        found = look(_Case(alert, parts, accounts)) if look is not None else None
        if found is None and kind not in _SEEN_TO_LAST and now_ms - alert.last_ms > FORGOTTEN_MS:
            return "not reported again for a day"
        return found

    @property
    def _looks(self) -> Mapping[str, Callable[[_Case], str | None]]:
        return {
            "unprotected": self._protected,
            "unprotected_for_long": self._protected,
            "no_target": self._has_target,
            "exit_failed": self._closed,
            "order_lost": self._answered,
            "order_unknown": self._answered,
            "blocked": self._unblocked,
            "difference": self._not_repeated,
            "difference_returns": self._not_repeated,
            "liquidation_price": self._not_repeated,
            "clock": self._not_repeated,
        }

    def _protected(self, case: _Case) -> str | None:
        account, symbol, side = case.parts
        position = self.kept.ledger.slot(AccountId(account), Symbol(symbol), PositionSide(side)).position
        if position is None:
            return "the position is closed"
        return None if position.unprotected_since_ms is not None else "the position has its stop"

    def _has_target(self, case: _Case) -> str | None:
        account, symbol, side = case.parts
        position = self.kept.ledger.slot(AccountId(account), Symbol(symbol), PositionSide(side)).position
        if position is None:
            return "the position is closed"
        return "the position has its target" if position.target_order is not None else None

    def _closed(self, case: _Case) -> str | None:
        """Another position may stand there by now."""
        account, symbol, side = case.parts
        position = self.kept.ledger.slot(AccountId(account), Symbol(symbol), PositionSide(side)).position
        told_of = case.alert.facts.get("position")
        if position is None or (told_of is not None and told_of != position.id):
            return "the position is closed"
        return None

    def _answered(self, case: _Case) -> str | None:
        for account in case.accounts:
            order = self.kept.orders.get(account.id, ClientOrderId(case.parts[0]))
            if order is not None and order.state.is_final:
                return f"the order is {order.state.value}"
        return None

    def _unblocked(self, case: _Case) -> str | None:
        account, kind = case.parts
        blocks = self.kept.guards.get(AccountId(account)).blocks
        return None if BlockKind(kind) in blocks else f"no longer: {case.alert.message}"

    def _not_repeated(self, case: _Case) -> str | None:
        """Only while the passes that would report it are made."""
        last_ms = case.alert.last_ms
        balances = [self.kept.balances.latest(account.id) for account in case.accounts]
        passes = all(balance is not None and balance.time_ms > last_ms + QUIET_MS // 2 for balance in balances)
        quiet = self.clock.now_ms() - last_ms > QUIET_MS
        return "later comparisons with the venue did not find it again" if quiet and passes else None

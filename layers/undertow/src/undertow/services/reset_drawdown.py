"""A person clears the drawdown stop: only a person may, and it is on record who."""

from dataclasses import dataclass, replace

from undertow.domain.guard import AccountGuard, BlockKind
from undertow.domain.ids import AccountId
from undertow.domain.json_text import write_json
from undertow.domain.numbers import plain
from undertow.ports import Audit, AuditRow, Balances, Clock, Guards
from undertow.risk import monitor
from undertow.risk.limits import HARD_MAX_BALANCE_AGE_MS


class NothingToClear(Exception):
    """No drawdown stop stands on the account."""


class DrawdownNotCleared(Exception):
    """It could not be cleared and stands as before; the message says why."""


@dataclass(frozen=True, slots=True)
class ResetDrawdown:
    guards: Guards
    balances: Balances
    audit: Audit
    clock: Clock

    def __call__(self, account: AccountId, by: str) -> AccountGuard:
        """The peak counts from the present equity on. Raises NothingToClear and DrawdownNotCleared."""
        before = self.guards.get(account)
        if BlockKind.DRAWDOWN not in before.blocks:
            raise NothingToClear(f"no drawdown stop stands on account {account}")
        balance, now_ms = self.balances.latest(account), self.clock.now_ms()
        if balance is None or now_ms - balance.time_ms > HARD_MAX_BALANCE_AGE_MS:
            raise DrawdownNotCleared("the account's present equity is not known: the peak would start from a guess")
        after = replace(monitor.reset_drawdown(before, balance.equity), version=before.version + 1)
        self.audit.append(AuditRow(now_ms, by, "risk:reset-drawdown", account, _text(before), _text(after)))
        if not self.guards.set(after):
            raise DrawdownNotCleared("the monitor wrote at the same moment: try again")
        return after


def _text(guard: AccountGuard) -> str:
    return write_json(
        {
            "peak_equity": None if guard.peak_equity is None else plain(guard.peak_equity),
            "blocks": [kind.value for kind in guard.blocks],
        }
    )

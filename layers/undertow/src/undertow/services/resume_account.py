"""Let an account trade again, once its ledger was just proven to equal the venue."""

from dataclasses import dataclass
from typing import Final

from undertow.domain.account import Account, Control, Mode, Switch
from undertow.domain.guard import AccountGuard
from undertow.ports import Clock, Guards
from undertow.risk.proof import unproven_account
from undertow.services.set_switch import SetSwitch

MAX_PROOF_AGE_MS: Final = 120_000
"""Tighter than for entries: whoever resumes has often just changed something by hand at the venue."""
WHAT_TO_DO: Final = (
    "Reconciliation runs every minute: look at `undertow reconcile` (or the page), wait for a pass that finds the"
    " ledger equal to the venue, and resume then"
)


class NotProven(Exception):
    """The account was not resumed, and stays as it is: its ledger is not known to equal the venue."""


@dataclass(frozen=True, slots=True)
class ResumeAccount:
    set_switch: SetSwitch
    guards: Guards
    clock: Clock

    def __call__(self, account: Account, seen_version: int, by: str, reason: str) -> Control:
        """Raises NotProven, and SwitchMoved unless ``seen_version`` is still the present one."""
        running = self.set_switch.controls.get(account.id).switch is Switch.RUNNING
        if account.mode is not Mode.SIMULATE and not running:
            against = self._against(self.guards.get(account.id))
            if against:
                raise NotProven(f"account {account.id} is not resumed: {against}. {WHAT_TO_DO}")
        return self.set_switch.resume(account.id, seen_version, by, reason)

    def _against(self, guard: AccountGuard) -> str:
        refused = unproven_account(guard, self.clock.now_ms(), MAX_PROOF_AGE_MS)
        if refused is not None:
            figures = ", ".join(f"{name} {value}" for name, value in {**refused.inputs, **refused.thresholds}.items())
            return f"{refused.reason} ({figures})" if figures else refused.reason
        unproven = guard.proof.unproven if guard.proof is not None else {}
        return "; ".join(f"{symbol}: {doubt}" for symbol, doubt in sorted(unproven.items()))

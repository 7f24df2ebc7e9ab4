"""Turn an account's switch. Tightening always succeeds and acts at once; loosening needs to have seen the present."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from undertow.domain.account import Control, Switch
from undertow.domain.ids import AccountId
from undertow.domain.json_text import write_json
from undertow.ports import Audit, AuditRow, Clock, Controls, StoreBusy
from undertow.services.one_by_one import OneByOne

logger = logging.getLogger(__name__)

_STRICTNESS: Final = {Switch.RUNNING: 0, Switch.PAUSED: 1, Switch.CLOSE_ONLY: 2, Switch.FLATTEN: 3}
_ATTEMPTS: Final = 10


class SwitchMoved(Exception):
    """Somebody turned the switch since it was looked at."""

    def __init__(self, control: Control) -> None:
        super().__init__(
            f"account {control.account} was set to {control.switch.value} by {control.by} meanwhile: {control.reason}"
        )
        self.control = control


class SwitchContended(Exception):
    """Others turned the switch at the same moment again and again. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class SetSwitch:
    controls: Controls
    audit: Audit
    clock: Clock

    def tighten(self, account: AccountId, switch: Switch, by: str, reason: str) -> Control:
        """Set ``switch`` unless the account is at it or at something stricter already. Asking twice changes nothing.

        The switch is turned before it is recorded: nothing may hold back a pause.
        """
        for _ in range(_ATTEMPTS):
            before = self.controls.get(account)
            if before.version > 0 and _STRICTNESS[before.switch] >= _STRICTNESS[switch]:
                self._record(before, before, by, reason, switch)
                return before
            after = self._after(before, switch, by, reason)
            if self.controls.set(after):
                self._record(before, after, by, reason, switch)
                return after
        raise SwitchContended(account)

    def tighten_all(self, accounts: Iterable[AccountId], switch: Switch, by: str, reason: str) -> Sequence[Control]:
        """One account's trouble keeps no other one trading: its failure is raised once all were turned."""
        turned: list[Control] = []
        with OneByOne(logger, (StoreBusy, SwitchContended)) as each:
            for account in accounts:
                with each.attempt("switch_not_turned", account=account):
                    turned.append(self.tighten(account, switch, by, reason))
        return turned

    def resume(self, account: AccountId, seen_version: int, by: str, reason: str) -> Control:
        """Let the account trade again. Raises SwitchMoved unless ``seen_version`` is still the present one."""
        before = self.controls.get(account)
        if before.version != seen_version:
            raise SwitchMoved(before)
        if before.switch is Switch.RUNNING:
            return before
        after = self._after(before, Switch.RUNNING, by, reason)
        self._record(before, after, by, reason, Switch.RUNNING)
        if not self.controls.set(after):
            raise SwitchMoved(self.controls.get(account))
        return after

    def _after(self, before: Control, switch: Switch, by: str, reason: str) -> Control:
        return Control(before.account, switch, self.clock.now_ms(), by, reason, before.version + 1)

    def _record(self, before: Control, after: Control, by: str, reason: str, wanted: Switch) -> None:
        self.audit.append(
            AuditRow(
                time_ms=self.clock.now_ms(),
                by=by,
                action=f"switch:{wanted.value}",
                subject=before.account,
                before=_text(before, before.reason),
                after=_text(after, reason),
            )
        )


def _text(control: Control, reason: str) -> str:
    return write_json({"switch": control.switch.value, "version": control.version, "reason": reason})

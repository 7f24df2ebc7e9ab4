"""What people add to the books: sums from before the venue's records, or that it does not list. Nothing is deleted."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from undertow.domain.adjustment import Adjustment
from undertow.domain.ids import AccountId, digest_of
from undertow.domain.income import IncomeKind
from undertow.domain.json_text import write_json
from undertow.domain.numbers import plain
from undertow.ports import Adjustments, Audit, AuditRow, Clock


class AdjustmentThere(Exception):
    """The same sum with the same note is entered already: a second one says in its note what it is."""


class NoAdjustment(Exception):
    """The account has no adjustment of that id."""


class AdjustmentMoved(Exception):
    """It was revoked before, or by somebody else at the same moment."""


@dataclass(frozen=True, slots=True)
class Adjust:
    """An id follows from what is entered, so that whoever presses the button twice enters it once."""

    adjustments: Adjustments
    audit: Audit
    clock: Clock

    def of(self, account: AccountId) -> Sequence[Adjustment]:
        """Oldest first, revoked ones too."""
        return self.adjustments.of_account(account)

    def add(
        self, account: AccountId, kind: IncomeKind, amount: Decimal, time_ms: int | None, note: str, by: str
    ) -> Adjustment:
        """Raises AdjustmentThere."""
        twins = [one for one in self.of(account) if _content(one) == (kind, amount, time_ms, note)]
        if any(one.revoked_at_ms is None for one in twins):
            raise AdjustmentThere(f"the same adjustment is entered already: {twins[-1].id}")
        entered = Adjustment(
            id=digest_of("adjustment", account, kind, plain(amount), time_ms, note, len(twins)),
            account=account,
            kind=kind,
            amount=amount,
            time_ms=time_ms,
            note=note,
            by=by,
            created_at_ms=self.clock.now_ms(),
        )
        if not self.adjustments.add(entered):
            raise AdjustmentThere(f"the same adjustment is entered already: {entered.id}")
        self._record("adjustment:add", entered, by)
        return entered

    def revoke(self, account: AccountId, adjustment: str, by: str) -> Adjustment:
        """It counts no more and stays on record. Raises NoAdjustment and AdjustmentMoved."""
        found = next((one for one in self.of(account) if one.id == adjustment), None)
        if found is None:
            raise NoAdjustment(f"account {account} has no adjustment {adjustment}")
        if found.revoked_at_ms is not None:
            raise AdjustmentMoved(f"adjustment {adjustment} was revoked before, by {found.revoked_by}")
        revoked = found.revoked(by, self.clock.now_ms())
        if not self.adjustments.update(revoked):
            raise AdjustmentMoved(f"adjustment {adjustment} was revoked at the same moment")
        self._record("adjustment:revoke", revoked, by)
        return revoked

    def _record(self, action: str, after: Adjustment, by: str) -> None:
        text = write_json(
            {
                "id": after.id,
                "kind": after.kind.value,
                "amount": plain(after.amount),
                "time_ms": after.time_ms,
                "note": after.note,
            }
        )
        added = action == "adjustment:add"
        self.audit.append(
            AuditRow(
                time_ms=self.clock.now_ms(),
                by=by,
                action=action,
                subject=after.account,
                before="" if added else text,
                after=text if added else "",
            )
        )


def _content(one: Adjustment) -> tuple[IncomeKind, Decimal, int | None, str]:
    return one.kind, one.amount, one.time_ms, one.note

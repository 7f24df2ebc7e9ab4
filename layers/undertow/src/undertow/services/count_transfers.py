"""Tell the monitor's memory of deposits and withdrawals, as imported, so that none looks like profit or loss."""

import logging
from dataclasses import dataclass, replace

from undertow.domain.account import Account
from undertow.domain.accounting.profit import QUOTE
from undertow.domain.guard import AccountGuard
from undertow.domain.income import IncomeKind
from undertow.domain.numbers import plain
from undertow.ports import Balances, Guards, Incomes, Meter, Notifier, ParamsSource
from undertow.risk.transfers import Transfer, counted_since, with_transfers
from undertow.services.record_order import ATTEMPTS, LostTooManyRaces

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CountTransfers:
    incomes: Incomes
    guards: Guards
    balances: Balances
    params: ParamsSource
    notifier: Notifier
    meter: Meter

    def __call__(self, account: Account, until_ms: int) -> None:
        """Once all incomes up to ``until_ms`` are imported. A second time changes nothing. Raises LostTooManyRaces."""
        limits = self.params.current().globals.limits[account.id].risk
        for _ in range(ATTEMPTS):
            before = self.guards.get(account.id)
            if before.peak_equity is None:
                return
            known = self._known(account, counted_since(before, until_ms), until_ms)
            after = with_transfers(before, known, self.balances.latest(account.id), limits, until_ms)
            if self.guards.set(replace(after, version=before.version + 1)):
                self._tell(before, after)
                return
        raise LostTooManyRaces(f"the guard of account {account.id} kept changing while transfers were counted")

    def _known(self, account: Account, since_ms: int, until_ms: int) -> list[Transfer]:
        """In the quote asset: what equity is measured in."""
        rows = self.incomes.between(account.id, since_ms + 1, until_ms, frozenset({IncomeKind.TRANSFER}))
        return [Transfer(row.time_ms, row.amount) for row in rows if row.asset == QUOTE]

    def _tell(self, before: AccountGuard, after: AccountGuard) -> None:
        counted = before.transfers.amount if before.transfers is not None else 0
        if after.transfers is not None and after.transfers.amount != counted:
            self.meter.count("transfers_counted")
            amount = plain(after.transfers.amount - counted)
            logger.info("transfers_counted", extra={"account": after.account, "amount": amount})
        for kind, block in before.blocks.items():
            if kind not in after.blocks:
                self.meter.count(f"cleared_{kind.value}")
                key, text = f"blocked#{after.account}#{kind.value}", "it was a transfer and no loss"
                self.notifier.resolved(key, f"no longer: {block.reason}: {text}")

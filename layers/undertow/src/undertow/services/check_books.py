"""Whether the wallet is what the records say it should be. What they do not explain is somebody's business."""

import logging
from dataclasses import dataclass
from typing import Final

from undertow.domain.account import Account, Balance, Mode
from undertow.domain.accounting.capital import Check, capital
from undertow.domain.accounting.profit import QUOTE, total, within
from undertow.domain.numbers import ZERO, plain
from undertow.domain.times import utc_text
from undertow.ports import AlertLevel, Balances, Meter, Notifier, ParamsSource, Repositories, StoreBusy
from undertow.services.one_by_one import OneByOne
from undertow.services.read_books import AccountBooks, complete_to_ms, read_books

logger = logging.getLogger(__name__)

SETTLED_AFTER_MS: Final = 60_000
"""A record may be listed a little after its moment: compared is the wallet of this long before the last import."""
_LOOKED_BACK_MS: Final = 6 * 3_600_000


@dataclass(frozen=True, slots=True)
class WalletCheck:
    """What was found, and of when the wallet is. What moved in other assets than the quote is not in it."""

    check: Check
    as_of_ms: int


def settled_balance(balances: Balances, account: Account, imported_to_ms: int | None) -> Balance | None:
    """The latest balance of a moment up to which all records are imported; None while there is none."""
    if imported_to_ms is None:
        return None
    until_ms = imported_to_ms - SETTLED_AFTER_MS
    found = balances.history(account.id, until_ms - _LOOKED_BACK_MS, until_ms)
    return found[-1] if found else None


def wallet_check(read: AccountBooks, balance: Balance) -> WalletCheck:
    """``read`` may know more than ``balance`` does: only what came before it counts."""
    lines = within(read.books.lines, 0, balance.time_ms)
    flows = [flow for flow in read.books.flows if flow.time_ms <= balance.time_ms]
    deposited = capital(flows).get(QUOTE, ZERO)
    return WalletCheck(Check(balance.wallet, deposited, total(lines).net), balance.time_ms)


@dataclass(frozen=True, slots=True)
class CheckBooks:
    """Run after the imports, and harmless at any other time."""

    kept: Repositories
    params: ParamsSource
    notifier: Notifier
    meter: Meter

    def every(self) -> None:
        """Of every account at a venue. Raises the first failure, after the other accounts were checked."""
        with OneByOne(logger, (StoreBusy,)) as each:
            for account in self.params.current().globals.accounts.values():
                if account.mode is not Mode.SIMULATE:
                    with each.attempt("books_not_read", account=account.id):
                        self(account)

    def __call__(self, account: Account) -> WalletCheck | None:
        """What was found; None when there is no balance yet of a time that all imports have reached."""
        imported_to_ms = complete_to_ms(self.kept.checkpoints.of_account(account.id))
        balance = settled_balance(self.kept.balances, account, imported_to_ms)
        if balance is None:
            self.meter.count("books_unchecked")
            logger.warning("books_unchecked", extra={"account": account.id, "imported_to_ms": imported_to_ms})
            return None
        read = read_books(self.kept, account, balance.time_ms)
        found = wallet_check(read, balance)
        self._tell(account, found, read)
        return found

    def _tell(self, account: Account, found: WalletCheck, read: AccountBooks) -> None:
        key = f"unexplained#{account.id}"
        check = found.check
        facts = {
            "account": account.id,
            "as_of": utc_text(found.as_of_ms),
            "wallet": plain(check.wallet),
            "deposited": plain(check.deposited),
            "net_profit": plain(check.net_profit),
            "unexplained": plain(check.unexplained),
            "tolerance": plain(check.tolerance),
        }
        logger.info("books_checked", extra=facts)
        self.meter.count("books_checked")
        if not check.alarms:
            self.notifier.resolved(key, f"the records explain the wallet to {plain(abs(check.unexplained))} {QUOTE}")
            return
        self.meter.count("books_unexplained")
        apart = total(within(read.books.lines, 0, found.as_of_ms)).apart
        facts |= {f"not_counted_{asset}": plain(amount) for asset, amount in sorted(apart.items())}
        self.notifier.alert(
            AlertLevel.HIGH,
            key,
            f"{plain(check.unexplained)} {QUOTE} of the wallet are not explained by trades, incomes and deposits: "
            "a deposit from before the venue's records is entered with `undertow adjust add`",
            facts,
        )

"""Money is conserved: what the wallet was, and everything that is written down of it, make what the wallet is. Exactly.

Once from the venue's own records, which judges the simulator, and once from ours, which judges the imports.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from local.venue.house import DEPOSIT, House
from tests.simulation.violation import Violation

from undertow.adapters.memory import MemoryStore
from undertow.adapters.paper.accounts import ASSET, IncomeType
from undertow.domain.fill import Fill
from undertow.domain.ids import AccountId
from undertow.domain.income import Income, IncomeKind
from undertow.domain.numbers import ZERO


@dataclass(frozen=True, slots=True)
class Wallet:
    """Quote units. ``fees`` are positive when paid; the others are positive when they came in."""

    start: Decimal
    realized: Decimal
    funding: Decimal
    fees: Decimal
    transfers: Decimal
    other: Decimal
    end: Decimal

    @property
    def unexplained(self) -> Decimal:
        return self.end - (self.start + self.realized + self.funding - self.fees + self.transfers + self.other)

    def __str__(self) -> str:
        return (
            f"{self.start} + {self.realized} realised + {self.funding} funding - {self.fees} fees "
            f"+ {self.transfers} transfers + {self.other} other is not {self.end}: {self.unexplained} unexplained"
        )


def check_identity(house: House, account: AccountId, start: Decimal = DEPOSIT) -> list[Violation]:
    """From the venue's true records. Profit and fees are summed over trades, not over its own income lines."""
    wallet = venue_wallet(house, account, start)
    found = [] if wallet.unexplained == 0 else [Violation("I12", f"{account}, the venue's records: {wallet}")]
    keys = [(row.transaction_id, row.type, row.symbol) for row in house.exchange.incomes(account)]
    if len(keys) != len(set(keys)):
        found.append(Violation("I12", f"{account}: the venue has two income lines under one number"))
    return found


def venue_wallet(house: House, account: AccountId, start: Decimal = DEPOSIT) -> Wallet:
    """The deposit with which the account was opened is a transfer of the venue's books: it is the start here."""
    incomes = list(house.exchange.incomes(account))
    trades = list(house.exchange.trades(account))

    def booked(*kinds: IncomeType) -> Decimal:
        return sum((row.amount for row in incomes if row.type in kinds), ZERO)

    return Wallet(
        start=start,
        realized=sum((trade.realized for trade in trades), ZERO),
        funding=booked(IncomeType.FUNDING_FEE),
        fees=sum((trade.commission for trade in trades), ZERO),
        transfers=booked(IncomeType.TRANSFER) - start,
        other=booked(IncomeType.INSURANCE_CLEAR),
        end=house.exchange.account(account).wallet,
    )


def check_imported(house: House, store: MemoryStore, account: AccountId) -> list[Violation]:
    """From what we have: the trades and incomes that were imported. Only to be asked where everything was."""
    trades = {(fill.symbol, fill.trade_id): fill for fill in _rows(store, "trades", account)}
    incomes = {income.key: income for income in _rows(store, "incomes", account)}
    wallet = imported_wallet(trades.values(), incomes.values(), house.exchange.account(account).wallet)
    return [] if wallet.unexplained == 0 else [Violation("I12", f"{account}, our books: {wallet}")]


def imported_wallet(trades: Iterable[Fill], incomes: Iterable[Income], end: Decimal) -> Wallet:
    """Nothing was there before the first transfer, so it starts from zero."""
    lines = [income for income in incomes if income.asset == ASSET]
    known = (IncomeKind.FUNDING, IncomeKind.TRANSFER, IncomeKind.COMMISSION, IncomeKind.REALIZED_PNL)

    def of(kind: IncomeKind) -> Decimal:
        return sum((line.amount for line in lines if line.kind is kind), ZERO)

    trades = list(trades)
    return Wallet(
        start=ZERO,
        realized=sum((trade.realized_pnl for trade in trades), ZERO),
        funding=of(IncomeKind.FUNDING),
        fees=sum((trade.commission for trade in trades), ZERO),
        transfers=of(IncomeKind.TRANSFER),
        other=sum((line.amount for line in lines if line.kind not in known), ZERO),
        end=end,
    )


def _rows(store: MemoryStore, table: str, account: AccountId) -> Iterable[Any]:
    rows = getattr(store, table)[account]
    return list(rows.values()) if isinstance(rows, dict) else list(rows)

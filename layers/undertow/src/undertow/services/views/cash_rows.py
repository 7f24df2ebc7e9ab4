"""How commissions, funding and transfers look, in sums and one by one."""

from typing_extensions import TypedDict

from undertow.domain.account import Mode
from undertow.domain.accounting.capital import Flow
from undertow.domain.income import Income, IncomeKind
from undertow.domain.numbers import plain
from undertow.domain.times import utc_text
from undertow.services.views.money import OverRange, Reach
from undertow.services.views.render import EpochMs, Figure


class CashAccount(TypedDict):
    account: str
    mode: Mode
    imports: Reach


class SymbolCommissions(TypedDict):
    symbol: str | None
    commissions: Figure
    volume: Figure


class AccountCommissions(CashAccount):
    """By asset: what was paid, what of it as maker and as taker, what the venue lists, and how far they are apart."""

    commissions: dict[str, Figure]
    maker: dict[str, Figure]
    taker: dict[str, Figure]
    by_symbol: list[SymbolCommissions]
    listed_by_venue: dict[str, Figure]
    difference: dict[str, Figure]


class FundingOfSymbol(TypedDict):
    symbol: str | None
    funding: Figure


class FundingOfSide(TypedDict):
    side: str | None
    funding: Figure


class FundingOfStrategy(TypedDict):
    strategy: str | None
    funding: Figure


class FundingOfDay(TypedDict):
    day: str | None
    funding: Figure


class IncomeRow(TypedDict):
    time: str
    time_ms: EpochMs
    id: str
    symbol: str | None
    kind: IncomeKind
    venue_kind: str
    asset: str
    amount: Figure
    info: str


class AccountFunding(CashAccount):
    """``apart`` was paid in other assets: it is in no other figure. ``rows`` are newest first."""

    funding: Figure
    received: Figure
    paid: Figure
    apart: dict[str, Figure]
    payments: int
    by_symbol: list[FundingOfSymbol]
    by_side: list[FundingOfSide]
    by_strategy: list[FundingOfStrategy]
    by_day: list[FundingOfDay]
    rows: list[IncomeRow]
    next_cursor: str | None


class FlowRow(TypedDict):
    time: str
    time_ms: EpochMs
    amount: Figure
    asset: str
    source: str
    adjustment: str | None
    note: str


class AccountTransfers(CashAccount):
    """``rows`` are newest first."""

    deposits: dict[str, Figure]
    withdrawals: dict[str, Figure]
    deposited_ever: dict[str, Figure]
    rows: list[FlowRow]
    next_cursor: str | None


class CashHead(OverRange):
    quote: str


class Commissions(CashHead):
    accounts: list[AccountCommissions]


class FundingFees(CashHead):
    accounts: list[AccountFunding]


class Transfers(CashHead):
    accounts: list[AccountTransfers]


def income_row(row: Income) -> IncomeRow:
    return {
        "time": utc_text(row.time_ms),
        "time_ms": row.time_ms,
        "id": row.id,
        "symbol": row.symbol,
        "kind": row.kind,
        "venue_kind": row.venue_kind,
        "asset": row.asset,
        "amount": plain(row.amount),
        "info": row.info,
    }


def flow_row(flow: Flow) -> FlowRow:
    return {
        "time": utc_text(flow.time_ms),
        "time_ms": flow.time_ms,
        "amount": plain(flow.amount),
        "asset": flow.asset,
        "source": "entered by hand" if flow.adjustment else "venue",
        "adjustment": flow.adjustment or None,
        "note": flow.note,
    }

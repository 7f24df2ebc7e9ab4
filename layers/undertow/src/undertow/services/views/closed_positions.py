"""Positions that were closed, with what each of them earned."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from typing_extensions import TypedDict

from undertow.domain.account import Account
from undertow.domain.ids import AccountId, StrategyId, Symbol
from undertow.domain.income import Income, IncomeKind
from undertow.domain.numbers import ZERO, plain
from undertow.domain.position import Position
from undertow.services.views.render import figure
from undertow.services.views.sources import Sources

MOST_READ: Final = 1_000
_FUNDING: Final = frozenset({IncomeKind.FUNDING})


@dataclass(frozen=True, slots=True)
class ClosedQuery:
    """By the time of closing; both ends included."""

    from_ms: int
    to_ms: int
    limit: int
    account: AccountId | None = None
    symbol: Symbol | None = None
    strategy: StrategyId | None = None


class ClosedRow(TypedDict):
    """``funding`` is null where both sides of the symbol were held at once: payments are not told apart by side then.

    ``net_pnl`` is realised less fees, and funding where that is known. ``unexplained`` is a quantity that moved by the
    venue's word alone: what it earned is in no figure.
    """

    id: str
    account: str
    mode: str
    symbol: str
    side: str
    strategy: str | None
    quantity: str
    entry_price: str
    leverage: int
    realized_pnl: str
    commission: str
    funding: str | None
    net_pnl: str
    unexplained: str | None
    stop_price: str | None
    target_price: str | None
    opened_at_ms: int
    protected_at_ms: int | None
    closed_at_ms: int
    held_ms: int


class ClosedPositions(TypedDict):
    """``next_to_ms`` is where the next, older page ends; null on the last one."""

    time_ms: int
    from_ms: int
    to_ms: int
    positions: list[ClosedRow]
    next_to_ms: int | None


def closed_positions(sources: Sources, wanted: ClosedQuery) -> ClosedPositions:
    """Newest first. Every account gives as many as fit, so that no page leaves one out."""
    rows: list[ClosedRow] = []
    reached: list[int] = []
    for account in sources.accounts(wanted.account):
        read = sources.kept.ledger.closed_positions(account.id, wanted.from_ms, wanted.to_ms, MOST_READ)
        if len(read) >= MOST_READ:
            reached.append(read[-1].closed_at_ms or 0)
        admitted = [one for one in read if _admits(wanted, one)]
        rows += _rows(sources, account, admitted, read)
    rows.sort(key=lambda row: (row["closed_at_ms"], row["id"]), reverse=True)
    page = [row for row in rows[: wanted.limit] if row["closed_at_ms"] >= max(reached, default=0)]
    more = len(rows) > len(page) or bool(reached)
    return {
        "time_ms": sources.clock.now_ms(),
        "from_ms": wanted.from_ms,
        "to_ms": wanted.to_ms,
        "positions": page,
        "next_to_ms": page[-1]["closed_at_ms"] - 1 if more and page else None,
    }


def _admits(wanted: ClosedQuery, one: Position) -> bool:
    return wanted.symbol in (None, one.symbol) and wanted.strategy in (None, one.strategy)


def _rows(
    sources: Sources, account: Account, admitted: Sequence[Position], read: Sequence[Position]
) -> list[ClosedRow]:
    if not admitted:
        return []
    opened_ms = min(one.opened_at_ms for one in admitted)
    closed_ms = max(one.closed_at_ms or 0 for one in admitted)
    paid = list(sources.kept.incomes.between(account.id, opened_ms, closed_ms, _FUNDING))
    held = [slot.position for slot in sources.kept.ledger.slots_in_use(account.id) if slot.position is not None]
    return [closed_row(one, account, _funding(one, paid, [*read, *held])) for one in admitted]


def _funding(one: Position, paid: Sequence[Income], others: Sequence[Position]) -> Decimal | None:
    ended_ms = one.closed_at_ms or 0
    for other in others:
        beside = other.symbol == one.symbol and other.side is not one.side
        if beside and other.opened_at_ms <= ended_ms and (other.closed_at_ms or ended_ms) >= one.opened_at_ms:
            return None
    return sum(
        (row.amount for row in paid if row.symbol == one.symbol and one.opened_at_ms <= row.time_ms <= ended_ms), ZERO
    )


def closed_row(one: Position, account: Account, funding: Decimal | None) -> ClosedRow:
    closed_at_ms = one.closed_at_ms if one.closed_at_ms is not None else one.updated_at_ms
    return {
        "id": one.id,
        "account": one.account,
        "mode": account.mode.value,
        "symbol": one.symbol,
        "side": one.side.value,
        "strategy": one.strategy,
        "quantity": plain(one.max_quantity),
        "entry_price": plain(one.entry_price),
        "leverage": one.leverage,
        "realized_pnl": plain(one.realized_pnl),
        "commission": plain(one.commission),
        "funding": figure(funding),
        "net_pnl": plain(one.realized_pnl - one.commission + (funding or ZERO)),
        "unexplained": plain(one.unexplained) if one.unexplained else None,
        "stop_price": figure(one.stop_price),
        "target_price": figure(one.target_price),
        "opened_at_ms": one.opened_at_ms,
        "protected_at_ms": one.protected_at_ms,
        "closed_at_ms": closed_at_ms,
        "held_ms": max(0, closed_at_ms - one.opened_at_ms),
    }

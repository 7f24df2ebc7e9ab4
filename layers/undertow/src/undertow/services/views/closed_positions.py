"""Positions that were closed, with what each of them earned."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from typing_extensions import TypedDict

from undertow.domain.account import Account, Mode
from undertow.domain.ids import AccountId, StrategyId, Symbol
from undertow.domain.market import PositionSide
from undertow.domain.numbers import ZERO, plain
from undertow.domain.position import Position
from undertow.ports.places import place_of_closed
from undertow.services.views.closed_funding import ClosedFunding
from undertow.services.views.paging import Listed, Mark
from undertow.services.views.render import EpochMs, Figure, figure
from undertow.services.views.sources import Sources

CLOSED: Final = "closed-positions"


@dataclass(frozen=True, slots=True)
class ClosedQuery:
    """By the time of closing; both ends included."""

    from_ms: EpochMs
    to_ms: EpochMs
    limit: int
    account: AccountId | None = None
    symbol: Symbol | None = None
    strategy: StrategyId | None = None
    after: Mark | None = None

    def admits(self, one: Position) -> bool:
        return self.symbol in (None, one.symbol) and self.strategy in (None, one.strategy)


class ClosedRow(TypedDict):
    """``funding`` is null where both sides of the symbol were held at once: payments are not told apart by side then.

    ``net_pnl`` is realised less fees, and funding where that is known. ``unexplained`` is a quantity that moved by the
    venue's word alone: what it earned is in no figure.
    """

    id: str
    account: str
    mode: Mode
    symbol: str
    side: PositionSide
    strategy: str | None
    quantity: Figure
    entry_price: Figure
    leverage: int
    realized_pnl: Figure
    commission: Figure
    funding: Figure | None
    net_pnl: Figure
    unexplained: Figure | None
    stop_price: Figure | None
    target_price: Figure | None
    opened_at_ms: EpochMs
    protected_at_ms: EpochMs | None
    closed_at_ms: EpochMs
    held_ms: int


class ClosedPositions(TypedDict):
    time_ms: EpochMs
    from_ms: EpochMs
    to_ms: EpochMs
    positions: list[ClosedRow]
    next_cursor: str | None


def closed_positions(sources: Sources, wanted: ClosedQuery) -> ClosedPositions:
    """Newest first."""
    listed: Listed[Position] = Listed(
        lambda account, limit, place: sources.kept.ledger.closed_positions(
            account.id, wanted.from_ms, wanted.to_ms, limit, place
        ),
        place_of_closed,
    )
    page = listed.page(sources.accounts(wanted.account), wanted.limit, wanted.after, wanted.admits)
    by_account: dict[AccountId, list[Position]] = defaultdict(list)
    for account, one in page.rows:
        by_account[account.id].append(one)
    paid = {account: ClosedFunding.of(sources, account, some) for account, some in by_account.items()}
    return {
        "time_ms": sources.clock.now_ms(),
        "from_ms": wanted.from_ms,
        "to_ms": wanted.to_ms,
        "positions": [closed_row(one, account, paid[account.id].funding(one)) for account, one in page.rows],
        "next_cursor": page.cursor(CLOSED),
    }


def closed_row(one: Position, account: Account, funding: Decimal | None) -> ClosedRow:
    closed_at_ms = one.closed_at_ms if one.closed_at_ms is not None else one.updated_at_ms
    return {
        "id": one.id,
        "account": one.account,
        "mode": account.mode,
        "symbol": one.symbol,
        "side": one.side,
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

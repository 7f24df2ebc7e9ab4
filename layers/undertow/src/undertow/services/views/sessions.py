"""Trade sessions by account, and what a strategy's positions earned in each of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from typing_extensions import TypedDict

from undertow.domain.account import Account
from undertow.domain.ids import AccountId, StrategyId
from undertow.domain.numbers import ZERO, plain
from undertow.domain.position import Position
from undertow.domain.session import TradeSession
from undertow.ports.places import Place, beyond
from undertow.services.views.closed_funding import ClosedFunding
from undertow.services.views.paging import Listed, Mark
from undertow.services.views.render import EpochMs, Figure
from undertow.services.views.sources import Sources

SESSIONS: Final = "sessions"
MOST_POSITIONS: Final = 1_000
SHOWN_DAYS: Final = 92
_DAY_MS: Final = 24 * 3_600_000


class SessionRow(TypedDict):
    id: str
    account: str
    strategy: str
    open: bool
    opened_at_ms: EpochMs
    opened_by: str
    archived_at_ms: EpochMs | None
    archived_by: str
    note: str
    version: int


class SessionResult(SessionRow):
    """``net_pnl`` is realised less fees, and ``funding`` of the closed positions.

    ``funding_untold`` counts those whose funding is in neither: both sides of the symbol were held at once.
    """

    open_positions: int
    closed_positions: int
    wins: int
    funding: Figure
    funding_untold: int
    net_pnl: Figure


class Sessions(TypedDict):
    """``truncated``: there were more positions in the last 92 days than are counted in the results."""

    time_ms: EpochMs
    results_from_ms: EpochMs
    truncated: bool
    sessions: list[SessionResult]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class SessionQuery:
    account: AccountId | None
    strategy: StrategyId | None
    limit: int
    after: Mark | None = None


def sessions(sources: Sources, query: SessionQuery) -> Sessions:
    """Newest first. Results count the positions that were closed within the last 92 days."""
    now_ms = sources.clock.now_ms()
    listed: Listed[TradeSession] = Listed(
        lambda account, limit, place: _after(sources, account, query, limit, place), _place_of
    )
    page = listed.page(sources.accounts(query.account), query.limit, query.after)
    closed, held = dict[AccountId, Sequence[Position]](), dict[AccountId, Sequence[Position]]()
    for account in {account.id: account for account, _ in page.rows}.values():
        closed[account.id] = _closed(sources, account, now_ms)
        slots = sources.kept.ledger.slots_in_use(account.id)
        held[account.id] = [slot.position for slot in slots if slot.position is not None]
    paid = {account: ClosedFunding.of(sources, account, some) for account, some in closed.items()}
    return {
        "time_ms": now_ms,
        "results_from_ms": now_ms - SHOWN_DAYS * _DAY_MS,
        "truncated": any(len(rows) >= MOST_POSITIONS for rows in closed.values()),
        "sessions": [
            _row(session, closed[account.id], held[account.id], paid[account.id]) for account, session in page.rows
        ],
        "next_cursor": page.cursor(SESSIONS),
    }


def _after(
    sources: Sources, account: Account, query: SessionQuery, limit: int, place: Place | None
) -> Sequence[TradeSession]:
    """An account has few sessions: one for each time that somebody started afresh."""
    found = [one for one in sources.kept.sessions.of_account(account.id) if query.strategy in (None, one.strategy)]
    return beyond(found, _place_of, place, limit)


def _place_of(session: TradeSession) -> Place:
    return Place(session.opened_at_ms, session.id)


def session_row(session: TradeSession) -> SessionRow:
    return {
        "id": session.id,
        "account": session.account,
        "strategy": session.strategy,
        "open": session.is_open,
        "opened_at_ms": session.opened_at_ms,
        "opened_by": session.opened_by,
        "archived_at_ms": session.archived_at_ms,
        "archived_by": session.archived_by,
        "note": session.note,
        "version": session.version,
    }


def _closed(sources: Sources, account: Account, now_ms: int) -> Sequence[Position]:
    return sources.kept.ledger.closed_positions(account.id, now_ms - SHOWN_DAYS * _DAY_MS, now_ms, MOST_POSITIONS)


def _row(
    session: TradeSession, closed: Sequence[Position], held: Sequence[Position], paid: ClosedFunding
) -> SessionResult:
    """A position belongs to the session in which it was opened, whenever it was closed."""
    own = [one for one in closed if one.strategy == session.strategy and session.holds(one.opened_at_ms)]
    still = [one for one in held if one.strategy == session.strategy and session.holds(one.opened_at_ms)]
    funding = [paid.funding(position) for position in own]
    results = [
        position.realized_pnl - position.commission + (of_it or ZERO)
        for position, of_it in zip(own, funding, strict=True)
    ]
    return {
        **session_row(session),
        "open_positions": len(still),
        "closed_positions": len(own),
        "wins": sum(1 for result in results if result > 0),
        "funding": plain(sum((of_it for of_it in funding if of_it is not None), ZERO)),
        "funding_untold": funding.count(None),
        "net_pnl": plain(sum(results, ZERO)),
    }

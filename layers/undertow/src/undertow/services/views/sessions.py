"""Trade sessions by account, and what a strategy's positions earned in each of them."""

from collections.abc import Sequence
from typing import Final

from undertow.domain.account import Account
from undertow.domain.ids import AccountId, StrategyId
from undertow.domain.json_text import Json
from undertow.domain.numbers import ZERO, plain
from undertow.domain.position import Position
from undertow.domain.session import TradeSession
from undertow.services.views.sources import Sources

MOST_POSITIONS: Final = 1_000
SHOWN_DAYS: Final = 92
_DAY_MS: Final = 24 * 3_600_000


def sessions(sources: Sources, only: AccountId | None, strategy: StrategyId | None) -> dict[str, Json]:
    """Newest first. Results count the positions that were closed within the last 92 days."""
    now_ms = sources.clock.now_ms()
    rows: list[Json] = []
    truncated = False
    for account in sources.accounts(only):
        closed = _closed(sources, account, now_ms)
        truncated = truncated or len(closed) >= MOST_POSITIONS
        held = [slot.position for slot in sources.kept.ledger.slots_in_use(account.id) if slot.position is not None]
        found = sources.kept.sessions.of_account(account.id)
        rows += [_row(session, closed, held) for session in found if strategy in (None, session.strategy)]
    return {
        "time_ms": now_ms,
        "results_from_ms": now_ms - SHOWN_DAYS * _DAY_MS,
        "truncated": truncated,
        "sessions": rows,
    }


def session_row(session: TradeSession) -> dict[str, Json]:
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


def _row(session: TradeSession, closed: Sequence[Position], held: Sequence[Position]) -> dict[str, Json]:
    """A position belongs to the session in which it was opened, whenever it was closed."""
    own = [one for one in closed if one.strategy == session.strategy and session.holds(one.opened_at_ms)]
    still = [one for one in held if one.strategy == session.strategy and session.holds(one.opened_at_ms)]
    results = [position.realized_pnl - position.commission for position in own]
    return {
        **session_row(session),
        "open_positions": len(still),
        "closed_positions": len(own),
        "wins": sum(1 for result in results if result > 0),
        "net_pnl": plain(sum(results, ZERO)),
    }

"""Wallet and equity over time, with what came in, what went out, and what people changed on the way."""

from collections.abc import Sequence
from typing import Final

from typing_extensions import TypedDict

from undertow.domain.account import Account, Balance, Mode
from undertow.domain.ids import AccountId
from undertow.domain.numbers import plain
from undertow.domain.times import utc_text
from undertow.ports import AuditRow
from undertow.services.read_books import read_books
from undertow.services.views.cash_rows import FlowRow, flow_row
from undertow.services.views.equity import equity_history
from undertow.services.views.money import OverRange, over_range
from undertow.services.views.render import EpochMs, Figure
from undertow.services.views.sources import Sources

MOST_CHANGES: Final = 500
_CHANGES: Final = ("strategy:", "globals:", "session:")


class BalancePoint(TypedDict):
    time_ms: EpochMs
    wallet: Figure
    equity: Figure


class AccountBalances(TypedDict):
    """``step_ms`` is between the readings that were looked at; null where all were."""

    account: str
    mode: Mode
    step_ms: int | None
    capture_starts_ms: EpochMs | None
    points: list[BalancePoint]
    transfers: list[FlowRow]
    source: str


class HumanChange(TypedDict):
    time: str
    time_ms: EpochMs
    action: str
    subject: str
    by: str


class BalanceHistory(OverRange):
    accounts: list[AccountBalances]
    changes: list[HumanChange]


def balance_history(sources: Sources, only: AccountId | None, from_ms: int, to_ms: int) -> BalanceHistory:
    """Points are readings of the venue's balance, none of them between two readings made up."""
    now_ms = sources.clock.now_ms()
    changes = [
        row for row in sources.kept.audit.recent(from_ms, to_ms, MOST_CHANGES) if row.action.startswith(_CHANGES)
    ]
    return {
        **over_range(now_ms, from_ms, to_ms),
        "accounts": [_account(sources, account, from_ms, to_ms, now_ms) for account in sources.accounts(only)],
        "changes": [_change(row) for row in reversed(changes)],
    }


def _account(sources: Sources, account: Account, from_ms: int, to_ms: int, now_ms: int) -> AccountBalances:
    read = read_books(sources.kept, account, now_ms)
    flows = read.books.flows
    history = equity_history(sources.kept.balances, account.id, from_ms, to_ms, flows)
    return {
        "account": account.id,
        "mode": account.mode,
        "step_ms": history.step_ms,
        "capture_starts_ms": _first(history.balances),
        "points": [_point(one) for one in history.balances],
        "transfers": [flow_row(flow) for flow in flows if from_ms <= flow.time_ms <= to_ms],
        "source": "venue, as reconciled each minute",
    }


def _first(balances: Sequence[Balance]) -> int | None:
    return balances[0].time_ms if balances else None


def _point(one: Balance) -> BalancePoint:
    return {"time_ms": one.time_ms, "wallet": plain(one.wallet), "equity": plain(one.equity)}


def _change(row: AuditRow) -> HumanChange:
    return {
        "time": utc_text(row.time_ms),
        "time_ms": row.time_ms,
        "action": row.action,
        "subject": row.subject,
        "by": row.by,
    }

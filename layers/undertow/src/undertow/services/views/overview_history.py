"""What the Overview draws: equity with what came in and out, what people changed, and the profit of three periods."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from typing_extensions import TypedDict

from undertow.domain.account import Account, Balance, Mode
from undertow.domain.accounting.books import Books, History, books_of
from undertow.domain.accounting.capital import Flow
from undertow.domain.accounting.legs import union
from undertow.domain.accounting.profit import QUOTE, total, within
from undertow.domain.numbers import ZERO, plain
from undertow.services.read_books import FOR_PROFIT, quotes_of
from undertow.services.views.equity import equity_history
from undertow.services.views.money import Sums, sums
from undertow.services.views.render import EpochMs, Figure
from undertow.services.views.sources import Sources

DAY_MS: Final = 24 * 3_600_000
MOST_FILLS: Final = 5_000
MOST_CHANGES: Final = 100
MOST_POINTS: Final = 400
_CHANGES: Final = ("strategy:", "globals:", "session:")
_NEAR_MS: Final = 15 * 60_000
"""The balance is read each minute: a period that begins without a reading was not watched from its start."""
DRAWN_MS: Final = 2 * DAY_MS
"""So much equity is drawn at once; every reading of it costs one query. Longer ranges have a route of their own."""


class Period(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class PeriodRow(Sums):
    """Since the last midnight, Monday or first of the month, UTC.

    ``unexplained`` is what the wallet moved by and nothing that is known explains; null while the balance was not read
    twice. ``watched_from_ms`` is the first reading of the balance in the period, ``whole`` whether that is its start.
    """

    period: Period
    from_ms: EpochMs
    watched_from_ms: EpochMs | None
    whole: bool
    unexplained: Figure | None
    truncated: bool


class EquityReading(TypedDict):
    time_ms: EpochMs
    wallet: Figure
    equity: Figure


class Moved(TypedDict):
    """A deposit (positive) or a withdrawal."""

    time_ms: EpochMs
    amount: Figure
    asset: str


class Changed(TypedDict):
    """What a person changed in the configuration."""

    time_ms: EpochMs
    action: str
    subject: str
    by: str


class AccountHistory(TypedDict):
    """``capture_starts_ms`` is the first reading there is in the range: before it nothing was seen."""

    account: str
    mode: Mode
    capture_starts_ms: EpochMs | None
    equity: list[EquityReading]
    transfers: list[Moved]
    periods: list[PeriodRow]


class OverviewHistory(TypedDict):
    from_ms: EpochMs
    to_ms: EpochMs
    quote: str
    accounts: list[AccountHistory]
    changes: list[Changed]


def overview_history(sources: Sources) -> OverviewHistory:
    """Equity of the last two days. Account by account: money of different accounts is never added up."""
    now_ms = sources.clock.now_ms()
    from_ms = now_ms - DRAWN_MS
    changes = sources.kept.audit.recent(from_ms, now_ms, MOST_CHANGES)
    return {
        "from_ms": from_ms,
        "to_ms": now_ms,
        "quote": QUOTE,
        "accounts": [_account(sources, account, from_ms, now_ms) for account in sources.accounts(None)],
        "changes": [
            {"time_ms": row.time_ms, "action": row.action, "subject": row.subject, "by": row.by}
            for row in reversed(changes)
            if row.action.startswith(_CHANGES)
        ],
    }


def period_start_ms(period: Period, now_ms: int) -> int:
    midnight = datetime.fromtimestamp(now_ms // 1000, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if period is Period.WEEK:
        midnight -= timedelta(days=midnight.weekday())
    elif period is Period.MONTH:
        midnight = midnight.replace(day=1)
    return int(midnight.timestamp()) * 1000


def _account(sources: Sources, account: Account, from_ms: int, now_ms: int) -> AccountHistory:
    since_ms = min(from_ms, *(period_start_ms(period, now_ms) for period in Period))
    books, truncated = _books(sources, account, since_ms, now_ms)
    equity = equity_history(sources.kept.balances, account.id, from_ms, now_ms, books.flows).balances
    return {
        "account": account.id,
        "mode": account.mode,
        "capture_starts_ms": equity[0].time_ms if equity else None,
        "equity": [
            {"time_ms": one.time_ms, "wallet": plain(one.wallet), "equity": plain(one.equity)}
            for one in _thinned(equity)
        ],
        "transfers": [
            {"time_ms": flow.time_ms, "amount": plain(flow.amount), "asset": flow.asset}
            for flow in books.flows
            if flow.time_ms >= from_ms
        ],
        "periods": [_period(sources, account, period, books, equity, truncated) for period in Period],
    }


def _books(sources: Sources, account: Account, since_ms: int, now_ms: int) -> tuple[Books, bool]:
    """Of the range and nothing before it, so that it costs what the range costs."""
    kept = sources.kept
    booked = kept.fills.recent(account.id, since_ms, now_ms, MOST_FILLS)
    told = [one for one in kept.adjustments.of_account(account.id) if one.time_ms is not None]
    history = History(
        trades=union(kept.trades.between(account.id, since_ms, now_ms), booked),
        incomes=list(kept.incomes.between(account.id, since_ms, now_ms, FOR_PROFIT)),
        adjustments=[one for one in told if one.time_ms is not None and one.time_ms >= since_ms],
        quotes=quotes_of(kept, account),
    )
    return books_of(history), len(booked) >= MOST_FILLS


def _thinned(balances: Sequence[Balance]) -> Sequence[Balance]:
    """As many as a picture can show: of each stretch the last one. Nothing between two readings is made up."""
    if len(balances) <= MOST_POINTS:
        return balances
    step = len(balances) / MOST_POINTS
    return [balances[min(len(balances) - 1, int((index + 1) * step) - 1)] for index in range(MOST_POINTS)]


def _period(
    sources: Sources, account: Account, period: Period, books: Books, equity: Sequence[Balance], truncated: bool
) -> PeriodRow:
    now_ms = sources.clock.now_ms()
    from_ms = period_start_ms(period, now_ms)
    near = sources.kept.balances.history(account.id, from_ms, from_ms + _NEAR_MS)
    watched = [*near[:1], *(one for one in equity if one.time_ms >= from_ms)]
    return {
        **sums(total(within(books.lines, from_ms, now_ms))),
        "period": period,
        "from_ms": from_ms,
        "watched_from_ms": watched[0].time_ms if watched else None,
        "whole": bool(near),
        "unexplained": None if len(watched) < 2 else plain(_unexplained(books, watched[0], watched[-1])),
        "truncated": truncated,
    }


def _unexplained(books: Books, first: Balance, last: Balance) -> Decimal:
    known = total(within(books.lines, first.time_ms + 1, last.time_ms)).net
    return last.wallet - first.wallet - known - _moved(books.flows, first.time_ms, last.time_ms)


def _moved(flows: Sequence[Flow], after_ms: int, to_ms: int) -> Decimal:
    return sum((one.amount for one in flows if after_ms < one.time_ms <= to_ms and one.asset == QUOTE), ZERO)

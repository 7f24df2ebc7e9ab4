"""Everything that is stored of an account, page by page, oldest first, with nothing left out and nothing rounded."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from undertow.domain.accounting.legs import union
from undertow.domain.booking import closing_time_ms
from undertow.domain.ids import AccountId
from undertow.ports import Repositories
from undertow.services.views import export_rows
from undertow.services.views.export_rows import Row
from undertow.services.views.sources import Sources

MOST_ROWS: Final = 5_000
_MOST_AT_ONCE: Final = 20_000
_HOUR_MS: Final = 3_600_000
_LONGEST_WINDOW_MS: Final = 400 * 24 * _HOUR_MS


class Exported(StrEnum):
    TRADES = "trades"
    POSITIONS = "positions"
    INCOMES = "incomes"
    ORDERS = "orders"
    DECISIONS = "decisions"
    BALANCES = "balances"


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """The last row that was handed out: the next page begins after it."""

    time_ms: int
    key: str

    def __str__(self) -> str:
        return f"{self.time_ms}~{self.key}"

    @classmethod
    def read(cls, text: str) -> "Cursor":
        """Raises ValueError."""
        time_ms, mark, key = text.partition("~")
        if not mark or not (time_ms.isascii() and time_ms.isdigit()):
            raise ValueError(text)
        return cls(int(time_ms), key)


@dataclass(frozen=True, slots=True)
class ExportQuery:
    """By the time of the trade, income, balance or decision, the creation of the order, the closing of the position."""

    what: Exported
    account: AccountId
    from_ms: int
    to_ms: int
    limit: int
    after: Cursor | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """``next`` is None on the last page."""

    columns: Sequence[str]
    rows: Sequence[Row]
    next: Cursor | None


Found = tuple[Cursor, Row]
Fetch = Callable[[Repositories, AccountId, int, int], Sequence[Found]]


def export(sources: Sources, query: ExportQuery) -> Page:
    """Raises UnknownAccount."""
    (account,) = sources.accounts(query.account)
    kind = _KINDS[query.what]
    found = rows_after(query, lambda begin_ms, end_ms: kind.fetch(sources.kept, account.id, begin_ms, end_ms))
    page = found[: query.limit]
    return Page(kind.columns, [row for _, row in page], page[-1][0] if len(found) > len(page) else None)


def rows_after(
    query: ExportQuery, fetch: Callable[[int, int], Sequence[Found]], at_once: int = _MOST_AT_ONCE
) -> list[Found]:
    """One more than asked for, where there are as many. Windows widen where little is, and narrow where much is.

    ``fetch`` may leave rows out when it finds ``at_once`` or more. Raises ValueError when one millisecond has as many:
    rather no page than one that is not whole.
    """
    found: list[Found] = []
    begin_ms = query.from_ms if query.after is None else max(query.from_ms, query.after.time_ms)
    width_ms = 24 * _HOUR_MS
    while begin_ms <= query.to_ms and len(found) <= query.limit:
        end_ms = min(query.to_ms, begin_ms + width_ms - 1)
        rows = fetch(begin_ms, end_ms)
        if len(rows) >= at_once:
            if end_ms == begin_ms:
                raise ValueError(f"{len(rows)} rows in the millisecond {begin_ms}")
            width_ms = max(1, (end_ms - begin_ms + 1) // 8)
            continue
        found += sorted((row for row in rows if query.after is None or row[0] > query.after), key=lambda row: row[0])
        begin_ms = end_ms + 1
        width_ms = min(_LONGEST_WINDOW_MS, width_ms * 4) if len(rows) < query.limit // 4 else width_ms
    return found


# --- what there is --------------------------------------------------------------------------------------------------


def _trades(kept: Repositories, account: AccountId, begin_ms: int, end_ms: int) -> Sequence[Found]:
    imported = list(kept.trades.between(account, begin_ms, end_ms))
    booked = kept.fills.recent(account, begin_ms, end_ms, _MOST_AT_ONCE)
    known = {(fill.symbol, fill.trade_id) for fill in imported}
    ids = {(fill.symbol, fill.trade_id): fill.client_order_id for fill in booked}
    return [
        (
            Cursor(fill.time_ms, f"{fill.symbol}#{fill.trade_id:020}"),
            export_rows.trade(fill, ids.get((fill.symbol, fill.trade_id)), (fill.symbol, fill.trade_id) in known),
        )
        for fill in union(imported, booked)
    ]


def _incomes(kept: Repositories, account: AccountId, begin_ms: int, end_ms: int) -> Sequence[Found]:
    rows = kept.incomes.between(account, begin_ms, end_ms)
    return [(Cursor(row.time_ms, row.key), export_rows.income(row)) for row in rows]


def _orders(kept: Repositories, account: AccountId, begin_ms: int, end_ms: int) -> Sequence[Found]:
    rows = kept.orders.recent(account, begin_ms, end_ms, _MOST_AT_ONCE)
    return [(Cursor(row.created_at_ms, row.client_order_id), export_rows.order(row)) for row in rows]


def _positions(kept: Repositories, account: AccountId, begin_ms: int, end_ms: int) -> Sequence[Found]:
    rows = kept.ledger.closed_positions(account, begin_ms, end_ms, _MOST_AT_ONCE)
    return [(Cursor(closing_time_ms(row), row.id), export_rows.position(row)) for row in rows]


def _decisions(kept: Repositories, account: AccountId, begin_ms: int, end_ms: int) -> Sequence[Found]:
    rows = kept.decisions.recent(account, begin_ms, end_ms, _MOST_AT_ONCE)
    return [(Cursor(row.decided_at_ms, row.id), export_rows.decision(row)) for row in rows]


def _balances(kept: Repositories, account: AccountId, begin_ms: int, end_ms: int) -> Sequence[Found]:
    rows = kept.balances.history(account, begin_ms, end_ms)
    return [(Cursor(row.time_ms, ""), export_rows.balance(row)) for row in rows]


@dataclass(frozen=True, slots=True)
class _Kind:
    columns: Sequence[str]
    fetch: Fetch


_KINDS: Final[Mapping[Exported, _Kind]] = {
    Exported.TRADES: _Kind(export_rows.TRADE, _trades),
    Exported.POSITIONS: _Kind(export_rows.POSITION, _positions),
    Exported.INCOMES: _Kind(export_rows.INCOME, _incomes),
    Exported.ORDERS: _Kind(export_rows.ORDER, _orders),
    Exported.DECISIONS: _Kind(export_rows.DECISION, _decisions),
    Exported.BALANCES: _Kind(export_rows.BALANCE, _balances),
}

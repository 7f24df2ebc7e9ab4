"""One account's books from everything that is stored of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from undertow.domain.account import Account
from undertow.domain.accounting.books import Books, History, books_of
from undertow.domain.accounting.legs import union
from undertow.domain.accounting.profit import QUOTE
from undertow.domain.adjustment import Adjustment
from undertow.domain.fill import Fill
from undertow.domain.ids import Symbol
from undertow.domain.imports import INCOME_STREAM, Checkpoint, trades_stream
from undertow.domain.income import Income, IncomeKind
from undertow.domain.position import Position
from undertow.ports import Repositories

MOST_TRADES: Final = 200_000
MOST_POSITIONS: Final = 100_000
FOR_PROFIT: Final = frozenset(IncomeKind) - {IncomeKind.COMMISSION, IncomeKind.REALIZED_PNL}
"""Those two tell again what the trades tell, and are most of all lines."""
_DAY_MS: Final = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class AccountBooks:
    """``complete_to_ms`` is until when every import has come; None while one has not begun.

    ``not_imported`` counts the trades that only the ledger knows as yet.
    """

    account: Account
    books: Books
    trades: Sequence[Fill]
    incomes: Sequence[Income]
    adjustments: Sequence[Adjustment]
    checkpoints: Sequence[Checkpoint]
    complete_to_ms: int | None
    not_imported: int


def read_books(
    kept: Repositories, account: Account, to_ms: int, kinds: frozenset[IncomeKind] = FOR_PROFIT
) -> AccountBooks:
    """From the account's beginning, because what is held at a moment follows from all that came before."""
    checkpoints = kept.checkpoints.of_account(account.id)
    positions = _positions(kept, account, to_ms)
    imported = list(kept.trades.between(account.id, 0, to_ms))
    since_ms = _booked_since_ms(checkpoints, {position.symbol for position in positions})
    booked = kept.fills.recent(account.id, since_ms, to_ms, MOST_TRADES)
    trades = union(imported, booked)
    incomes = list(kept.incomes.between(account.id, 0, to_ms, kinds))
    adjustments = kept.adjustments.of_account(account.id)
    history = History(
        trades=trades,
        incomes=incomes,
        adjustments=adjustments,
        positions=positions,
        sessions=kept.sessions.of_account(account.id),
        quotes=quotes_of(kept, account),
    )
    return AccountBooks(
        account=account,
        books=books_of(history),
        trades=trades,
        incomes=incomes,
        adjustments=adjustments,
        checkpoints=checkpoints,
        complete_to_ms=complete_to_ms(checkpoints),
        not_imported=len(trades) - len(imported),
    )


def quotes_of(kept: Repositories, account: Account) -> Mapping[Symbol, str]:
    """Symbols whose profit is paid in another asset than the quote."""
    return {one.symbol: one.margin_asset for one in kept.instruments.all(account.venue) if one.margin_asset != QUOTE}


def complete_to_ms(checkpoints: Iterable[Checkpoint]) -> int | None:
    """Until when every stream is imported; None while the incomes are not at all. Trades without a stream of their
    own are known from the ledger.
    """
    reached = {checkpoint.stream: _reached_ms(checkpoint) for checkpoint in checkpoints}
    return min(reached.values()) if INCOME_STREAM in reached else None


def _reached_ms(checkpoint: Checkpoint) -> int:
    """An import that is caught up has asked for everything up to its target, whether anything was there or not."""
    if checkpoint.caught_up_at_ms is None:
        return checkpoint.cursor_ms
    return max(checkpoint.cursor_ms, checkpoint.target_ms)


def _booked_since_ms(checkpoints: Sequence[Checkpoint], symbols: set[Symbol]) -> int:
    """From when on the ledger may know trades that are not imported yet, with a day to spare."""
    streams = {checkpoint.stream: checkpoint for checkpoint in checkpoints if checkpoint.stream != INCOME_STREAM}
    if not streams or any(trades_stream(symbol) not in streams for symbol in symbols):
        return 0
    return max(0, min(_reached_ms(checkpoint) for checkpoint in streams.values()) - _DAY_MS)


def _positions(kept: Repositories, account: Account, to_ms: int) -> list[Position]:
    held = [slot.position for slot in kept.ledger.slots_in_use(account.id) if slot.position is not None]
    return [*kept.ledger.closed_positions(account.id, 0, to_ms, MOST_POSITIONS), *held]

"""What the funding of open positions came to so far, from the venue's books as they are imported."""

from collections.abc import Sequence
from dataclasses import dataclass

from undertow.domain.imports import INCOME_STREAM
from undertow.domain.income import Income, IncomeKind
from undertow.domain.numbers import ZERO, plain
from undertow.domain.position import Position
from undertow.services.views.book import Book
from undertow.services.views.sources import Sources


@dataclass(frozen=True, slots=True)
class HeldFunding:
    """``lines`` is None while nothing was imported yet."""

    lines: Sequence[Income] | None

    def of(self, position: Position) -> str | None:
        """Of its symbol since it was opened, quote units."""
        if self.lines is None:
            return None
        since_ms = position.opened_at_ms
        own = (one.amount for one in self.lines if one.symbol == position.symbol and one.time_ms >= since_ms)
        return plain(sum(own, ZERO))


def read_funding(sources: Sources, book: Book) -> HeldFunding:
    """One question for all positions of an account, and none where nothing is held."""
    held, account = list(book.positions), book.account.id
    if not held or sources.kept.checkpoints.get(account, INCOME_STREAM) is None:
        return HeldFunding(None)
    first_ms = min(position.opened_at_ms for position in held)
    kinds = frozenset({IncomeKind.FUNDING})
    return HeldFunding(list(sources.kept.incomes.between(account, first_ms, sources.clock.now_ms(), kinds)))

"""The venue's books as imported: trades, incomes, how far the imports came, and what people add to them.

Rows are only ever added. Importing the same page again adds nothing.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from undertow.domain.adjustment import Adjustment
from undertow.domain.fill import Fill
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.imports import Checkpoint
from undertow.domain.income import Income, IncomeKind


class Trades(Protocol):
    """The venue's trade history. ``Fills`` are what the ledger has booked; the two are compared, not mixed."""

    def record(self, trades: Sequence[Fill]) -> int:
        """Store those that are new; return how many were. The first record of a trade stands."""
        ...

    def between(self, account: AccountId, from_ms: int, to_ms: int, symbol: Symbol | None = None) -> Iterable[Fill]:
        """By time, then trade id, oldest first; both ends included."""
        ...


class Incomes(Protocol):
    def record(self, incomes: Sequence[Income]) -> Sequence[Income]:
        """Store those that are new (by ``Income.key``); return them. The first record of a line stands."""
        ...

    def between(
        self, account: AccountId, from_ms: int, to_ms: int, kinds: frozenset[IncomeKind] | None = None
    ) -> Iterable[Income]:
        """Oldest first; both ends included."""
        ...


class Checkpoints(Protocol):
    def get(self, account: AccountId, stream: str) -> Checkpoint | None:
        """Consistent."""
        ...

    def of_account(self, account: AccountId) -> Sequence[Checkpoint]:
        """By stream. Consistent."""
        ...

    def save(self, checkpoint: Checkpoint) -> bool:
        """Store ``checkpoint`` if the stored version is ``checkpoint.version - 1``."""
        ...


class Adjustments(Protocol):
    def add(self, adjustment: Adjustment) -> bool:
        """False, and nothing written, when the id is taken."""
        ...

    def update(self, adjustment: Adjustment) -> bool:
        """Store ``adjustment`` if the stored version is ``adjustment.version - 1``."""
        ...

    def of_account(self, account: AccountId) -> Sequence[Adjustment]:
        """Oldest first, revoked ones too. Consistent."""
        ...

"""Round trips: from flat to flat on one side of a symbol, with all that was earned and paid on the way."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from undertow.domain.accounting.owners import NOBODY, Owner
from undertow.domain.ids import Symbol
from undertow.domain.market import PositionSide
from undertow.domain.numbers import HUNDRED, ZERO


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """``opened_at_ms`` is None where the history begins in the middle of it, ``closed_at_ms`` while it is open.

    ``commission`` is a cost in quote units; fees in other assets are not in it.
    """

    symbol: Symbol
    side: PositionSide
    owner: Owner = NOBODY
    opened_at_ms: int | None = None
    closed_at_ms: int | None = None
    realized: Decimal = ZERO
    commission: Decimal = ZERO
    funding: Decimal = ZERO

    @property
    def net(self) -> Decimal:
        return self.realized - self.commission + self.funding

    @property
    def held_ms(self) -> int | None:
        if self.opened_at_ms is None or self.closed_at_ms is None:
            return None
        return self.closed_at_ms - self.opened_at_ms


@dataclass(frozen=True, slots=True)
class Record:
    """How round trips ended. What cannot be told is None: a factor without a loss, an average of nothing."""

    closed: int
    wins: int
    losses: int
    gross_profit: Decimal
    gross_loss: Decimal
    best: Decimal | None
    worst: Decimal | None
    average_hold_ms: int | None

    @property
    def win_rate_pct(self) -> Decimal | None:
        """Of all that closed, those that ended at exactly zero included."""
        return HUNDRED * self.wins / self.closed if self.closed else None

    @property
    def profit_factor(self) -> Decimal | None:
        """What was won for each unit that was lost."""
        return self.gross_profit / self.gross_loss if self.gross_loss else None

    @property
    def expectancy(self) -> Decimal | None:
        """The average result of one round trip."""
        return (self.gross_profit - self.gross_loss) / self.closed if self.closed else None

    @property
    def average_win(self) -> Decimal | None:
        return self.gross_profit / self.wins if self.wins else None

    @property
    def average_loss(self) -> Decimal | None:
        """A positive amount."""
        return self.gross_loss / self.losses if self.losses else None


def record_of(closed: Sequence[RoundTrip]) -> Record:
    results = [trip.net for trip in closed]
    held = [trip.held_ms for trip in closed if trip.held_ms is not None]
    return Record(
        closed=len(closed),
        wins=sum(1 for result in results if result > 0),
        losses=sum(1 for result in results if result < 0),
        gross_profit=sum((result for result in results if result > 0), ZERO),
        gross_loss=-sum((result for result in results if result < 0), ZERO),
        best=max(results, default=None),
        worst=min(results, default=None),
        average_hold_ms=sum(held) // len(held) if held else None,
    )

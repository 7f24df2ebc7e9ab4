"""What closed positions paid or received as funding, from the venue's books as they are imported."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from undertow.domain.ids import AccountId, Symbol
from undertow.domain.income import Income, IncomeKind
from undertow.domain.numbers import ZERO
from undertow.domain.position import Position
from undertow.services.views.render import EpochMs
from undertow.services.views.sources import Sources

MOST_BESIDE: Final = 1_000
"""Positions that are looked at for hedged pairs: of what was before nobody says whose funding it was."""
_FUNDING: Final = frozenset({IncomeKind.FUNDING})


@dataclass(frozen=True, slots=True)
class ClosedFunding:
    """What one account paid and held while some closed positions were open. Complete from ``known_from_ms`` on."""

    paid: Mapping[Symbol | None, Sequence[Income]]
    held: Mapping[Symbol, Sequence[Position]]
    known_from_ms: EpochMs

    @classmethod
    def of(cls, sources: Sources, account: AccountId, positions: Sequence[Position]) -> "ClosedFunding":
        if not positions:
            return cls({}, {}, 0)
        opened_ms = min(one.opened_at_ms for one in positions)
        closed_ms = max(one.closed_at_ms or 0 for one in positions)
        ledger = sources.kept.ledger
        closed = ledger.closed_positions(account, opened_ms, sources.clock.now_ms(), MOST_BESIDE)
        still = [slot.position for slot in ledger.slots_in_use(account) if slot.position is not None]
        held: dict[Symbol, list[Position]] = defaultdict(list)
        for one in (*closed, *still):
            held[one.symbol].append(one)
        paid: dict[Symbol | None, list[Income]] = defaultdict(list)
        for row in sources.kept.incomes.between(account, opened_ms, closed_ms, _FUNDING):
            paid[row.symbol].append(row)
        return cls(paid, held, (closed[-1].closed_at_ms or 0) if len(closed) >= MOST_BESIDE else 0)

    def funding(self, one: Position) -> Decimal | None:
        """None where both sides of the symbol were held at once: payments are not told apart by side then."""
        ended_ms = one.closed_at_ms or 0
        beside = self.held.get(one.symbol, ())
        if one.opened_at_ms < self.known_from_ms or any(_overlap(one, other, ended_ms) for other in beside):
            return None
        own = [row for row in self.paid.get(one.symbol, ()) if one.opened_at_ms <= row.time_ms <= ended_ms]
        return sum((row.amount for row in own), ZERO)


def _overlap(one: Position, other: Position, ended_ms: int) -> bool:
    """Whether ``other``, of the same symbol, is the opposite side and was open at the same time."""
    if other.side is one.side:
        return False
    return other.opened_at_ms <= ended_ms and (other.closed_at_ms or ended_ms) >= one.opened_at_ms

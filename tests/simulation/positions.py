"""The ledger's position is the sum of its fills and corrections, always and exactly."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from tests.simulation.journal import Written
from tests.simulation.market_truth import MarketTruth
from tests.simulation.universe import Universe
from tests.simulation.violation import Violation

from undertow.domain.ids import AccountId, Symbol
from undertow.domain.market import PositionSide, Side
from undertow.domain.position import Slot

SymbolKey = tuple[AccountId, Symbol]


@dataclass(slots=True)
class Positions:
    """Sides are summed by symbol: a one-way account's trades do not say which side they belong to."""

    universe: Universe
    truth: MarketTruth
    _sums: defaultdict[SymbolKey, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    _dirty: dict[SymbolKey, None] = field(default_factory=dict)

    def note(self, written: Written) -> list[Violation]:
        row = written.after
        match written.table:
            case "fills" if written.before is None:
                self._sums[row.account, row.symbol] += row.quantity if row.side is Side.BUY else -row.quantity
                self._dirty[row.account, row.symbol] = None
                return self.truth.check_fill(row)
            case "corrections":
                self._sums[row.account, row.symbol] += row.signed_change
                self._dirty[row.account, row.symbol] = None
            case "slots":
                self._dirty[row.account, row.symbol] = None
                return list(self._one_way(written.before, row))
        return []

    def _one_way(self, before: Slot | None, after: Slot) -> Iterator[Violation]:
        """Where the venue never knew two sides of a symbol, a trade that closes one is not one that opens the other."""
        if after.position is None or (before is not None and before.position is not None):
            return
        other = self.universe.store.slot(after.account, after.symbol, after.side.opposite).position
        if other is None or self.truth.has_two_sides(after.account, after.symbol):
            return
        if after.position.strategy is None and not after.position.risk_flag:
            what = f"{after.account} {after.symbol}: {after.side} was opened by a stranger beside {other.quantity}"
            yield Violation("I6", what)

    def judge(self) -> list[Violation]:
        found: list[Violation] = []
        for account, symbol in self._dirty:
            held = Decimal(0)
            for side in PositionSide:
                position = self.universe.store.slot(account, symbol, side).position
                held += position.signed_quantity if position is not None else 0
            booked = self._sums[account, symbol]
            if held != booked:
                what = f"{account} {symbol}: the ledger holds {held}, its fills and corrections make {booked}"
                found.append(Violation("I6", what))
        self._dirty.clear()
        return found

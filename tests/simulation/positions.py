"""The ledger's position is the sum of its fills and corrections, always and exactly, and belongs to who opened it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from tests.simulation.journal import Written
from tests.simulation.market_truth import MarketTruth
from tests.simulation.universe import Universe
from tests.simulation.violation import Violation

from undertow.domain.fill import Fill
from undertow.domain.ids import AccountId, Symbol, VenueOrderId
from undertow.domain.market import PositionSide, Side
from undertow.domain.order import Order, Purpose
from undertow.domain.position import Slot

SymbolKey = tuple[AccountId, Symbol]

UNDER_WAY_MS: Final = 3_000
"""Whoever books a trade may have read the orders this long before, while the venue's number of one was not known."""


@dataclass(slots=True)
class Positions:
    """Sides are summed by symbol: a one-way account's trades do not say which side they belong to."""

    universe: Universe
    truth: MarketTruth
    _sums: defaultdict[SymbolKey, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    _dirty: dict[SymbolKey, None] = field(default_factory=dict)
    _numbered: dict[tuple[AccountId, VenueOrderId], tuple[Order, int]] = field(default_factory=dict)
    """Our entries by the venue's numbers, and since when these are on record."""

    def note(self, written: Written) -> list[Violation]:
        row = written.after
        match written.table:
            case "orders" if row.venue_order_id is not None and row.intent.purpose is Purpose.ENTRY:
                self._numbered.setdefault((row.intent.account, row.venue_order_id), (row, self.universe.now_ms))
            case "fills" if written.before is None:
                self._sums[row.account, row.symbol] += row.quantity if row.side is Side.BUY else -row.quantity
                self._dirty[row.account, row.symbol] = None
                return [*self.truth.check_fill(row), *self._opened(row)]
            case "corrections":
                self._sums[row.account, row.symbol] += row.signed_change
                self._dirty[row.account, row.symbol] = None
            case "slots":
                self._dirty[row.account, row.symbol] = None
                return list(self._one_way(written.before, row))
        return []

    def _opened(self, fill: Fill) -> Iterator[Violation]:
        """A position that a trade of our entry has opened is the strategy's, with its stop and its target."""
        order, since_ms = self._numbered.get((fill.account, fill.venue_order_id), (None, 0))
        if order is None or self.universe.now_ms - since_ms < UNDER_WAY_MS:
            return
        position = self.universe.store.slot(fill.account, fill.symbol, order.intent.position_side).position
        if position is None or position.max_quantity != fill.quantity or position.strategy is not None:
            return
        if not position.risk_flag:
            what = f"{order.client_order_id} opened {fill.symbol} {position.side}, which is booked as a stranger's"
            yield Violation("I6", what)

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

"""Fetch the trades that the ledger must have missed: where quantities differ, and where an order filled unheard."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from undertow.domain.account import Account, VenuePosition
from undertow.domain.ids import Symbol, VenueOrderId
from undertow.domain.numbers import ZERO
from undertow.domain.order import Order
from undertow.domain.outcome import VenueReadFailed
from undertow.domain.position import Slot
from undertow.ports import Clock, Fills, Ledger, Orders, Trades
from undertow.services.import_fills import ImportFills
from undertow.services.reading import Leg, differs
from undertow.services.take_turn import Turn

LOOKBACK_MS: Final = 3_600_000
MOST_ROWS: Final = 1_000


@dataclass(frozen=True, slots=True)
class ImportMissing:
    ledger: Ledger
    orders: Orders
    fills: Fills
    trades: Trades
    import_fills: ImportFills
    clock: Clock

    def __call__(
        self,
        account: Account,
        legs: Mapping[Leg, VenuePosition],
        unfinished: Sequence[Order],
        adopted: Collection[Symbol],
        turn: Turn,
        unread: dict[Symbol, Exception],
    ) -> int:
        """How many trades were booked. Symbols whose trades could not be read go to ``unread``.

        Trades of symbols just ``adopted`` are fetched as well: they say where the position came from.
        """
        imported = 0
        explaining = dict.fromkeys(adopted, self.clock.now_ms() - LOOKBACK_MS)
        for symbol, since_ms in sorted((explaining | self._wanted(account, legs, unfinished)).items()):
            turn.check()
            try:
                imported += len(self.import_fills(account, symbol, since_ms))
            except VenueReadFailed as failure:
                unread[symbol] = failure
        return imported

    def _wanted(
        self, account: Account, legs: Mapping[Leg, VenuePosition], unfinished: Sequence[Order]
    ) -> dict[Symbol, int]:
        """Symbols of which trades may be missing, and since when."""
        slots = {(slot.symbol, slot.side): slot for slot in self.ledger.slots_in_use(account.id)}
        wanted = self._unbooked(account)
        for symbol in {leg[0] for leg in slots | dict(legs) if differs(slots.get(leg), legs.get(leg))}:
            since_ms = self._since(symbol, slots, unfinished)
            wanted[symbol] = min(since_ms, wanted.get(symbol, since_ms))
        for slot in slots.values():
            for order in self._ended_entries(slot, unfinished):
                wanted[slot.symbol] = min(order.created_at_ms, wanted.get(slot.symbol, order.created_at_ms))
        return wanted

    def _ended_entries(self, slot: Slot, unfinished: Sequence[Order]) -> list[Order]:
        """Entries that keep their place although their orders have ended: a fill of theirs is not counted yet."""
        living = {order.client_order_id for order in unfinished}
        orders = [
            self.orders.get(slot.account, entry.client_order_id)
            for entry in slot.entries
            if entry.client_order_id not in living
        ]
        return [order for order in orders if order is not None and order.state.is_final]

    def _unbooked(self, account: Account) -> dict[Symbol, int]:
        """A position that was opened and closed while nobody listened leaves no difference behind. Two things tell:
        an order of which the venue says that more filled than the ledger holds, and the imported trade history, which
        knows of the owner's own trades too. Lists lag; what is booked already is not booked again.
        """
        now_ms = self.clock.now_ms()
        from_ms, until_ms = now_ms - 2 * LOOKBACK_MS, now_ms + LOOKBACK_MS
        fills = self.fills.recent(account.id, from_ms, until_ms, MOST_ROWS)
        booked: dict[tuple[Symbol, VenueOrderId], Decimal] = defaultdict(lambda: ZERO)
        for fill in fills:
            booked[fill.symbol, fill.venue_order_id] += fill.quantity
        missing = [
            (order.intent.symbol, order.created_at_ms)
            for order in self.orders.recent(account.id, now_ms - LOOKBACK_MS, now_ms, MOST_ROWS)
            if order.venue_order_id is not None
            and booked[order.intent.symbol, order.venue_order_id] < order.filled_quantity
        ]
        known = {(fill.symbol, fill.trade_id) for fill in fills}
        missing += [
            (trade.symbol, trade.time_ms)
            for trade in self.trades.between(account.id, now_ms - LOOKBACK_MS, until_ms)
            if (trade.symbol, trade.trade_id) not in known
        ]
        wanted: dict[Symbol, int] = {}
        for symbol, since_ms in missing:
            wanted[symbol] = min(since_ms, wanted.get(symbol, since_ms))
        return wanted

    def _since(self, symbol: Symbol, slots: Mapping[Leg, Slot], unfinished: Sequence[Order]) -> int:
        """From when on trades may be missing: the last thing that is known for certain of the symbol."""
        moments = [slot.position.updated_at_ms for leg, slot in slots.items() if leg[0] == symbol and slot.position]
        moments += [order.created_at_ms for order in unfinished if order.intent.symbol == symbol]
        return min(moments, default=self.clock.now_ms() - LOOKBACK_MS)

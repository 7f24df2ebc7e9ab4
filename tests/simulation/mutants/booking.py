"""Bugs in what fills and records do to the books."""

from tests.simulation.mutants.planted import Edit, Mutant, one

USER = "adapters/aster/user_messages.py"
LEDGER = "adapters/memory/ledger.py"
REPOSITORIES = "adapters/memory/repositories.py"
BOOKING = "domain/booking.py"
POSITION = "domain/position.py"
ORDER = "domain/order.py"
RECORD = "services/record_order.py"
BOOK = "services/book_fill.py"
IMPORT = "services/import_fills.py"

BOOKS = (
    one(
        "fills_booked_twice",
        "a fill that is told twice counts twice",
        LEDGER,
        "        if entry.fill is not None and (entry.fill.symbol, entry.fill.trade_id) in fills:",
        "        if False:",
    ),
    one(
        "released_twice",
        "what is given back is given back twice",
        BOOKING,
        "        EXACT.add(totals.notional, change.notional),\n",
        "        EXACT.add(totals.notional, change.notional + min(change.notional, 0)),\n",
    ),
    Mutant(
        "lost_orders_release",
        "an order of which nothing is known reserves nothing any more",
        (
            Edit(
                RECORD,
                "        entry_ends = changed.intent.purpose is Purpose.ENTRY and changed.state.is_final and",
                "        gone = (OrderState.UNCONFIRMED, OrderState.LOST)\n"
                "        over = changed.state.is_final or changed.state in gone\n"
                "        entry_ends = changed.intent.purpose is Purpose.ENTRY and over and",
            ),
            Edit(
                POSITION,
                "        if entry is None or not order.state.is_final or entry.booked",
                '        living = order.state.value in ("in_flight", "open", "partially_filled")\n'
                "        if entry is None or living or entry.booked",
            ),
        ),
    ),
    one(
        "closed_position_keeps_reservation",
        "a closed position goes on taking of the caps",
        POSITION,
        "        return replace(self.with_frozen_ladder(now_ms), position=None)._without_spent()",
        "        return replace(self.with_frozen_ladder(now_ms), position=None)",
    ),
    one(
        "settled_entry_keeps_its_place",
        "an ended entry is never settled",
        RECORD,
        "        entry_ends = changed.intent.purpose is Purpose.ENTRY and changed",
        "        entry_ends = False and changed",
    ),
    one(
        "write_ignores_slot_version",
        "two writers overwrite each other's slot",
        LEDGER,
        "            if not self._is_current(entry.slot_before) or (entry.closed",
        "            if (entry.closed",
    ),
    one(
        "order_put_unconditionally",
        "an older record of an order overwrites a newer one",
        REPOSITORIES,
        "            if stored is None or stored.version != order.version - 1:\n",
        "            if stored is None:\n",
    ),
    one(
        "ledger_writes_orders_unconditionally",
        "a fill overwrites what else became of its order",
        LEDGER,
        "                if self.store.order_version(order.intent.account, ",
        "                if False and self.store.order_version(order.intent.account, ",
    ),
    one(
        "order_added_over_another",
        "an exit's record is begun anew over the old one",
        REPOSITORIES,
        "            if order.client_order_id in self.store.orders[order.intent.account]:\n",
        "            if False:\n",
    ),
    one(
        "late_fill_ignored",
        "a fill of an order that has ended is dropped",
        BOOK,
        "        side = self.side_of(fill, order)\n        known = order\n",
        "        side = self.side_of(fill, order)\n        if order is not None and order.state.is_final:\n"
        "            return Booking(side, duplicate=True, opened=False, closed=None, excess=Decimal(0))\n"
        "        known = order\n",
    ),
    one(
        "fill_counts_as_booked_when_it_lost_a_race",
        "a fill whose write lost a race is dropped",
        BOOK,
        "            if outcome is WriteOutcome.DUPLICATE_FILL:",
        "            if outcome is not WriteOutcome.WRITTEN:",
    ),
    one(
        "float_quantities",
        "positions are summed in binary fractions",
        POSITION,
        "        quantity = self.quantity + fill.quantity\n",
        "        quantity = Decimal(float(self.quantity) + float(fill.quantity))\n",
    ),
    one(
        "float_prices",
        "prices of fills pass through binary fractions",
        USER,
        '        price=strict.positive(order, "L"),',
        '        price=type(ZERO)(float(strict.positive(order, "L"))),',
    ),
    one(
        "filled_quantity_may_fall",
        "older news takes back what had filled",
        ORDER,
        "            filled_quantity=max(self.filled_quantity, news.filled_quantity),",
        "            filled_quantity=news.filled_quantity,",
    ),
    one(
        "ended_orders_come_back",
        "older news revives an order that has ended",
        ORDER,
        "        if self.state.is_final and not wrongly_ended:\n            return self.state\n",
        "",
    ),
    one(
        "older_news_counts",
        "an order goes back to what it was before",
        ORDER,
        "        return news.state if _PROGRESS[news.state] >= _PROGRESS[self.state] else self.state",
        "        return news.state",
    ),
    one(
        "sides_mixed_up_in_one_way",
        "a fill that closes opens the other side",
        BOOK,
        "        return grows.opposite if other.position is not None else grows",
        "        return grows",
    ),
    one(
        "fill_on_the_wrong_side",
        "a fill is booked on the other side of the symbol",
        BOOK,
        "            return order.intent.position_side\n        grows",
        "            return order.intent.position_side.opposite\n        grows",
    ),
    one(
        "import_forgets_whose_fill",
        "imported fills never find their order",
        IMPORT,
        "            order = ours.get(trade.venue_order_id)\n",
        "            order = None\n",
    ),
)

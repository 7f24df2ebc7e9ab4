"""The planted bugs, by what they are about."""

from tests.simulation.mutants.planted import Edit, Mutant

VENUE = "adapters/aster/venue.py"
ERRORS = "adapters/aster/errors.py"
STRICT = "adapters/aster/strict.py"
LEDGER = "adapters/memory/ledger.py"
REPOSITORIES = "adapters/memory/repositories.py"
LEASES = "adapters/memory/leases.py"
BOOKING = "domain/booking.py"
POSITION = "domain/position.py"
ORDER = "domain/order.py"
LADDER = "domain/ladder.py"
ACCOUNT = "domain/account.py"
PLACE = "services/place_order.py"
RECORD = "services/record_order.py"
BOOK = "services/book_fill.py"
PROTECT = "services/protect.py"
RESOLVE = "services/resolve_unconfirmed.py"
SETTLE = "services/settle_differences.py"
CANCEL = "services/cancel_order.py"
TRACK = "services/track_account.py"
EVALUATE = "services/evaluate.py"
ORPHANS = "services/cancel_orphans.py"
READING = "services/reading.py"
IMPORT = "services/import_fills.py"
CHECKS = "risk/checks.py"


def one(name: str, breaks: str, path: str, old: str, new: str) -> Mutant:
    return Mutant(name, breaks, (Edit(path, old, new),))


SENDING = (
    one(
        "post_again_on_503",
        "an order whose answer was lost is sent a second time",
        VENUE,
        "            return Unconfirmed(unknown.reason)",
        "            return Accepted(parse.order_news(self._rest.orders.new_order(**params)))",
    ),
    one(
        "unknown_outcome_is_rejection",
        "a 503 or a time-out counts as a refusal",
        VENUE,
        "            return Unconfirmed(unknown.reason)",
        "            return Rejected(0, unknown.reason)",
    ),
    one(
        "unreadable_answer_is_rejection",
        "an order with an unreadable answer counts as refused",
        VENUE,
        'return Unconfirmed(f"the answer was not as documented: {unreadable}")',
        'return Rejected(0, f"the answer was not as documented: {unreadable}")',
    ),
    one(
        "time_out_is_never_sent",
        "a request without an answer counts as never sent",
        ERRORS,
        "httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout",
        "httpx.ConnectError | httpx.TimeoutException",
    ),
    one(
        "reset_is_never_sent",
        "a connection that broke counts as one that never was",
        ERRORS,
        "httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout",
        "httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.ReadError",
    ),
    one(
        "redelivery_sends_again",
        "the same signal, delivered twice, is ordered twice",
        PLACE,
        "        if outcome is not ClaimOutcome.CLAIMED:",
        "        if outcome not in (ClaimOutcome.CLAIMED, ClaimOutcome.ALREADY_CLAIMED):",
    ),
    one(
        "claim_knows_no_earlier_one",
        "a claim overwrites the order of the same signal",
        LEDGER,
        """        if claim.order.client_order_id in store.orders[account]:
            return ClaimOutcome.ALREADY_CLAIMED
        if claim.decision.id in store.decisions[claim.decision.account]:
            return ClaimOutcome.ALREADY_CLAIMED
""",
        "",
    ),
    one(
        "exit_in_flight_is_sent_again",
        "an exit under way is sent again under its id",
        PLACE,
        "if not existing.was_never_sent or not self.orders.update(order):",
        "if existing.state is not OrderState.IN_FLIGHT and not existing.was_never_sent or not self.orders.update(order):",
    ),
    one(
        "exit_sent_before_written_down",
        "an exit goes out before there is a record of it",
        PLACE,
        "        order = self._in_flight(approved.intent)\n        if not self.orders.add(order):",
        "        order = self._in_flight(approved.intent)\n        self._submit(approved, account)\n"
        "        if not self.orders.add(order):",
    ),
    one(
        "entry_sent_before_claimed",
        "an entry goes out before slot and risk are claimed",
        PLACE,
        "        outcome = self.ledger.claim(claim)\n",
        "        self._submit(approved, account)\n        outcome = self.ledger.claim(claim)\n",
    ),
    one(
        "no_reduce_only_in_one_way",
        "an exit of a one-way account may open the other side",
        VENUE,
        '"reduceOnly": True if intent.reduces and not hedge and not intent.close_position else None',
        '"reduceOnly": None',
    ),
    one(
        "exit_on_the_entry_side",
        "an exit at market adds to the position",
        ORDER,
        "        opening = self.purpose is Purpose.ENTRY\n",
        "        opening = self.purpose is Purpose.ENTRY or self.purpose is Purpose.EXIT\n",
    ),
)

CLAIMING = (
    one(
        "claim_without_pause_check",
        "an entry is claimed after the owner paused",
        LEDGER,
        "        if not store.control(account).admits_entries:\n            return ClaimOutcome.PAUSED\n",
        "",
    ),
    one(
        "entries_in_close_only",
        "close-only lets entries through",
        ACCOUNT,
        "        return self.switch is Switch.RUNNING",
        "        return self.switch in (Switch.RUNNING, Switch.CLOSE_ONLY)",
    ),
    one(
        "entries_while_flattening",
        "a flatten lets entries through",
        ACCOUNT,
        "        return self.switch is Switch.RUNNING",
        "        return self.switch in (Switch.RUNNING, Switch.FLATTEN)",
    ),
    one(
        "claim_ignores_slot_version",
        "two entries claim the same slot at once",
        LEDGER,
        "        if not self._is_current(claim.slot_before):\n            return ClaimOutcome.SLOT_MOVED\n",
        "",
    ),
    Mutant(
        "no_cap_on_the_account",
        "an account's caps on notional and margin hold nobody back",
        (
            Edit(
                LEDGER,
                "        if totals.margin > room(claim.max_total_margin, change.margin):\n",
                "        if False:\n",
            ),
            Edit(
                LEDGER,
                "        if totals.notional > room(claim.max_total_notional, change.notional):\n",
                "        if False:\n",
            ),
            Edit(
                CHECKS,
                "    totals = case.exposure.snapshot.totals\n",
                "    return None\n    totals = case.exposure.snapshot.totals\n",
            ),
        ),
    ),
    Mutant(
        "totals_not_checked_in_the_claim",
        "two entries at once exceed the account's caps together",
        (
            Edit(
                LEDGER,
                "        if totals.margin > room(claim.max_total_margin, change.margin):\n",
                "        if False:\n",
            ),
            Edit(
                LEDGER,
                "        if totals.notional > room(claim.max_total_notional, change.notional):\n",
                "        if False:\n",
            ),
        ),
    ),
    Mutant(
        "no_limit_on_positions",
        "more symbols are traded than the owner allowed",
        (
            Edit(
                LEDGER,
                "        if claim.max_positions and change.slots > 0 and totals.slots >= claim.max_positions:\n",
                "        if False:\n",
            ),
            Edit(CHECKS, "        limit == 0\n", "        limit >= 0\n"),
        ),
    ),
    one(
        "position_limit_not_in_the_claim",
        "two entries at once open one symbol too many",
        LEDGER,
        "        if claim.max_positions and change.slots > 0 and totals.slots >= claim.max_positions:\n",
        "        if False:\n",
    ),
    one(
        "entry_reserves_nothing",
        "an entry under way takes nothing of the caps",
        PLACE,
        "        intent.notional,\n        intent.margin,\n",
        "        intent.notional * 0,\n        intent.margin * 0,\n",
    ),
    Mutant(
        "stale_signal_traded",
        "a signal that waited in the queue is traded all the same",
        (
            Edit("strategies/hunter.py", "    if age_ms > max_age_ms:\n", "    if False:\n"),
            Edit(CHECKS, "    if 0 <= left_ms <= longest_ms + MAX_CLOCK_LEAD_MS:\n", "    if True:\n"),
        ),
    ),
    one(
        "cooldown_ignored",
        "a strategy enters again without its pause",
        EVALUATE,
        "        if cooldown_ms > 0 and (slot.ladder is None or slot.position is None):",
        "        if False:",
    ),
    one(
        "refusals_not_recorded",
        "why nothing was done is not on record",
        EVALUATE,
        "self.decisions.record(decision for decision in made if decision.outcome is not Outcome.TAKEN)",
        "self.decisions.record(decision for decision in made if decision.outcome is Outcome.SIMULATED)",
    ),
    one(
        "taken_decision_not_in_the_claim",
        "an entry without the record of why",
        LEDGER,
        "            self.store.decisions[claim.decision.account][claim.decision.id] = claim.decision\n",
        "",
    ),
)

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
    one(
        "lost_orders_release",
        "an order that cannot be found reserves nothing any more",
        POSITION,
        "        if entry is None or not order.state.is_final or entry.booked < order.filled_quantity:",
        '        if entry is None or not (order.state.is_final or order.state.value == "unconfirmed"):',
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
        "        entry_ends = changed.intent.purpose is Purpose.ENTRY and changed.state.is_final and not known.state.is_final",
        "        entry_ends = False",
    ),
    one(
        "write_ignores_slot_version",
        "two writers overwrite each other's slot",
        LEDGER,
        "            if not self._is_current(entry.slot_before) or (entry.closed is not None and entry.closed.id in closed):",
        "            if entry.closed is not None and entry.closed.id in closed:",
    ),
    one(
        "order_put_unconditionally",
        "an older record of an order overwrites a newer one",
        REPOSITORIES,
        "            if stored is None or stored.version != order.version - 1:\n                return False\n            self.store.put_order",
        "            if stored is None:\n                return False\n            self.store.put_order",
    ),
    one(
        "ledger_writes_orders_unconditionally",
        "a fill overwrites what else became of its order",
        LEDGER,
        "                if self.store.order_version(order.intent.account, order.client_order_id) != order.version - 1:\n",
        "                if False:\n",
    ),
    one(
        "order_added_over_another",
        "an exit's record is begun anew over the old one",
        REPOSITORIES,
        "            if order.client_order_id in self.store.orders[order.intent.account]:\n                return False\n",
        "",
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
        "numbers of the venue pass through binary fractions",
        STRICT,
        "        return parse_decimal(member(holder, field), field)\n",
        "        return Decimal(float(parse_decimal(member(holder, field), field)))\n",
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
        "fills_without_our_order_dropped",
        "the owner's own trades are never booked",
        IMPORT,
        "            if order is None and self._may_be_ours(trade, known):",
        "            if order is None:",
    ),
    one(
        "import_forgets_whose_fill",
        "imported fills never find their order",
        IMPORT,
        "            order = ours.get(trade.venue_order_id)\n",
        "            order = None\n",
    ),
)

RESOLVING = (
    Mutant(
        "not_found_once_is_never_lived",
        "one 'not found' is taken as proof",
        (
            Edit(RESOLVE, "MISSES_UNTIL_LOST: Final = 3", "MISSES_UNTIL_LOST: Final = 1"),
            Edit(
                RESOLVE,
                "self.record.state(missed, OrderState.LOST, f",
                "self.record.state(missed, OrderState.ABANDONED, f",
            ),
        ),
    ),
    one(
        "lost_is_given_up_at_once",
        "a lost order is given up before half an hour has passed",
        RESOLVE,
        "LOST_RELEASE_AFTER_MS: Final = 35 * 60_000",
        "LOST_RELEASE_AFTER_MS: Final = 0",
    ),
    one(
        "unconfirmed_never_asked_about",
        "nobody asks what became of an order",
        RESOLVE,
        "        resolved = self.ask(account, order)\n        if resolved.state",
        "        resolved = order\n        if resolved.state",
    ),
    one(
        "lost_orders_are_not_told",
        "a lost order is nobody's business",
        RESOLVE,
        "        if missed.not_found < MISSES_UNTIL_LOST:\n            return missed\n",
        "        if missed.not_found < MISSES_UNTIL_LOST:\n            return missed\n"
        "        return self.record.state(missed, OrderState.LOST, 'not found')\n",
    ),
    one(
        "not_open_is_cancelled",
        "an order that is no longer open counts as cancelled unfilled",
        CANCEL,
        "                return order if news is None else self.record.news(order, news)",
        "                assumed = self.record.state(order, OrderState.CANCELED, 'assumed')\n"
        "                return assumed if news is None else self.record.news(assumed, news)",
    ),
)

PROTECTING = (
    one(
        "stop_cancelled_before_the_next_stands",
        "a position is naked while its stop is replaced",
        PROTECT,
        "        stop = self._fulfil(account, position, instrument, wish, position.stop_order)\n",
        "        if position.stop_order is not None and position.stop_price != trigger:\n"
        "            old = self.orders.get(account.id, position.stop_order)\n"
        "            if old is not None and not old.state.is_final:\n"
        "                self.cancel(account, old)\n"
        "        stop = self._fulfil(account, position, instrument, wish, position.stop_order)\n",
    ),
    Mutant(
        "target_before_stop",
        "the target is placed while there is no stop yet",
        (
            Edit(
                PROTECT,
                "        trigger = wanted_stop(position, ladder, params, instrument)\n        wish",
                "        goal = wanted_target(position, ladder, params, instrument)\n"
                "        early = _Wish(Purpose.TAKE_PROFIT, goal, lambda n: target_intent(position, goal, params, n))\n"
                "        self._fulfil(account, position, instrument, early, position.target_order)\n"
                "        trigger = wanted_stop(position, ladder, params, instrument)\n        wish",
            ),
        ),
    ),
    one(
        "no_stop_at_all",
        "positions have a target only",
        PROTECT,
        "        stop = self._fulfil(account, position, instrument, wish, position.stop_order)\n        if stop is None:",
        "        stop = None\n        if False:",
    ),
    one(
        "replaced_stops_stay",
        "a stop that was replaced is left standing",
        PROTECT,
        "        if previous is None or previous == current.client_order_id:\n            return\n",
        "        if previous is not None:\n            return\n",
    ),
    Mutant(
        "target_left_standing",
        "a target outlives its position and hits the next one",
        (
            Edit(
                TRACK,
                "        for order_id in (closed.stop_order, closed.target_order):",
                "        for order_id in (closed.stop_order,):",
            ),
            Edit(
                ORPHANS,
                "        if position is None:\n            return True\n",
                "        if position is None:\n            return order.intent.purpose is Purpose.STOP_LOSS\n",
            ),
        ),
    ),
    Mutant(
        "leftovers_never_cancelled",
        "stops of closed positions are left standing",
        (
            Edit(
                TRACK,
                "        for order_id in (closed.stop_order, closed.target_order):",
                "        for order_id in ():",
            ),
            Edit(
                ORPHANS,
                "        if position is None:\n            return True\n",
                "        if position is None:\n            return False\n",
            ),
        ),
    ),
    one(
        "a_stop_that_ended_still_protects",
        "a stop cancelled by hand is never placed again",
        PROTECT,
        "    return stands(order) and whole and order.intent.stop_price == wish.trigger",
        "    return whole and order.intent.stop_price == wish.trigger",
    ),
    one(
        "unconfirmed_stop_protects",
        "a stop that nobody confirmed counts as standing",
        PROTECT,
        "    return order.state in (OrderState.OPEN, OrderState.PARTIALLY_FILLED)",
        "    return order.state in (OrderState.OPEN, OrderState.PARTIALLY_FILLED, OrderState.UNCONFIRMED)",
    ),
)

RECONCILING = (
    one(
        "failed_read_is_an_empty_account",
        "a read that failed closes every position of the ledger",
        READING,
        "    return {(position.symbol, position.side): position for position in venue.fetch_positions()}",
        "    try:\n"
        "        return {(position.symbol, position.side): position for position in venue.fetch_positions()}\n"
        "    except Exception:\n"
        "        return {}",
    ),
    one(
        "adoption_doubles_the_quantity",
        "a position opened by hand is taken over twice as large",
        SETTLE,
        "            side=seen.side,\n            quantity=seen.quantity,",
        "            side=seen.side,\n            quantity=seen.quantity * 2,",
    ),
    one(
        "positions_never_adopted",
        "positions opened by hand are never seen",
        SETTLE,
        "        if seen is None or slot.position is not None or self._fills_under_way(slot):",
        "        if True:",
    ),
    one(
        "ghosts_stay",
        "positions that are gone are never closed in the ledger",
        SETTLE,
        "        return read_at_ms - position.questioned_at_ms >= doubt_ms",
        "        return False",
    ),
    one(
        "first_reading_believed",
        "one reading that differs sets the position",
        SETTLE,
        "        if position.questioned_at_ms is None or position.questioned_at_ms < position.updated_at_ms:",
        "        if position.questioned_at_ms is None:\n            return True\n"
        "        if position.questioned_at_ms < position.updated_at_ms:",
    ),
    one(
        "lease_taken_from_its_holder",
        "two reconciliations run at once",
        LEASES,
        "            if known is not None and not known.is_free(now_ms):\n                return None\n",
        "",
    ),
    one(
        "epoch_does_not_grow",
        "a run that was replaced cannot be told from its successor",
        LEASES,
        "1 if known is None else known.epoch + 1",
        "1",
    ),
    one(
        "corrections_not_written",
        "quantities are set without a record of it",
        LEDGER,
        "            if entry.correction is not None:",
        "            if False:",
    ),
)

LADDERS = (
    one(
        "ladder_reserve_not_kept",
        "the layers to come reserve nothing",
        POSITION,
        "        if unclaimed > 0:\n            kept[key]",
        "        if False:\n            kept[key]",
    ),
    one(
        "layer_claimed_twice",
        "a layer may be bought again and again",
        LADDER,
        "        return replace(self, orders={**self.orders, layer: order}, last_layer_at_ms=now_ms)",
        "        return replace(self, last_layer_at_ms=now_ms)",
    ),
    one(
        "filled_layer_is_free_again",
        "a layer that filled in part may be bought again",
        LADDER,
        "        if self.orders.get(layer) != order or layer in self.filled:",
        "        if self.orders.get(layer) != order:",
    ),
)

MUTANTS = (*SENDING, *CLAIMING, *BOOKS, *RESOLVING, *PROTECTING, *RECONCILING, *LADDERS)

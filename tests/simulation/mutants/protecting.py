"""Bugs in how positions get and keep their stop."""

from tests.simulation.mutants.planted import Edit, Mutant, one

PROTECT = "services/protect.py"
TIDY_UP = "services/tidy_up.py"
TIDIED = "        for order_id in (closed.stop_order, closed.target_order) if not excess else ():"
ORPHANS = "services/cancel_orphans.py"

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
    Mutant(
        "replaced_stops_stay",
        "a stop that was replaced is left standing, and no pass takes it off",
        (
            Edit(
                PROTECT,
                "        if previous is None or previous == current.client_order_id:\n            return\n",
                "        if previous is not None:\n            return\n",
            ),
            Edit(
                ORPHANS,
                "        return current is not None and order.client_order_id != current",
                "        return False",
            ),
        ),
    ),
    Mutant(
        "target_left_standing",
        "a target outlives its position and hits the next one",
        (
            Edit(
                TIDY_UP,
                TIDIED,
                "        for order_id in (closed.stop_order,) if not excess else ():",
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
                TIDY_UP,
                TIDIED,
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
        "CONFIRMED: Final = frozenset({OrderState.OPEN, OrderState.PARTIALLY_FILLED})",
        "CONFIRMED: Final = frozenset({OrderState.OPEN, OrderState.PARTIALLY_FILLED, OrderState.UNCONFIRMED})",
    ),
)

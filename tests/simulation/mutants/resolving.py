"""Bugs in what is concluded about orders of which nothing is known."""

from tests.simulation.mutants.planted import Edit, Mutant, one

RESOLVE = "services/resolve_unconfirmed.py"
CANCEL = "services/cancel_order.py"

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
        "        try:\n            news = self.venues.trading(account).fetch_order(",
        "        return order\n        try:\n            news = self.venues.trading(account).fetch_order(",
    ),
    one(
        "lost_orders_are_not_told",
        "a lost order is nobody's business",
        RESOLVE,
        "    def tell_lost(self, order: Order) -> None:\n",
        "    def tell_lost(self, order: Order) -> None:\n        return\n",
    ),
    Mutant(
        "not_open_is_cancelled",
        "an order that is no longer open counts as cancelled, though it filled",
        (
            Edit(CANCEL, "from dataclasses import dataclass\n", "from dataclasses import dataclass, replace\n"),
            Edit(
                CANCEL,
                "                return order if news is None else self.record.news(order, news)",
                "                gone = None if news is None else replace(news, state=type(order.state).CANCELED)\n"
                "                return order if gone is None else self.record.news(order, gone)",
            ),
        ),
    ),
)

"""Bugs on the way to the venue."""

from tests.simulation.mutants.planted import one

VENUE = "adapters/aster/venue.py"
ERRORS = "adapters/aster/errors.py"
LEDGER = "adapters/memory/ledger.py"
ORDER = "domain/order.py"
PLACE = "services/place_order.py"

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
        "known = existing.state is not OrderState.IN_FLIGHT and not existing.was_never_sent\n"
        "            if known or not self.orders.update(order):",
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

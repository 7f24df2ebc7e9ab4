"""What may happen to a row: nothing goes, what is final stays, every version comes once."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from tests.simulation.journal import Written
from tests.simulation.violation import Violation

from undertow.domain.lease import Lease
from undertow.domain.order import Order, OrderState, Purpose

_NEVER_CHANGED: Final = frozenset({"fills", "closed", "decisions", "audit", "corrections", "trades", "incomes"})
_VERSIONED: Final = frozenset(
    {"slots", "totals", "orders", "controls", "guards", "sessions", "checkpoints", "adjustments", "requests"}
)
GIVEN_UP_AFTER_MS: Final = 34 * 60_000
"""Half an hour is how long a venue of this family was seen to forget an order, and clocks are somewhat off."""
_PROGRESS: Final = {
    OrderState.IN_FLIGHT: 0,
    OrderState.UNCONFIRMED: 1,
    OrderState.LOST: 1,
    OrderState.OPEN: 2,
    OrderState.PARTIALLY_FILLED: 3,
}


def check_row(written: Written, now_ms: int) -> list[Violation]:
    """One write by itself, against the row that it took the place of."""
    table, before, after = written.table, written.before, written.after
    if after is None:
        return [Violation("I10", f"{table}: the row {written.key} was taken away")]
    found: list[Violation] = []
    if before is not None and table in _NEVER_CHANGED and before != after:
        found.append(Violation("I10", f"{table}: the row {written.key} was written over: {before} became {after}"))
    if table in _VERSIONED and after != before:
        known = 0 if before is None else before.version
        if after.version != known + 1:
            what = f"{table}: {written.key} went from version {known} to {after.version}: a write got lost"
            found.append(Violation("I13", what))
    special = _SPECIAL.get(table)
    return found if special is None or before is None else found + special(before, after, now_ms)


def _order(before: Order, after: Order, now_ms: int) -> list[Violation]:
    found: list[Violation] = []
    order = after.client_order_id
    if not _may_follow(before, after):
        found.append(Violation("I13", f"order {order} went from {before.state} to {after.state}"))
    if after.filled_quantity < before.filled_quantity:
        found.append(
            Violation("I13", f"order {order} has {after.filled_quantity} filled after {before.filled_quantity}")
        )
    if after.state is OrderState.ABANDONED is not before.state and not after.was_never_sent:
        age_ms = now_ms - after.created_at_ms
        if before.intent.purpose is Purpose.ENTRY and age_ms < GIVEN_UP_AFTER_MS:
            what = f"order {order} was given up after {age_ms} ms: a venue may have forgotten it for longer"
            found.append(Violation("I13", what))
    quantity = after.intent.quantity
    if quantity is not None and after.filled_quantity > quantity:
        found.append(Violation("I13", f"order {order} of {quantity} has filled {after.filled_quantity}"))
    if before.intent != after.intent and not before.was_never_sent:
        found.append(Violation("I13", f"order {order} was sent as {before.intent} and is now {after.intent}"))
    return found


def _may_follow(before: Order, after: Order) -> bool:
    was, now = before.state, after.state
    if was is now:
        return True
    if was.is_final:
        proven = was in (OrderState.REJECTED, OrderState.ABANDONED) and after.filled_quantity > 0
        sent_again = before.was_never_sent and before.intent.reduces and now is OrderState.IN_FLIGHT
        return proven or sent_again
    return now.is_final or _PROGRESS[now] >= _PROGRESS[was]


def _lease(before: Lease, after: Lease, now_ms: int) -> list[Violation]:
    if after.epoch < before.epoch or (after.epoch == before.epoch and after.holder != before.holder):
        return [Violation("I14", f"lease {after.name}: epoch {before.epoch} was followed by {after.epoch}")]
    if after.epoch == before.epoch and before.is_free(now_ms) and not after.is_free(now_ms):
        return [Violation("I14", f"lease {after.name} was taken anew under epoch {after.epoch}")]
    if after.epoch > before.epoch and now_ms < before.until_ms:
        return [Violation("I14", f"lease {after.name} was taken {before.until_ms - now_ms} ms before it ended")]
    return []


_SPECIAL: Final[Mapping[str, Callable[[Any, Any, int], list[Violation]]]] = {"orders": _order, "leases": _lease}

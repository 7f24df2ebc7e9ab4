"""Where in a list a row stands. Every list that is read page by page is in this order, newest first, in every store."""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import NamedTuple, TypeVar

from undertow.domain.alert import Alert
from undertow.domain.booking import closing_time_ms
from undertow.domain.correction import Correction
from undertow.domain.decision import Decision
from undertow.domain.fill import Fill
from undertow.domain.order import Order
from undertow.domain.position import Position
from undertow.domain.reconciliation import ReconciliationReport
from undertow.ports.audit_row import AuditRow

Row = TypeVar("Row")


class Place(NamedTuple):
    """A time in epoch milliseconds, and what tells rows of one millisecond apart.

    Given as ``after`` it asks for the rows that come after it: earlier ones, newest first. A tuple, since lists of many
    thousand rows are sorted by it.
    """

    time_ms: int
    key: str


def place_of_order(order: Order) -> Place:
    return Place(order.created_at_ms, order.client_order_id)


def place_of_fill(fill: Fill) -> Place:
    return Place(fill.time_ms, f"{fill.symbol}#{fill.trade_id:020d}")


def place_of_decision(decision: Decision) -> Place:
    return Place(decision.decided_at_ms, decision.id)


def place_of_closed(position: Position) -> Place:
    return Place(closing_time_ms(position), position.id)


def place_of_correction(one: Correction) -> Place:
    return Place(one.time_ms, f"{one.symbol}#{one.side}#{one.reason}#{one.number}")


def place_of_report(report: ReconciliationReport) -> Place:
    return Place(report.read_at_ms, f"{report.epoch:012d}")


def place_of_alert(alert: Alert) -> Place:
    return Place(alert.last_ms, f"{alert.key}#{alert.episode:08d}")


def place_of_audit(row: AuditRow) -> Place:
    return Place(row.time_ms, row.digest)


def beyond(rows: Iterable[Row], place_of: Callable[[Row], Place], after: Place | None, limit: int) -> Sequence[Row]:
    """The first ``limit`` of ``rows`` that come after ``after``. ``rows`` are newest first."""
    return list(islice((row for row in rows if after is None or place_of(row) < after), limit))

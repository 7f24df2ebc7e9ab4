"""What must be true once a round's troubles are over, read from the tables and the venue's own log."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from local.risk_figures import SLOTS, broken_risk_promises
from local.stack import LocalStack
from local.summary import OUR_PREFIX, Report, Row, scan

FINAL: Final = {"FILLED": "filled", "CANCELED": "canceled", "EXPIRED": "expired", "REJECTED": "rejected"}
OPEN: Final = {"NEW": "open", "PARTIALLY_FILLED": "partially_filled"}
DOUBTFUL: Final = frozenset({"in_flight", "unconfirmed"})
QUEUES: Final = ("LiquidationsQueueUrl", "UserEventsQueueUrl", "FollowUpsQueueUrl", "TicksQueueUrl")
FATAL_QUEUES: Final = frozenset({"UserEventsQueueUrl"})


@dataclass(frozen=True, slots=True)
class Seen:
    """One look at everything. ``given_up`` counts dead letters by queue."""

    report: Report
    orders: Sequence[Row]
    fills: Sequence[Row]
    positions: Sequence[Row]
    heartbeats: Sequence[Row]
    given_up: Mapping[str, int]

    @property
    def account(self) -> Mapping[str, Any]:
        (account,) = self.report["accounts"]
        return dict(account)


def look(stack: LocalStack, report: Report) -> Seen:
    return Seen(
        report=report,
        orders=list(scan(stack, "orders")),
        fills=list(scan(stack, "fills")),
        positions=list(scan(stack, "positions")),
        heartbeats=[row for row in scan(stack, "control") if row["pk"] == "heartbeats"],
        given_up={queue: _given_up(stack, queue) for queue in QUEUES},
    )


def _given_up(stack: LocalStack, queue: str) -> int:
    url, fifo, _ = stack.output(queue).partition(".fifo")
    figures = stack.client("sqs").get_queue_attributes(
        QueueUrl=f"{url}-dead{fifo}", AttributeNames=["ApproximateNumberOfMessages"]
    )
    return int(figures["Attributes"]["ApproximateNumberOfMessages"])


def violations(seen: Seen, heard_after_ms: int) -> list[str]:
    """Each in one line; none when all is well. The worker must have been heard of after ``heard_after_ms``."""
    return [
        *_orders(seen),
        *_fills(seen),
        *_legs(seen),
        *_protection(seen),
        *broken_risk_promises(seen.orders, seen.positions),
        *(
            f"{count} messages were given up by {queue}"
            for queue, count in seen.given_up.items()
            if count and queue in FATAL_QUEUES
        ),
        *_worker(seen, heard_after_ms),
    ]


def _orders(seen: Seen) -> Iterator[str]:
    """One venue order per client id, each known, and each in the state that the venue says."""
    if reused := seen.account["reusedClientOrderIds"]:
        yield f"sent twice: {', '.join(reused)}"
    known = {row["sk"]: row for row in seen.orders}
    sent = {order["clientOrderId"]: order for order in seen.account["orders"]}
    for name, order in sent.items():
        if not name.startswith(OUR_PREFIX):
            continue
        wanted = (FINAL | OPEN)[order["status"]]
        if name not in known:
            yield f"order {name} ({order['status']}) is not in the table"
        elif known[name]["state"] != wanted:
            yield f"order {name} is {order['status']} at the venue and {known[name]['state']} in the table"
    for name, row in known.items():
        if name in sent:
            continue
        if row["state"] in OPEN.values() or row["state"] == "filled":
            yield f"order {name} is {row['state']} in the table and unknown to the venue"
        elif row["state"] in DOUBTFUL:
            yield f"order {name} is still {row['state']}"


def _fills(seen: Seen) -> Iterator[str]:
    there = {
        (fill["symbol"], int(fill["id"])): (Decimal(fill["price"]), Decimal(fill["qty"]), Decimal(fill["commission"]))
        for fill in seen.account["fills"]
    }
    here = {
        (row["symbol"], int(row["trade_id"])): (row["price"], row["quantity"], row["commission"]) for row in seen.fills
    }
    for trade in sorted(there.keys() | here.keys()):
        if there.get(trade) != here.get(trade):
            yield f"trade {trade}: {there.get(trade)} at the venue, {here.get(trade)} in the table"


def _legs(seen: Seen) -> Iterator[str]:
    there = {
        (position["symbol"], position["positionSide"]): abs(Decimal(position["positionAmt"]))
        for position in seen.account["positions"]
    }
    here = {
        (row["symbol"], row["side"]): row["position"]["quantity"]
        for row in seen.positions
        if str(row["sk"]).startswith(SLOTS) and row.get("position")
    }
    for leg in sorted(there.keys() | here.keys()):
        if there.get(leg) != here.get(leg):
            yield f"{leg}: {there.get(leg)} at the venue, {here.get(leg)} in the ledger"


def _protection(seen: Seen) -> Iterator[str]:
    """A stop for each position, and neither stop nor target for a position that is not there."""
    for position in seen.report["protection"]["unprotectedNow"]:
        yield f"without a stop: {position['symbol']} {position['positionSide']} for {position['forMs']} ms"
    held = {(position["symbol"], position["positionSide"]) for position in seen.account["positions"]}
    standing = set(seen.account["openOrders"])
    closing = [
        order for order in seen.account["orders"] if order["clientOrderId"] in standing and order["closePosition"]
    ]
    legs = [(order["symbol"], order["positionSide"], order["type"]) for order in closing]
    for order, leg in zip(closing, legs, strict=True):
        if leg[:2] not in held:
            yield f"{order['clientOrderId']} protects nothing: {leg}"
        elif legs.count(leg) > 1:
            yield f"more than one: {leg}"


def _worker(seen: Seen, heard_after_ms: int) -> Iterator[str]:
    if not any(row["time_ms"] > heard_after_ms for row in seen.heartbeats):
        yield "the worker has not been heard of since"

"""What a run of the local cloud came to: the tables read directly, held against the venue's own true log.

Nothing here goes through the code under test. A fill counts as kept when its trade id, price, quantity and commission
are the venue's, digit by digit.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer
from local.risk_figures import broken_risk_promises, risk_figures
from local.stack import STAGE, TABLE_PREFIX, LocalStack

Row = dict[str, Any]
Report = dict[str, Any]

OUR_PREFIX = "ut-"
UNKNOWN_STATES = frozenset({"in_flight", "unconfirmed", "lost"})
WRITES = ("PutItem", "UpdateItem", "DeleteItem")
FUNCTIONS = (
    "evaluate-liquidations",
    "track-account",
    "follow-up-orders",
    "reconcile",
    "manage-positions",
    "watch-account",
    "sync-instruments",
    "api",
    "authorizer",
)


@dataclass(frozen=True, slots=True)
class Tables:
    """Everything that the run has written."""

    liquidations: Sequence[Row]
    orders: Sequence[Row]
    fills: Sequence[Row]
    decisions: Sequence[Row]
    positions: Sequence[Row]
    heartbeats: Sequence[Row]
    balances: Sequence[Row]


def read_tables(stack: LocalStack) -> Tables:
    return Tables(
        liquidations=list(scan(stack, "liquidations")),
        orders=list(scan(stack, "orders")),
        fills=list(scan(stack, "fills")),
        decisions=list(scan(stack, "decisions")),
        positions=list(scan(stack, "positions")),
        heartbeats=[row for row in scan(stack, "control") if row["pk"] == "heartbeats"],
        balances=list(scan(stack, "balances")),
    )


def scan(stack: LocalStack, table: str) -> Iterator[Row]:
    read = TypeDeserializer().deserialize
    pages = stack.client("dynamodb").get_paginator("scan").paginate(TableName=TABLE_PREFIX + table, ConsistentRead=True)
    for page in pages:
        for item in page["Items"]:
            yield {name: read(value) for name, value in item.items()}


# --- figures --------------------------------------------------------------------------------------------------------


def stored_liquidations(tables: Tables) -> set[str]:
    """Identities: the same event may lie in two rows when two workers saw it. Rows of gaps hold no events."""
    return {event[0] for row in tables.liquidations if "events" in row for event in json.loads(row["events"])}


def signals(tables: Tables) -> int:
    """Decisions that had a side: the volume had crossed the threshold, whatever became of it."""
    return sum(row.get("position_side") is not None for row in tables.decisions)


def refusals(decisions: Iterable[Row]) -> dict[str, int]:
    """How many by gate."""
    refused = Counter(row["gate"] for row in decisions if row["outcome"] == "refused")
    return dict(sorted(refused.items()))


def refusals_by_strategy(tables: Tables) -> dict[str, dict[str, int]]:
    names = sorted({row["strategy"] for row in tables.decisions})
    return {name: refusals(row for row in tables.decisions if row["strategy"] == name) for name in names}


def rejections(orders: Iterable[Row]) -> dict[str, int]:
    """What the venue said no to, by purpose and the venue's own code."""
    told = Counter(
        f"{row['purpose']} {row['reason'].partition(':')[0]}" for row in orders if row["state"] == "rejected"
    )
    return dict(sorted(told.items()))


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least ``share`` of all are not above."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * int(share * 100) // 100) - 1)]


def protected_within(report: Report) -> dict[str, float | None]:
    """Seconds from the opening of a position to its standing stop, as the venue saw it."""
    times = [length / 1000 for length in report["protection"]["afterOpeningMs"]]
    return {"p50": percentile(times, 0.5), "p99": percentile(times, 0.99), "max": max(times, default=None)}


def duplicates(report: Report) -> int:
    """Venue orders beyond the first with the same client id."""
    return sum(
        times - 1
        for account in report["accounts"]
        for name, times in Counter(order["clientOrderId"] for order in account["orders"]).items()
        if name.startswith(OUR_PREFIX)
    )


def strays(report: Report, tables: Tables) -> list[str]:
    """Orders of ours that stand in the venue's log and not in the table."""
    known = {row["sk"] for row in tables.orders}
    return sorted(
        order["clientOrderId"]
        for account in report["accounts"]
        for order in account["orders"]
        if order["clientOrderId"].startswith(OUR_PREFIX) and order["clientOrderId"] not in known
    )


def fills_apart(report: Report, tables: Tables) -> list[str]:
    """Each difference between the venue's fills and the table's in one line; empty when they are the same."""
    venue = {
        (fill["symbol"], int(fill["id"])): (Decimal(fill["price"]), Decimal(fill["qty"]), Decimal(fill["commission"]))
        for account in report["accounts"]
        for fill in account["fills"]
    }
    table = {
        (row["symbol"], int(row["trade_id"])): (row["price"], row["quantity"], row["commission"])
        for row in tables.fills
    }
    apart = [
        f"{symbol} {trade}: only at the venue {venue[symbol, trade]}" for symbol, trade in venue.keys() - table.keys()
    ]
    apart += [
        f"{symbol} {trade}: only in the table {table[symbol, trade]}" for symbol, trade in table.keys() - venue.keys()
    ]
    apart += [
        f"{symbol} {trade}: {venue[symbol, trade]} at the venue, {table[symbol, trade]} in the table"
        for symbol, trade in venue.keys() & table.keys()
        if venue[symbol, trade] != table[symbol, trade]
    ]
    return sorted(apart)


def invocations(stack: LocalStack) -> dict[str, int]:
    """Counted in the logs, where each invocation leaves one REPORT line."""
    pages = stack.client("logs").get_paginator("filter_log_events")

    def of(function: str) -> int:
        group = f"/aws/lambda/undertow-{STAGE}-{function}"
        found = pages.paginate(logGroupName=group, filterPattern='"REPORT RequestId"')
        return sum(len(page["events"]) for page in found)

    return {function: of(function) for function in FUNCTIONS}


def requests(stack: LocalStack) -> dict[str, int]:
    """Messages to queues and rows to tables, batched ones counted one by one."""
    counts = stack.counts()
    single, batched = counts["requests"], counts["entries"]
    writes = sum(single.get(f"DynamoDB.{operation}", 0) for operation in WRITES)
    return {
        "sqs_messages": single.get("AmazonSQS.SendMessage", 0) + batched.get("SendMessageBatch", 0),
        "dynamodb_writes": writes + batched.get("TransactWriteItems", 0) + batched.get("BatchWriteItem", 0),
    }


# --- the one line ---------------------------------------------------------------------------------------------------


def summarize(stack: LocalStack, report: Report, tables: Tables) -> dict[str, Any]:
    by_function = invocations(stack)
    fills = [fill for account in report["accounts"] for fill in account["fills"]]
    return {
        "tape": report["tape"]["name"],
        "frames_in": sum(int(row["liquidations_in"]) for row in tables.heartbeats),
        "frames_sent_distinct": report["forceOrder"]["distinct"],
        "liquidations_stored": len(stored_liquidations(tables)),
        "signals": signals(tables),
        "refusals": refusals(tables.decisions),
        "refusals_by_strategy": refusals_by_strategy(tables),
        "orders": len(tables.orders),
        "orders_by_state": dict(sorted(Counter(row["state"] for row in tables.orders).items())),
        "rejections": rejections(tables.orders),
        "fills": len(tables.fills),
        "fills_at_venue": len(fills),
        "positions_opened": report["protection"]["positionsOpened"],
        "protected_within_s": protected_within(report),
        "duplicates": duplicates(report),
        "unprotected_now": len(report["protection"]["unprotectedNow"]),
        "unknown_now": sum(row["state"] in UNKNOWN_STATES for row in tables.orders),
        "quarantined": sum(int(row["quarantined"]) for row in tables.heartbeats),
        "dropped": sum(int(row["dropped"]) for row in tables.heartbeats),
        "reconnects": sum(int(row["reconnects"]) for row in tables.heartbeats),
        "faults": report["faults"],
        **risk_figures(tables.orders, tables.positions, tables.balances),
        **requests(stack),
        "lambda_invocations": sum(by_function.values()),
        "lambda_invocations_by_function": by_function,
    }


def broken_promises(summary: Mapping[str, Any], report: Report, tables: Tables) -> list[str]:
    """What must never be, each in one line. A run is good when there is none."""
    broken: list[str] = []
    if summary["frames_in"] != summary["liquidations_stored"]:
        broken.append(f"{summary['frames_in']} liquidations came in, {summary['liquidations_stored']} are stored")
    if summary["frames_in"] == 0:
        broken.append("no liquidation came in")
    if summary["positions_opened"] == 0:
        broken.append("no position was opened: the run has shown nothing of the order path")
    if summary["duplicates"]:
        broken.append(
            f"{summary['duplicates']} orders reached the venue twice: {report['accounts'][0]['reusedClientOrderIds']}"
        )
    if summary["unprotected_now"]:
        broken.append(f"positions without a stop: {json.dumps(report['protection']['unprotectedNow'])}")
    broken += broken_risk_promises(tables.orders, tables.positions)
    if stray := strays(report, tables):
        broken.append(f"orders at the venue that the table does not know: {', '.join(stray[:5])}")
    if apart := fills_apart(report, tables):
        broken.append(f"{len(apart)} fills differ; the first: {apart[0]}")
    return broken

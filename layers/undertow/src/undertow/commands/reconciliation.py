"""`undertow reconcile`: what the last pass found.

It shows and starts nothing: a pass signs requests to the venue, and a terminal holds no key of the account's. The
function runs every minute; until its next pass nothing is opened that the last one did not prove.
"""

from argparse import Namespace
from collections.abc import Iterator
from typing import Final

from undertow.commands.terminal import CommandFailed, Exit, Terminal, duration, moment, table
from undertow.commands.view_parts import Row, ms_of, part_of, rows_of
from undertow.domain.ids import AccountId
from undertow.domain.json_text import write_json
from undertow.services.console import Operator
from undertow.services.views.answers import as_json
from undertow.services.views.reconciliation import ReconciliationFilter, reconciliation

SHOWN_MS: Final = 24 * 3_600_000
SHOWN_ROWS: Final = 50
LEG_HEADS: Final = (
    "position",
    "side",
    "ledger",
    "venue",
    "equal",
    "protected",
    "orders ours",
    "others'",
    "why it waits",
)
CORRECTION_HEADS: Final = ("when", "position", "side", "reason", "from", "to", "pass")


def reconcile(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    only = None if args.account is None else AccountId(args.account)
    now_ms = operator.console.sources.clock.now_ms()
    wanted = ReconciliationFilter(only, now_ms - SHOWN_MS, now_ms, SHOWN_ROWS)
    found = as_json(reconciliation(operator.console.sources, wanted))
    if args.json:
        terminal.tell(write_json(found, indent=2))
    else:
        for account in rows_of(found["accounts"]):
            for line in _account(account):
                terminal.tell(line)
    if args.check and not all(_is_proven(account) for account in rows_of(found["accounts"])):
        raise CommandFailed(Exit.FAILED, "the ledger is not proven to equal the venue")


def _account(account: Row) -> Iterator[str]:
    proof = part_of(account["proof"])
    yield f"{account['id']} ({account['mode']}): {_state(proof)}"
    latest = part_of(account["latest"])
    if latest:
        yield (
            f"  pass {latest['epoch']} at {moment(ms_of(latest['read_at_ms']))}: "
            f"{latest['orders_asked']} orders asked, {latest['fills_imported']} trades booked, "
            f"{latest['adopted']} adopted, {latest['adjusted']} corrected, "
            f"{latest['orphans_canceled']} orphans cancelled"
        )
        legs = rows_of(latest["legs"])
        yield table(LEG_HEADS, (_leg(leg) for leg in legs)) if legs else "  nothing is held and no order stands"
    corrections = rows_of(account["corrections"])
    if corrections:
        yield ""
        yield "quantities set by the venue's word, last 24 hours:"
        yield table(CORRECTION_HEADS, (_correction(one) for one in corrections))


def _state(proof: Row) -> str:
    unproven = part_of(proof["unproven"])
    if not proof["admits_entries"] or proof["read_at_ms"] is None:
        age = "" if proof["age_ms"] is None else f", last proof {duration(ms_of(proof['age_ms']))} ago"
        return f"{proof['reason']}{age}"
    waiting = "".join(f"\n  {symbol} waits: {doubt}" for symbol, doubt in unproven.items())
    found = "NOT EQUAL" if unproven else "ledger and venue are equal"
    return f"{found}, proven {duration(ms_of(proof['age_ms']))} ago{waiting}"


def _is_proven(account: Row) -> bool:
    proof = part_of(account["proof"])
    return bool(proof["admits_entries"]) and not part_of(proof["unproven"])


def _leg(leg: Row) -> tuple[str, ...]:
    protected = {True: "yes", False: "NO", None: "-"}[leg["protected"] if isinstance(leg["protected"], bool) else None]
    return (
        str(leg["symbol"]),
        str(leg["side"]).lower(),
        str(leg["ledger_quantity"]),
        str(leg["venue_quantity"]),
        "yes" if leg["equal"] else "NO",
        protected,
        f"{leg['ledger_orders']}/{leg['venue_orders']}",
        str(leg["foreign_orders"]),
        str(leg["doubt"]),
    )


def _correction(row: Row) -> tuple[str, ...]:
    return (
        moment(ms_of(row["time_ms"])),
        str(row["symbol"]),
        str(row["side"]).lower(),
        str(row["reason"]).replace("_", " "),
        str(row["before"]),
        str(row["after"]),
        str(row["epoch"] or "-"),
    )

"""`undertow adjust`: sums that people add to the books, from before the venue's records or beside them."""

from argparse import Namespace

from undertow.commands.books import read
from undertow.commands.terminal import CommandFailed, Exit, Terminal, moment, table
from undertow.commands.view_parts import Row, rows_of
from undertow.domain.ids import AccountId
from undertow.domain.income import IncomeKind
from undertow.domain.json_text import Json
from undertow.domain.numbers import NotADecimal, parse_decimal, plain
from undertow.services.console import Operator
from undertow.services.views.adjustments import AdjustmentQuery, adjustments
from undertow.services.views.answers import as_json

MOST_SHOWN = 10_000
WHENEVER = "before the first record"


def add(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    """Enter a sum. Without --at it stands for everything before the account's first record at the venue."""
    (account,) = operator.console.sources.accounts(AccountId(args.account))
    try:
        amount = parse_decimal(args.amount, "AMOUNT")
    except NotADecimal as error:
        raise CommandFailed(Exit.USAGE, f"{error}: write it as 12.5, or as -12.5 for what went out") from error
    if amount == 0:
        raise CommandFailed(Exit.USAGE, "an adjustment of 0 changes nothing")
    at_ms = None if args.at is None else read("--at", args.at)
    by = f"terminal {terminal.user}"
    entered = operator.console.adjust.add(account.id, IncomeKind(args.kind), amount, at_ms, args.note, by)
    when = WHENEVER if at_ms is None else moment(at_ms)
    terminal.tell(f"{account.id}: {plain(amount)} USDT of {entered.kind.value} entered, {when}; id {entered.id}")


def list_(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    """Every entry, revoked ones too, oldest first."""
    only = None if args.account is None else AccountId(args.account)
    found = as_json(adjustments(operator.console.sources, AdjustmentQuery(only, MOST_SHOWN)))
    listed = rows_of(found["adjustments"])
    if not listed:
        terminal.tell("nothing was entered by hand")
        return
    heads = ("id", "account", "kind", "amount USDT", "counts at", "by", "entered", "revoked", "note")
    terminal.tell(table(heads, (_row(one) for one in listed)))


def _row(one: Row) -> tuple[str, ...]:
    return (
        str(one["id"]),
        str(one["account"]),
        str(one["kind"]),
        str(one["amount"]),
        _moment(one["at_ms"]) or WHENEVER,
        str(one["by"]),
        _moment(one["created_at_ms"]),
        _moment(one["revoked_at_ms"]),
        str(one["note"]),
    )


def _moment(value: Json) -> str:
    return moment(value) if isinstance(value, int) else ""


def revoke(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    """The entry counts no more; it stays on record."""
    (account,) = operator.console.sources.accounts(AccountId(args.account))
    revoked = operator.console.adjust.revoke(account.id, args.id, f"terminal {terminal.user}")
    terminal.tell(f"{account.id}: {plain(revoked.amount)} USDT of {revoked.kind.value} count no more; id {revoked.id}")

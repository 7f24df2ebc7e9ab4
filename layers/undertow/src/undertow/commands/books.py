"""`undertow pnl`, `commissions`, `funding`, `transfers`: the books as tables. Sums are in USDT, times in UTC."""

from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from undertow.commands.terminal import CommandFailed, Exit, Terminal, duration, moment, table
from undertow.commands.view_parts import Row, money, part_of, rows_of
from undertow.domain.accounting.profit import Grouping
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.json_text import Json, write_json
from undertow.domain.session import SessionId
from undertow.domain.times import ALLOWED, NotAMoment, read_moment
from undertow.services.console import Operator
from undertow.services.views.answers import as_json
from undertow.services.views.cash import CashQuery
from undertow.services.views.cash import commissions as commissions_view
from undertow.services.views.cash import funding_fees as funding_view
from undertow.services.views.cash import transfers as transfers_view
from undertow.services.views.pnl import PnlQuery
from undertow.services.views.pnl import pnl as pnl_view
from undertow.services.views.sources import Sources

USUAL_MS: Final = 30 * 24 * 3_600_000


def span(operator: Operator, args: Namespace) -> tuple[int, int]:
    """The range asked for, both ends included: the last 30 days unless given. Raises CommandFailed."""
    now_ms = operator.console.sources.clock.now_ms()
    to_ms = now_ms if args.until is None else read("--to", args.until, last=True)
    from_ms = max(0, to_ms - USUAL_MS) if args.since is None else read("--from", args.since)
    if from_ms > to_ms:
        raise CommandFailed(Exit.USAGE, f"--from {args.since} is after --to: give a time before {moment(to_ms)}")
    return from_ms, to_ms


def read(option: str, text: str, *, last: bool = False) -> int:
    try:
        return read_moment(text, last=last)
    except NotAMoment as error:
        raise CommandFailed(Exit.USAGE, f"{option} {text} is not understood: give {ALLOWED}") from error


# --- profit and loss ------------------------------------------------------------------------------------------------


def pnl(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    """Net profit and what it is made of, round trips, returns, and what the records do not explain."""
    from_ms, to_ms = span(operator, args)
    query = PnlQuery(
        from_ms,
        to_ms,
        account=None if args.account is None else AccountId(args.account),
        session=None if args.session is None else SessionId(args.session),
        symbol=None if args.symbol is None else Symbol(args.symbol),
        by=None if args.by is None else Grouping(args.by),
    )
    found = as_json(pnl_view(operator.console.sources, query))
    if args.json:
        terminal.tell(write_json(found, indent=2))
        return
    for row in rows_of(found["accounts"]):
        for line in _account(row, found, args.by):
            terminal.tell(line)


def _account(row: Row, found: Row, by: str | None) -> Iterator[str]:
    yield f"{row['account']} ({row['mode']}), {_span(found)}"
    heads = ("", "net", "realised", "commissions", "funding", "other", "volume", "trades")
    total = ("total", *_sums(row))
    groups = [(str(group["key"] or "(none)"), *_sums(group)) for group in rows_of(row["groups"])] if by else []
    yield table(heads, [*groups, total])
    if row["apart"]:
        yield f"  in other assets, not in the sums: {_pairs(part_of(row['apart']))}"
    yield _trips(part_of(row["round_trips"]))
    if row["capital"] is not None:
        yield from _capital(part_of(row["capital"]), part_of(row["returns"]))
        yield _unexplained(part_of(row["unexplained"]))
    yield _reach(part_of(row["imports"]))


def _span(found: Row) -> str:
    return f"{moment(_whole(found['from_ms']))} to {moment(_whole(found['to_ms']))}, in USDT"


def _sums(row: Row) -> tuple[str, ...]:
    """``commissions`` are costs, the rest is what came in."""
    names = ("net_pnl", "realized_pnl", "commissions", "funding", "other_income", "volume")
    return (*(money(row[name]) for name in names), str(row["trades"]))


def _trips(trips: Row) -> str:
    if not trips["closed"]:
        return "  no round trip was closed"
    factor = "none lost" if trips["profit_factor"] is None else f"profit factor {trips['profit_factor']}"
    hold = trips["average_hold_ms"]
    held = f", held {duration(hold)} on average" if isinstance(hold, int) else ""
    return (
        f"  {trips['closed']} round trips closed: {trips['wins']} won, {trips['losses']} lost "
        f"({trips['win_rate_pct']} % won), {factor}, {money(trips['expectancy'])} USDT each on average, "
        f"best {money(trips['best'])}, worst {money(trips['worst'])}{held}"
    )


def _capital(capital: Row, returns: Row) -> Iterator[str]:
    simple = _percent(capital["simple_return_pct"])
    yield (
        f"  deposited {money(capital['deposited'])} USDT, equity {money(capital['equity'])} USDT, "
        f"simple return {simple} (of the account's whole life)"
    )
    if returns["reason"] is not None:
        yield f"  returns over this range are not known: {returns['reason']}"
        return
    fall = part_of(returns["drawdown"])
    deepest = f"{fall['pct']} % ({money(fall['amount'])} USDT)" if fall else "none"
    yield (
        f"  time-weighted return {_percent(returns['time_weighted_pct'])}, deepest drawdown {deepest}, "
        f"Sharpe ratio {returns['sharpe'] or 'not known (it takes 7 days)'}; from {returns['readings']} readings"
    )


def _unexplained(check: Row) -> str:
    if check["amount"] is None:
        return f"  whether the records explain the wallet is not known: {check['reason']}"
    verdict = "TOO MUCH" if check["alarms"] else "within the tolerance"
    as_of = moment(_whole(check["as_of_ms"]))
    return f"  unexplained {money(check['amount'])} USDT, {verdict} of {money(check['tolerance'])}, as of {as_of}"


def _reach(imports: Row) -> str:
    complete_ms = imports["complete_to_ms"]
    if not isinstance(complete_ms, int):
        return "  nothing is imported from the venue yet: this is what the ledger itself has booked"
    newer = imports["trades_not_imported"]
    beside = f"; {newer} newer trades as booked" if newer else ""
    return f"  the venue's records are imported up to {moment(complete_ms)}{beside}"


# --- commissions, funding, transfers --------------------------------------------------------------------------------

_View = Callable[[Sources, CashQuery], Mapping[str, object]]


def commissions(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    """Counted from the trades, beside what the venue lists."""
    _tell(operator, args, terminal, commissions_view, _commissions)


def funding(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    """By symbol and by payment; positive was received."""
    _tell(operator, args, terminal, funding_view, _funding)


def transfers(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    """Deposits, withdrawals, and what was entered as either."""
    _tell(operator, args, terminal, transfers_view, _transfers)


def _tell(
    operator: Operator, args: Namespace, terminal: Terminal, view: _View, lines: Callable[[Row], Iterator[str]]
) -> None:
    from_ms, to_ms = span(operator, args)
    symbol = getattr(args, "symbol", None)
    query = CashQuery(
        from_ms,
        to_ms,
        args.last,
        None if args.account is None else AccountId(args.account),
        None if symbol is None else Symbol(symbol),
    )
    found = as_json(view(operator.console.sources, query))
    if args.json:
        terminal.tell(write_json(found, indent=2))
        return
    for row in rows_of(found["accounts"]):
        terminal.tell(f"{row['account']} ({row['mode']}), {_span(found)}")
        for line in lines(row):
            terminal.tell(line)
        terminal.tell(_reach(part_of(row["imports"])))


def _commissions(row: Row) -> Iterator[str]:
    by_symbol = [
        (str(one["symbol"] or "(none)"), str(one["commissions"]), money(one["volume"]))
        for one in rows_of(row["by_symbol"])
    ]
    yield table(("symbol", "commissions USDT", "volume USDT"), by_symbol)
    paid, maker, taker = (_pairs(part_of(row[name])) for name in ("commissions", "maker", "taker"))
    yield f"  paid {paid}: maker {maker}, taker {taker}"
    difference = part_of(row["difference"])
    listed = _pairs(part_of(row["listed_by_venue"]))
    yield f"  the venue lists {listed}: " + (f"DIFFERENCE {_pairs(difference)}" if difference else "they agree")


def _funding(row: Row) -> Iterator[str]:
    yield table(
        ("symbol", "funding USDT"),
        [(str(one["symbol"] or "(none)"), str(one["funding"])) for one in rows_of(row["by_symbol"])],
    )
    payments = [
        (moment(_whole(one["time_ms"])), str(one["symbol"] or ""), str(one["amount"]), str(one["asset"]))
        for one in rows_of(row["rows"])
    ]
    if payments:
        yield table(("time", "symbol", "amount", "asset"), payments)
    yield f"  {row['funding']} USDT: received {row['received']}, paid {row['paid']}, in {row['payments']} payments"


def _transfers(row: Row) -> Iterator[str]:
    listed = [
        (moment(_whole(one["time_ms"])), str(one["amount"]), str(one["asset"]), str(one["source"]), str(one["note"]))
        for one in rows_of(row["rows"])
    ]
    if listed:
        yield table(("time", "amount", "asset", "source", "note"), listed)
    yield f"  in {_pairs(part_of(row['deposits']))}, out {_pairs(part_of(row['withdrawals']))}"
    yield f"  deposited since the beginning, less withdrawn: {_pairs(part_of(row['deposited_ever']))}"


# --- how figures look -----------------------------------------------------------------------------------------------


def _whole(value: Json) -> int:
    if type(value) is not int:
        raise TypeError(f"{value!r} is no time")
    return value


def _percent(value: Json) -> str:
    return "not known" if value is None else f"{value} %"


def _pairs(by_asset: Row) -> str:
    return ", ".join(f"{amount} {asset}" for asset, amount in by_asset.items()) or "nothing"

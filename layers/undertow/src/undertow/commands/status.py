"""`undertow status`: switches, positions with their stops, orders without an answer, the worker's heartbeat."""

from argparse import Namespace
from collections.abc import Iterator, Sequence

from undertow.commands.terminal import Terminal, duration, table
from undertow.commands.view_parts import Row, money, ms_of, part_of, price, rows_of
from undertow.domain.ids import AccountId
from undertow.domain.json_text import Json, write_json
from undertow.services.console import Operator
from undertow.services.views.account import account as account_view
from undertow.services.views.answers import as_json
from undertow.services.views.positions import positions as positions_view
from undertow.services.views.standing import HEARTBEAT_LATE_MS


def status(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    only = None if args.account is None else AccountId(args.account)
    accounts = as_json(account_view(operator.console.sources, only))
    held = as_json(positions_view(operator.console.sources, only))
    if args.json:
        terminal.tell(write_json({"account": accounts, "positions": held}, indent=2))
        return
    for row in rows_of(accounts["accounts"]):
        terminal.tell(_account(row))
    terminal.tell("")
    terminal.tell(_positions(rows_of(held["positions"])))
    for line in _orders(rows_of(held["entries"]), rows_of(accounts["accounts"])):
        terminal.tell(line)
    terminal.tell("")
    for line in _workers(rows_of(accounts["workers"])):
        terminal.tell(line)


def _account(row: Row) -> str:
    switch, balance, committed = part_of(row["switch"]), part_of(row["balance"]), part_of(row["committed"])
    held = (
        f"equity {money(balance['equity'])} USDT, available {money(balance['available'])} "
        f"({duration(ms_of(balance['age_ms']))} old)"
        if balance
        else "balance not known yet"
    )
    by = f", by {switch['by']}" if switch["by"] else ""
    reason = f": {switch['reason']}" if switch["reason"] else ""
    return (
        f"{row['id']} ({row['mode']}, {row['venue']}): {switch['state']}{by}{reason}\n"
        f"  {held}\n"
        f"  committed {money(committed['margin'])} of {committed['max_margin']} USDT margin, "
        f"{money(committed['notional'])} of {committed['max_notional']} USDT notional"
    )


def _positions(rows: Sequence[Row]) -> str:
    if not rows:
        return "no open positions"
    heads = ("position", "side", "quantity", "entry", "mark", "unrealised", "stop", "target", "protected")
    return table(heads, (_position(row) for row in rows))


def _position(row: Row) -> tuple[str, ...]:
    mark = part_of(row["mark"])
    naked = row["unprotected_for_ms"]
    return (
        str(row["symbol"]),
        str(row["side"]).lower(),
        str(row["quantity"]),
        price(row["entry_price"]),
        price(mark.get("price")),
        money(row["unrealized_pnl"]),
        _level(part_of(row["stop"])),
        _level(part_of(row["target"])),
        f"NO STOP for {duration(ms_of(naked))}" if naked is not None else _since(row["protected_for_ms"]),
    )


def _since(value: Json) -> str:
    return "not yet" if value is None else f"for {duration(ms_of(value))}"


def _level(order: Row) -> str:
    if not order:
        return "none"
    return f"{order['trigger_price']}" + ("" if order["confirmed"] else f" ({order['state']})")


def _orders(entries: Sequence[Row], accounts: Sequence[Row]) -> Iterator[str]:
    for order in entries:
        yield (
            f"entry under way: {order['symbol']} {order['side']} {order['quantity']} at {order['price']}, "
            f"{order['state']}, {duration(ms_of(order['age_ms']))} old"
        )
    for account in accounts:
        for order in rows_of(account["unconfirmed"]):
            yield (
                f"NO ANSWER: {order['symbol']} {order['purpose']} {order['client_order_id']} is {order['state']}, "
                f"{duration(ms_of(order['age_ms']))} old"
            )


def _workers(rows: Sequence[Row]) -> Iterator[str]:
    if not rows:
        yield "no stream worker has ever reported: nothing is seen or traded"
    for row in rows:
        age = ms_of(row["age_ms"])
        state = "SILENT for" if age > HEARTBEAT_LATE_MS else "heartbeat"
        windows = "windows covered" if row["window_covered"] else "windows NOT covered: no entries"
        yield (
            f"worker {row['worker']}: {state} {duration(age)}, market stream {_age(row['market_stream_age_ms'])}, "
            f"account stream {_age(row['user_stream_age_ms'])}, {windows}, {row['reconnects']} reconnects, "
            f"{row['dropped']} dropped"
        )


def _age(value: Json) -> str:
    return "nothing yet" if value is None else f"{duration(ms_of(value))} ago"

"""`undertow position close|stop|break-even|freeze`: what the page's buttons ask, asked at a terminal."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from undertow.commands.switches import one_account
from undertow.commands.terminal import CommandFailed, Exit, Terminal
from undertow.domain.account import Account
from undertow.domain.ids import Symbol
from undertow.domain.market import PositionSide
from undertow.domain.numbers import HUNDRED, NotADecimal, parse_decimal, plain
from undertow.domain.position import Position
from undertow.domain.request import OperatorRequest, RequestKind, request_id
from undertow.services.console import Operator

AddCommand = Callable[[Any, str, Callable[[Operator, Namespace, Terminal], None], str], ArgumentParser]

CARRIED_OUT: Final = "It is carried out within seconds by the function that holds the exchange's key."


def close(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    """Close a part of a position at market, or all of it."""
    percent = _figure(args.percent, "the part to close")
    if percent > HUNDRED:
        raise CommandFailed(Exit.USAGE, "at most 100 % can be closed")
    account, position = _position(operator, args)
    _confirm(args, terminal, account, f"close {plain(percent)} % of {_told(position)} at market")
    _ask(operator, terminal, account, _wish(operator, terminal, position, RequestKind.CLOSE, percent=percent))


def stop(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    """Move the stop of a position."""
    price = _figure(args.price, "the stop price")
    account, position = _position(operator, args)
    wish = _wish(operator, terminal, position, RequestKind.STOP, stop_price=price)
    _ask(operator, terminal, account, replace(wish, confirmed=args.loosen))


def break_even(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    """Move the stop to where an exit pays the fees of both ends."""
    account, position = _position(operator, args)
    _ask(operator, terminal, account, _wish(operator, terminal, position, RequestKind.BREAK_EVEN))


def freeze(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    """No more layers, or with ``--off`` let them go on."""
    account, position = _position(operator, args)
    kind = RequestKind.UNFREEZE_LAYERS if args.off else RequestKind.FREEZE_LAYERS
    if args.off:
        _confirm(args, terminal, account, f"let layers be added to {_told(position)} again")
    _ask(operator, terminal, account, replace(_wish(operator, terminal, position, kind), confirmed=args.off))


def position_commands(commands: Any, add: AddCommand) -> None:
    told = {
        "close": (close, "close a part at market, or all of it"),
        "stop": (stop, "move the stop"),
        "break-even": (break_even, "move the stop to break-even"),
        "freeze": (freeze, "add no more layers to it"),
    }
    for name, (run, help_) in told.items():
        made = add(commands, name, run, help_)
        made.add_argument("symbol")
        made.add_argument("side", choices=("long", "short"))
        made.add_argument("--account")
        if name == "close":
            made.add_argument("--percent", default="100", help="how much of it; default: all")
        if name == "stop":
            made.add_argument("price")
            made.add_argument("--loosen", action="store_true", help="also away from the price, where more can be lost")
        if name == "freeze":
            made.add_argument("--off", action="store_true", help="let layers be added again")
        if name in ("close", "freeze"):
            made.add_argument("--confirm", metavar="ACCOUNT", help="the account's name, instead of typing it")


def _position(operator: Operator, args: Namespace) -> tuple[Account, Position]:
    account = one_account(operator, args.account)
    side = PositionSide(args.side.upper())
    slot = operator.console.sources.kept.ledger.slot(account.id, Symbol(args.symbol), side)
    if slot.position is None:
        raise CommandFailed(Exit.NOT_THERE, f"{account.id} holds no {args.symbol} {args.side}")
    return account, slot.position


def _wish(
    operator: Operator,
    terminal: Terminal,
    position: Position,
    kind: RequestKind,
    percent: Decimal | None = None,
    stop_price: Decimal | None = None,
) -> OperatorRequest:
    now_ms, by = operator.console.sources.clock.now_ms(), f"terminal {terminal.user}"
    return OperatorRequest(
        id=request_id(position.account, by, f"{kind}#{now_ms}"),
        account=position.account,
        symbol=position.symbol,
        side=position.side,
        position=position.id,
        kind=kind,
        asked_at_ms=now_ms,
        by=by,
        percent=percent,
        stop_price=stop_price,
    )


def _ask(operator: Operator, terminal: Terminal, account: Account, wish: OperatorRequest) -> None:
    asked = operator.console.ask(account, wish)
    terminal.tell(f"{account.id} ({account.mode.value}): asked to {asked.describe()}, request {asked.id}")
    terminal.tell(CARRIED_OUT)


def _confirm(args: Namespace, terminal: Terminal, account: Account, what: str) -> None:
    if args.confirm is not None:
        answer = args.confirm
    elif terminal.interactive:
        answer = terminal.ask(f"Type the account's name ({account.id}, {account.mode.value}) to {what}: ")
    else:
        raise CommandFailed(Exit.FAILED, f"this asks for confirmation: add --confirm {account.id}")
    if answer.strip() != account.id:
        raise CommandFailed(Exit.FAILED, "not confirmed, nothing changed")


def _told(position: Position) -> str:
    return f"{position.symbol} {position.side.lower()} {plain(position.quantity)}, notional {plain(position.notional)}"


def _figure(text: str, what: str) -> Decimal:
    try:
        value = parse_decimal(text, what)
    except NotADecimal as error:
        raise CommandFailed(Exit.USAGE, str(error)) from error
    if value <= 0:
        raise CommandFailed(Exit.USAGE, f"{what} must be above 0")
    return value

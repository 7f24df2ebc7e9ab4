"""`undertow pause`, `resume`, `close-only` and `flatten`."""

from argparse import Namespace
from collections.abc import Mapping

from undertow.commands.terminal import CommandFailed, Exit, Terminal
from undertow.domain.account import Account, Control, Switch
from undertow.domain.ids import AccountId
from undertow.domain.json_text import Json
from undertow.services.console import Operator
from undertow.services.views.answers import as_json
from undertow.services.views.positions import positions


def pause(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    """No new entries, on one account or on all. Nothing is asked: a pause is cheap and safe."""
    _tighten(operator, args, terminal, Switch.PAUSED)


def close_only(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    """As pause, and entries under way are cancelled."""
    _tighten(operator, args, terminal, Switch.CLOSE_ONLY)


def _tighten(operator: Operator, args: Namespace, terminal: Terminal, switch: Switch) -> None:
    only = None if args.account is None else AccountId(args.account)
    accounts = tuple(operator.console.sources.accounts(only))
    reason = args.reason or f"{switch.value} at the terminal"
    turned = operator.console.set_switch.tighten_all(
        [account.id for account in accounts], switch, f"terminal {terminal.user}", reason
    )
    for account, control in zip(accounts, turned, strict=True):
        terminal.tell(_told(account, control))


def resume(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    """Let one account trade again."""
    account = one_account(operator, args.account)
    seen = operator.console.sources.kept.controls.get(account.id)
    if terminal.interactive and not args.yes:
        why = f", {seen.switch.value} by {seen.by}: {seen.reason}" if seen.version else ""
        answer = terminal.ask(f"Resume {account.id} ({account.mode.value}{why})? Type the account's name: ")
        if answer.strip() != account.id:
            raise CommandFailed(Exit.FAILED, "not confirmed, nothing changed")
    control = operator.console.resume(
        account, seen.version, f"terminal {terminal.user}", args.reason or "resumed at the terminal"
    )
    terminal.tell(_told(account, control))


def flatten(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    """Cancel entries and close every position of one account at market."""
    account = one_account(operator, args.account)
    rows = positions(operator.console.sources, account.id)["positions"]
    terminal.tell(f"{account.id} ({account.mode.value}) holds {len(rows)} position(s):")
    for row in rows:
        terminal.tell(_position_line(as_json(row)))
    _confirm_flatten(args, terminal, account)
    control = operator.console.set_switch.tighten(
        account.id, Switch.FLATTEN, f"terminal {terminal.user}", args.reason or "flattened at the terminal"
    )
    terminal.tell(_told(account, control))
    terminal.tell("Positions are closed at market within a minute; `undertow status` shows what is left.")


def _confirm_flatten(args: Namespace, terminal: Terminal, account: Account) -> None:
    if args.confirm is not None:
        answer = args.confirm
    elif terminal.interactive:
        answer = terminal.ask(f"Type the account's name to close everything at market ({account.id}): ")
    else:
        raise CommandFailed(Exit.FAILED, f"flatten asks for confirmation: add --confirm {account.id}")
    if answer.strip() != account.id:
        raise CommandFailed(Exit.FAILED, "not confirmed, nothing changed")


def _position_line(row: Mapping[str, Json]) -> str:
    return (
        f"  {row['symbol']} {str(row['side']).lower()} {row['quantity']} from {row['entry_price']}, "
        f"notional {row['notional']} USDT, unrealised {row['unrealized_pnl'] or 'not known'} USDT"
    )


def one_account(operator: Operator, name: str | None) -> Account:
    accounts = tuple(operator.console.sources.accounts(None if name is None else AccountId(name)))
    if len(accounts) != 1:
        names = ", ".join(account.id for account in accounts)
        raise CommandFailed(Exit.USAGE, f"say which account with --account: {names}")
    return accounts[0]


def _told(account: Account, control: Control) -> str:
    return f"{account.id} ({account.mode.value}) is {control.switch.value}, by {control.by}: {control.reason}"

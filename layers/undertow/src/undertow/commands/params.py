"""`undertow params`: the globals, and what every parameter means."""

from argparse import Namespace

from undertow.adapters.ssm.catalogue import CATALOGUE
from undertow.commands.strategy import pretty, show_changes
from undertow.commands.terminal import CommandFailed, Exit, Terminal, file_text
from undertow.domain.account import Mode
from undertow.domain.json_text import read_object
from undertow.domain.numbers import plain
from undertow.ports import Document
from undertow.risk.limits import RiskLimits
from undertow.services.console import Operator


def get(operator: Operator, _args: Namespace, terminal: Terminal) -> None:
    """The globals as a file that `set-globals` takes."""
    terminal.tell(pretty(_stored(operator).text))


def show(operator: Operator, _args: Namespace, terminal: Terminal) -> None:
    """What decisions are made by now."""
    current = operator.console.sources.params.current()
    terminal.tell(f"globals, version {current.globals.version}")
    for name, account in sorted(current.globals.accounts.items()):
        limits = current.globals.limits[name]
        terminal.tell(
            f"  account {name}: {account.venue.value}, {account.mode.value}, {account.position_mode.value}"
            f"{', multi-assets' if account.multi_assets else ''}\n"
            f"    exposure at most {plain(limits.max_total_margin)} USDT margin, "
            f"{plain(limits.max_total_notional)} USDT notional\n"
            f"    positions at most {limits.max_positions or 'any number'}, leverage at most {limits.max_leverage}x, "
            f"signals at most {limits.max_signal_age_ms // 1000} s old\n"
            f"    {_risk(limits.risk)}"
        )
    external = "given a stop and a target" if current.globals.external.protection is not None else "only watched"
    terminal.tell(
        f"  without a stop: alert after {current.globals.unprotected_alert_s} s, "
        f"closed after {current.globals.unprotected_close_s} s\n"
        f"  request limits kept back: {current.globals.rate_limit_buffer_pct} %\n"
        f"  positions opened by somebody else: {external}"
    )
    for strategy_name, strategy in sorted(current.strategies.items()):
        simulated = all(params.simulate for params in strategy.symbols.values()) and strategy.symbols
        terminal.tell(
            f"strategy {strategy_name}, version {strategy.version}: {len(strategy.symbols)} symbols on "
            f"{strategy.account}, {'on' if strategy.enabled else 'off'}{', simulated' if simulated else ''}"
        )


def _risk(risk: RiskLimits) -> str:
    losses = [
        f"{what} {plain(most)} %"
        for what, most in (("a day's loss of", risk.max_daily_loss_pct), ("a drawdown of", risk.max_drawdown_pct))
        if most is not None
    ]
    return (
        f"risk of the book at most {plain(risk.max_portfolio_risk_pct)} % of equity, notional at most "
        f"{plain(risk.max_effective_leverage)} times equity, "
        + (f"entries stop at {' or '.join(losses)}" if losses else "no stop at a day's loss or a drawdown")
    )


def set_globals(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    text = file_text(args.file)
    checked = operator.console.sources.documents.check_globals(text)
    before = operator.console.sources.documents.globals()
    if before is not None and before.text == checked.text:
        terminal.tell(f"the globals are at version {before.version} already, nothing changed")
        return
    _confirm_live(terminal, checked.text, "" if before is None else before.text)
    changed = operator.console.configure.set_globals(
        checked.text, 0 if before is None else before.version, f"terminal {terminal.user}"
    )
    terminal.tell(f"globals stored: version {changed.document.version}, in force within 30 s")
    for warning in changed.warnings:
        terminal.warn(f"warning: {warning}")


def _confirm_live(terminal: Terminal, after: str, before: str) -> None:
    accounts = read_object(after)["accounts"]
    live = [
        name
        for name, account in (accounts.items() if isinstance(accounts, dict) else ())
        if isinstance(account, dict) and account["mode"] == Mode.LIVE.value
    ]
    if not live or not terminal.interactive:
        return
    terminal.tell(show_changes(before, after))
    answer = terminal.ask(f"This concerns real money on {', '.join(live)}. Type {live[0]} to go on: ")
    if answer.strip() != live[0]:
        raise CommandFailed(Exit.FAILED, "not confirmed, nothing changed")


def describe(_operator: Operator, _args: Namespace, terminal: Terminal) -> None:
    """Every parameter with its unit, range, default and meaning."""
    for section in CATALOGUE:
        terminal.tell(f"{section.title}\n")
        for entry in section.entries:
            unit = f" ({entry.unit})" if entry.unit else ""
            terminal.tell(
                f"  {entry.name}{unit}\n      {entry.meaning}\n      {entry.allowed}; default: {entry.default}"
            )
        terminal.tell("")


def _stored(operator: Operator) -> Document:
    document = operator.console.sources.documents.globals()
    if document is None:
        raise CommandFailed(Exit.NOT_THERE, "no globals are stored yet: `undertow params set-globals FILE`")
    return document

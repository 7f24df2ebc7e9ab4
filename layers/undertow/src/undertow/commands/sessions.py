"""`undertow session`: the spans of time by which a strategy's results are told apart."""

from argparse import Namespace

from undertow.commands.terminal import CommandFailed, Exit, Terminal, moment, table
from undertow.domain.ids import AccountId, StrategyId
from undertow.domain.json_text import read_object
from undertow.domain.session import TradeSession
from undertow.services.console import Operator


def list_(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    """Every session, archived ones too, newest first."""
    only = None if args.account is None else AccountId(args.account)
    found = [
        session
        for account in operator.console.sources.accounts(only)
        for session in operator.console.sessions.of(account.id)
        if args.strategy in (None, session.strategy)
    ]
    if not found:
        whose = "" if args.strategy is None else f" of strategy {args.strategy}"
        terminal.tell(f"there are no sessions{whose}: a strategy's first one opens when the strategy is applied")
        return
    terminal.tell(
        table(("session", "account", "strategy", "opened", "by", "archived", "note"), [_row(one) for one in found])
    )


def _row(session: TradeSession) -> tuple[str, ...]:
    archived = "" if session.archived_at_ms is None else moment(session.archived_at_ms)
    return (
        session.id,
        session.account,
        session.strategy,
        moment(session.opened_at_ms),
        session.opened_by,
        archived,
        session.note,
    )


def start_fresh(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    """Archive the open session and open the next. Nothing is deleted, and positions stay what and where they are."""
    document = operator.console.sources.documents.strategy(StrategyId(args.strategy))
    if document is None:
        raise CommandFailed(
            Exit.NOT_THERE,
            f"there is no strategy {args.strategy}: create one with `undertow strategy apply FILE`",
        )
    account = AccountId(str(read_object(document.text)["account"]))
    archived, opened = operator.console.sessions.start_fresh(
        account, StrategyId(document.name), f"terminal {terminal.user}", args.note or ""
    )
    before = "there was none before" if archived is None else f"session {archived.id} is archived"
    terminal.tell(f"{document.name} on {account}: session {opened.id} is open, {before}; nothing was deleted")

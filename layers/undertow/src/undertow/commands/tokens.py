"""`undertow token`: access to the page and the API."""

from argparse import Namespace

from undertow.api.routes import Scope
from undertow.commands.terminal import CommandFailed, Exit, Terminal, moment, table
from undertow.ports import Token
from undertow.services.console import Operator

LONGEST_DAYS = 365


def create(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    """A new token, shown this once."""
    scopes = frozenset(name.strip() for name in args.scopes.split(",") if name.strip())
    unknown = scopes - {scope.value for scope in Scope}
    if unknown or not scopes:
        raise CommandFailed(Exit.REFUSED, f"scopes: {args.scopes!r}; allowed: read, pause, write, joined by commas")
    if not 1 <= args.days <= LONGEST_DAYS:
        raise CommandFailed(Exit.REFUSED, f"days: {args.days}; allowed: a whole number from 1 to {LONGEST_DAYS}")
    token, text = operator.tokens.create(scopes, args.days)
    if args.quiet:
        terminal.tell(text)
        return
    terminal.tell(f"token {token.id}: {', '.join(sorted(scopes))}, until {moment(token.expires_at_ms)}")
    terminal.tell(f"\n  {text}\n")
    terminal.tell("It is shown this once. On the page it is typed in, or given once after the address: #token=...")
    if Scope.READ.value not in scopes:
        terminal.warn("warning: without the scope read the page shows nothing with this token")


def list_(operator: Operator, _args: Namespace, terminal: Terminal) -> None:
    tokens = operator.tokens.all()
    if not tokens:
        terminal.tell("there are no tokens")
        return
    sources = operator.console.sources
    now_ms, used = sources.clock.now_ms(), sources.kept.uses.last()
    rows = (
        (
            token.id,
            ",".join(sorted(token.scopes)),
            moment(token.created_at_ms),
            moment(token.expires_at_ms),
            _used(used.get(f"token {token.id}")),
            _state(token, now_ms),
        )
        for token in tokens
    )
    terminal.tell(table(("token", "scopes", "made", "expires", "last used", "state"), rows))


def revoke(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    token = operator.tokens.revoke(args.id)
    if token is None:
        raise CommandFailed(Exit.NOT_THERE, f"there is no token {args.id}: `undertow token list` shows their names")
    terminal.tell(f"token {token.id} is revoked; the gateway may let it through for up to a minute more")


def _used(time_ms: int | None) -> str:
    return "never" if time_ms is None else moment(time_ms)


def _state(token: Token, now_ms: int) -> str:
    if token.revoked_at_ms is not None:
        return "revoked"
    return "valid" if token.is_valid(now_ms) else "expired"

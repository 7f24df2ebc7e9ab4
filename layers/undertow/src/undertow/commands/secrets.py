"""`undertow secrets`: the venue's keys. They are asked for or read from standard input, never given as arguments."""

from argparse import Namespace
from collections.abc import Mapping
from typing import Final

from undertow.commands.terminal import CommandFailed, Exit, Terminal
from undertow.domain.ids import AccountId
from undertow.domain.json_text import Json, NotJson, read_object, write_json
from undertow.ports import DEAD_MAN, NoParameters, RouteKind
from undertow.services.console import Operator

MAINNET_CHAIN = "1666"

_ROUTE_FIELDS: Final[Mapping[str, Mapping[str, str]]] = {
    RouteKind.TELEGRAM.value: {"bot_token": "Bot token", "chat_id": "Chat id"},
    RouteKind.DISCORD.value: {"url": "Webhook address"},
    RouteKind.WEBHOOK.value: {"url": "Address", "secret": "Secret that bodies are signed with"},
    DEAD_MAN: {"url": "Address that is called every minute"},
}


def put(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    """The keys that orders are signed with; with ``--stream`` those that the stream worker listens with."""
    account = AccountId(args.account)
    secrets = operator.stream_secrets if args.stream else operator.secrets
    if secrets.known(account) and terminal.interactive:
        answer = terminal.ask(f"{account} has credentials already. Type the account's name to replace them: ")
        if answer.strip() != account:
            raise CommandFailed(Exit.FAILED, "not confirmed, nothing changed")
    text = _asked(terminal, args.stream) if terminal.interactive else terminal.read()
    secrets.put(account, text)
    terminal.tell(f"stored the {'stream ' if args.stream else ''}credentials of {account}; nothing shows them again")
    _warn_of_unknown(operator, account, terminal)


def _warn_of_unknown(operator: Operator, account: AccountId, terminal: Terminal) -> None:
    """Keys may be stored before the globals are, so a name that they do not have is no mistake for certain."""
    try:
        known = operator.console.sources.params.current().globals.accounts
    except NoParameters:
        return
    if account not in known:
        terminal.warn(f"the globals have no account {account}; they have: {', '.join(sorted(known))}")


def put_route(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    """What an alert route needs: asked for without showing it, or as a JSON object of texts on standard input."""
    kind = args.kind or _kind_of(operator, args.name)
    asked = _ROUTE_FIELDS.get(kind)
    if asked is None:
        raise CommandFailed(Exit.REFUSED, f"kind {kind!r} needs no secret; those that do: {', '.join(_ROUTE_FIELDS)}")
    if terminal.interactive:
        fields = {name: terminal.ask_secret(f"{question}: ").strip() for name, question in asked.items()}
    else:
        try:
            fields = {name: str(value) for name, value in read_object(terminal.read()).items()}
        except NotJson as error:
            raise CommandFailed(Exit.REFUSED, "standard input is no JSON object") from error
    operator.route_secrets.put(args.name, kind, fields)
    terminal.tell(f"stored what route {args.name} ({kind}) needs; nothing shows it again")


def _kind_of(operator: Operator, name: str) -> str:
    if name == DEAD_MAN:
        return DEAD_MAN
    for route in operator.console.sources.params.current().globals.alerts.routes:
        if route.name == name:
            return route.kind.value
    raise CommandFailed(Exit.USAGE, f"the globals have no route {name}: say its kind with --kind")


def _asked(terminal: Terminal, listening: bool) -> str:
    kind = terminal.ask("API V3 (agent key) or V1 (key and secret)? [v3] ").strip().lower() or "v3"
    given: dict[str, Json]
    if kind == "v3":
        given = {
            "user": terminal.ask("Wallet address (user): ").strip(),
            "signer": terminal.ask("Agent address (signer): ").strip(),
            "agent_key": terminal.ask_secret("Agent's private key: ").strip(),
        }
        chain = terminal.ask(f"Chain id [{MAINNET_CHAIN}]: ").strip() or MAINNET_CHAIN
        given["chain_id"] = int(chain) if chain.isascii() and chain.isdecimal() else chain
    elif kind == "v1":
        given = {
            "api_key": terminal.ask_secret("API key: ").strip(),
            **({} if listening else {"secret": terminal.ask_secret("Secret: ").strip()}),
        }
    else:
        raise CommandFailed(Exit.REFUSED, f"{kind!r} is neither v3 nor v1")
    return write_json(given)

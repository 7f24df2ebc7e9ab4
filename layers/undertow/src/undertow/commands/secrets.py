"""`undertow secrets`: the venue's keys. They are asked for or read from standard input, never given as arguments."""

from argparse import Namespace

from undertow.commands.terminal import CommandFailed, Exit, Terminal
from undertow.domain.ids import AccountId
from undertow.domain.json_text import Json, write_json
from undertow.services.console import Operator

MAINNET_CHAIN = "1666"


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

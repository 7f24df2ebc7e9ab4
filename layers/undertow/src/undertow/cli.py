"""`undertow`: parameters, strategies, switches, tokens and secrets from a terminal."""

import argparse
import getpass
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from botocore.exceptions import BotoCoreError, ClientError

from undertow.bootstrap import operator_from_env
from undertow.commands import (
    alerts,
    params,
    preview,
    reconciliation,
    risk,
    secrets,
    sessions,
    status,
    strategy,
    switches,
    tokens,
)
from undertow.commands.accounting_parser import accounting_commands
from undertow.commands.aws_failure import aws_failure
from undertow.commands.position import position_commands
from undertow.commands.terminal import Command, CommandFailed, Exit, Terminal, TerminalNotifier, flaw_lines
from undertow.domain.outcome import VenueReadFailed, VenueUnreachable
from undertow.ports import BadDocument, DocumentMissing, DocumentMoved, DocumentsUnavailable, NoParameters
from undertow.services.adjust import AdjustmentMoved, AdjustmentThere, NoAdjustment
from undertow.services.ask_request import RequestProblem
from undertow.services.console import Operator
from undertow.services.resume_account import NotProven
from undertow.services.sessions import SessionMoved
from undertow.services.set_switch import SwitchContended, SwitchMoved
from undertow.services.views.market import NoInstrument
from undertow.services.views.sources import UnknownAccount
from undertow.settings import MissingSetting

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
OpenOperator = Callable[[Mapping[str, str], Terminal], Operator]

STAGES = ("paper", "live", "local")

EXIT_CODES = """exit codes: 0 done, 1 failed, 2 not understood, 3 refused (a file or a value is not admissible),
4 not there, 5 changed by somebody else meanwhile"""


@dataclass(frozen=True, slots=True)
class Console:
    """The terminal that this process runs in."""

    interactive: bool
    user: str

    def tell(self, text: str) -> None:
        print(text)

    def warn(self, text: str) -> None:
        print(text, file=sys.stderr)

    def ask(self, question: str) -> str:
        return input(question)

    def ask_secret(self, question: str) -> str:
        return getpass.getpass(question)

    def read(self) -> str:
        return sys.stdin.read()


def main(argv: Sequence[str] | None = None) -> int:
    terminal = Console(sys.stdin.isatty(), getpass.getuser())
    return run(argv, os.environ, terminal, _operator)


def _operator(env: Mapping[str, str], terminal: Terminal) -> Operator:
    return operator_from_env(env, TerminalNotifier(terminal))


def run(argv: Sequence[str] | None, env: Mapping[str, str], terminal: Terminal, open_operator: OpenOperator) -> int:
    """Carry out one command. Every failure is a message and an exit code; a traceback is a bug."""
    args = parser().parse_args(argv)
    command: Command = args.command
    try:
        command(open_operator(_environment(env, args.stage), terminal), args, terminal)
    except KeyboardInterrupt:
        terminal.warn("\ninterrupted, nothing more was done")
        return Exit.INTERRUPTED
    except EOFError:
        terminal.warn("\nno answer was given, nothing changed")
        return Exit.FAILED
    except FAILURES as error:
        code, message = failure(error)
        terminal.warn(message)
        return code
    return Exit.DONE


def _environment(env: Mapping[str, str], stage: str | None) -> Mapping[str, str]:
    """The environment a function would have; the stage gives the names that follow from it."""
    named = stage or env.get("UNDERTOW_STAGE", "")
    if not named:
        raise CommandFailed(Exit.USAGE, "say which stage: --stage paper, or the environment variable UNDERTOW_STAGE")
    if named not in STAGES:
        raise CommandFailed(Exit.USAGE, f"there is no stage {named}; there are: {', '.join(STAGES)}")
    region = env.get("AWS_REGION") or env.get("AWS_DEFAULT_REGION", "")
    if not region:
        raise CommandFailed(Exit.USAGE, "say which AWS region: the environment variable AWS_REGION")
    followed = {"UNDERTOW_TABLE_PREFIX": f"undertow-{named}-", "UNDERTOW_SSM_PREFIX": f"/undertow/{named}"}
    kept = (
        env
        if stage is None or stage == env.get("UNDERTOW_STAGE")
        else {name: value for name, value in env.items() if name not in followed}
    )
    return {**followed, **kept, "UNDERTOW_STAGE": named, "AWS_REGION": region}


FAILURES = (
    CommandFailed,
    AdjustmentMoved,
    AdjustmentThere,
    NoAdjustment,
    BadDocument,
    DocumentMissing,
    DocumentMoved,
    SessionMoved,
    SwitchMoved,
    SwitchContended,
    UnknownAccount,
    NoInstrument,
    NoParameters,
    NotProven,
    RequestProblem,
    VenueReadFailed,
    VenueUnreachable,
    DocumentsUnavailable,
    MissingSetting,
    BotoCoreError,
    ClientError,
)


def failure(error: Exception) -> tuple[Exit, str]:
    match error:
        case CommandFailed():
            return error.code, str(error)
        case BadDocument():
            return Exit.REFUSED, f"refused, nothing changed:\n{flaw_lines(error.flaws)}"
        case VenueReadFailed() | VenueUnreachable():
            return Exit.FAILED, f"the venue does not answer: {error}"
        case DocumentMissing() | UnknownAccount() | NoInstrument() | NoAdjustment():
            return Exit.NOT_THERE, str(error)
        case AdjustmentThere():
            return Exit.REFUSED, f"{error}; nothing changed"
        case AdjustmentMoved():
            return Exit.CHANGED_MEANWHILE, f"{error}; nothing changed"
        case DocumentMoved() | SessionMoved() | SwitchMoved() | SwitchContended():
            return Exit.CHANGED_MEANWHILE, f"{error}; nothing changed, look again"
        case NotProven():
            return Exit.REFUSED, str(error)
        case RequestProblem():
            return Exit.REFUSED, f"{error}; nothing changed"
        case _ if (told := aws_failure(error)) is not None:
            return Exit.FAILED, told
        case NoParameters():
            return Exit.FAILED, f"{error}: store the globals first, `undertow params set-globals FILE`"
        case _:
            return Exit.FAILED, str(error)


# --- the commands ---------------------------------------------------------------------------------------------------


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="undertow", description=__doc__, epilog=EXIT_CODES)
    top.add_argument("--stage", help="paper, live or local; default: UNDERTOW_STAGE")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    _strategy_commands(commands.add_parser("strategy", help="what is traded").add_subparsers(required=True))
    _params_commands(
        commands.add_parser("params", help="globals, and what parameters mean").add_subparsers(required=True)
    )
    _session_commands(commands.add_parser("session", help="spans of results").add_subparsers(required=True))
    _switch_commands(commands)
    shown = _command(commands, "status", status.status, "switches, positions, orders without an answer, the worker")
    shown.add_argument("--account")
    shown.add_argument("--json", action="store_true", help="everything, for programs")
    found = _command(commands, "reconcile", reconciliation.reconcile, "does the ledger equal the venue, leg by leg")
    found.add_argument("--account")
    found.add_argument("--json", action="store_true", help="everything, for programs")
    found.add_argument("--check", action="store_true", help="exit with 1 unless everything is proven equal")
    held = commands.add_parser("position", help="ask something of an open position")
    position_commands(held.add_subparsers(required=True), _command)
    _risk_commands(commands)
    accounting_commands(commands, _command)
    _token_commands(commands.add_parser("token", help="access to the page").add_subparsers(required=True))
    secret = commands.add_parser("secrets", help="the venue's keys").add_subparsers(required=True)
    stored = _command(secret, "put", secrets.put, "store them, asked for or as JSON on standard input")
    stored.add_argument("account")
    stored.add_argument("--stream", action="store_true", help="those that the stream worker listens with")
    routed = _command(
        secret, "put-route", secrets.put_route, "what an alert route needs, asked for or on standard input"
    )
    routed.add_argument("name", help="as in alerts.routes of the globals, or dead-man")
    routed.add_argument("--kind", choices=("telegram", "discord", "webhook", "dead-man"), help="default: the route's")
    _alert_commands(commands.add_parser("alerts", help="what people are told").add_subparsers(required=True))
    return top


def _alert_commands(commands: Commands) -> None:
    listed = _command(commands, "list", alerts.list_, "alerts that are open")
    listed.add_argument("--days", type=int, metavar="N", help="those of the last N days too, over or not")
    listed.add_argument("--level", choices=("critical", "high", "info"))
    listed.add_argument("--json", action="store_true", help="everything, for programs")
    tried = _command(commands, "test", alerts.test, "send a test through every route")
    tried.add_argument("--route", metavar="NAME", help="only through this one")


def _command(commands: Commands, name: str, run: Command, told: str) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = commands.add_parser(name, help=told, description=told)
    made.set_defaults(command=run)
    return made


def _strategy_commands(commands: Commands) -> None:
    _command(commands, "apply", strategy.apply, "create a strategy from a file, or change it").add_argument("file")
    _command(commands, "list", strategy.list_, "every strategy with its version")
    _command(commands, "show", strategy.show, "a strategy's settings, symbol by symbol").add_argument("id")
    _command(commands, "diff", strategy.diff, "how a file differs from what is stored").add_argument("file")
    _command(commands, "export", strategy.export, "a strategy as a file").add_argument("id")
    imported = _command(commands, "import", strategy.import_, "create a strategy from an exported file")
    imported.add_argument("file")
    imported.add_argument("--as", dest="name", metavar="NAME", help="under another name")
    changed = _command(commands, "changes", strategy.changes, "what was changed, by whom and when, newest first")
    changed.add_argument("id")
    changed.add_argument("--last", type=int, metavar="N", help="only the newest N")
    restored = _command(commands, "restore", strategy.restore, "put an earlier version in force again, as a new one")
    restored.add_argument("id")
    restored.add_argument("version", type=int)
    removed = _command(commands, "remove", strategy.remove, "take a strategy out of trading; its content is kept")
    removed.add_argument("id")
    removed.add_argument("--yes", action="store_true", help="without asking")


def _params_commands(commands: Commands) -> None:
    _command(commands, "show", params.show, "what decisions are made by now")
    _command(commands, "get", params.get, "the globals as a file")
    _command(commands, "set-globals", params.set_globals, "store the globals from a file").add_argument("file")
    _command(commands, "describe", params.describe, "every parameter: unit, range, default, meaning")


def _session_commands(commands: Commands) -> None:
    listed = _command(commands, "list", sessions.list_, "every session, archived ones too")
    listed.add_argument("--account")
    listed.add_argument("--strategy")
    fresh = _command(commands, "start-fresh", sessions.start_fresh, "archive a strategy's session and open the next")
    fresh.add_argument("strategy")
    fresh.add_argument("--note", help="kept with the session")


def _switch_commands(commands: Commands) -> None:
    told = {
        "pause": (switches.pause, "no new entries; every account unless one is named"),
        "close-only": (switches.close_only, "no new entries, and entries under way are cancelled"),
        "resume": (switches.resume, "let an account trade again"),
        "flatten": (switches.flatten, "close every position of an account at market"),
    }
    for name, (run, help_) in told.items():
        made = _command(commands, name, run, help_)
        made.add_argument("--account")
        made.add_argument("--reason", help="kept on record")
        if name == "resume":
            made.add_argument("--yes", action="store_true", help="without asking")
        if name == "flatten":
            made.add_argument("--confirm", metavar="ACCOUNT", help="the account's name, instead of typing it")


def _risk_commands(commands: Commands) -> None:
    shown = _command(commands, "risk", risk.risk, "filled, reserved and free risk, the eight layers, and shocks")
    shown.add_argument("--account")
    shown.add_argument("--json", action="store_true", help="everything, for programs")
    cleared = _command(
        shown.add_subparsers(metavar="reset-drawdown"), "reset-drawdown", risk.reset_drawdown, "clear a drawdown stop"
    )
    cleared.add_argument("account")
    cleared.add_argument("--confirm", metavar="ACCOUNT", help="the account's name, instead of typing it")
    standing = _command(commands, "blocks", risk.blocks, "what stands against new entries, and what clears it")
    standing.add_argument("--account")
    standing.add_argument("--json", action="store_true", help="everything, for programs")
    ahead = _command(commands, "preview", preview.preview, "what a strategy would do now, on live prices")
    ahead.add_argument("strategy")
    ahead.add_argument("symbol")
    ahead.add_argument("--side", choices=("long", "short"), default="long")
    ahead.add_argument("--json", action="store_true", help="everything, for programs")
    filled = _command(
        commands, "backfill-reserved-risk", risk.backfill, "reserve risk for open positions that have none"
    )
    filled.add_argument("--strategy", metavar="ID", help="only its positions; default: all, whoever opened them")
    filled.add_argument("--session", metavar="ID", help="only positions that were opened in it")
    filled.add_argument("--apply", action="store_true", help="write; without it only the summary is shown")


def _token_commands(commands: Commands) -> None:
    made = _command(commands, "create", tokens.create, "a new token, shown this once")
    made.add_argument("--scopes", "--scope", default="read", help="read, pause, write, joined by commas; default: read")
    made.add_argument("--days", type=int, default=30, help="how long it is valid; default: 30")
    made.add_argument("--quiet", action="store_true", help="the token and nothing else")
    _command(commands, "list", tokens.list_, "every token, without its secret")
    _command(commands, "revoke", tokens.revoke, "end a token now").add_argument("id")


if __name__ == "__main__":
    sys.exit(main())

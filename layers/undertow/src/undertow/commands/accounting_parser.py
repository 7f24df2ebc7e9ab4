"""The words of the accounting commands: which there are, and what they take."""

import argparse
from typing import Protocol, TypeAlias

from undertow.commands import adjust, books, export, imports
from undertow.commands.terminal import Command
from undertow.domain.accounting.profit import Grouping
from undertow.domain.income import IncomeKind
from undertow.services.views.exports import Exported

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

_LISTED = 50


class Make(Protocol):
    def __call__(self, commands: Commands, name: str, run: Command, told: str) -> argparse.ArgumentParser: ...


def accounting_commands(commands: Commands, make: Make) -> None:
    told = make(commands, "pnl", books.pnl, "profit and loss, round trips, returns, and what is not explained")
    _range(told)
    told.add_argument("--by", choices=[by.value for by in Grouping], help="sums by each of these as well")
    told.add_argument("--session", metavar="ID", help="only what positions of this session did")
    told.add_argument("--symbol")
    for name, run, help_ in (
        ("commissions", books.commissions, "what trading cost, by symbol, beside what the venue lists"),
        ("funding", books.funding, "funding received and paid"),
        ("transfers", books.transfers, "deposits and withdrawals"),
    ):
        made = make(commands, name, run, help_)
        _range(made)
        made.add_argument(
            "--last", type=int, default=_LISTED, metavar="N", help=f"list the newest N; default: {_LISTED}"
        )
        if name != "transfers":
            made.add_argument("--symbol")
    progress = make(commands, "imports", imports.show, "how far the venue's history is imported")
    progress.add_argument("--account")
    progress.add_argument("--json", action="store_true", help="everything, for programs")
    _export(commands, make)
    _adjust(commands.add_parser("adjust", help="sums entered by hand").add_subparsers(required=True), make)


def _range(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "--from", dest="since", metavar="TIME", help="a day or moment in UTC; default: 30 days before --to"
    )
    made.add_argument("--to", dest="until", metavar="TIME", help="a day counts whole; default: now")
    made.add_argument("--account")
    made.add_argument("--json", action="store_true", help="everything, for programs")


def _export(commands: Commands, make: Make) -> None:
    made = make(commands, "export", export.export_, "everything that is stored of an account, as a file")
    made.add_argument("what", choices=[what.value for what in Exported])
    made.add_argument("account")
    made.add_argument(
        "--from", dest="since", metavar="TIME", help="a day or moment in UTC; default: 30 days before --to"
    )
    made.add_argument("--to", dest="until", metavar="TIME", help="a day counts whole; default: now")
    made.add_argument("--format", choices=("csv", "json"), default="csv", help="default: csv; json: one object a line")
    made.add_argument("--out", default="-", metavar="FILE", help="default: standard output")


def _adjust(commands: Commands, make: Make) -> None:
    added = make(commands, "add", adjust.add, "enter a sum that the venue's records do not have")
    added.add_argument("account")
    added.add_argument(
        "kind", choices=[kind.value for kind in IncomeKind], help="transfer is capital, the rest is profit"
    )
    added.add_argument("amount", help="in USDT; negative for what went out or was paid")
    added.add_argument("--at", metavar="TIME", help="when it counts; default: before the account's first record")
    added.add_argument("--note", required=True, help="where the sum comes from")
    make(commands, "list", adjust.list_, "every entry, revoked ones too").add_argument("--account")
    revoked = make(commands, "revoke", adjust.revoke, "let an entry count no more; it stays on record")
    revoked.add_argument("account")
    revoked.add_argument("id")

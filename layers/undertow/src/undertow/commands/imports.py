"""`undertow imports`: how far the venue's history is imported, and why it is no further."""

from argparse import Namespace

from undertow.commands.terminal import Terminal, duration, table
from undertow.commands.view_parts import Row, rows_of
from undertow.domain.ids import AccountId
from undertow.domain.json_text import Json, write_json
from undertow.services.console import Operator
from undertow.services.views.answers import as_json
from undertow.services.views.imports import imports


def show(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    only = None if args.account is None else AccountId(args.account)
    found = as_json(imports(operator.console.sources, only))
    if args.json:
        terminal.tell(write_json(found, indent=2))
        return
    heads = ("stream", "done", "weeks", "pages", "rows", "up to", "still")
    for account in rows_of(found["accounts"]):
        streams = rows_of(account["streams"])
        if not streams:
            terminal.tell(f"{account['account']}: nothing is imported yet")
            continue
        reached = account["complete_to"] or "nowhere yet"
        terminal.tell(f"{account['account']} ({account['mode']}), complete to {reached}")
        lines = [
            (
                _name(row),
                f"{row['done_pct']} %",
                f"{row['chunk']} of {row['chunks']}",
                str(row["pages"]),
                str(row["rows"]),
                str(row["cursor"] or ""),
                _still(row["remaining_ms"]),
            )
            for row in streams
        ]
        terminal.tell(table(heads, lines))
        for row in streams:
            if row["error"]:
                terminal.tell(f"  {_name(row)}: the last run ended early: {row['error']}")


def _name(row: Row) -> str:
    return " ".join(str(part) for part in (row["stream"], row["symbol"]) if part)


def _still(remaining_ms: Json) -> str:
    if type(remaining_ms) is not int:
        return "not known"
    return duration(remaining_ms) if remaining_ms else "caught up"

"""`undertow export`: everything that is stored of an account, as one file."""

from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from undertow.commands.books import span
from undertow.commands.terminal import CommandFailed, Exit, Terminal
from undertow.domain.ids import AccountId
from undertow.domain.json_text import write_json
from undertow.services.console import Operator
from undertow.services.views.csv_text import csv_text
from undertow.services.views.exports import MOST_ROWS, Exported, ExportQuery, Page, export
from undertow.services.views.sources import Sources


def export_(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    """Oldest first; CSV, or JSON with one object in a line. The file appears when it is whole."""
    from_ms, to_ms = span(operator, args)
    query = ExportQuery(Exported(args.what), AccountId(args.account), from_ms, to_ms, MOST_ROWS)
    pages = _pages(operator.console.sources, query)
    if args.out == "-":
        for page, first in pages:
            terminal.tell(_text(page, args.format, first).removesuffix("\n").removesuffix("\r"))
        return
    target = Path(args.out)
    partial = target.with_name(target.name + ".part")
    try:
        with partial.open("w", encoding="utf-8", newline="") as file:
            written = sum(_write(file, page, args.format, first) for page, first in pages)
        partial.replace(target)
    except OSError as error:
        raise CommandFailed(Exit.FAILED, f"{args.out} cannot be written: {error.strerror}") from error
    terminal.tell(f"{args.out}: {written} {query.what.value} of {query.account}")


def _pages(sources: Sources, query: ExportQuery) -> Iterator[tuple[Page, bool]]:
    """Each page, and whether it is the first."""
    first = True
    while True:
        page = export(sources, query)
        yield page, first
        if page.next is None:
            return
        query, first = replace(query, after=page.next), False


def _write(file: TextIO, page: Page, form: str, first: bool) -> int:
    file.write(_text(page, form, first))
    return len(page.rows)


def _text(page: Page, form: str, first: bool) -> str:
    if form == "csv":
        return csv_text(page.columns, page.rows, heading=first)
    return "".join(write_json(row) + "\n" for row in page.rows)

"""Everything that is stored, page by page, as JSON or as CSV."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from typing_extensions import TypedDict

from undertow.api.accounting_answers import LONGEST_MS
from undertow.api.call import DAY_MS, Answer, Call, Download, moments
from undertow.domain.ids import AccountId
from undertow.domain.times import utc_text
from undertow.services.console import Console
from undertow.services.views.csv_text import csv_text
from undertow.services.views.exports import MOST_ROWS, Cursor, Exported, ExportQuery, Page, export
from undertow.services.views.paging import Mark, write_cursor
from undertow.services.views.render import EpochMs

NEXT: Final = "X-Next-Cursor"
EXPORT: Final = "export"


ExportRange = TypedDict("ExportRange", {"from": str, "from_ms": EpochMs, "to": str, "to_ms": EpochMs})


class ExportPage(ExportRange):
    """``rows`` hold the ``columns`` by name, with nothing left out and nothing rounded."""

    what: Exported
    account: str
    columns: list[str]
    rows: list[Mapping[str, object]]
    next_cursor: str | None


class _Format(StrEnum):
    CSV = "csv"
    JSON = "json"


def _export(console: Console, call: Call) -> ExportPage | Download:
    """A page ends with the cursor of the next: in the body of JSON, in the header X-Next-Cursor of CSV. Only the first
    page of CSV has a heading, so that pages can be put one after the other.
    """
    given = call.given
    what = given.chosen("what", Exported)
    account = given.account(required=True)
    form = given.choice("format", _Format) or _Format.JSON
    from_ms, to_ms = moments(console, given, 30 * DAY_MS, LONGEST_MS)
    limit = given.whole("limit", 1_000, 1, MOST_ROWS)
    marks = given.cursor(EXPORT)
    after = None if marks is None or marks[0] is None else Cursor(marks[0].time_ms, marks[0].key)
    given.done()
    query = ExportQuery(what, AccountId(str(account)), from_ms, to_ms, limit, after)
    page = export(console.sources, query)
    return _file(query, page) if form is _Format.CSV else _body(query, page)


def _body(query: ExportQuery, page: Page) -> ExportPage:
    return {
        "what": query.what,
        "account": query.account,
        "from": utc_text(query.from_ms),
        "from_ms": query.from_ms,
        "to": utc_text(query.to_ms),
        "to_ms": query.to_ms,
        "columns": list(page.columns),
        "rows": list(page.rows),
        "next_cursor": _cursor(page.next),
    }


def _file(query: ExportQuery, page: Page) -> Download:
    following = _cursor(page.next)
    return Download(
        text=csv_text(page.columns, page.rows, heading=query.after is None),
        content_type="text/csv; charset=utf-8",
        name=f"{query.account}-{query.what.value}.csv",
        headers={} if following is None else {NEXT: following},
    )


def _cursor(last: Cursor | None) -> str | None:
    return None if last is None else write_cursor(EXPORT, Mark(last.time_ms, "", last.key))


ANSWERS: Final[Mapping[str, Answer]] = {"export": _export}

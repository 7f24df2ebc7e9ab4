"""Everything that is stored, page by page, as JSON or as CSV."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final
from urllib.parse import quote, unquote

from undertow.api.accounting_answers import LONGEST_MS
from undertow.api.call import DAY_MS, Answer, Call, Download, moments
from undertow.api.given import Given
from undertow.domain.ids import AccountId
from undertow.domain.json_text import Json
from undertow.services.console import Console
from undertow.services.views.csv_text import csv_text
from undertow.services.views.exports import MOST_ROWS, Cursor, Exported, ExportQuery, Page, export
from undertow.services.views.money import moment

NEXT: Final = "X-Next-Cursor"
_LONGEST_CURSOR: Final = 400


class _Format(StrEnum):
    CSV = "csv"
    JSON = "json"


def _export(console: Console, call: Call) -> dict[str, Json] | Download:
    """A page ends with the cursor of the next: in the body of JSON, in the header X-Next-Cursor of CSV. Only the first
    page of CSV has a heading, so that pages can be put one after the other.
    """
    given = call.given
    what = given.chosen("what", Exported)
    account = given.account(required=True)
    form = given.choice("format", _Format) or _Format.JSON
    from_ms, to_ms = moments(console, given, 30 * DAY_MS, LONGEST_MS)
    limit = given.whole("limit", 1_000, 1, MOST_ROWS)
    after = _cursor(given)
    given.done()
    query = ExportQuery(what, AccountId(str(account)), from_ms, to_ms, limit, after)
    page = export(console.sources, query)
    return _file(query, page) if form is _Format.CSV else _body(query, page)


def _cursor(given: Given) -> Cursor | None:
    text = given.words("cursor", "", _LONGEST_CURSOR)
    if not text:
        return None
    try:
        return Cursor.read(unquote(text))
    except ValueError:
        given.complain("cursor", "the cursor that the page before ended with")
        return None


def _body(query: ExportQuery, page: Page) -> dict[str, Json]:
    return {
        "what": query.what.value,
        "account": query.account,
        **moment("from", query.from_ms),
        **moment("to", query.to_ms),
        "columns": list(page.columns),
        "rows": list(page.rows),
        "next_cursor": _ascii(page.next),
    }


def _file(query: ExportQuery, page: Page) -> Download:
    following = _ascii(page.next)
    return Download(
        text=csv_text(page.columns, page.rows, heading=query.after is None),
        content_type="text/csv; charset=utf-8",
        name=f"{query.account}-{query.what.value}.csv",
        headers={} if following is None else {NEXT: following},
    )


def _ascii(cursor: Cursor | None) -> str | None:
    """Symbols may hold any letters, and a header may not."""
    return None if cursor is None else quote(str(cursor), safe="~")


ANSWERS: Final[Mapping[str, Answer]] = {"export": _export}

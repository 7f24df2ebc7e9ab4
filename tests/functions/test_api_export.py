"""The export: every row once, as it is stored, in files that a spreadsheet and a program read alike."""

import csv
import io
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.functions.api_caller import Answer, ApiCaller
from tests.functions.bookkeeping import after, kept_books
from tests.services.world import World
from tests.unit.accounts import DAY_MS, received, traded
from tests.unit.builders import ACCOUNT, NOW_MS

from undertow.domain.ids import Symbol
from undertow.domain.income import IncomeKind
from undertow.domain.market import Side
from undertow.services.views.csv_text import cell, csv_text
from undertow.services.views.export_rows import Row
from undertow.services.views.exports import Cursor, Exported, ExportQuery, rows_after

WHATS = ("trades", "positions", "incomes", "orders", "decisions", "balances")


def export(api: ApiCaller, what: str, **query: Any) -> Answer:
    answer = api.get("/api/export", what=what, account="main", **query)
    assert answer.status == 200, answer.text
    return answer


def every_page(api: ApiCaller, what: str, limit: int, **query: object) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    more: dict[str, object] = {}
    while True:
        body = export(api, what, limit=limit, **query, **more).json
        assert len(body["rows"]) <= limit
        rows += body["rows"]
        if body["next_cursor"] is None:
            return rows
        more = {"cursor": body["next_cursor"]}


@pytest.mark.parametrize("what", WHATS)
def test_pages_hold_every_row_once_and_oldest_first_however_small_they_are(
    api: ApiCaller, world: World, what: str
) -> None:
    kept_books(world)
    world.holding()
    whole = export(api, what).json["rows"]
    assert whole
    assert every_page(api, what, 1) == every_page(api, what, 2) == whole
    times = [next(value for name, value in row.items() if name.endswith("_ms")) for row in whole]
    assert times == sorted(times)
    assert list(whole[0]) == export(api, what).json["columns"]


def test_many_rows_of_one_millisecond_and_a_long_silence_are_paged_through(api: ApiCaller, world: World) -> None:
    dense = [traded(Side.BUY, "1", at_ms=after(0) - 300 * DAY_MS) for _ in range(7)]
    late = [traded(Side.BUY, "1", at_ms=NOW_MS, symbol=Symbol("龙USDT")) for _ in range(3)]
    world.desk.repositories.trades.record([*dense, *late])
    rows = every_page(api, "trades", 2, from_ms=0 + NOW_MS - 3_000 * DAY_MS)
    assert [row["trade_id"] for row in rows] == [str(fill.trade_id) for fill in [*dense, *late]]


def test_a_trade_tells_whether_it_is_imported_and_which_order_of_ours_it_was(api: ApiCaller, world: World) -> None:
    entry = world.holding()
    (row,) = export(api, "trades").json["rows"]
    assert (row["source"], row["client_order_id"], row["commission"]) == ("booked", entry, "0.01")
    (fill,) = world.desk.repositories.fills.recent(ACCOUNT, 0, NOW_MS, 10)
    world.desk.repositories.trades.record([traded(Side.BUY, "1", trade_id=fill.trade_id)])
    (row,) = export(api, "trades").json["rows"]
    assert (row["source"], row["client_order_id"], row["commission"]) == ("imported", entry, "0.1")


@pytest.mark.parametrize("what", WHATS)
def test_csv_holds_what_json_holds(api: ApiCaller, world: World, what: str) -> None:
    kept_books(world)
    world.holding()
    answer = export(api, what, format="csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="main-{what}.csv"'
    read = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    rows = export(api, what).json["rows"]
    assert read == [{name: cell(value) for name, value in row.items()} for row in rows]


def test_pages_of_csv_can_be_put_one_after_the_other(api: ApiCaller, world: World) -> None:
    kept_books(world)
    text = ""
    more: dict[str, Any] = {}
    while True:
        answer = export(api, "incomes", format="csv", limit=3, **more)
        text += answer.text
        if "X-Next-Cursor" not in answer.headers:
            break
        assert answer.headers["X-Next-Cursor"].isascii()
        more = {"cursor": answer.headers["X-Next-Cursor"]}
    assert text == export(api, "incomes", format="csv").text
    assert text.count("venue_kind") == 1


def test_a_note_that_a_spreadsheet_would_run_is_only_text_there(api: ApiCaller, world: World) -> None:
    note = '=HYPERLINK("http://x","free")'
    world.desk.repositories.incomes.record([received(IncomeKind.OTHER, "-1.50", info=note)])
    text = export(api, "incomes", format="csv").text
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert (row["info"], row["amount"]) == ("'" + note, "-1.5")
    assert export(api, "incomes").json["rows"][0]["info"] == note


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"what": "everything", "account": "main"}, "what"),
        ({"account": "main"}, "what"),
        ({"what": "trades"}, "account"),
        ({"what": "trades", "account": "main", "format": "xls"}, "format"),
        ({"what": "trades", "account": "main", "limit": "5001"}, "limit"),
        ({"what": "trades", "account": "main", "cursor": "later"}, "cursor"),
        ({"what": "trades", "account": "main", "cursor": "١~x"}, "cursor"),
    ],
)
def test_an_export_that_is_not_understood_names_the_field(api: ApiCaller, query: dict[str, str], field: str) -> None:
    answer = api.get("/api/export", **query)
    assert (answer.status, [flaw["field"] for flaw in answer.json["flaws"]]) == (400, [field])


@given(
    st.lists(st.integers(0, 10_000), max_size=60, unique=True),
    st.integers(1, 20),
    st.integers(2, 9),
)
def test_no_row_is_lost_where_a_table_gives_only_its_newest_so_many(times: list[int], limit: int, at_once: int) -> None:
    def newest(begin_ms: int, end_ms: int) -> list[tuple[Cursor, Row]]:
        found: list[tuple[Cursor, Row]] = [
            (Cursor(time_ms, ""), {"n": time_ms}) for time_ms in times if begin_ms <= time_ms <= end_ms
        ]
        return sorted(found, key=lambda row: row[0], reverse=True)[:at_once]

    handed_out: list[int] = []
    query = ExportQuery(Exported.ORDERS, ACCOUNT, 0, 10_000, limit)
    while True:
        rows = rows_after(query, newest, at_once)
        handed_out += [cursor.time_ms for cursor, _ in rows[:limit]]
        if len(rows) <= limit:
            break
        query = replace(query, after=rows[limit - 1][0])
    assert handed_out == sorted(times)


def test_rather_no_page_than_one_with_rows_left_out() -> None:
    query = ExportQuery(Exported.ORDERS, ACCOUNT, 5, 5, 10)
    with pytest.raises(ValueError, match="2 rows in the millisecond 5"):
        rows_after(query, lambda _, __: [(Cursor(5, "a"), {}), (Cursor(5, "b"), {})], at_once=2)


@given(st.text())
def test_whatever_a_text_is_it_comes_back_from_csv_and_never_begins_as_a_formula(text: str) -> None:
    ((shown,),) = csv.reader(io.StringIO(csv_text(["a"], [{"a": text}], heading=False), newline=""))
    assert shown.removeprefix("'") == text
    assert not shown.startswith(("=", "+", "@", "\t", "\r"))
    assert not shown.startswith("-") or shown[1:].replace(".", "", 1).isascii()


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("-12.5", "-12.5"),
        ("-", "'-"),
        ("-1+1", "'-1+1"),
        ("'", "''"),
        (None, ""),
        (True, "true"),
        (7, "7"),
        ("a,b", "a,b"),
    ],
)
def test_a_negative_number_stays_a_number(value: Any, shown: str) -> None:
    assert cell(value) == shown


def test_lines_end_as_the_standard_says_and_quotes_are_doubled() -> None:
    assert csv_text(["a", "b"], [{"a": 'say "hi"', "b": "1,2"}]) == 'a,b\r\n"say ""hi""","1,2"\r\n'

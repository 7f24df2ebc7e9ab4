"""Every list is read page by page: nothing is lost, nothing comes twice, and a made-up cursor is refused."""

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from tests.contract.repositories.make import decision, order
from tests.functions.api_caller import ApiCaller
from tests.functions.promised import promised
from tests.services.world import START_MS, World
from tests.unit.builders import d

from undertow.adapters.ssm.store import SsmDocuments
from undertow.domain.adjustment import Adjustment
from undertow.domain.alert import Alert, AlertLevel
from undertow.domain.ids import AccountId, DecisionId, LiquidationId, StrategyId, Symbol
from undertow.domain.income import Income, IncomeKind
from undertow.domain.market import Liquidation, Side, Venue
from undertow.domain.session import SessionId, TradeSession
from undertow.services.views.paging import MOST_LOOKED_THROUGH, BadCursor, Mark, page_of, read_cursor, write_cursor

HOUR_MS = 3_600_000


def walk(api: ApiCaller, path: str, rows: str, key: str = "id", **query: Any) -> list[list[Any]]:
    """The pages of a list, each as the keys of its rows."""
    pages: list[list[Any]] = []
    cursor: str | None = None
    while len(pages) < 50:
        body = api.get(path, **query, **({} if cursor is None else {"cursor": cursor})).json
        pages.append([row[key] for row in body[rows]])
        cursor = body["next_cursor"]
        if cursor is None:
            break
    return pages


def liquidation(number: int, at_ms: int) -> Liquidation:
    name = LiquidationId(f"l{number:03}")
    return Liquidation(name, Venue.ASTER, Symbol("BTCUSDT"), Side.SELL, d("1"), d("100"), at_ms, at_ms)


@pytest.fixture
def tape(world: World) -> list[str]:
    """Newest first: three in one second, then one every four minutes, then a silence of hours."""
    later = [START_MS - 1_000] * 3 + [START_MS - 240_000 * number for number in range(1, 8)] + [START_MS - 20 * HOUR_MS]
    tape = [liquidation(number, at_ms) for number, at_ms in enumerate(reversed(later))]
    world.desk.repositories.liquidations.append(Venue.ASTER, 1, tape)
    return [one.id for one in reversed(tape)]


@pytest.mark.parametrize("limit", [1, 2, 3, 10, 11])
def test_the_tape_is_read_backwards_page_by_page(api: ApiCaller, tape: list[str], limit: int) -> None:
    pages = walk(api, "/api/liquidations", "liquidations", limit=limit, from_ms=START_MS - 24 * HOUR_MS)
    assert [one for page in pages for one in page] == tape
    assert all(len(page) == limit for page in pages[:-1])


def test_what_comes_at_the_head_meanwhile_moves_no_page(api: ApiCaller, world: World, tape: list[str]) -> None:
    first = api.get("/api/liquidations", limit=2).json
    world.desk.repositories.liquidations.append(Venue.ASTER, 1, [liquidation(900, START_MS - 1)])
    second = api.get("/api/liquidations", limit=2, cursor=first["next_cursor"]).json
    assert [row["id"] for row in first["liquidations"] + second["liquidations"]] == tape[:4]


@pytest.fixture
def seven(world: World) -> None:
    """Seven orders and seven decisions, of which three share one millisecond."""
    kept = world.desk.repositories
    for number, earlier_ms in enumerate((0, 1, 1, 1, 2, 3, 4)):
        at_ms = START_MS - earlier_ms
        assert kept.orders.add(order(str(number), created_at_ms=at_ms, updated_at_ms=at_ms))
        kept.decisions.record([decision(id=DecisionId(f"d{number}"), decided_at_ms=at_ms, event_time_ms=at_ms)])


@pytest.mark.usefixtures("seven")
@pytest.mark.parametrize(("path", "key"), [("trades", "client_order_id"), ("decisions", "id")])
def test_rows_of_one_millisecond_are_told_apart(api: ApiCaller, path: str, key: str) -> None:
    (whole,) = walk(api, f"/api/{path}", path, key, limit=200)
    assert len(whole) == len(set(whole)) == 7
    for limit in range(1, 8):
        assert [one for page in walk(api, f"/api/{path}", path, key, limit=limit) for one in page] == whole


@pytest.mark.usefixtures("seven")
def test_a_filter_that_leaves_out_every_row_ends_the_list(api: ApiCaller) -> None:
    assert walk(api, "/api/decisions", "decisions", limit=1, gate="nobody") == [[]]


def test_a_page_looks_through_so_many_rows_and_goes_on_from_there() -> None:
    rows = [(Mark(number, "", ""), number) for number in range(10_000, 0, -1)]
    page = page_of(rows, 10, lambda number: number < 100)
    assert (page.rows, page.next) == ([], Mark(10_000 - MOST_LOOKED_THROUGH - 9, "", ""))


def test_open_alerts_come_before_all_others_on_every_page(api: ApiCaller, world: World) -> None:
    kept = world.desk.repositories.alerts
    for number in range(6):
        at_ms = START_MS - number * 1_000
        over = {} if number % 2 else {"resolved_ms": at_ms + 1, "resolution": "over"}
        alert = Alert(f"key-{number}", AlertLevel.HIGH, "m", {}, at_ms, at_ms, at_ms)
        assert kept.save(replace(alert, **over))  # type: ignore[arg-type]
    pages = walk(api, "/api/alerts", "alerts", "key", limit=2)
    assert pages == [["key-1", "key-3"], ["key-5", "key-0"], ["key-2", "key-4"]]
    assert walk(api, "/api/alerts", "alerts", "key", limit=2, state="open") == [["key-1", "key-3"], ["key-5"]]


def test_sessions_adjustments_and_changes_are_read_on(api: ApiCaller, world: World, documents: SsmDocuments) -> None:
    kept = world.desk.repositories
    for number in range(5):
        at_ms = START_MS - number * 1_000
        session = SessionId(f"s{number}" + "a" * 24)
        assert kept.sessions.add(TradeSession(session, AccountId("main"), StrategyId("hunter"), at_ms, "anna", "n"))
        entered = Adjustment(
            f"a{number}", AccountId("main"), IncomeKind.TRANSFER, d("5"), None, "note", "anna", at_ms, version=1
        )
        assert kept.adjustments.add(entered)
    whole = [f"s{number}" for number in range(5)]
    assert [one[:2] for page in walk(api, "/api/sessions", "sessions", limit=2) for one in page] == whole
    assert walk(api, "/api/adjustments", "adjustments", limit=3) == [["a4", "a3", "a2"], ["a1", "a0"]]
    for version in range(1, 4):
        text = documents.strategy(StrategyId("hunter"))
        assert text is not None
        changed = json.loads(text.text) | {"enabled": version % 2 == 0}
        resource = "/api/strategies/{strategy_id}"
        answer = api.put("/api/strategies/hunter", changed | {"confirm": True}, resource, if_match=str(version))
        assert answer.status == 200, answer.text
    first = api.get("/api/strategies/hunter/changes", "/api/strategies/{strategy_id}/changes", limit=2).json
    rest = api.get(
        "/api/strategies/hunter/changes", "/api/strategies/{strategy_id}/changes", cursor=first["next_cursor"]
    ).json
    assert [row["version"] for row in first["changes"] + rest["changes"]][:3] == [4, 3, 2]


def test_the_cursor_of_an_accounts_rows_goes_with_the_accounts_name(api: ApiCaller, world: World) -> None:
    main, symbol = AccountId("main"), Symbol("BTCUSDT")
    rows = [
        Income(main, str(number), IncomeKind.FUNDING, "FUNDING_FEE", "USDT", d("1"), START_MS - 1_000, symbol)
        for number in range(5)
    ]
    world.desk.repositories.incomes.record(rows)
    (first,) = api.get("/api/funding-fees", limit=3).json["accounts"]
    assert [row["id"] for row in first["rows"]] == ["4", "3", "2"]
    (rest,) = api.get("/api/funding-fees", limit=3, account="main", cursor=first["next_cursor"]).json["accounts"]
    assert ([row["id"] for row in rest["rows"]], rest["next_cursor"]) == (["1", "0"], None)
    assert rest["payments"] == 5
    nameless = api.get("/api/funding-fees", cursor=first["next_cursor"])
    assert (nameless.status, nameless.json["flaws"][0]["field"]) == (400, "account")


# --- cursors --------------------------------------------------------------------------------------------------------


def with_cursor() -> list[str]:
    """Every path whose list goes on by a cursor."""
    return [
        path
        for path, methods in promised()["paths"].items()
        if "{" not in path and any(one["name"] == "cursor" for one in methods.get("get", {}).get("parameters", []))
    ]


BAD = {
    "another list": write_cursor("another", Mark(1, "main", "a")),
    "no base64": "!" * 20,
    "too short": "AAAA",
    "garbage": "A" * 40,
    "changed": write_cursor("trades", Mark(START_MS, "main", "a"))[:-4] + "AAAA",
    "padded": write_cursor("trades", Mark(START_MS, "main", "abcd")) + "=",
    "no check": base64.urlsafe_b64encode(json.dumps([1, "trades", [1, "a", "b"]]).encode()).decode().rstrip("="),
}


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("path", with_cursor())
def test_what_is_no_cursor_of_the_list_is_not_understood(api: ApiCaller, path: str, bad: str) -> None:
    required = {"account": "main", "what": "trades", "symbol": "BTCUSDT"}
    fields = {one["name"] for one in promised()["paths"][path]["get"]["parameters"] if one["in"] == "query"}
    answer = api.get(path, cursor=BAD[bad], **{name: value for name, value in required.items() if name in fields})
    assert (answer.status, [flaw["field"] for flaw in answer.json["flaws"]]) == (400, ["cursor"])


def test_a_cursor_is_read_as_it_was_written_and_by_its_own_list_only() -> None:
    marks = (Mark(START_MS, "main", "币安人生USDT#1"), None)
    text = write_cursor("reconciliation", *marks)
    assert read_cursor("reconciliation", text) == marks
    assert text.isascii()
    with pytest.raises(BadCursor):
        read_cursor("trades", text)


@pytest.mark.parametrize(
    "mark", [(-1, "a", "b"), (10**13, "a", "b"), (1.5, "a", "b"), (1, 2, "b"), (True, "", ""), (1, "")]
)
def test_a_mark_that_no_list_has_is_refused_even_where_the_check_is_right(mark: tuple[object, ...]) -> None:
    with pytest.raises(BadCursor):
        read_cursor("trades", write_cursor("trades", mark))  # type: ignore[arg-type]

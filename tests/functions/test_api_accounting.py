"""Profit and loss, what it is made of, and entries by hand, over HTTP."""

from typing import Any

import pytest
from tests.functions.api_caller import Answer, ApiCaller
from tests.functions.bookkeeping import BEGIN_MS, SESSION, after, imported, kept_books, read
from tests.services.world import World
from tests.unit.accounts import DAY_MS, HOUR_MS, MINUTE_MS, received, traded
from tests.unit.builders import BTC, LONG, NOW_MS, d

from undertow.domain.income import IncomeKind
from undertow.domain.market import Side

REVOKE = "/api/adjustments/{adjustment_id}/revoke"


@pytest.fixture
def books(world: World) -> World:
    kept_books(world)
    return world


def pnl(api: ApiCaller, **query: Any) -> Any:
    answer = api.get("/api/pnl", **query)
    assert answer.status == 200, answer.text
    (row,) = answer.json["accounts"]
    return row


@pytest.mark.usefixtures("books")
def test_profit_and_loss_is_split_into_what_it_is_made_of(api: ApiCaller) -> None:
    row = pnl(api)
    assert (row["account"], row["mode"]) == ("main", "live")
    assert (row["net_pnl"], row["realized_pnl"], row["commissions"]) == ("13", "15", "1.8")
    assert (row["funding"], row["other_income"], row["apart"], row["volume"]) == ("-0.5", "0.3", {}, "4225")
    trips = row["round_trips"]
    assert (trips["closed"], trips["wins"], trips["losses"], trips["win_rate_pct"]) == (2, 1, 1, "50")
    # 20 - 1.6 - 0.5 = 17.9 was won, 5 + 0.2 = 5.2 lost.
    assert (trips["best"], trips["worst"], trips["profit_factor"]) == ("17.9", "-5.2", "3.4423")
    assert (trips["expectancy"], trips["average_hold_ms"]) == ("6.35", 11 * HOUR_MS // 2)


@pytest.mark.usefixtures("books")
def test_capital_returns_and_the_check_of_the_wallet_stand_beside_the_profit(api: ApiCaller) -> None:
    row = pnl(api, to_ms=NOW_MS - 1)
    assert row["capital"]["deposited"] == "800"
    returns = row["returns"]
    assert (returns["time_weighted_pct"], returns["step_ms"], returns["sharpe"]) == ("1.3", HOUR_MS, None)
    assert (returns["drawdown"]["amount"], returns["drawdown"]["pct"]) == ("4.9", "0.4814")
    assert returns["drawdown"]["peak"] == "2025-12-07T10:59:55.000Z"
    check = row["unexplained"]
    assert (check["amount"], check["tolerance"], check["alarms"]) == ("0", "4.065", False)
    assert check["as_of_ms"] == NOW_MS - MINUTE_MS - 5_000
    assert (row["imports"]["complete_to_ms"], row["imports"]["age_ms"]) == (NOW_MS, 0)
    assert (row["imports"]["trades"], row["imports"]["trades_not_imported"]) == (4, 0)


def test_what_the_records_do_not_explain_is_told(api: ApiCaller, books: World) -> None:
    read(books, NOW_MS - MINUTE_MS, "820", "820")
    check = pnl(api)["unexplained"]
    assert (check["amount"], check["alarms"]) == ("7", True)


def test_before_anything_is_imported_the_ledgers_fills_count_and_the_check_says_why_it_is_silent(
    api: ApiCaller, world: World
) -> None:
    world.holding()
    row = pnl(api)
    assert (row["net_pnl"], row["imports"]["trades_not_imported"], row["imports"]["complete_to"]) == ("-0.01", 1, None)
    assert (row["unexplained"]["amount"], row["unexplained"]["reason"]) == (None, "nothing is imported yet")
    assert row["returns"]["time_weighted_pct"] is None


@pytest.mark.usefixtures("books")
@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("symbol", {"BTCUSDT": "18.2", "ETHUSDT": "-5.2"}),
        ("strategy", {None: "-4.9", "hunter": "17.9"}),
        ("session", {None: "-4.9", SESSION: "17.9"}),
        ("side", {None: "0.3", "LONG": "17.9", "SHORT": "-5.2"}),
        ("day", {"2025-12-07": "17.9", "2025-12-08": "-5.2", "2025-12-09": "0.3"}),
        ("hour", {"00": "-0.6", "01": "-5.6", "10": "19.2"}),
        ("weekday", {"7 Sunday": "17.9", "1 Monday": "-5.2", "2 Tuesday": "0.3"}),
    ],
)
def test_groups_hold_every_cent_of_the_total(api: ApiCaller, by: str, expected: dict[str | None, str]) -> None:
    row = pnl(api, by=by)
    found = {group["key"]: group["net_pnl"] for group in row["groups"]}
    assert found == expected
    assert sum(map(d, found.values())) == d(row["net_pnl"])


@pytest.mark.usefixtures("books")
def test_a_part_of_an_account_has_profit_but_no_capital_of_its_own(api: ApiCaller) -> None:
    row = pnl(api, session=SESSION)
    assert (row["net_pnl"], row["round_trips"]["closed"], row["capital"], row["returns"]) == ("17.9", 1, None, None)
    assert pnl(api, symbol="ETHUSDT")["net_pnl"] == "-5.2"
    assert pnl(api, session="t" * 26)["net_pnl"] == "0"


@pytest.mark.usefixtures("books")
def test_a_range_may_be_given_in_days_of_which_the_last_one_is_whole(api: ApiCaller) -> None:
    assert pnl(api, **{"from": "2025-12-08", "to": "2025-12-08"})["net_pnl"] == "-5.2"
    assert pnl(api, **{"from": "2025-12-07T10:00:00Z", "to": "2025-12-07"})["net_pnl"] == "19.2"
    assert pnl(api, from_ms=after(2), to_ms=after(2, 1))["net_pnl"] == "-5.2"


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("/api/pnl", {"from": "yesterday"}, "from"),
        ("/api/pnl", {"from": "2025-12-08", "to": "2025-12-07"}, "from"),
        ("/api/pnl", {"from": "1970-01-01"}, "from"),
        ("/api/pnl", {"to": "2025-02-30"}, "to"),
        ("/api/pnl", {"to": "2025-12-07T10:00:00"}, "to"),
        ("/api/pnl", {"by": "moon"}, "by"),
        ("/api/pnl", {"session": "first"}, "session"),
        ("/api/funding-fees", {"limit": "0"}, "limit"),
        ("/api/transfers", {"symbol": "BTCUSDT"}, "symbol"),
        ("/api/balance-history", {"from": "2020-01-01"}, "from"),
    ],
)
def test_a_range_that_is_not_understood_names_field_value_and_what_is_allowed(
    api: ApiCaller, path: str, query: dict[str, Any], field: str
) -> None:
    answer = api.get(path, **query)
    assert (answer.status, answer.json["code"]) == (400, "bad_request")
    (flaw,) = answer.json["flaws"]
    assert flaw["field"] == field
    assert flaw["value"]
    assert flaw["allowed"]


@pytest.mark.usefixtures("books")
def test_commissions_are_counted_from_trades_and_compared_with_what_the_venue_lists(
    api: ApiCaller, world: World
) -> None:
    (row,) = api.get("/api/commissions").json["accounts"]
    assert (row["commissions"], row["listed_by_venue"], row["difference"]) == ({"USDT": "1.8"}, {"USDT": "1.8"}, {})
    assert [(one["symbol"], one["commissions"]) for one in row["by_symbol"]] == [("BTCUSDT", "1.6"), ("ETHUSDT", "0.2")]
    world.desk.repositories.incomes.record([received(IncomeKind.COMMISSION, "-0.25", after(3))])
    (row,) = api.get("/api/commissions", symbol="BTCUSDT").json["accounts"]
    assert (row["commissions"], row["difference"]) == ({"USDT": "1.6"}, {"USDT": "-0.25"})


@pytest.mark.usefixtures("books")
def test_funding_is_listed_and_summed_by_whose_it_was(api: ApiCaller) -> None:
    (row,) = api.get("/api/funding-fees").json["accounts"]
    assert (row["funding"], row["paid"], row["received"], row["payments"]) == ("-0.5", "0.5", "0", 1)
    assert row["by_side"] == [{"side": "LONG", "funding": "-0.5"}]
    assert row["by_strategy"] == [{"strategy": "hunter", "funding": "-0.5"}]
    (payment,) = row["rows"]
    assert (payment["time"], payment["amount"]) == ("2025-12-07T01:00:00.000Z", "-0.5")


@pytest.mark.usefixtures("books")
def test_transfers_are_listed_newest_first_with_what_was_entered_by_hand(api: ApiCaller) -> None:
    body = {"account": "main", "kind": "transfer", "amount": "50", "at": "2025-12-07T00:00:00Z", "note": "by card"}
    assert api.post("/api/adjustments", body).status == 200
    (row,) = api.get("/api/transfers").json["accounts"]
    assert (row["deposits"], row["withdrawals"]) == ({"USDT": "1050"}, {"USDT": "200"})
    assert [one["amount"] for one in row["rows"]] == ["-200", "50", "1000"]
    assert [one["source"] for one in row["rows"]] == ["venue", "entered by hand", "venue"]
    (row,) = api.get("/api/transfers", limit=1).json["accounts"]
    assert (len(row["rows"]), row["next_cursor"] is None) == (1, False)


@pytest.mark.usefixtures("books")
def test_the_history_of_the_balance_shows_transfers_and_changes_of_the_configuration(api: ApiCaller) -> None:
    started = api.post("/api/sessions/start-fresh", {"account": "main", "strategy": "hunter"})
    assert started.status == 200
    body = api.get("/api/balance-history", to_ms=NOW_MS).json
    (row,) = body["accounts"]
    assert [point["equity"] for point in row["points"]][:6] == ["1000", "1009.2", "1017.9", "1013", "1013", "813"]
    assert [one["amount"] for one in row["transfers"]] == ["1000", "-200"]
    assert [(one["action"], one["by"]) for one in body["changes"]] == [("session:start-fresh", "token abcdefgh")]
    (row,) = api.get("/api/balance-history", from_ms=after(1), to_ms=after(2)).json["accounts"]
    assert (row["step_ms"], len(row["points"])) == (None, 2)


def test_from_below_zero_no_return_is_told(api: ApiCaller, books: World) -> None:
    read(books, after(3, 1), "-5", "-5")
    returns = pnl(api)["returns"]
    assert (returns["time_weighted_pct"], returns["drawdown"], returns["sharpe"]) == (None, None, None)
    assert returns["reason"].startswith("equity stood at -5 at ")


# --- entries by hand ------------------------------------------------------------------------------------------------


def add(api: ApiCaller, **changes: object) -> Answer:
    return api.post(
        "/api/adjustments", {"account": "main", "kind": "realized_pnl", "amount": "40", "note": "2024", **changes}
    )


def revoke(api: ApiCaller, adjustment: str) -> Answer:
    return api.post_to(f"/api/adjustments/{adjustment}/revoke", {"account": "main"}, REVOKE)


def test_an_entry_without_a_time_counts_only_before_the_accounts_first_record(api: ApiCaller, books: World) -> None:
    assert add(api).status == 200
    assert pnl(api)["net_pnl"] == "53"
    assert pnl(api)["cutoff"] == {
        "cutoff_ms": BEGIN_MS,
        "cutoff": "2025-12-06T00:00:00.000Z",
        "entries_before_counted": True,
    }
    assert pnl(api, from_ms=BEGIN_MS)["net_pnl"] == "13"
    # The cut-off is the account's first record of any kind, not the first one that a query happens to see.
    assert pnl(api, from_ms=after(2))["net_pnl"] == "-4.9"
    assert pnl(api, from_ms=BEGIN_MS - 1, to_ms=BEGIN_MS)["net_pnl"] == "40"


@pytest.mark.usefixtures("books")
def test_an_entry_is_made_once_and_revoked_once_and_both_are_on_record(api: ApiCaller, world: World) -> None:
    entered = add(api).json["adjustment"]
    assert add(api).status == 409
    world.clock.advance(1)
    assert add(api, note="2023").status == 200
    answer = revoke(api, entered["id"])
    assert (answer.status, answer.json["adjustment"]["revoked_by"]) == (200, "token abcdefgh")
    assert (revoke(api, entered["id"]).status, revoke(api, "x" * 26).status) == (409, 404)
    assert add(api).json["adjustment"]["id"] != entered["id"]  # revoked by mistake: it may be entered again
    listed = api.get("/api/adjustments", account="main").json["adjustments"]
    assert [one["revoked_at_ms"] is None for one in listed] == [False, True, True]
    rows = world.desk.repositories.audit.recent(0, NOW_MS + 1, 10)
    actions = [row.action for row in rows]
    assert (actions.count("adjustment:add"), actions.count("adjustment:revoke")) == (3, 1)
    assert pnl(api)["net_pnl"] == "93"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", "0"),
        ("amount", "1e3"),
        ("amount", None),
        ("kind", "gift"),
        ("kind", None),
        ("at", "noon"),
        ("note", ""),
        ("note", None),
        ("account", None),
    ],
)
def test_an_entry_that_is_not_understood_changes_nothing(api: ApiCaller, field: str, value: object) -> None:
    answer = add(api, **{field: value})
    assert (answer.status, [flaw["field"] for flaw in answer.json["flaws"]]) == (400, [field])
    assert api.get("/api/adjustments").json["adjustments"] == []


def test_entries_need_the_scope_to_write(api: ApiCaller) -> None:
    api.scopes = "read pause"
    assert (add(api).status, revoke(api, "x" * 26).status) == (403, 403)
    assert api.get("/api/adjustments").status == 200


def test_a_booked_trade_counts_until_it_is_imported_and_once_from_then_on(api: ApiCaller, world: World) -> None:
    world.holding()
    (fill,) = world.venue.trades
    before = pnl(api)
    world.desk.repositories.trades.record([fill])
    imported(world, NOW_MS)
    assert {**pnl(api), "imports": None, "unexplained": None} == {**before, "imports": None, "unexplained": None}


def test_figures_are_texts_even_where_one_is_divided_by_another(api: ApiCaller, books: World) -> None:
    thirds = [
        traded(Side.BUY, "3", "7", fee="0.1", of=LONG, at_ms=NOW_MS - DAY_MS),
        traded(Side.SELL, "1", "8", realized="1", fee="0.1", of=LONG, at_ms=NOW_MS - HOUR_MS),
        traded(Side.SELL, "2", "8", realized="2", fee="0.1", of=LONG, at_ms=NOW_MS - HOUR_MS + 1),
    ]
    books.desk.repositories.trades.record(thirds)
    trips = pnl(api, by="symbol", symbol=BTC)["round_trips"]
    assert (trips["expectancy"], trips["profit_factor"]) == ("10.3", None)


@pytest.mark.usefixtures("books")
def test_how_far_the_imports_came_is_told_stream_by_stream(api: ApiCaller) -> None:
    (row,) = api.get("/api/imports").json["accounts"]
    assert row["complete_to_ms"] == NOW_MS
    assert {"stream", "symbol", "done_pct", "chunk", "chunks", "rows", "remaining_ms", "error"} <= row["streams"][
        0
    ].keys()
    assert api.get("/api/imports", account="other").status == 404

"""The first page in one answer, and who looks at it."""

from dataclasses import replace

from tests.functions.api_caller import ApiCaller
from tests.functions.console_world import MarksOfATest
from tests.functions.holdings import hold
from tests.services.world import ACCOUNT, START_MS, World
from tests.unit.builders import balance, d

from undertow.domain.guard import AccountGuard
from undertow.domain.income import Income, IncomeKind
from undertow.services.views.marks import TOO_OLD_MS
from undertow.services.views.overview_history import Period, period_start_ms

HOUR_MS = 3_600_000


def started(world: World, day: str, equity: str) -> None:
    guard = AccountGuard(ACCOUNT.id, day=day, day_start_equity=d(equity), day_started_at_ms=START_MS - HOUR_MS)
    kept = world.desk.repositories.guards
    assert kept.set(replace(guard, version=kept.get(ACCOUNT.id).version + 1))


def test_the_page_learns_whose_token_it_has_and_where_it_is(api: ApiCaller) -> None:
    api.scopes = "read pause"
    me = api.get("/api/me").json
    assert (me["principal"], me["scopes"], me["live_url"]) == ("token abcdefgh", ["pause", "read"], None)
    assert me["accounts"] == [{"account": "main", "venue": "aster", "mode": "live"}]
    assert me["now_ms"] == START_MS


def test_the_overview_of_an_empty_desk_has_everything_and_says_what_is_not_known(api: ApiCaller) -> None:
    body = api.get("/api/overview").json
    (account,) = body["accounts"]
    assert (account["account"], account["mode"], account["unprotected"]) == ("main", "live", 0)
    assert account["switch"]["state"] == "running"
    assert account["money"]["day_pnl"] is None
    assert (body["positions"], body["cascades"], body["workers"]) == ([], [], [])
    assert body["venues"] == [{"venue": "aster", "weight": None, "clock": None}]
    assert "worker_silent" in [block["kind"] for block in body["blocks"]]
    assert [row["period"] for row in body["history"]["accounts"][0]["periods"]] == ["day", "week", "month"]


def test_what_costs_most_is_left_out_when_it_is_not_asked_for(api: ApiCaller) -> None:
    assert api.get("/api/overview", history="no").json["history"] is None
    assert api.get("/api/overview", history="some").status == 400


def test_positions_and_risk_are_those_of_their_own_pages(api: ApiCaller, world: World) -> None:
    hold(world, stop="99000", reserved="25")
    body = api.get("/api/overview").json
    (position,) = body["positions"]
    (row,) = api.get("/api/positions").json["positions"]
    for name in ("symbol", "side", "quantity", "notional", "unrealized_pnl", "unrealized_roe_pct", "filled_risk"):
        assert position[name] == row[name]
    assert position["stop_price"] == "99000"
    assert body["accounts"][0]["risk"] == api.get("/api/risk").json["accounts"][0]["budget"]


def test_a_price_of_long_ago_is_not_told_as_the_one_of_now(
    api: ApiCaller, world: World, venue_marks: MarksOfATest
) -> None:
    """While the venue is silent the last mark stays known: only where its age stands beside it does it say anything."""
    hold(world, stop="99000", reserved="25")
    (known,) = api.get("/api/overview").json["positions"]
    assert known["unrealized_pnl"] is not None
    venue_marks.price = None
    world.clock.advance(TOO_OLD_MS)
    assert api.get("/api/overview").json["positions"][0]["mark_price"] == known["mark_price"]
    world.clock.advance(1)
    (position,) = api.get("/api/overview").json["positions"]
    for name in ("mark_price", "unrealized_pnl", "unrealized_roe_pct", "liquidation_distance_pct"):
        assert position[name] is None
    assert api.get("/api/stats").json["unrealized_pnl"] is None
    assert api.post("/api/flatten", {"account": "main"}).json["closing"]["unrealized_pnl"] is None
    (shock, *_) = api.get("/api/risk").json["accounts"][0]["shocks"]
    assert (shock["complete"], shock["with_stops"]["pnl"]) == (False, None)
    (row,) = api.get("/api/positions").json["positions"]
    assert (row["mark"]["price"], row["mark"]["age_ms"]) == (known["mark_price"], TOO_OLD_MS + 1)


def test_a_position_without_a_stop_is_counted_and_blocks(api: ApiCaller, world: World) -> None:
    hold(world, stop=None)
    body = api.get("/api/overview").json
    assert body["accounts"][0]["unprotected"] == 1
    assert body["positions"][0]["unprotected_since_ms"] is not None
    assert "unprotected" in [block["kind"] for block in body["blocks"]]


def test_the_profit_of_the_day_is_against_its_start_and_yesterdays_start_says_nothing(
    api: ApiCaller, world: World
) -> None:
    today = api.get("/api/overview").json["time"][:10]
    world.desk.repositories.balances.save(balance(wallet=d("10200"), unrealized=d("50"), time_ms=START_MS))
    started(world, today, "10000")
    money = api.get("/api/overview").json["accounts"][0]["money"]
    assert (money["equity"], money["day_pnl"], money["day_pnl_pct"]) == ("10250", "250", "2.5")
    started(world, "2020-01-01", "10000")
    money = api.get("/api/overview").json["accounts"][0]["money"]
    assert (money["day_pnl"], money["day_started_at_ms"]) == (None, None)


def test_what_no_record_explains_is_shown_and_a_deposit_is_no_profit(api: ApiCaller, world: World) -> None:
    kept = world.desk.repositories
    midnight_ms = period_start_ms(Period.DAY, START_MS)
    kept.balances.save(balance(wallet=d("1000"), unrealized=d("0"), time_ms=midnight_ms + 60_000))
    kept.balances.save(balance(wallet=d("1507"), unrealized=d("3"), time_ms=START_MS + 500))
    world.clock.advance(1_000)
    kept.incomes.record([income("500", IncomeKind.TRANSFER, 1), income("4", IncomeKind.FUNDING, 2)])
    (history,) = api.get("/api/overview").json["history"]["accounts"]
    (day, *_) = history["periods"]
    assert (day["net_pnl"], day["funding"], day["unexplained"], day["whole"]) == ("4", "4", "3", True)
    assert [row["amount"] for row in history["transfers"]] == ["500"]
    assert history["equity"][-1]["equity"] == "1510"


def income(amount: str, kind: IncomeKind, number: int) -> Income:
    return Income(ACCOUNT.id, f"t{number}", kind, kind.value, "USDT", d(amount), START_MS - HOUR_MS)


def test_events_are_of_all_kinds_newest_first(api: ApiCaller, world: World) -> None:
    world.holding()
    api.post("/api/pause", {"account": "main"})
    events = api.get("/api/overview").json["events"]
    assert {"fill", "decision", "change"} <= {event["kind"] for event in events}
    assert [event["time_ms"] for event in events] == sorted((event["time_ms"] for event in events), reverse=True)
    assert len({event["id"] for event in events}) == len(events)


def test_the_number_of_the_news_is_that_before_the_answer_was_read(api: ApiCaller, world: World) -> None:
    first = api.get("/api/overview").json["seq"]
    assert first == world.desk.repositories.feed.watch(START_MS)


def test_periods_begin_at_midnight_on_monday_and_on_the_first_in_utc() -> None:
    wednesday_ms = 1_766_577_600_000 - 12 * HOUR_MS + 5  # 2025-12-24T00:00:00.005Z
    assert period_start_ms(Period.DAY, wednesday_ms) == 1_766_534_400_000
    assert period_start_ms(Period.WEEK, wednesday_ms) == 1_766_361_600_000
    assert period_start_ms(Period.MONTH, wednesday_ms) == 1_764_547_200_000

"""An account with a past, as `local.venue.past` books it and the history endpoints page it."""

from decimal import Decimal

import pytest
from local.venue.past import PastFill, PastIncome, drawn_past, seed_history

from undertow.adapters.paper.accounts import IncomeType
from undertow.adapters.paper.events import Leg
from undertow.domain.ids import Symbol
from undertow.domain.market import Side

START_MS = 1_700_000_000_000
DAY_MS = 86_400_000
BTC = Symbol("BTCUSDT")


@pytest.fixture
def seeded(door):
    house = door.house
    from_ms = START_MS - 30 * DAY_MS
    dense_ms = START_MS - 20 * DAY_MS
    contract = house.exchange.contracts()[BTC]
    past = drawn_past(
        contract,
        price=Decimal(100),
        trades=2_600,
        from_ms=from_ms,
        to_ms=START_MS - DAY_MS,
        dense=1_500,
        dense_from_ms=dense_ms,
    )
    seed_history(house, house.accounts[0].account, past)
    return door, from_ms, dense_ms


def test_trades_are_read_whole_by_their_ids(seeded):
    door, _, dense_ms = seeded
    rows, after = [], 0
    while page := door.ok("GET", "userTrades", symbol=BTC, fromId=after, limit=1000):
        assert len(page) <= 1000
        rows += page
        after = page[-1]["id"] + 1
    ids, times = [row["id"] for row in rows], [row["time"] for row in rows]
    assert len(rows) == len(set(ids)) == 2_600
    assert ids == sorted(ids)
    assert times == sorted(times)
    dense = [time for time in times if dense_ms <= time < dense_ms + 3_600_000]
    assert len(dense) >= 1_500
    assert len(set(dense)) < len(dense) / 2


def test_seven_days_of_trades_come_at_most_and_the_earliest_first(seeded):
    door, from_ms, dense_ms = seeded
    first = door.ok("GET", "userTrades", symbol=BTC, startTime=from_ms, endTime=from_ms + 7 * DAY_MS, limit=1000)
    assert first[0]["time"] >= from_ms
    page = door.ok("GET", "userTrades", symbol=BTC, startTime=dense_ms, endTime=dense_ms + 3_600_000, limit=1000)
    assert len(page) == 1_000
    assert page[0]["time"] < dense_ms + 60_000
    door.refused(door.v3("GET", "userTrades", symbol=BTC, startTime=from_ms, endTime=from_ms + 7 * DAY_MS + 1), -4165)
    door.refused(door.v3("GET", "userTrades", symbol=BTC, startTime=from_ms, fromId=1), -1128)
    door.refused(door.v3("GET", "userTrades", symbol=BTC, limit=1_001), -1130)


def test_incomes_explain_the_wallet_to_the_digit(seeded):
    door, from_ms, _ = seeded
    rows, start_ms = {}, from_ms
    while True:
        page = door.ok("GET", "income", startTime=start_ms, endTime=START_MS, limit=1000)
        fresh = {(row["incomeType"], row["tranId"]): row for row in page}
        if not fresh.keys() - rows.keys():
            break
        rows |= fresh
        start_ms = page[-1]["time"]
        door.now_ms += 2_000
    (balance,) = door.ok("GET", "balance")
    assert sum(Decimal(row["income"]) for row in rows.values()) == Decimal(balance["balance"])
    assert {row["incomeType"] for row in rows.values()} == {"TRANSFER", "COMMISSION", "REALIZED_PNL", "FUNDING_FEE"}
    assert [row["income"] for row in rows.values() if row["incomeType"] == "TRANSFER"] == ["5000", "-1250", "10000"]
    assert door.ok("GET", "positionRisk", symbol=BTC)[0]["positionAmt"] == "0.000"


def test_what_was_bought_and_not_sold_is_held(door):
    house, account = door.house, door.house.accounts[0].account
    at_ms = START_MS - 100 * DAY_MS
    past = [
        PastFill(at_ms, BTC, Side.BUY, Decimal("90.0"), Decimal("2"), "old-1"),
        PastFill(at_ms + 5, BTC, Side.BUY, Decimal("92.0"), Decimal("2"), "old-1"),
        PastFill(at_ms + 9, BTC, Side.SELL, Decimal("95.0"), Decimal("1"), "old-2", maker=True),
        PastIncome(at_ms + 10, IncomeType.WELCOME_BONUS, Decimal(3)),
    ]
    seed_history(house, account, past)
    (row,) = door.ok("GET", "positionRisk", symbol=BTC)
    assert (row["positionAmt"], row["entryPrice"]) == ("3.000", "91.00000")
    order = door.ok("GET", "order", symbol=BTC, origClientOrderId="old-1")
    assert (order["status"], order["executedQty"], order["avgPrice"]) == ("FILLED", "4", "91.00000")
    trades = door.ok("GET", "userTrades", symbol=BTC, fromId=0)
    assert [trade["realizedPnl"] for trade in trades] == ["0", "0", "4"]
    assert trades[2]["commission"] == "0.0095"
    assert door.order(side="SELL", quantity="3", reduceOnly="true")["status"] == "NEW"
    assert not house.exchange.account(account).position(BTC, Leg.BOTH).is_open


def test_a_past_lies_before_the_account_was_used(door):
    late = PastIncome(START_MS, IncomeType.TRANSFER, Decimal(1))
    with pytest.raises(ValueError, match="a past ends before"):
        seed_history(door.house, door.house.accounts[0].account, [late])

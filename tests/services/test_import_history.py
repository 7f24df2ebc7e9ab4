"""Trades and incomes are imported once each, wherever an import is interrupted, however the venue's pages fall."""

from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.services.world import ACCOUNT, World, new_world
from tests.unit.builders import BTC, d

from undertow.domain.account import Balance
from undertow.domain.fill import Fill
from undertow.domain.guard import BlockKind
from undertow.domain.ids import Symbol, TradeId, VenueOrderId
from undertow.domain.imports import INCOME_STREAM, LONGEST_SPAN_MS, trades_stream
from undertow.domain.income import Income, IncomeKind
from undertow.domain.market import PositionSide, Side
from undertow.domain.outcome import VenueBlocked, VenueReadFailed
from undertow.ports import AlertLevel
from undertow.services.allowance import WEIGHT_A_MINUTE
from undertow.services.import_history import ImportHistory

DAY_MS = 24 * 3_600_000
ETH = Symbol("ETHUSDT")


def trade(number: int, time_ms: int, symbol: Symbol = BTC) -> Fill:
    return Fill(
        account=ACCOUNT.id,
        symbol=symbol,
        trade_id=TradeId(number),
        venue_order_id=VenueOrderId(number),
        client_order_id=None,
        side=Side.BUY if number % 2 else Side.SELL,
        position_side=PositionSide.LONG,
        price=d("100000"),
        quantity=d("0.01"),
        commission=d("0.4"),
        commission_asset="USDT",
        realized_pnl=d("0"),
        maker=False,
        time_ms=time_ms,
    )


def commission(of: Fill) -> Income:
    return income(f"c{of.trade_id}", of.time_ms, "-0.4", IncomeKind.COMMISSION, of.symbol)


def income(
    number: str, time_ms: int, amount: str, kind: IncomeKind = IncomeKind.TRANSFER, symbol: Symbol | None = None
) -> Income:
    return Income(ACCOUNT.id, number, kind, kind.name, "USDT", Decimal(amount), time_ms, symbol)


def paged(world: World, page_size: int) -> ImportHistory:
    """The desk's import with small pages, and without a limit that a test did not ask for."""
    whole = world.desk.import_history
    return replace(
        whole,
        import_income=replace(whole.import_income, page_size=page_size),
        sync_trades=replace(whole.sync_trades, page_size=page_size),
    )


def with_history(world: World, trades: list[Fill]) -> None:
    world.venue.trades = trades
    world.venue.incomes = [commission(one) for one in trades]


def trades_of(world: World) -> list[TradeId]:
    kept = world.desk.repositories.trades.between(ACCOUNT.id, 0, world.clock.now_ms() + DAY_MS)
    return sorted(one.trade_id for one in kept)


def incomes_of(world: World) -> list[str]:
    kept = world.desk.repositories.incomes.between(ACCOUNT.id, 0, world.clock.now_ms() + DAY_MS)
    return sorted(row.key for row in kept)


def run_until_done(world: World, imports: ImportHistory, runs: int = 500) -> int:
    for number in range(runs):
        imports(ACCOUNT)
        known = world.desk.repositories.checkpoints.of_account(ACCOUNT.id)
        if known and all(one.caught_up_at_ms is not None for one in known):
            return number + 1
        world.clock.advance(60_000)
    raise AssertionError(f"not done after {runs} runs: {known}")


def test_the_history_of_months_and_several_markets_is_imported_once_each(world: World) -> None:
    now_ms = world.clock.now_ms()
    trades = [trade(100 + at, now_ms - 90 * DAY_MS + at * DAY_MS // 2, ETH if at % 3 else BTC) for at in range(170)]
    with_history(world, trades)
    run_until_done(world, paged(world, 7))
    assert trades_of(world) == [one.trade_id for one in trades]
    assert incomes_of(world) == sorted(row.key for row in world.venue.incomes)


def test_what_comes_later_is_imported_from_the_checkpoint_on(world: World) -> None:
    with_history(world, [trade(at, world.clock.now_ms() - 30 * DAY_MS + at) for at in range(1, 30)])
    imports = paged(world, 10)
    run_until_done(world, imports)
    world.clock.advance(600_000)
    later = [*world.venue.trades, *(trade(at, world.clock.now_ms() - 90_000 + at) for at in range(30, 45))]
    with_history(world, later)
    world.venue.incomes = [commission(one) for one in later]
    imports(ACCOUNT)
    assert trades_of(world) == list(range(1, 45))


@dataclass(slots=True)
class Cut:
    """Fails the venue's reads at the pages that ``fails`` names."""

    fails: frozenset[int]
    pages: int = 0

    def __call__(self) -> None:
        self.pages += 1
        if self.pages in self.fails:
            raise VenueReadFailed(f"cut at page {self.pages}")


@settings(max_examples=100, deadline=None)
@given(
    steps=st.lists(st.sampled_from([0, 0, 0, 1, 1_000, 3_600_000, DAY_MS, 9 * DAY_MS]), min_size=1, max_size=60),
    page_size=st.integers(2, 9),
    fails=st.frozensets(st.integers(1, 60), max_size=10),
    by_two=st.booleans(),
)
def test_wherever_it_is_cut_and_however_pages_fall_everything_is_there_once(
    steps: list[int], page_size: int, fails: frozenset[int], by_two: bool
) -> None:
    world = new_world()
    time_ms, trades = world.clock.now_ms() - sum(steps) - 2 * DAY_MS, []
    for at, step in enumerate(steps):
        time_ms += step
        trades.append(trade(10 + at, time_ms, ETH if by_two and at % 2 else BTC))
    world.venue.trades = trades
    # Incomes of one millisecond beyond a page of one kind cannot be told apart by any venue's cursor.
    crowd: dict[int, int] = {}
    for one in trades:
        crowd[one.time_ms] = crowd.get(one.time_ms, 0) + 1
        if crowd[one.time_ms] < page_size:
            world.venue.incomes.append(commission(one))
    for at, symbol in enumerate([BTC, ETH] if by_two and len(steps) > 1 else [BTC]):
        funded = income(f"f{symbol}", time_ms + 3_600_000 + at, "0.1", IncomeKind.FUNDING, symbol)
        world.venue.incomes.append(funded)
    world.venue.before_a_page = Cut(fails)
    imports = paged(world, page_size)
    for _ in range(15):
        with suppress(VenueReadFailed):
            imports(ACCOUNT)
        world.clock.advance(60_000)
    world.venue.before_a_page = None
    run_until_done(world, imports)
    assert trades_of(world) == [one.trade_id for one in trades]
    assert incomes_of(world) == sorted(row.key for row in world.venue.incomes)
    found = world.desk.repositories.checkpoints.of_account(ACCOUNT.id)
    assert sum(one.rows for one in found) == len(trades) + len(world.venue.incomes)


def test_a_run_stays_within_its_share_and_the_next_goes_on(world: World) -> None:
    with_history(world, [trade(at, world.clock.now_ms() - 20 * DAY_MS + at * 60_000) for at in range(1, 301)])
    imports = paged(world, 5)
    weights = []
    for _ in range(40):
        weights.append(imports(ACCOUNT))
        world.clock.advance(60_000)
    assert max(weights) <= WEIGHT_A_MINUTE
    assert weights[0] > WEIGHT_A_MINUTE - 30
    assert len(trades_of(world)) == 300


def test_a_millisecond_beyond_a_page_is_asked_for_kind_by_kind(world: World) -> None:
    at_ms = world.clock.now_ms() - DAY_MS
    world.venue.incomes = [
        *(income(f"f{at}", at_ms, "1", IncomeKind.FUNDING, BTC) for at in range(4)),
        *(income(f"t{at}", at_ms, "1") for at in range(4)),
        income("late", at_ms + 5, "1"),
    ]
    run_until_done(world, paged(world, 5))
    assert len(incomes_of(world)) == 9


def test_more_of_one_kind_in_one_millisecond_than_a_page_holds_is_said_and_not_skipped(world: World) -> None:
    at_ms = world.clock.now_ms() - DAY_MS
    world.venue.incomes = [income(f"t{at}", at_ms, "1") for at in range(6)]
    with pytest.raises(VenueReadFailed, match="TRANSFER"):
        paged(world, 5)(ACCOUNT)


def test_a_venue_that_says_wait_ends_the_run_and_loses_nothing(world: World) -> None:
    with_history(world, [trade(at, world.clock.now_ms() - 20 * DAY_MS + at * DAY_MS) for at in range(1, 15)])

    def blocked() -> None:
        raise VenueBlocked(world.clock.now_ms() + 60_000, "429")

    imports = paged(world, 5)
    imports.import_income.venues.trading(ACCOUNT)
    world.venue.before_a_page = blocked
    with pytest.raises(VenueBlocked):
        imports(ACCOUNT)
    world.venue.before_a_page = None
    world.clock.advance(120_000)
    run_until_done(world, imports)
    assert len(trades_of(world)) == 14


def test_why_an_import_ended_early_stands_with_its_progress_until_it_succeeds(world: World) -> None:
    imports = paged(world, 5)
    with_history(world, [trade(at, world.clock.now_ms() - DAY_MS + at) for at in range(1, 15)])
    run_until_done(world, imports)
    world.venue.before_a_page = Cut(frozenset({1}))
    with pytest.raises(VenueReadFailed):
        imports(ACCOUNT)
    kept = world.desk.repositories.checkpoints
    broken = kept.get(ACCOUNT.id, INCOME_STREAM)
    assert broken is not None
    assert "cut at page 1" in broken.error
    run_until_done(world, imports)
    mended = kept.get(ACCOUNT.id, INCOME_STREAM)
    assert mended is not None
    assert mended.error == ""


def test_two_runs_at_once_do_the_work_of_one(world: World) -> None:
    with_history(world, [trade(at, world.clock.now_ms() - DAY_MS + at) for at in range(1, 15)])
    imports = paged(world, 5)
    overlapped: list[int] = []

    def another() -> None:
        world.venue.before_a_page = None
        overlapped.append(imports(ACCOUNT))

    world.venue.before_a_page = another
    imports(ACCOUNT)
    assert overlapped == [0]
    assert len(trades_of(world)) == 14


def test_trades_that_nobody_heard_of_are_booked_and_told(world: World) -> None:
    imports = paged(world, 100)
    imports(ACCOUNT)
    world.clock.advance(300_000)
    opened, closed = trade(1, world.clock.now_ms() - 200_000), trade(2, world.clock.now_ms() - 150_000)
    with_history(world, [opened, closed])
    imports(ACCOUNT)
    kept = world.desk.repositories
    assert kept.fills.has(ACCOUNT.id, BTC, TradeId(1))
    assert kept.fills.has(ACCOUNT.id, BTC, TradeId(2))
    told = [one for one in world.notifier.alerts if one.key.startswith("missed_trades#")]
    assert [one.level for one in told] == [AlertLevel.HIGH]
    assert len(kept.ledger.closed_positions(ACCOUNT.id, 0, world.clock.now_ms(), 10)) == 1


def test_what_is_older_than_the_first_import_is_history_and_not_booked(world: World) -> None:
    with_history(world, [trade(1, world.clock.now_ms() - 3 * DAY_MS), trade(2, world.clock.now_ms() - 2 * DAY_MS)])
    run_until_done(world, paged(world, 100))
    assert trades_of(world) == [1, 2]
    assert not world.desk.repositories.fills.has(ACCOUNT.id, BTC, TradeId(1))


def test_trades_that_cost_nothing_before_the_first_income_are_found(world: World) -> None:
    now_ms = world.clock.now_ms()
    with_history(world, [trade(1, now_ms - 60 * DAY_MS), trade(2, now_ms - 2 * DAY_MS)])
    del world.venue.incomes[0]
    run_until_done(world, paged(world, 100))
    assert trades_of(world) == [1, 2]


def test_progress_tells_weeks_done_of_weeks(world: World) -> None:
    now_ms = world.clock.now_ms()
    with_history(world, [trade(at, now_ms - 10 * LONGEST_SPAN_MS + at * DAY_MS) for at in range(1, 70)])
    imports = paged(world, 4)
    imports(ACCOUNT)
    halfway = world.desk.repositories.checkpoints.get(ACCOUNT.id, INCOME_STREAM)
    assert halfway is not None
    assert 0 < halfway.chunk < halfway.chunks
    assert 0 < halfway.done_pct < 100
    run_until_done(world, imports)
    done = world.desk.repositories.checkpoints.get(ACCOUNT.id, trades_stream(BTC))
    assert done is not None
    assert (done.done_pct, done.rows) == (100, 69)


def test_a_withdrawal_sets_no_stop_that_outlasts_its_import(world: World) -> None:
    balances, guards = world.desk.repositories.balances, world.desk.repositories.guards
    monitor, imports = world.desk.watch.monitor, paged(world, 5)

    def read(equity: str) -> None:
        now_ms = world.clock.now_ms()
        balances.save(Balance(ACCOUNT.id, d(equity), d(equity), d("0"), now_ms, d("0"), d("0")))
        monitor(ACCOUNT)

    read("10000")
    imports(ACCOUNT)
    world.clock.advance(30_000)
    world.venue.incomes = [income("w1", world.clock.now_ms(), "-5000")]
    world.clock.advance(10_000)
    read("5000")
    assert set(guards.get(ACCOUNT.id).blocks) == {BlockKind.DAILY_LOSS, BlockKind.DRAWDOWN}
    world.clock.advance(20_000)
    imports(ACCOUNT)
    assert guards.get(ACCOUNT.id).blocks == {}
    assert f"blocked#{ACCOUNT.id}#drawdown" in dict(world.notifier.ended)
    imports(ACCOUNT)
    read("5000")
    assert guards.get(ACCOUNT.id).blocks == {}
    assert guards.get(ACCOUNT.id).peak_equity == d("5000")


HOUR_MS = 3_600_000


@pytest.mark.parametrize(("late_ms", "found_after_ms"), [(HOUR_MS, HOUR_MS), (20 * HOUR_MS, DAY_MS)])
def test_a_line_that_the_venue_lists_long_after_its_moment_is_imported_within_the_hour_or_the_day(
    world: World, late_ms: int, found_after_ms: int
) -> None:
    world.clock.advance(DAY_MS - world.clock.now_ms() % DAY_MS)
    start_ms = world.clock.now_ms()
    world.venue.incomes = [income("first", start_ms - 30 * DAY_MS, "100")]
    world.desk.import_history(ACCOUNT)
    world.venue.incomes.append(income("late", start_ms - late_ms, "5"))
    world.clock.advance(60_000)
    world.desk.import_history(ACCOUNT)
    assert len(incomes_of(world)) == 1
    world.clock.advance(found_after_ms)
    world.desk.import_history(ACCOUNT)
    assert [key.split("#")[1] for key in incomes_of(world)] == ["first", "late"]


def test_what_is_asked_for_again_costs_a_question_an_hour_and_the_others_a_minute_each(world: World) -> None:
    world.venue.incomes = [income("first", world.clock.now_ms() - 30 * DAY_MS, "100")]
    world.desk.import_history(ACCOUNT)
    world.venue.incomes_asked.clear()
    for _ in range(26 * 60):
        world.clock.advance(60_000)
        world.desk.import_history(ACCOUNT)
    spans = [span.to_ms - span.from_ms for span in world.venue.incomes_asked]
    long = sorted(span for span in spans if span > 120_000)
    assert len(spans) == 26 * 60
    assert long == [3 * HOUR_MS] * 25 + [48 * HOUR_MS]

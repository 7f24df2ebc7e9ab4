"""The monitor of an account: what it blocks, what clears it, and what it closes in an emergency."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.builders import ACCOUNT, BRACKETS, NOW_MS, SHORT, balance, d, instrument, position

from undertow.domain.account import Balance
from undertow.domain.guard import AccountGuard, BlockKind
from undertow.domain.ids import PositionId
from undertow.risk.limits import RiskLimits
from undertow.risk.liquidation import maintenance_margin
from undertow.risk.margin import maintenance_usage_pct, usage_pct
from undertow.risk.monitor import Held, check, loss_pct, reduction, reset_drawdown, utc_day

DAY_MS = 24 * 3_600_000
LIMITS = RiskLimits()
NEW = AccountGuard(ACCOUNT)
equities = st.decimals("1", "100000", places=2)
usages = st.decimals("0", "120", places=2)


def using(percent: str | Decimal, equity: str = "10000") -> Balance:
    return balance(wallet=d(equity), maintenance_margin=Decimal(percent) * d(equity) / 100)


def worth(equity: str | Decimal) -> Balance:
    return balance(wallet=Decimal(equity))


def after(*looks: Balance, guard: AccountGuard = NEW, limits: RiskLimits = LIMITS) -> AccountGuard:
    for number, look in enumerate(looks):
        guard = check(guard, look, limits, NOW_MS + number)
    return guard


@pytest.mark.parametrize(
    ("usage", "kinds"),
    [
        ("79.99", set()),
        ("80", {BlockKind.MARGIN_USAGE}),
        ("89.99", {BlockKind.MARGIN_USAGE}),
        ("90", {BlockKind.MARGIN_USAGE, BlockKind.EMERGENCY}),
    ],
)
def test_margin_usage_blocks_from_its_thresholds_on(usage: str, kinds: set[BlockKind]) -> None:
    assert set(after(using(usage)).blocks) == kinds


@pytest.mark.parametrize(("usage", "stands"), [("89", True), ("70", True), ("69.99", False)])
def test_a_margin_block_is_cleared_only_below_the_lower_threshold(usage: str, stands: bool) -> None:
    blocks = after(using("95"), using(usage)).blocks
    assert (BlockKind.MARGIN_USAGE in blocks, BlockKind.EMERGENCY in blocks) == (stands, stands)


def test_a_block_says_since_when_why_what_clears_it_and_by_what_figures() -> None:
    block = after(using("85"), using("88")).blocks[BlockKind.MARGIN_USAGE]
    assert (block.kind, block.since_ms) == ("margin_usage", NOW_MS)
    assert "margin" in block.reason
    assert block.clears == "margin usage below 70 %"
    assert block.inputs == {"margin_usage_pct": "85", "equity": "10000", "limit_pct": "80"}


def test_a_margin_that_was_not_read_changes_nothing_about_margin() -> None:
    unknown = balance(maintenance_margin=None)
    assert after(unknown).blocks == {}
    assert set(after(using("85"), unknown).blocks) == {BlockKind.MARGIN_USAGE}


def test_margin_without_equity_is_all_of_it_and_none_is_none() -> None:
    assert usage_pct(d("1"), d("0")) == usage_pct(d("1"), d("-5")) == 100
    assert usage_pct(d("0"), d("0")) == 0
    assert maintenance_usage_pct(balance(maintenance_margin=None)) is None


@pytest.mark.parametrize(("equity", "blocked"), [("9500.01", False), ("9500", True), ("-1", True)])
def test_a_days_loss_of_five_percent_stops_entries(equity: str, blocked: bool) -> None:
    limits = RiskLimits(max_drawdown_pct=None)
    assert (BlockKind.DAILY_LOSS in after(worth("10000"), worth(equity), limits=limits).blocks) is blocked


def test_a_daily_loss_stands_all_day_and_ends_with_the_utc_day() -> None:
    stopped = after(worth("10000"), worth("9400"), worth("10000"))
    assert stopped.blocks[BlockKind.DAILY_LOSS].clears == "the next UTC day"
    midnight = NOW_MS - NOW_MS % DAY_MS + DAY_MS
    assert BlockKind.DAILY_LOSS in check(stopped, worth("9400"), LIMITS, midnight - 1).blocks
    next_day = check(stopped, worth("9400"), LIMITS, midnight)
    assert next_day.blocks == {}
    assert (next_day.day, next_day.day_start_equity) == (utc_day(midnight), d("9400"))


def test_a_clock_that_steps_back_over_midnight_starts_no_day_again() -> None:
    today = check(NEW, worth("10000"), LIMITS, NOW_MS)
    stepped = check(today, worth("9000"), LIMITS, NOW_MS - DAY_MS)
    assert (stepped.day, stepped.day_start_equity) == (today.day, d("10000"))
    assert BlockKind.DAILY_LOSS in stepped.blocks


@pytest.mark.parametrize(
    ("now_ms", "day"),
    [(0, "1970-01-01"), (DAY_MS - 1, "1970-01-01"), (DAY_MS, "1970-01-02"), (NOW_MS, "2025-12-11")],
)
def test_a_day_is_a_utc_date(now_ms: int, day: str) -> None:
    assert utc_day(now_ms) == day


@pytest.mark.parametrize(("equity", "blocked"), [("9600.01", False), ("9600", True)])
def test_a_fall_of_twenty_percent_from_the_peak_stops_entries(equity: str, blocked: bool) -> None:
    limits = RiskLimits(max_daily_loss_pct=None)
    fallen = after(worth("10000"), worth("12000"), worth(equity), limits=limits)
    assert (BlockKind.DRAWDOWN in fallen.blocks) is blocked
    assert fallen.peak_equity == 12000


def test_only_a_person_clears_a_drawdown() -> None:
    fallen = after(worth("10000"), worth("7000"))
    later = check(fallen, worth("10000"), LIMITS, NOW_MS + 40 * DAY_MS)
    assert set(later.blocks) == {BlockKind.DRAWDOWN}
    assert "person" in later.blocks[BlockKind.DRAWDOWN].clears
    cleared = reset_drawdown(fallen, d("7000"))
    assert BlockKind.DRAWDOWN not in cleared.blocks
    assert BlockKind.DRAWDOWN not in check(cleared, worth("7000"), LIMITS, NOW_MS).blocks
    assert BlockKind.DRAWDOWN in check(cleared, worth("5600"), LIMITS, NOW_MS).blocks


def test_a_stop_that_is_turned_off_blocks_nothing() -> None:
    off = RiskLimits(max_daily_loss_pct=None, max_drawdown_pct=None)
    stopped = after(worth("10000"), worth("5000"))
    assert set(stopped.blocks) == {BlockKind.DAILY_LOSS, BlockKind.DRAWDOWN}
    assert check(stopped, worth("5000"), off, NOW_MS).blocks == {}


def test_a_look_leaves_the_version_to_who_stores_it() -> None:
    looked = check(replace(NEW, version=7), worth("1"), LIMITS, NOW_MS)
    assert (looked.version, looked.checked_at_ms) == (7, NOW_MS)


@given(st.lists(usages, max_size=30))
def test_between_the_thresholds_nothing_flaps(percents: list[Decimal]) -> None:
    guard = NEW
    for percent in percents:
        looked = check(guard, using(percent), LIMITS, NOW_MS)
        for kind, sets_at in ((BlockKind.MARGIN_USAGE, 80), (BlockKind.EMERGENCY, 90)):
            if percent >= sets_at:
                assert kind in looked.blocks
            elif percent < 70:
                assert kind not in looked.blocks
            else:
                assert (kind in looked.blocks) is (kind in guard.blocks)
        guard = looked


@given(st.lists(st.tuples(equities, st.integers(0, DAY_MS)), min_size=1, max_size=30))
def test_a_drawdown_once_found_stands_until_a_person_and_the_peak_never_falls(
    looks: list[tuple[Decimal, int]],
) -> None:
    guard, now_ms, seen = NEW, NOW_MS, d("0")
    for equity, pause_ms in looks:
        now_ms += pause_ms
        stood = BlockKind.DRAWDOWN in guard.blocks
        guard = check(guard, worth(equity), LIMITS, now_ms)
        seen = max(seen, equity)
        assert guard.peak_equity == seen
        assert (BlockKind.DRAWDOWN in guard.blocks) is (stood or (seen - equity) * 5 >= seen)


@given(st.lists(equities, min_size=1, max_size=20), st.integers(0, DAY_MS - 1))
def test_a_daily_loss_is_of_the_first_equity_of_the_day(day: list[Decimal], offset_ms: int) -> None:
    guard = NEW
    for equity in day:
        guard = check(guard, worth(equity), LIMITS, NOW_MS - NOW_MS % DAY_MS + offset_ms)
    lost = any(loss_pct(day[0], equity) >= 5 for equity in day)
    assert guard.day_start_equity == day[0]
    assert (BlockKind.DAILY_LOSS in guard.blocks) is lost


@given(st.lists(usages, min_size=1, max_size=20))
def test_looking_twice_finds_the_same(percents: list[Decimal]) -> None:
    guard = after(*(using(percent) for percent in percents))
    again = check(guard, using(percents[-1]), LIMITS, guard.checked_at_ms)
    assert again == guard


def held(number: int, quantity: str, mark: str = "1000", **changes: Any) -> Held:
    one = position(id=PositionId(f"p{number}"), quantity=d(quantity), entry_price=d(mark))
    return Held(replace(one, **changes), d(mark), instrument())


def needing(*positions: Held, usage: str = "95", more: str = "0") -> Balance:
    """An account at ``usage`` with these positions, and ``more`` maintenance margin that others need."""
    needed = sum((one.maintenance(one.position.quantity) for one in positions), d("0")) + d(more)
    return balance(wallet=needed * 100 / d(usage), maintenance_margin=needed)


def test_an_emergency_reduces_the_largest_consumer_first_and_no_more_than_needed() -> None:
    small, large = held(1, "10"), held(2, "200")
    chosen = reduction((small, large), needing(small, large), LIMITS)
    assert [one.position.id for one in chosen] == ["p2"]
    assert 0 < chosen[0].quantity < 200


def test_below_the_resume_threshold_nothing_is_reduced() -> None:
    one = held(1, "10")
    assert reduction((one,), needing(one, usage="69"), LIMITS) == ()
    assert reduction((one,), balance(maintenance_margin=None), LIMITS) == ()


def test_an_external_position_is_its_owners_to_reduce() -> None:
    theirs, ours = held(1, "500", strategy=None), held(2, "10")
    chosen = reduction((theirs, ours), needing(theirs, ours), LIMITS)
    assert [(one.position.id, one.quantity) for one in chosen] == [("p2", 10)]


def test_what_a_position_of_unknown_tiers_consumes_cannot_be_told_so_it_goes_first_and_whole() -> None:
    known, unknown = held(1, "200"), held(2, "0.001")
    unknown = replace(unknown, instrument=instrument(brackets=()))
    chosen = reduction((known, unknown), needing(known), LIMITS)
    assert (chosen[0].position.id, chosen[0].quantity) == ("p2", d("0.001"))
    assert chosen[1].position.id == "p1"


@pytest.mark.parametrize(
    "rules",
    [
        {"market_min_quantity": d("20")},
        {"market_lot_size": d("0")},
        {"market_min_quantity": d("9")},  # 9 would do, and would leave 1 that nobody can close
    ],
)
def test_where_no_part_can_be_sent_the_whole_position_goes(rules: dict[str, Decimal]) -> None:
    one = replace(held(1, "10"), instrument=instrument(**rules))
    chosen = reduction((one,), needing(one), LIMITS)
    assert [reduced.quantity for reduced in chosen] == [10]


def test_a_part_goes_alone_when_what_it_leaves_can_be_closed_later() -> None:
    one = replace(held(1, "10"), instrument=instrument(market_min_quantity=d("5")))
    chosen = reduction((one,), needing(one), LIMITS)
    assert [reduced.quantity for reduced in chosen] == [5]


@given(
    st.lists(
        st.tuples(st.integers(1, 500_000), st.sampled_from(["1", "90", "1000", "65000.5"])), min_size=1, max_size=6
    ),
    st.decimals("60", "130", places=1),
    st.sampled_from(["0", "5", "5000"]),
)
def test_a_reduction_is_enough_in_market_lots_and_takes_no_lot_too_many(
    sizes: list[tuple[int, str]], usage: Decimal, more: str
) -> None:
    positions = tuple(held(n, str(d("0.001") * lots), mark) for n, (lots, mark) in enumerate(sizes))
    account = needing(*positions, usage=str(usage), more=more)
    chosen = reduction(positions, account, LIMITS)

    def usage_without(quantities: dict[str, Decimal]) -> tuple[Decimal, Decimal]:
        assert account.maintenance_margin is not None
        needed, equity = account.maintenance_margin, account.equity
        for one in positions:
            cut = quantities.get(one.position.id, d("0"))
            whole = one.position.quantity
            freed = maintenance_margin(whole * one.mark, BRACKETS)
            freed -= maintenance_margin((whole - cut) * one.mark, BRACKETS)
            needed -= freed
            equity -= cut * one.mark * (LIMITS.taker_fee_pct + LIMITS.stop_slippage_pct) / 100
        return max(needed, d("0")), equity

    quantities = {one.position.id: one.quantity for one in chosen}
    assert all(0 < one.quantity <= one.position.quantity for one in chosen)
    assert all(one.quantity % d("0.001") == 0 for one in chosen)
    needed, equity = usage_without(quantities)
    if len(chosen) < len(positions) or (chosen and chosen[-1].quantity < chosen[-1].position.quantity):
        assert needed == 0 or needed * 100 < equity * LIMITS.margin_resume_pct
    if chosen and chosen[-1].quantity < chosen[-1].position.quantity and chosen[-1].quantity > d("0.001"):
        needed, equity = usage_without({**quantities, chosen[-1].position.id: chosen[-1].quantity - d("0.001")})
        assert needed * 100 >= equity * LIMITS.margin_resume_pct


def test_a_short_is_reduced_like_a_long() -> None:
    long, short = held(1, "100"), held(1, "100", side=SHORT)
    (of_long,), (of_short,) = (reduction((one,), needing(one), LIMITS) for one in (long, short))
    assert of_long.quantity == of_short.quantity

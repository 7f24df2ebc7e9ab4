"""Capital, the check of the wallet, and returns: examples that were worked out by hand."""

import pytest
from tests.unit.accounts import DAY_MS, HOUR_MS, MIDNIGHT_MS
from tests.unit.builders import d

from undertow.domain.accounting.capital import Check, Flow, capital, simple_return_pct
from undertow.domain.accounting.returns import EquityPoint, NoReturn, curve, drawdown, sharpe


def points(*equities: str, step_ms: int = HOUR_MS) -> list[EquityPoint]:
    return [EquityPoint(MIDNIGHT_MS + number * step_ms, d(equity)) for number, equity in enumerate(equities)]


def flow(hours: float, amount: str, **changes: str) -> Flow:
    return Flow(MIDNIGHT_MS + int(hours * HOUR_MS), d(amount), **changes)


def test_a_deposit_is_no_profit_and_a_withdrawal_no_loss() -> None:
    # 1000 -> 1100 (+10 %), 900 come in, 2000 -> 1900 (-5 %), 1000 go out, 900 stay: 1.10 * 0.95 = 1.045
    found = curve(points("1000", "1100", "1900", "900"), [flow(1.5, "900"), flow(2.5, "-1000")])
    assert found.time_weighted_pct == d("4.5")
    fall = drawdown(found)
    assert fall is not None
    assert (fall.pct, fall.amount) == (5, 100)
    assert (fall.peak_ms, fall.trough_ms) == (MIDNIGHT_MS + HOUR_MS, MIDNIGHT_MS + 2 * HOUR_MS)


def test_what_came_before_the_first_point_is_in_it_and_other_assets_are_left_out() -> None:
    found = curve(points("1000", "1000"), [flow(0, "1000"), flow(0.5, "3", asset="ASTER")])
    assert found.time_weighted_pct == 0


def test_a_flow_in_the_millisecond_of_a_reading_is_in_that_reading() -> None:
    found = curve(points("1000", "1500", "1500"), [flow(1, "500")])
    assert (found.time_weighted_pct, found.net[-1]) == (0, 1000)


def test_an_account_that_was_emptied_and_filled_again_keeps_its_return() -> None:
    found = curve(points("1000", "1200", "0", "500", "550"), [flow(1.5, "-1200"), flow(2.5, "500")])
    assert found.time_weighted_pct == 32


def test_from_nothing_or_below_no_return_is_told() -> None:
    with pytest.raises(NoReturn):
        curve(points("1000", "-5", "20"), [])
    assert curve([], []).time_weighted_pct is None
    assert curve(points("5"), []).time_weighted_pct is None
    assert drawdown(curve(points("5", "6", "7"), [])) is None


def test_the_deepest_fall_is_told_and_not_the_last() -> None:
    fall = drawdown(curve(points("100", "120", "90", "130", "117"), []))
    assert fall is not None
    assert (fall.pct, fall.amount) == (25, 30)


def test_sharpe_is_of_daily_returns_in_a_year_and_null_without_a_week_of_them() -> None:
    # Returns of 7 days: +2 % and -1 % in turn, four and three times. Mean 5/7 %, deviation 1.60357 %, times root 365.
    equities, equity = [d("1000")], d("1000")
    for day in range(7):
        equity *= d("1.02") if day % 2 == 0 else d("0.99")
        equities.append(equity)
    found = curve(points(*map(str, equities), step_ms=DAY_MS), [])
    assert float(sharpe(found) or 0) == pytest.approx(8.5099, abs=0.001)
    assert sharpe(curve(points(*map(str, equities[:-1]), step_ms=DAY_MS), [])) is None
    assert sharpe(curve(points(*["1000"] * 9, step_ms=DAY_MS), [])) is None


def test_only_the_last_point_of_a_day_counts_for_sharpe() -> None:
    hourly = [str(1000 + hour % 24) for hour in range(24 * 9)]
    assert sharpe(curve(points(*hourly), [])) is None  # every day ends alike


def test_the_wallet_is_explained_by_what_came_in_and_what_was_earned() -> None:
    assert Check(d("1018.242"), d("1000"), d("18.242")).unexplained == 0
    wrong = Check(d("1017"), d("1000"), d("18.242"))
    assert (wrong.unexplained, wrong.tolerance, wrong.alarms) == (d("-1.242"), d("5.085"), False)
    assert Check(d("100"), d("98.5"), d("0.5")).alarms is False  # exactly a dollar
    assert Check(d("100"), d("98.49"), d("0.5")).alarms is True


def test_capital_is_told_by_asset_and_a_return_on_nothing_is_null() -> None:
    assert capital([flow(0, "100"), flow(1, "-30"), flow(2, "5", asset="ASTER")]) == {"USDT": 70, "ASTER": 5}
    assert simple_return_pct(d("110"), d("100")) == 10
    assert simple_return_pct(d("110"), d("0")) is None
    assert simple_return_pct(d("110"), d("-40")) is None

from typing import Any

import httpx
import pytest
from tests.adapters.aster.scripted import SettableNow

from undertow.adapters.aster.budget import (
    DEFAULT_LIMITS,
    LONGEST_BAN_MS,
    Budget,
    LimitKind,
    Priority,
    RateLimit,
    parse_rate_limits,
)
from undertow.adapters.aster.errors import Banned, HeldBack, RateLimited
from undertow.adapters.aster.strict import BadFrame

MINUTE_MS = 60_000
START_MS = 1_748_310_840_000
WEIGHT, ORDERS = DEFAULT_LIMITS


@pytest.fixture
def budget(now: SettableNow) -> Budget:
    now.ms = START_MS
    return Budget(now)


def spend(budget: Budget, weight: int, priority: Priority = Priority.NORMAL) -> None:
    for _ in range(weight // 40):
        budget.admit(40, 0, priority)
    if weight % 40:
        budget.admit(weight % 40, 0, priority)


def held_back(budget: Budget, weight: int, orders: int, priority: Priority) -> HeldBack:
    with pytest.raises(HeldBack) as raised:
        budget.admit(weight, orders, priority)
    return raised.value


def test_normal_requests_leave_the_buffer_and_the_reserved_share(budget: Budget) -> None:
    # 2400 less 10 percent is 2160, and of that 30 percent is kept.
    assert budget.share(WEIGHT, Priority.NORMAL) == 1512
    assert budget.share(WEIGHT, Priority.PROTECTIVE) == 2160
    spend(budget, 1512)
    assert held_back(budget, 1, 0, Priority.NORMAL).until_ms == START_MS + MINUTE_MS


def test_protective_requests_use_the_reserved_share_and_never_the_buffer(budget: Budget) -> None:
    spend(budget, 1512)
    spend(budget, 648, Priority.PROTECTIVE)
    held_back(budget, 1, 0, Priority.PROTECTIVE)


def test_a_new_minute_starts_from_nothing(budget: Budget, now: SettableNow) -> None:
    spend(budget, 1512)
    now.ms += MINUTE_MS
    spend(budget, 1512)


def test_a_clock_that_steps_back_opens_no_fresh_minute(budget: Budget, now: SettableNow) -> None:
    spend(budget, 1512)
    now.ms -= MINUTE_MS
    held_back(budget, 1, 0, Priority.NORMAL)


def test_orders_are_counted_apart_with_their_own_reserved_share(budget: Budget) -> None:
    for _ in range(756):
        budget.admit(1, 1, Priority.NORMAL)
    held_back(budget, 1, 1, Priority.NORMAL)
    budget.admit(1, 1, Priority.PROTECTIVE)
    budget.admit(1, 0, Priority.NORMAL)


def test_a_request_held_back_counts_nothing(budget: Budget) -> None:
    spend(budget, 1500)
    held_back(budget, 40, 0, Priority.NORMAL)
    budget.admit(12, 0, Priority.NORMAL)


def test_what_others_use_behind_the_same_address_is_seen_in_the_header(budget: Budget) -> None:
    admitted_at_ms = budget.admit(1, 0, Priority.NORMAL)
    budget.observe(httpx.Headers({"X-MBX-USED-WEIGHT-1M": "1511"}), admitted_at_ms)
    budget.admit(1, 0, Priority.NORMAL)
    held_back(budget, 1, 0, Priority.NORMAL)


def test_a_header_never_lowers_our_own_count(budget: Budget) -> None:
    admitted_at_ms = budget.admit(40, 0, Priority.NORMAL)
    spend(budget, 1400)
    budget.observe(httpx.Headers({"X-MBX-USED-WEIGHT-1M": "40"}), admitted_at_ms)
    assert budget.state().used["x-mbx-used-weight-1m"] == 1440


def test_a_header_from_the_last_minute_is_ignored(budget: Budget, now: SettableNow) -> None:
    admitted_at_ms = budget.admit(1, 0, Priority.NORMAL)
    now.ms += MINUTE_MS
    budget.observe(httpx.Headers({"X-MBX-USED-WEIGHT-1M": "2399"}), admitted_at_ms)
    budget.admit(1, 0, Priority.NORMAL)


@pytest.mark.parametrize("value", ["", "many", "-1", "１２"])
def test_a_header_that_is_no_number_changes_nothing(value: str, budget: Budget) -> None:
    admitted_at_ms = budget.admit(1, 0, Priority.NORMAL)
    budget.observe({"x-mbx-used-weight-1m": value}, admitted_at_ms)
    assert budget.state().used["x-mbx-used-weight-1m"] in (1, 12)


def test_orders_of_the_account_are_seen_in_their_header(budget: Budget) -> None:
    admitted_at_ms = budget.admit(1, 1, Priority.NORMAL)
    budget.observe(httpx.Headers({"X-MBX-ORDER-COUNT-1M": "756"}), admitted_at_ms)
    held_back(budget, 1, 1, Priority.NORMAL)


# --- 429 and 418 -----------------------------------------------------------------------------------------------------


def test_429_blocks_protective_requests_too(budget: Budget) -> None:
    error = budget.limited(429, -1003, "Too many requests", None)
    assert type(error) is RateLimited
    assert error.until_ms == budget.blocked_until_ms == START_MS + MINUTE_MS
    assert held_back(budget, 1, 0, Priority.PROTECTIVE).until_ms == START_MS + MINUTE_MS


@pytest.mark.parametrize("value", ["soon", "-5", "99999999", "1.5", "³"])
def test_a_retry_after_that_is_no_number_of_seconds_is_the_next_minute(value: str, budget: Budget) -> None:
    assert budget.limited(429, -1003, "", value).until_ms == START_MS + MINUTE_MS


def test_retry_after_of_zero_still_waits_a_second(budget: Budget) -> None:
    assert budget.limited(429, -1003, "", "0").until_ms == START_MS + 1000


@pytest.mark.parametrize("status", [429, 418])
def test_no_header_holds_back_a_stop_for_longer_than_the_longest_ban(status: int, budget: Budget) -> None:
    assert budget.limited(status, -1003, "", "9999999").until_ms == START_MS + LONGEST_BAN_MS


def test_a_ban_lasts_until_the_time_in_its_text(budget: Budget, now: SettableNow) -> None:
    until_ms = START_MS + 3_600_000
    error = budget.limited(418, -1003, f"Way too many requests; IP banned until {until_ms}.", None)
    assert type(error) is Banned
    now.ms = until_ms - 1
    held_back(budget, 1, 0, Priority.PROTECTIVE)
    now.ms = until_ms
    budget.admit(1, 0, Priority.NORMAL)


def test_a_ban_that_names_no_end_lasts_as_long_as_documented_and_twice_that_the_next_time(
    budget: Budget, now: SettableNow
) -> None:
    assert budget.limited(418, 0, "", None).until_ms == START_MS + 120_000
    now.ms += 120_000
    assert budget.limited(418, 0, "", None).until_ms == now.ms + 240_000


def test_a_ban_is_never_believed_to_last_longer_than_three_days_nor_to_be_over(budget: Budget) -> None:
    three_days_ms = 3 * 24 * 3_600_000
    assert budget.limited(418, 0, "banned until 1000000000000", None).until_ms == START_MS + 1000
    assert budget.limited(418, 0, "banned until 9999999999999", None).until_ms == START_MS + three_days_ms


def test_a_shorter_block_does_not_shorten_a_longer_one(budget: Budget) -> None:
    budget.limited(418, 0, f"until {START_MS + 3_600_000}", None)
    budget.limited(429, -1003, "", "1")
    assert budget.blocked_until_ms == START_MS + 3_600_000


def test_a_spent_share_of_entries_holds_back_entries_only(budget: Budget) -> None:
    spend(budget, 1512)
    assert held_back(budget, 1, 0, Priority.NORMAL).entries_only
    for _ in range(756):
        budget.admit(0, 1, Priority.NORMAL)
    assert held_back(budget, 0, 1, Priority.NORMAL).entries_only


def test_a_count_of_our_own_that_is_spent_is_no_ban_of_others(budget: Budget) -> None:
    budget.admit(2160, 0, Priority.PROTECTIVE)
    assert held_back(budget, 1, 0, Priority.PROTECTIVE).entries_only
    budget.limited(429, -1003, "", None)
    assert not held_back(budget, 1, 0, Priority.PROTECTIVE).entries_only


def test_an_account_with_too_many_orders_may_still_be_read_and_cancelled(budget: Budget) -> None:
    budget.limited(429, -1015, "", None)
    assert held_back(budget, 1, 1, Priority.PROTECTIVE).entries_only
    budget.limited(418, -1003, "", None)
    assert not held_back(budget, 1, 1, Priority.PROTECTIVE).entries_only


def test_the_state_tells_what_another_process_must_know(budget: Budget) -> None:
    budget.admit(5, 1, Priority.NORMAL)
    budget.limited(429, -1015, "", None)
    state = budget.state()
    assert (state.blocked_until_ms, state.orders_blocked_until_ms) == (0, START_MS + MINUTE_MS)
    assert state.used == {"x-mbx-used-weight-1m": 5, "x-mbx-order-count-1m": 1}


# --- limits ----------------------------------------------------------------------------------------------------------


def test_limits_are_read_from_exchange_info(payload: Any) -> None:
    assert set(parse_rate_limits(payload("http_get_exchangeInfo")["rateLimits"])) == set(DEFAULT_LIMITS)


def test_learned_limits_replace_the_documented_ones_and_keep_what_was_counted(budget: Budget) -> None:
    spend(budget, 100)
    budget.learn((RateLimit(LimitKind.WEIGHT, MINUTE_MS, 1, 200),))
    spend(budget, 26)
    held_back(budget, 1, 0, Priority.NORMAL)
    budget.admit(0, 1, Priority.NORMAL)


def test_several_limits_of_one_kind_hold_together(budget: Budget, now: SettableNow) -> None:
    budget.learn(
        (RateLimit(LimitKind.ORDERS, 1000, 10, 10), RateLimit(LimitKind.ORDERS, MINUTE_MS, 1, 1200)),
    )
    for _ in range(6):
        budget.admit(1, 1, Priority.NORMAL)
    assert held_back(budget, 1, 1, Priority.NORMAL).until_ms == START_MS + 10_000
    now.ms += 10_000
    budget.admit(1, 1, Priority.NORMAL)


def test_kinds_we_do_not_count_are_left_out() -> None:
    assert parse_rate_limits([{"rateLimitType": "RAW_REQUEST", "interval": "MINUTE"}]) == ()


@pytest.mark.parametrize(
    "row",
    [
        None,
        {},
        {"rateLimitType": "ORDERS", "interval": "FORTNIGHT", "intervalNum": 1, "limit": 1},
        {"rateLimitType": "ORDERS", "interval": "MINUTE", "intervalNum": 0, "limit": 1},
        {"rateLimitType": "ORDERS", "interval": "MINUTE", "intervalNum": 1, "limit": 0},
        {"rateLimitType": "ORDERS", "interval": "MINUTE", "intervalNum": 1, "limit": "1200"},
    ],
)
def test_a_limit_that_cannot_be_read_is_refused(row: object) -> None:
    with pytest.raises(BadFrame):
        parse_rate_limits([row])


@pytest.mark.parametrize(("buffer_pct", "reserved_pct"), [(-1, 30), (100, 30), (10, 100)])
def test_shares_beyond_their_range_are_refused(buffer_pct: int, reserved_pct: int) -> None:
    with pytest.raises(ValueError, match="must be within"):
        Budget(lambda: 0, buffer_pct, reserved_pct)

"""What a refusal says, and that the first failing check is the one that is told."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from tests.unit.builders import (
    ACCOUNT,
    NOW_MS,
    SHORT,
    account_limits,
    balance,
    case,
    control,
    d,
    exposure,
    guard,
    instrument,
    intent,
    position,
    slot,
    snapshot,
    symbol_limits,
)

from undertow.domain.account import BookTotals, PositionMode, Switch, VenueHealth
from undertow.domain.market import MarkPrice, Venue
from undertow.risk.approval import ApprovedOrder, Refusal
from undertow.risk.gate import ENTRY_CHECKS, Case, gates, review


def with_snapshot(asked: Case, **changes: Any) -> Case:
    return replace(asked, exposure=replace(asked.exposure, snapshot=replace(asked.exposure.snapshot, **changes)))


def with_intent(asked: Case, **changes: Any) -> Case:
    return replace(asked, intent=replace(asked.intent, **changes))


def with_rules(asked: Case, **changes: Any) -> Case:
    return replace(asked, instrument=replace(asked.instrument, **changes))


def with_account(asked: Case, **changes: Any) -> Case:
    return replace(asked, account_limits=replace(asked.account_limits, **changes))


def with_symbol(asked: Case, **changes: Any) -> Case:
    return replace(asked, symbol_limits=replace(asked.symbol_limits, **changes))


def with_other_direction(asked: Case) -> Case:
    one_way = replace(asked, exposure=replace(asked.exposure, position_mode=PositionMode.ONE_WAY))
    return with_snapshot(one_way, short=slot(SHORT, position=position(side=SHORT)))


IN_ORDER: list[tuple[str, Callable[[Case], Case]]] = [
    ("paused", lambda asked: with_snapshot(asked, control=control(Switch.PAUSED))),
    ("signal_age", lambda asked: with_intent(asked, expires_at_ms=NOW_MS - 1)),
    ("venue_health", lambda asked: with_snapshot(asked, health=VenueHealth(Venue.ASTER, NOW_MS + 1, "429"))),
    ("not_reconciled", lambda asked: with_snapshot(asked, guard=guard(proof=None))),
    ("forced_close", lambda asked: with_snapshot(asked, guard=guard(forced={asked.intent.symbol: NOW_MS}))),
    ("quote_age", lambda asked: replace(asked, exposure=replace(asked.exposure, quote_time_ms=0))),
    ("price_band", lambda asked: replace(asked, exposure=replace(asked.exposure, mark=MarkPrice(d("700"), NOW_MS)))),
    ("price_filter", lambda asked: with_rules(asked, max_price=d("999"))),
    ("opposite_position", with_other_direction),
    ("external_position", lambda asked: with_snapshot(asked, long=slot(position=position(strategy=None)))),
    ("instrument", lambda asked: with_rules(asked, status="CLOSE")),
    ("missing_limits", lambda asked: with_rules(asked, brackets=())),
    ("leverage", lambda asked: with_account(asked, max_leverage=9)),
    ("balance", lambda asked: with_snapshot(asked, balance=None)),
    ("minimum_size", lambda asked: with_rules(asked, min_notional=d("301"))),
    ("portfolio_risk", lambda asked: replace(asked, reserve=d("1451"))),
    ("max_open_orders", lambda asked: with_symbol(asked, max_open_orders=0)),
    ("max_positions", lambda asked: with_snapshot(asked, totals=BookTotals(ACCOUNT, d("9999"), d("999"), 5))),
    ("max_position_margin", lambda asked: with_symbol(asked, max_position_margin=d("29"))),
    ("max_position_notional", lambda asked: with_symbol(asked, max_position_notional=d("299"))),
    ("max_total_margin", lambda asked: with_account(asked, max_total_margin=d("29"))),
    ("max_total_notional", lambda asked: with_account(asked, max_total_notional=d("299"))),
]


@pytest.mark.parametrize("first", range(len(IN_ORDER)), ids=[gate for gate, _ in IN_ORDER])
def test_of_several_reasons_the_earliest_check_is_told(first: int) -> None:
    asked = case()
    for _, spoil in reversed(IN_ORDER[first:]):
        asked = spoil(asked)
    reviewed = review(asked)
    assert isinstance(reviewed, Refusal)
    assert reviewed.gate == IN_ORDER[first][0]


def test_the_names_of_the_checks_can_be_listed_in_their_order() -> None:
    names = list(gates())
    assert len(names) == len(set(names)) == len(ENTRY_CHECKS) + 8
    assert names[0] == "switch"
    assert names[len(ENTRY_CHECKS) - 1] == "account_caps"
    assert names[len(ENTRY_CHECKS) :] == [
        "layer_3_margin_usage",
        "layer_1_leverage",
        "layer_2_effective_leverage",
        "layer_4_liquidation_distance",
        "layer_5_stop_and_target",
        "layer_6_allowed_symbols",
        "layer_7_confidence",
        "layer_8_live_monitor",
    ]


@pytest.mark.parametrize("switch", Switch)
def test_only_a_running_account_enters_and_a_refusal_says_who_stopped_it_and_why(switch: Switch) -> None:
    reviewed = review(with_snapshot(case(), control=control(switch)))
    if switch is Switch.RUNNING:
        assert isinstance(reviewed, ApprovedOrder)
        return
    words = switch.value.replace("_", " ")
    assert reviewed == Refusal("paused", f"trading is {words}: maintenance", {"by": "ann"})


FIGURES: list[tuple[str, Case, dict[str, str], dict[str, str]]] = [
    ("signal_age", case(intent=intent(expires_at_ms=NOW_MS - 7)), {"left_ms": "-7"}, {"max_age_ms": "5000"}),
    (
        "venue_health",
        with_snapshot(case(), health=VenueHealth(Venue.ASTER, NOW_MS + 1, "429")),
        {"until_ms": str(NOW_MS + 1)},
        {},
    ),
    (
        "quote_age",
        case(exposure=exposure(quote_time_ms=NOW_MS - 2_500)),
        {"age_ms": "2500"},
        {"max_age_ms": "2000", "max_lead_ms": "1000"},
    ),
    ("price_band", case(intent=intent(price=d("0"))), {"price": "0"}, {}),
    ("price_band", case(intent=intent(price=None)), {"price": "None"}, {}),
    (
        "price_band",
        case(intent=intent(price=d("1234.5"))),
        {"price": "1234.5", "mark": "1000", "distance_pct": "23.45"},
        {"max_distance_pct": "20"},
    ),
    (
        "price_filter",
        case(intent=intent(price=d("1160"))),
        {"price": "1160", "mark": "1000"},
        {"lowest": "0.1", "highest": "1150"},
    ),
    (
        "price_filter",
        case(
            intent=intent(price=d("810"), position_side=SHORT),
            instrument=instrument(max_price=d("0")),
        ),
        {"price": "810", "mark": "1000"},
        {"lowest": "850", "highest": "none"},
    ),
    (
        "instrument",
        case(instrument=instrument(fetched_at_ms=NOW_MS - 90_000_000)),
        {"age_ms": "90000000"},
        {"max_age_ms": "86400000"},
    ),
    (
        "balance",
        with_snapshot(case(), balance=balance(time_ms=NOW_MS - 700_000)),
        {"age_ms": "700000"},
        {"max_age_ms": "150000"},
    ),
    (
        "balance",
        with_snapshot(case(), balance=balance(available=d("29.50"))),
        {"margin": "30"},
        {"available": "29.5"},
    ),
    (
        "leverage",
        case(account_limits=account_limits(max_leverage=9)),
        {"leverage": "10"},
        {"min_leverage": "1", "max_leverage": "9"},
    ),
    (
        "minimum_size",
        case(intent=intent(quantity=d("0.004"))),
        {"quantity": "0.004", "notional": "4"},
        {"min_quantity": "0.001", "min_notional": "5"},
    ),
    (
        "hard_cap",
        with_snapshot(case(intent=intent(quantity=d("1001"), leverage=10)), balance=balance(available=d("1E+9"))),
        {"notional": "1001000"},
        {"max_notional": "1000000"},
    ),
    (
        "portfolio_risk",
        case(reserve=d("1450.01")),
        {"risk_after_order": "1450.01", "equity": "10000"},
        {"max_risk": "1450", "max_portfolio_risk_pct": "14.5"},
    ),
    (
        "max_open_orders",
        case(symbol_limits=symbol_limits(max_open_orders=0)),
        {"open_orders": "0"},
        {"max_open_orders_per_symbol": "0"},
    ),
    (
        "max_positions",
        with_snapshot(case(), totals=BookTotals(ACCOUNT, d("0"), d("0"), 6)),
        {"positions": "6"},
        {"max_positions": "5"},
    ),
    (
        "max_position_margin",
        case(symbol_limits=symbol_limits(max_position_margin=d("29.90"))),
        {"after_order": "30"},
        {"max_position_margin": "29.9"},
    ),
    (
        "max_total_notional",
        with_snapshot(case(), totals=BookTotals(ACCOUNT, d("9800"), d("0"), 0)),
        {"after_order": "10100"},
        {"max_total_notional": "10000"},
    ),
]


@pytest.mark.parametrize(
    ("gate", "asked", "inputs", "thresholds"),
    [pytest.param(*figures, id=f"{figures[0]} {number}") for number, figures in enumerate(FIGURES)],
)
def test_a_refusal_carries_what_was_compared(
    gate: str, asked: Case, inputs: dict[str, str], thresholds: dict[str, str]
) -> None:
    reviewed = review(asked)
    assert isinstance(reviewed, Refusal)
    assert (reviewed.gate, reviewed.inputs, reviewed.thresholds) == (gate, inputs, thresholds)
    assert reviewed.reason


def test_reading_nothing_yet_is_refused_at_the_first_thing_that_is_unknown() -> None:
    blank = exposure(snapshot=snapshot(balance=None, readiness=None), mark=None, quote_time_ms=0)
    assert isinstance(review(case(exposure=blank)), Refusal)

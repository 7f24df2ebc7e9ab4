"""What each layer of the risk gate shows beside its verdict, in the cases that are not the usual ones."""

from typing import Any

import pytest
from tests.unit.builders import (
    BTC,
    LONG,
    NOW_MS,
    SHORT,
    balance,
    case,
    d,
    exposure,
    guard,
    instrument,
    intent,
    position,
    slot,
)
from tests.unit.test_risk_layers import (
    booked,
    cross,
    distant,
    guarded,
    levered,
    margins,
    read,
    with_risk,
    with_snapshot,
)

from undertow.domain.decision import Verdict
from undertow.domain.guard import Block, BlockKind
from undertow.domain.ids import Symbol
from undertow.domain.market import MarkPrice
from undertow.risk.case import Case
from undertow.risk.layers import LAYERS
from undertow.risk.projection import projected

ZONES = {"critical_at_pct": "5", "danger_at_pct": "10", "warning_at_pct": "20"}


@pytest.mark.parametrize(
    ("percent", "price", "distance", "zone"),
    [
        ("5", "950", "5", "critical"),
        ("7.5", "925", "7.5", "danger"),
        ("10", "900", "10", "danger"),
        ("15", "850", "15", "warning"),
        ("20", "800", "20", "warning"),
        ("40", "600", "40", "safe"),
        ("-1", "1010", "-1", "critical"),
    ],
)
def test_the_distance_to_liquidation_is_shown_with_its_zone(percent: str, price: str, distance: str, zone: str) -> None:
    reading = read(4, distant(percent))
    described = {"mark": "1000", "quantity_after_order": "0.3", "average_after_order": "1000"}
    assert reading.inputs == {**described, "liquidation_price": price, "distance_pct": distance, "zone": zone}
    assert reading.limits == ZONES


def test_where_nothing_liquidates_the_zone_is_safe_and_no_distance_is_shown() -> None:
    reading = read(4, distant("100"))
    assert (reading.inputs["liquidation_price"], reading.inputs["zone"]) == ("none", "safe")
    assert "distance_pct" not in reading.inputs


def test_a_short_is_as_far_from_its_liquidation_as_the_price_may_rise() -> None:
    asked = case(intent=intent(position_side=SHORT), stop_price=d("1010"), target_price=d("980"))
    reading = read(4, asked)
    assert reading.inputs["liquidation_price"] == "1094.5274"
    assert (reading.inputs["distance_pct"], reading.inputs["zone"]) == ("9.4527363", "danger")


def test_leverage_is_judged_in_the_tier_of_all_that_is_held_at_the_higher_of_entry_and_mark_price() -> None:
    """49.8 at 900 is worth 49,800 by the mark price of 1000: with 300 more the second tier begins."""
    held = slot(position=position(quantity=d("49.8"), entry_price=d("900")))
    reading = read(1, levered(10, "0.3", held))
    assert reading.inputs == {"leverage": "10", "notional": "50100", "tier": "2"}
    assert reading.limits == {
        "account_max": "50",
        "hard_cap": "50",
        "venue_max": "25",
        "largest_notional": "5000000",
    }
    falling = slot(position=position(quantity=d("49.8"), entry_price=d("1100")), reserved={})
    assert read(1, levered(10, "0.3", falling)).inputs["notional"] == "50100"


def test_without_a_mark_price_what_is_held_counts_as_it_is_reserved() -> None:
    held = slot(position=position(quantity=d("49.8")))
    asked = case(exposure=exposure(mark=None, snapshot=levered(10, "0.3", held).exposure.snapshot))
    assert read(1, asked).inputs == {"leverage": "10", "notional": "300", "tier": "1"}


def test_a_book_without_equity_shows_no_effective_leverage() -> None:
    reading = read(2, with_snapshot(case(), balance=balance(wallet=d("0")), totals=booked("1700")))
    assert reading.inputs == {"notional_after_order": "2000", "equity": "0"}
    assert reading.limits == {"max_effective_leverage": "10"}


@pytest.mark.parametrize(
    ("changes", "limit"), [({"max_effective_leverage": d("100")}, "20"), ({"max_effective_leverage": d("3")}, "3")]
)
def test_the_cap_in_code_stands_above_the_limit_that_is_shown(changes: dict[str, Any], limit: str) -> None:
    assert read(2, with_risk(case(), **changes)).limits == {"max_effective_leverage": limit}


def test_margin_usage_shows_what_the_order_adds_to_both_margins() -> None:
    """49,900 of maintenance notional in the first tier are held; 300 more reach into the second, where 1 % is asked."""
    held = slot(position=position(quantity=d("49.9")), reserved={})
    reading = read(3, margins("970", "249.5", long=held))
    assert reading.inputs == {
        "initial_usage_pct": "10",
        "maintenance_usage_pct": "2.51",
        "equity": "10000",
    }


@pytest.mark.parametrize(
    ("asked", "inputs"),
    [
        (case(intent=intent(price=None)), {"entry": "unknown"}),
        (case(exposure=exposure(mark=None)), {"entry": "1000"}),
        (case(stop_price=d("1001.5")), {"entry": "1000", "stop": "1001.5", "target": "1020"}),
        (case(target_price=d("999.50")), {"entry": "1000", "stop": "990", "target": "999.5"}),
    ],
)
def test_a_stop_or_target_that_makes_no_sense_is_shown_without_a_ratio(asked: Case, inputs: dict[str, str]) -> None:
    reading = read(5, asked)
    assert (reading.verdict, reading.inputs) == (Verdict.REFUSED, inputs)
    assert reading.limits == {"min_reward_risk": "0", "stop_buffer_pct": "15"}


def test_what_is_won_and_lost_is_told_net_of_the_fees_of_both_ends() -> None:
    """A short from 1000 with its stop at 1010 and its target at 980: 20 less 0.792, against 10 and 1.814 of costs."""
    asked = case(intent=intent(position_side=SHORT), stop_price=d("1010"), target_price=d("980"))
    reading = read(5, asked)
    assert reading.inputs["reward_risk"] == "1.6258676"
    assert reading.inputs["stop_buffer_pct"] == "89.421053"


@pytest.mark.parametrize(("buffer", "verdict"), [("89.5", Verdict.PASSED), ("89.6", Verdict.REFUSED)])
def test_the_buffer_between_stop_and_liquidation_is_a_share_of_the_way_to_it(buffer: str, verdict: Verdict) -> None:
    assert read(5, with_risk(case(), stop_buffer_pct=d(buffer))).verdict is verdict


def test_the_list_of_allowed_symbols_is_shown_by_name() -> None:
    listed = frozenset({Symbol("ETHUSDT"), BTC, Symbol("AUSDT")})
    reading = read(6, with_risk(case(), allowed_symbols=listed))
    assert (reading.inputs, reading.limits) == ({"symbol": BTC}, {"allowed_symbols": "AUSDT BTCUSDT ETHUSDT"})


def test_an_entry_without_a_model_shows_no_confidence() -> None:
    reading = read(7, case())
    assert reading.inputs == {"confidence": "none"}
    assert reading.limits == {"min_confidence": "60", "max_confidence": "100"}


MONITORED = {"pause_at_pct": "80", "emergency_at_pct": "90", "max_daily_loss_pct": "5", "max_drawdown_pct": "20"}


def test_the_monitor_shows_every_block_once_and_none_as_none() -> None:
    assert read(8, case()).inputs == {"margin_usage_pct": "0", "equity": "10000", "blocks": "none"}
    kinds = (BlockKind.EMERGENCY, BlockKind.DAILY_LOSS)
    blocks = {kind: Block(kind, NOW_MS, "too much", "later") for kind in kinds}
    both = with_snapshot(case(), guard=guard(blocks=blocks, day="2025-12-11", day_start_equity=d("10600")))
    assert read(8, both).inputs["blocks"] == "daily_loss emergency"


def test_the_monitor_shows_what_it_compares_with_and_what_is_off() -> None:
    off = with_risk(guarded(BlockKind.EMERGENCY), max_daily_loss_pct=None, max_drawdown_pct=None)
    assert read(8, off).limits == {**MONITORED, "max_daily_loss_pct": "off", "max_drawdown_pct": "off"}
    unknown = read(8, with_snapshot(case(), balance=None))
    assert (unknown.verdict, unknown.inputs) == (Verdict.REFUSED, {"margin_usage_pct": "unknown"})
    assert unknown.limits == MONITORED


def test_the_layers_are_known_by_number_and_name_and_each_says_why_it_refuses() -> None:
    assert {layer.number: (layer.name, layer.why) for layer in LAYERS} == {
        1: ("leverage", "the leverage or the size is more than the venue or the limits admit"),
        2: ("effective_leverage", "the whole book would be too large for the equity"),
        3: ("margin_usage", "too much of the equity would be tied up as margin"),
        4: ("liquidation_distance", "the position would stand too near its liquidation"),
        5: ("stop_and_target", "stop and target do not make sense for this entry"),
        6: ("allowed_symbols", "the symbol is not on the list of those that may be traded"),
        7: ("confidence", "the confidence of the proposal is too low or not on a scale to 100"),
        8: ("live_monitor", "the account's monitor admits no new entries now"),
    }


def test_a_projection_knows_what_there_will_be_and_what_it_is_worth() -> None:
    held = slot(position=position(quantity=d("0.5"), entry_price=d("900")))
    after = projected(with_snapshot(case(exposure=exposure(mark=MarkPrice(d("1100"), NOW_MS))), long=held))
    assert after is not None
    assert (after.leg.side, after.leg.quantity) == (LONG, d("0.8"))
    assert (after.leg.entry_price, after.mark, after.notional) == (d("937.5"), d("1100"), d("880"))
    assert after.nearest == after.liquidation is not None


@pytest.mark.parametrize(
    "unknown",
    [
        case(exposure=exposure(mark=MarkPrice(d("0"), NOW_MS))),
        case(intent=intent(price=d("0"))),
        case(intent=intent(quantity=d("0"))),
        with_snapshot(case(), balance=None),
        case(instrument=instrument(brackets=())),
        cross(case(), balance=balance(maintenance_margin=None)),
    ],
)
def test_nothing_is_projected_from_what_is_not_known_or_is_nothing(unknown: Case) -> None:
    assert projected(unknown) is None

"""The eight layers of the risk gate: each at its threshold, with its figures, and refusing what cannot be told."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from tests.unit.builders import (
    ACCOUNT,
    BTC,
    LONG,
    NOW_MS,
    SHORT,
    account_limits,
    balance,
    case,
    d,
    exposure,
    guard,
    instrument,
    intent,
    live_entry,
    position,
    readiness,
    slot,
    snapshot,
)

from undertow.domain.account import Balance, BookTotals, MarginType
from undertow.domain.decision import LayerReading, Verdict
from undertow.domain.guard import Block, BlockKind
from undertow.domain.ids import Symbol
from undertow.domain.instrument import LeverageBracket
from undertow.domain.market import MarkPrice, PositionSide
from undertow.domain.position import Slot
from undertow.risk.approval import ApprovedOrder, Refusal
from undertow.risk.case import Case
from undertow.risk.gate import review, review_layers
from undertow.risk.layers import LAYERS
from undertow.risk.limits import RiskLimits
from undertow.risk.liquidation import isolated_liquidation_price, maintenance_margin
from undertow.risk.projection import projected

PASSED, WARNED, REFUSED = Verdict.PASSED, Verdict.WARNED, Verdict.REFUSED
NOT_APPLICABLE = Verdict.NOT_APPLICABLE


def with_snapshot(asked: Case, **changes: Any) -> Case:
    return replace(asked, exposure=replace(asked.exposure, snapshot=replace(asked.exposure.snapshot, **changes)))


def with_risk(asked: Case, **changes: Any) -> Case:
    return replace(asked, account_limits=replace(asked.account_limits, risk=RiskLimits(**changes)))


def read(number: int, asked: Case) -> LayerReading:
    reading = review_layers(asked)[number - 1]
    assert reading.number == number
    return reading


def cross(asked: Case, **changes: Any) -> Case:
    """``asked`` on an account that holds its symbol cross."""
    return with_snapshot(asked, readiness=readiness(margin_type=MarginType.CROSS), **changes)


def levered(leverage: int, quantity: str = "0.3", held: Slot | None = None, limit: int = 50) -> Case:
    return case(
        intent=intent(leverage=leverage, quantity=d(quantity)),
        exposure=exposure(snapshot=snapshot(readiness=readiness(leverage=leverage), long=held or slot())),
        account_limits=account_limits(max_leverage=limit),
    )


def margins(initial: str, maintenance: str, **more: Any) -> Case:
    return with_snapshot(case(), balance=balance(initial_margin=d(initial), maintenance_margin=d(maintenance)), **more)


def booked(notional: str = "0", margin: str = "0") -> BookTotals:
    return BookTotals(ACCOUNT, d(notional), d(margin), 1)


def distant(percent: str) -> Case:
    """A cross long of 0.3 at 1000 that its wallet carries exactly ``percent`` of the mark price down."""
    free_of_maintenance = (LeverageBracket(1, 125, d("0"), d("1E+9"), d("0"), d("0")),)
    wallet = d("300") * d(percent) / 100
    asked = case(instrument=instrument(brackets=free_of_maintenance), stop_price=d("999.9"))
    return cross(asked, balance=balance(wallet=wallet))


LEVERAGE = {
    "leverage at the tier's": (levered(50), PASSED),
    "no leverage at all": (levered(1), PASSED),
    "leverage above the cap in code": (levered(51, limit=125), REFUSED),
    "leverage above the account's": (levered(21, limit=20), REFUSED),
    "leverage above what the second tier admits": (levered(26, "60"), REFUSED),
    "leverage at what the second tier admits": (levered(25, "60"), PASSED),
    "an order that lifts the position into the second tier": (
        levered(26, "0.3", slot(position=position(quantity=d("49.8"), entry_price=d("1000")))),
        REFUSED,
    ),
    "an order that brings the position to the very end of the first": (
        levered(26, "0.3", slot(position=position(quantity=d("49.7"), entry_price=d("1000")))),
        PASSED,
    ),
    "a position larger than any tier": (levered(1, "5001"), REFUSED),
    "tiers that were never read": (replace(levered(1), instrument=instrument(brackets=())), REFUSED),
}
EFFECTIVE = {
    "the book at ten times equity": (with_snapshot(case(), totals=booked("99700")), PASSED),
    "the book above it": (with_snapshot(case(), totals=booked("99700.01")), REFUSED),
    "a limit of its own": (
        with_risk(with_snapshot(case(), totals=booked("9700.01")), max_effective_leverage=d("1")),
        REFUSED,
    ),
    "the cap in code, though the limit allows more": (
        with_risk(with_snapshot(case(), totals=booked("199700.01")), max_effective_leverage=d("100")),
        REFUSED,
    ),
    "hardly any equity, and a book that fits it": (
        case(
            intent=intent(quantity=d("0.005")), exposure=exposure(snapshot=snapshot(balance=balance(wallet=d("0.5"))))
        ),
        PASSED,
    ),
    "no equity": (with_snapshot(case(), balance=balance(wallet=d("0"))), REFUSED),
    "no balance": (with_snapshot(case(), balance=None), REFUSED),
}
USAGE = {
    "initial margin at 80 percent after the order": (margins("7970", "0"), PASSED),
    "initial margin above 80": (margins("7970.01", "0"), WARNED),
    "initial margin at 90": (margins("8970", "0"), WARNED),
    "initial margin above 90": (margins("8970.01", "0"), REFUSED),
    "margin that the book reserved after the balance was read": (
        margins("0", "0", totals=booked(margin="8970.01")),
        REFUSED,
    ),
    "maintenance margin at 80 percent after the order": (margins("0", "7998.5"), PASSED),
    "maintenance margin above 80": (margins("0", "7998.51"), WARNED),
    "maintenance margin above 90": (margins("0", "8998.51"), REFUSED),
    "the cap in code, though the limit allows more": (
        with_risk(margins("9470.01", "0"), margin_usage_reject_pct=d("100")),
        REFUSED,
    ),
    "an initial margin that was not read": (
        with_snapshot(case(), balance=balance(initial_margin=None)),
        REFUSED,
    ),
    "a maintenance margin that was not read": (
        with_snapshot(case(), balance=balance(maintenance_margin=None)),
        REFUSED,
    ),
    "no balance": (with_snapshot(case(), balance=None), REFUSED),
    "no equity": (with_snapshot(case(), balance=balance(wallet=d("-5"))), REFUSED),
    "unknown tiers": (case(instrument=instrument(brackets=())), REFUSED),
}
DISTANCE = {
    "critical at five percent": (distant("5"), REFUSED),
    "danger above five": (distant("5.01"), WARNED),
    "danger at ten": (distant("10"), WARNED),
    "warning above ten": (distant("10.01"), WARNED),
    "warning at twenty": (distant("20"), WARNED),
    "safe above twenty": (distant("20.01"), PASSED),
    "no liquidation price above zero": (distant("100"), PASSED),
    "a stricter limit than the zones": (with_risk(distant("14"), min_liquidation_distance_pct=d("15")), REFUSED),
    "ten times isolated, never safe": (case(), WARNED),
    "twenty times isolated": (levered(20), REFUSED),
    "already passed": (distant("-1"), REFUSED),
    "unknown tiers": (case(instrument=instrument(brackets=())), REFUSED),
    "no mark price": (case(exposure=exposure(mark=None)), REFUSED),
    "no price": (case(intent=intent(price=None)), REFUSED),
    "no quantity": (case(intent=intent(quantity=None)), REFUSED),
    "cross, and the maintenance margin was not read": (
        cross(case(), balance=balance(maintenance_margin=None)),
        REFUSED,
    ),
}
short = case(intent=intent(position_side=SHORT), stop_price=d("1010"), target_price=d("980"))
SANITY = {
    "a long's target above and stop below": (case(), PASSED),
    "a short's mirrored": (short, PASSED),
    "a short with a long's": (replace(short, stop_price=d("990"), target_price=d("1020")), REFUSED),
    "a stop on the wrong side": (case(stop_price=d("1000.1")), REFUSED),
    "a stop at the entry": (case(stop_price=d("1000")), REFUSED),
    "a stop at zero": (case(stop_price=d("0")), REFUSED),
    "a target on the wrong side": (case(target_price=d("999.9")), REFUSED),
    "a target that does not pay the fees": (case(target_price=d("1000.8")), REFUSED),
    "a target that just pays them": (case(target_price=d("1000.9")), PASSED),
    "1.5 net of fees where 1.62 is promised": (case(min_reward_risk=d("1.5")), PASSED),
    "1.5 net of fees where only the gross reaches it": (
        case(target_price=d("1015"), min_reward_risk=d("1.5")),
        REFUSED,
    ),
    "a stop within 15 percent of the way to liquidation": (case(stop_price=d("918.8")), REFUSED),
    "a stop just outside of it": (case(stop_price=d("918.9")), PASSED),
    "a stop beyond liquidation": (case(stop_price=d("900")), REFUSED),
    "any stop where no buffer is asked for": (with_risk(case(stop_price=d("905")), stop_buffer_pct=d("0")), PASSED),
    "no price": (case(intent=intent(price=None)), REFUSED),
}
ALLOWED = {
    "no list": (case(), PASSED),
    "a list with the symbol": (with_risk(case(), allowed_symbols=frozenset({BTC})), PASSED),
    "a list without it": (with_risk(case(), allowed_symbols=frozenset({Symbol("BTCUSDC")})), REFUSED),
    "a list with part of its name": (with_risk(case(), allowed_symbols=frozenset({Symbol("BTC")})), REFUSED),
    "an empty list, which is nothing": (with_risk(case(), allowed_symbols=frozenset()), REFUSED),
}
CONFIDENCE = {
    "no model proposed it": (case(), NOT_APPLICABLE),
    "just confident enough": (case(intent=intent(confidence=60)), PASSED),
    "not quite": (case(intent=intent(confidence=59)), REFUSED),
    "the most there is": (case(intent=intent(confidence=100)), PASSED),
    "more than there is": (case(intent=intent(confidence=101)), REFUSED),
    "a one, which may be all or nearly nothing": (
        with_risk(case(intent=intent(confidence=1)), min_confidence=0),
        REFUSED,
    ),
    "a zero": (with_risk(case(intent=intent(confidence=0)), min_confidence=0), REFUSED),
    "a two, which is on a scale to 100": (with_risk(case(intent=intent(confidence=2)), min_confidence=0), PASSED),
    "a limit of its own": (with_risk(case(intent=intent(confidence=79)), min_confidence=80), REFUSED),
}


def guarded(kind: BlockKind) -> Case:
    blocks = {kind: Block(kind, NOW_MS, "too much", "later")}
    return with_snapshot(case(), guard=guard(blocks=blocks, day="2025-12-11", day_start_equity=d("10000")))


def fallen(start: str, peak: str) -> Case:
    """An account whose monitor has not looked since equity fell to 10,000."""
    known = guard(day="2025-12-11", day_start_equity=d(start), peak_equity=d(peak))
    return with_snapshot(case(), guard=known)


MONITOR = {
    "no guard yet, and margin to spare": (case(), PASSED),
    "no guard yet, and usage at the pause threshold": (margins("0", "8000"), REFUSED),
    "usage just below it": (margins("0", "7999.99"), PASSED),
    "a margin pause that stands while usage is low": (guarded(BlockKind.MARGIN_USAGE), REFUSED),
    "an emergency": (guarded(BlockKind.EMERGENCY), REFUSED),
    "a daily loss": (guarded(BlockKind.DAILY_LOSS), REFUSED),
    "a drawdown": (guarded(BlockKind.DRAWDOWN), REFUSED),
    "a guard without blocks": (fallen("10000", "10000"), PASSED),
    "a daily loss that the monitor has yet to see": (fallen("10527", "10527"), REFUSED),
    "a drawdown that it has yet to see": (fallen("10000", "12500"), REFUSED),
    "a margin that was not read": (with_snapshot(case(), balance=balance(maintenance_margin=None)), REFUSED),
    "no balance": (with_snapshot(case(), balance=None), REFUSED),
}
TABLES = (LEVERAGE, EFFECTIVE, USAGE, DISTANCE, SANITY, ALLOWED, CONFIDENCE, MONITOR)


@pytest.mark.parametrize(
    ("number", "asked", "verdict"),
    [
        pytest.param(number, asked, verdict, id=f"{number} {sentence}: {verdict}")
        for number, table in enumerate(TABLES, 1)
        for sentence, (asked, verdict) in table.items()
    ],
)
def test_a_layer_judges_at_its_threshold_and_just_beyond_it(number: int, asked: Case, verdict: Verdict) -> None:
    assert read(number, asked).verdict is verdict


def test_every_layer_can_pass_and_can_refuse_here() -> None:
    for table in TABLES:
        verdicts = {verdict for _, verdict in table.values()}
        assert {PASSED, REFUSED} <= verdicts


FIGURES: list[tuple[int, Case, dict[str, str], dict[str, str]]] = [
    (
        1,
        case(),
        {"leverage": "10", "notional": "300", "tier": "1"},
        {"account_max": "20", "hard_cap": "50", "venue_max": "50", "largest_notional": "5000000"},
    ),
    (
        2,
        with_snapshot(case(), totals=booked("1700")),
        {"notional_after_order": "2000", "equity": "10000", "effective_leverage": "0.2"},
        {"max_effective_leverage": "10"},
    ),
    (
        3,
        margins("970", "98.5"),
        {"initial_usage_pct": "10", "maintenance_usage_pct": "1", "equity": "10000"},
        {"warn_above_pct": "80", "reject_above_pct": "90"},
    ),
    (
        4,
        case(),
        {
            "liquidation_price": "904.52261",
            "mark": "1000",
            "quantity_after_order": "0.3",
            "average_after_order": "1000",
            "distance_pct": "9.5477387",
            "zone": "danger",
        },
        {"critical_at_pct": "5", "danger_at_pct": "10", "warning_at_pct": "20"},
    ),
    (
        5,
        case(min_reward_risk=d("1.5")),
        {
            "entry": "1000",
            "stop": "990",
            "target": "1020",
            "reward_risk": "1.6283726",
            "liquidation_price": "904.52261",
            "stop_buffer_pct": "89.526316",
        },
        {"min_reward_risk": "1.5", "stop_buffer_pct": "15"},
    ),
    (6, case(), {"symbol": "BTCUSDT"}, {"allowed_symbols": "those of the strategies"}),
    (7, case(intent=intent(confidence=70)), {"confidence": "70"}, {"min_confidence": "60", "max_confidence": "100"}),
    (
        8,
        guarded(BlockKind.EMERGENCY),
        {"margin_usage_pct": "0", "equity": "10000", "blocks": "emergency"},
        {"pause_at_pct": "80", "emergency_at_pct": "90", "max_daily_loss_pct": "5", "max_drawdown_pct": "20"},
    ),
]


@pytest.mark.parametrize(("number", "asked", "inputs", "limits"), FIGURES)
def test_a_reading_carries_what_was_compared(
    number: int, asked: Case, inputs: Mapping[str, str], limits: Mapping[str, str]
) -> None:
    reading = read(number, asked)
    assert (reading.inputs, reading.limits) == (inputs, limits)


@pytest.mark.parametrize(
    ("number", "asked", "inputs"),
    [
        (1, case(instrument=instrument(brackets=())), {"leverage": "10", "tiers": "unknown"}),
        (2, with_snapshot(case(), balance=None), {"equity": "unknown"}),
        (3, with_snapshot(case(), balance=None), {"margins": "unknown"}),
        (3, with_snapshot(case(), balance=balance(initial_margin=None)), {"margins": "unknown"}),
        (3, case(instrument=instrument(brackets=())), {"tiers": "unknown"}),
        (4, case(exposure=exposure(mark=None)), {"liquidation_price": "unknown"}),
    ],
)
def test_what_cannot_be_told_is_named_beside_the_limits(number: int, asked: Case, inputs: Mapping[str, str]) -> None:
    reading = read(number, asked)
    assert (reading.verdict, reading.inputs) == (REFUSED, inputs)
    known = read(number, case()).limits
    assert reading.limits
    assert reading.limits.items() <= known.items()


@pytest.mark.parametrize(
    ("asked", "gate"),
    [
        (margins("8970.01", "0"), "layer_3_margin_usage"),
        (levered(26, "4", slot(position=position(quantity=d("49"), entry_price=d("1000")))), "layer_1_leverage"),
        (with_risk(case(), max_effective_leverage=d("0.01")), "layer_2_effective_leverage"),
        (levered(20), "layer_4_liquidation_distance"),
        (case(stop_price=d("1001")), "layer_5_stop_and_target"),
        (with_risk(case(), allowed_symbols=frozenset()), "layer_6_allowed_symbols"),
        (case(intent=intent(confidence=59)), "layer_7_confidence"),
        (guarded(BlockKind.DRAWDOWN), "layer_8_live_monitor"),
    ],
)
def test_a_layer_that_refuses_is_the_reason_and_all_eight_readings_are_on_record(asked: Case, gate: str) -> None:
    refusal = review(asked)
    assert isinstance(refusal, Refusal)
    assert refusal.gate == gate
    assert refusal.reason in {layer.why for layer in LAYERS}
    assert refusal.layers == review_layers(asked)
    speaking = next(reading for reading in refusal.layers if f"layer_{reading.number}_{reading.name}" == gate)
    assert (refusal.inputs, refusal.thresholds) == (speaking.inputs, speaking.limits)


def test_margin_usage_speaks_before_the_layers_that_would_hide_it() -> None:
    asked = with_risk(margins("8970.01", "0"), max_effective_leverage=d("0.01"), allowed_symbols=frozenset())
    refusal = review(asked)
    assert isinstance(refusal, Refusal)
    assert refusal.gate == "layer_3_margin_usage"
    assert [reading.verdict for reading in refusal.layers].count(REFUSED) == 3


def test_a_warning_holds_nothing_back() -> None:
    approved = review(margins("8000", "0"))
    assert isinstance(approved, ApprovedOrder)
    assert [reading.verdict for reading in approved.layers] == [
        PASSED,
        PASSED,
        WARNED,
        WARNED,
        PASSED,
        PASSED,
        NOT_APPLICABLE,
        PASSED,
    ]


def test_what_is_held_and_what_is_under_way_count_for_the_distance() -> None:
    """0.3 at 900 with margin 27, half of 0.4 at 1000 under way with margin 40, and the order."""
    waiting = live_entry(notional=d("400"), margin=d("40"), booked=d("0.2"))
    held = slot(position=position(entry_price=d("900")), entries=(waiting,))
    reading = read(4, with_snapshot(case(), long=held))
    assert reading.inputs["quantity_after_order"] == "0.8"
    assert reading.inputs["average_after_order"] == "962.5"
    expected = isolated_liquidation_price(LONG, d("0.8"), d("962.5"), d("77"), instrument().brackets)
    assert expected is not None
    assert Decimal(reading.inputs["liquidation_price"]) == round(expected, 5)


def test_every_entry_under_way_counts_for_the_distance() -> None:
    first, second = (live_entry(notional=d(notional), margin=d("40")) for notional in ("400", "200"))
    reading = read(4, with_snapshot(case(), long=slot(entries=(first, second))))
    assert reading.inputs["quantity_after_order"] == "0.9"


def test_cross_the_symbols_own_share_is_not_counted_twice() -> None:
    """Holding 0.3 with its own maintenance margin and loss in the account's figures is as entering 0.6 with none."""
    held = cross(
        case(exposure=exposure(mark=MarkPrice(d("1000"), NOW_MS))),
        long=slot(position=position(entry_price=d("1010"))),
        balance=balance(wallet=d("100"), unrealized=d("-3"), maintenance_margin=d("1.5")),
    )
    fresh = cross(case(intent=intent(quantity=d("0.6"), price=d("1005"))), balance=balance(wallet=d("100")))
    assert read(4, held).inputs == read(4, fresh).inputs


def test_what_other_positions_need_and_lose_brings_a_cross_liquidation_nearer() -> None:
    def distance(**figures: str) -> Decimal:
        known = {name: d(value) for name, value in figures.items()}
        return Decimal(read(4, cross(case(), balance=balance(wallet=d("100"), **known))).inputs["distance_pct"])

    alone = distance()
    assert distance(maintenance_margin="20") < alone
    assert distance(unrealized="-20") < alone
    assert distance(unrealized="20") > alone


def test_a_hedged_pair_is_measured_at_its_nearer_end() -> None:
    """Long 0.3 against short 3: the pair dies above, where the long's own stop is of no use."""
    pair = cross(
        case(),
        short=slot(SHORT, position=position(side=SHORT, quantity=d("3"))),
        balance=balance(wallet=d("400"), maintenance_margin=d("15")),
    )
    reading = read(4, pair)
    nearest = Decimal(reading.inputs["liquidation_price"])
    assert nearest > 1000
    assert Decimal(reading.inputs["distance_pct"]) == pytest.approx((nearest - 1000) / 10, abs=Decimal("0.001"))
    assert "liquidation_price" not in read(5, pair).inputs
    assert read(5, pair).verdict is PASSED
    drowned = with_snapshot(pair, balance=balance(wallet=d("10"), maintenance_margin=d("15")))
    assert (read(4, drowned).verdict, read(4, drowned).inputs["distance_pct"]) == (REFUSED, "0")


@pytest.mark.parametrize(("mark", "nearest"), [("1000", "below"), ("2700", "above")])
def test_a_pair_that_can_die_at_both_ends_is_measured_at_the_nearer(mark: str, nearest: str) -> None:
    """Long 2 against short 1 at 1000 with 300: the loss ends it below, the steep tier from 3,000 on above."""
    steep = (
        LeverageBracket(1, 50, d("0"), d("3000"), d("0.001"), d("0")),
        LeverageBracket(2, 1, d("3000"), d("1E+9"), d("0.8"), d("2397")),
    )
    pair = cross(
        case(
            instrument=instrument(brackets=steep),
            exposure=exposure(mark=MarkPrice(d(mark), NOW_MS)),
        ),
        long=slot(position=position(quantity=d("1.7"))),
        short=slot(SHORT, position=position(side=SHORT, quantity=d("1"))),
        balance=balance(wallet=d("300")),
    )
    after = projected(with_snapshot(pair, balance=account_of(pair, d(mark), steep)))
    assert after is not None
    assert after.liquidation == d("700") / d("0.997")
    assert after.nearest is not None
    assert (after.nearest < after.mark) is (nearest == "below")


def account_of(asked: Case, mark: Decimal, brackets: tuple[LeverageBracket, ...]) -> Balance:
    """A wallet of 300, with what the venue would say that the two positions need and earn at ``mark``."""
    held = [side.position for side in (asked.exposure.snapshot.long, asked.exposure.snapshot.short) if side.position]
    needed = sum((maintenance_margin(one.quantity * mark, brackets) for one in held), d("0"))
    earned = sum((one.unrealized_pnl(mark) for one in held), d("0"))
    return balance(wallet=d("300"), maintenance_margin=needed, unrealized=earned)


@pytest.mark.parametrize("side", PositionSide)
def test_what_the_venue_holds_cross_is_judged_cross_whatever_the_strategy_says(side: PositionSide) -> None:
    asked = replace(cross(case(intent=intent(position_side=side))), margin_type=MarginType.ISOLATED)
    isolated = with_snapshot(asked, readiness=readiness())
    unread = with_snapshot(asked, readiness=None)
    assert read(4, isolated).inputs == read(4, unread).inputs != read(4, asked).inputs

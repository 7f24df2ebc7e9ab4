"""What holds of every review, whatever the entry, the account and the market."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.builders import (
    ACCOUNT,
    BRACKETS,
    ENTRY,
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
    symbol_limits,
)
from tests.unit.plans import plan_of

from undertow.domain.account import BookTotals, MarginType
from undertow.domain.decision import Verdict
from undertow.domain.guard import Block, BlockKind
from undertow.domain.ids import ClientOrderId
from undertow.domain.ladder import Ladder, PlannedLayer
from undertow.domain.market import MarkPrice, PositionSide
from undertow.domain.position import Reserved, Slot
from undertow.risk.approval import ApprovedOrder, Refusal
from undertow.risk.budget import loss_at_stop, portfolio_cap
from undertow.risk.case import Case
from undertow.risk.exposure import AccountSnapshot
from undertow.risk.gate import ENTRY_CHECKS, gates, review, review_layers
from undertow.risk.layers import LAYERS
from undertow.risk.limits import RiskLimits
from undertow.risk.liquidation import bracket_of, is_solvent
from undertow.risk.projection import projected

DAY = "2025-12-11"


def amounts(low: str, high: str, places: int = 2) -> st.SearchStrategy[Decimal]:
    return st.decimals(low, high, places=places)


def mostly(usual: tuple[str, str], wide: tuple[str, str], places: int = 2) -> st.SearchStrategy[Decimal]:
    """Three times in four from the ``usual`` range: what stretches every limit at once is never approved."""
    near, far = amounts(*usual, places), amounts(*wide, places)
    return st.sampled_from([near, near, near, far]).flatmap(lambda chosen: chosen)


@st.composite
def risk_limits(draw: st.DrawFn) -> RiskLimits:
    return RiskLimits(
        max_portfolio_risk_pct=draw(mostly(("10", "40"), ("0.1", "60"), 1)),
        max_effective_leverage=draw(mostly(("8", "20"), ("0.1", "30"), 1)),
        margin_usage_reject_pct=draw(mostly(("80", "95"), ("10", "100"), 0)),
        min_liquidation_distance_pct=draw(mostly(("1", "5"), ("0", "30"), 1)),
        stop_buffer_pct=draw(mostly(("5", "20"), ("0", "90"), 0)),
    )


@st.composite
def sides(draw: st.DrawFn, side: PositionSide) -> Slot:
    kept = Reserved(draw(amounts("0", "8000")), draw(amounts("0", "800")), draw(amounts("0", "90")))
    held = position(side=side, quantity=draw(amounts("0.001", "9", 3)), entry_price=draw(amounts("950", "1050")))
    waiting = (live_entry(notional=draw(amounts("1", "900")), margin=draw(amounts("1", "90"))),)
    return slot(
        side,
        position=draw(st.sampled_from([None, held])),
        entries=draw(st.sampled_from([(), waiting])),
        reserved=draw(st.sampled_from([{}, {ClientOrderId("ut-e-held"): kept}])),
    )


@st.composite
def accounts(draw: st.DrawFn, leverage: int) -> AccountSnapshot:
    """From idle to stretched."""
    return snapshot(
        long=draw(sides(LONG)),
        short=draw(sides(SHORT)),
        totals=BookTotals(
            ACCOUNT,
            draw(mostly(("0", "20000"), ("0", "90000"))),
            draw(mostly(("0", "2000"), ("0", "9000"))),
            draw(st.integers(0, 6)),
            risk=draw(mostly(("0", "500"), ("0", "2500"))),
        ),
        balance=balance(
            wallet=draw(mostly(("8000", "20000"), ("0", "20000"))),
            unrealized=draw(mostly(("-500", "500"), ("-3000", "3000"))),
            initial_margin=draw(mostly(("0", "2000"), ("0", "9000"))),
            maintenance_margin=draw(mostly(("0", "300"), ("0", "9000"))),
        ),
        readiness=readiness(leverage=leverage, margin_type=draw(st.sampled_from(MarginType))),
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Entries about the usual one. Around one in three of them is approved."""
    side = draw(st.sampled_from(PositionSide))
    price = draw(amounts("950", "1050", 1))
    quantity = draw(mostly(("0.01", "4"), ("0.001", "90"), 3))
    leverage = int(draw(mostly(("1", "12"), ("1", "50"), 0)))
    limits = draw(risk_limits())
    stop = price * (1 - side.sign * draw(mostly(("0.3", "3"), ("0.1", "20"), 1)) / 100)
    target = price * (1 + side.sign * draw(mostly(("1", "9"), ("0.01", "12"))) / 100)
    risk = loss_at_stop(side, quantity, price, stop, limits)
    mark = MarkPrice(price * (1 + draw(amounts("-2", "2", 1)) / 100), NOW_MS)
    return case(
        intent=intent(position_side=side, price=price, quantity=quantity, leverage=leverage, risk=risk),
        exposure=exposure(snapshot=draw(accounts(leverage)), mark=mark),
        account_limits=account_limits(
            max_total_margin=draw(mostly(("4000", "9000"), ("100", "9000"))),
            max_total_notional=draw(mostly(("40000", "90000"), ("1000", "90000"))),
            max_positions=draw(st.sampled_from([0, 0, 5, 9])),
            max_leverage=int(draw(mostly(("12", "50"), ("1", "50"), 0))),
            risk=limits,
        ),
        symbol_limits=symbol_limits(max_position_margin=d("9000"), max_position_notional=d("90000"), max_open_orders=3),
        stop_price=stop,
        target_price=target,
        reserve=draw(st.sampled_from([risk, risk * 3])),
        min_reward_risk=draw(st.sampled_from([d("0"), d("0"), d("1.5")])),
    )


def approved(asked: Case) -> bool:
    return isinstance(review(asked), ApprovedOrder)


@given(cases())
def test_an_approval_never_exceeds_a_cap_of_the_account(asked: Case) -> None:
    if not approved(asked):
        return
    totals, limits, equity = asked.exposure.snapshot.totals, asked.account_limits, _equity(asked)
    assert totals.margin + asked.intent.margin <= limits.max_total_margin
    assert totals.notional + asked.intent.notional <= limits.max_total_notional
    assert totals.notional + asked.intent.notional <= limits.risk.max_effective_leverage * equity
    assert asked.intent.leverage <= limits.max_leverage


@given(cases())
def test_an_approval_never_exceeds_the_portfolio_limit(asked: Case) -> None:
    if approved(asked):
        risk = asked.exposure.snapshot.totals.risk + max(asked.reserve, asked.intent.risk)
        assert risk <= portfolio_cap(asked.account_limits.risk, _equity(asked)) <= _equity(asked) / 2


@given(cases())
def test_an_approval_never_ties_up_more_margin_than_may_be(asked: Case) -> None:
    known = asked.exposure.snapshot.balance
    if approved(asked) and known is not None and known.initial_margin is not None:
        used = (known.initial_margin + asked.intent.margin) / known.equity * 100
        assert used <= min(asked.account_limits.risk.margin_usage_reject_pct, d("95"))


@given(cases())
def test_an_approval_keeps_to_the_tier_that_its_notional_is_in(asked: Case) -> None:
    if approved(asked):
        notional = asked.slot.reserved_notional + asked.intent.notional
        assert asked.intent.leverage <= bracket_of(notional, BRACKETS).max_leverage


@given(cases())
def test_an_approval_survives_a_move_against_it_of_the_least_distance(asked: Case) -> None:
    if not approved(asked):
        return
    after = projected(asked)
    assert after is not None
    assert asked.exposure.snapshot.readiness is not None
    if asked.exposure.snapshot.readiness.margin_type is MarginType.ISOLATED:
        held = asked.slot.position
        margin = asked.intent.margin + (held.notional / held.leverage if held is not None else 0)
        margin += sum(entry.margin for entry in asked.slot.entries)
        least = asked.account_limits.risk.min_liquidation_distance_pct
        price = after.mark * (1 - after.leg.side.sign * least / 100)
        assert is_solvent([after.leg], price, margin + d("1E-12"), BRACKETS)


@given(cases())
def test_an_approvals_stop_and_target_are_in_order_and_the_target_pays_the_fees(asked: Case) -> None:
    if approved(asked):
        sign, price = asked.intent.position_side.sign, asked.intent.price
        assert price is not None
        assert sign * asked.stop_price < sign * price < sign * asked.target_price
        fees = (price + asked.target_price) * asked.account_limits.risk.taker_fee_pct / 100
        assert abs(asked.target_price - price) > fees


@given(cases())
def test_the_readings_are_eight_in_the_order_of_their_numbers_and_show_their_limits(asked: Case) -> None:
    readings = review_layers(asked)
    names = {layer.number: layer.name for layer in LAYERS}
    assert [(reading.number, reading.name) for reading in readings] == sorted(names.items())
    assert all(reading.inputs and reading.limits for reading in readings)
    texts = [text for reading in readings for text in (*reading.inputs.values(), *reading.limits.values())]
    assert all(text and "E" not in text.removeprefix("BTCUSDT") for text in texts), "figures are plain"


@given(cases())
def test_a_review_approves_exactly_when_no_check_and_no_layer_refuses(asked: Case) -> None:
    refusals = [refusal for check in ENTRY_CHECKS if (refusal := check(asked)) is not None]
    refusing = [reading for reading in review_layers(asked) if reading.verdict is Verdict.REFUSED]
    reviewed = review(asked)
    if isinstance(reviewed, ApprovedOrder):
        assert (refusals, refusing) == ([], [])
        assert reviewed.layers == review_layers(asked)
    elif refusals:
        assert reviewed == refusals[0]
    else:
        assert reviewed.gate in {f"layer_{reading.number}_{reading.name}" for reading in refusing}


@given(cases())
def test_every_refusal_names_one_of_the_gates_and_says_why(asked: Case) -> None:
    reviewed = review(asked)
    if isinstance(reviewed, Refusal):
        assert reviewed.reason
        assert not reviewed.gate.startswith("layer_") or reviewed.gate in set(gates())


@given(cases(), st.sampled_from(BlockKind))
def test_no_entry_passes_a_block_of_the_monitor(asked: Case, kind: BlockKind) -> None:
    standing = {kind: Block(kind, NOW_MS, "x", "y")}
    known = guard(blocks=standing, day=DAY, day_start_equity=_equity(asked))
    blocked = replace(asked.exposure.snapshot, guard=known)
    assert not approved(replace(asked, exposure=replace(asked.exposure, snapshot=blocked)))


@given(
    cases(),
    st.sampled_from(["balance", "initial_margin", "maintenance_margin", "readiness", "brackets", "mark", "risk"]),
)
def test_whatever_is_not_known_nothing_is_approved(asked: Case, missing: str) -> None:
    known = asked.exposure.snapshot
    assert known.balance is not None
    if missing == "brackets":
        asked = replace(asked, instrument=instrument(brackets=()))
    elif missing == "mark":
        asked = replace(asked, exposure=replace(asked.exposure, mark=None))
    elif missing == "risk":
        asked = replace(asked, intent=replace(asked.intent, risk=d("0")))
    elif missing in ("balance", "readiness"):
        asked = _with(asked, **{missing: None})
    else:
        asked = _with(asked, balance=replace(known.balance, **{missing: None}))
    assert not approved(asked)


@given(cases(), amounts("0", "5000"))
def test_more_equity_with_all_else_alike_never_makes_a_layer_refuse(asked: Case, more: Decimal) -> None:
    known = asked.exposure.snapshot.balance
    assert known is not None
    richer = _with(asked, balance=replace(known, wallet=known.wallet + more))
    for before, after in zip(review_layers(asked), review_layers(richer), strict=True):
        hedged = before.number in (
            4,
            5,
        )  # more margin moves a hedged pair's far end nearer in no case, but its zone may
        if before.verdict is not Verdict.REFUSED and not hedged:
            assert after.verdict is not Verdict.REFUSED


PLAN = plan_of(
    *(PlannedLayer(n, d("1000") - 4 * n, d("0.3"), d("15")) for n in range(1, 5)),
    stop_price=d("950"),
    stop_loss_pct=d("5"),
)


@given(cases(), st.integers(2, 4), amounts("0", "1000000"), st.integers(0, 99))
def test_a_later_layer_is_never_held_back_by_the_portfolio_limit_or_the_count(
    asked: Case, number: int, book: Decimal, positions: int
) -> None:
    ladder = Ladder(PLAN)
    for earlier in range(1, number):
        ladder = ladder.claimed(earlier, ClientOrderId(f"ut-e-{earlier}"), NOW_MS)
    layer = replace(
        asked,
        intent=replace(asked.intent, position_side=LONG, ladder=PLAN.id, layer=number, risk=d("15")),
        reserve=d("0"),
    )
    totals = replace(asked.exposure.snapshot.totals, risk=book, slots=positions)
    layer = _with(layer, long=replace(asked.exposure.snapshot.long, ladder=ladder), totals=totals)
    reviewed = review(layer)
    assert isinstance(reviewed, ApprovedOrder) or reviewed.gate not in (
        "portfolio_risk",
        "max_positions",
        "ladder_reserve",
    )
    greedy = review(replace(layer, intent=replace(layer.intent, risk=d("15.01"))))
    assert isinstance(greedy, Refusal)


def test_these_properties_are_not_empty_words() -> None:
    """Enough of the cases are approved, and the layers that compute the most refuse some."""
    found: Counter[str] = Counter()

    @settings(max_examples=3_000, database=None, derandomize=True)
    @given(cases())
    def look(asked: Case) -> None:
        reviewed = review(asked)
        found[reviewed.gate if isinstance(reviewed, Refusal) else "approved"] += 1

    look()
    assert found["approved"] >= 50
    assert {layer.gate for layer in LAYERS if layer.number in (3, 4, 5)} <= set(found)


def test_a_layer_that_opens_no_ladder_cannot_call_itself_a_later_one() -> None:
    posing = case(intent=intent(ladder=PLAN.id, layer=2))
    assert not approved(posing)


@pytest.mark.parametrize("order", [ENTRY, ClientOrderId("ut-e-other")])
def test_only_the_order_that_holds_a_layer_may_be_asked_about_again(order: ClientOrderId) -> None:
    ladder = Ladder(PLAN).claimed(1, ClientOrderId("ut-e-1"), NOW_MS).claimed(2, order, NOW_MS)
    again = _with(case(intent=intent(ladder=PLAN.id, layer=2), reserve=d("0")), long=slot(ladder=ladder))
    assert approved(again) is (order == ENTRY)


def _equity(asked: Case) -> Decimal:
    assert asked.exposure.snapshot.balance is not None
    return asked.exposure.snapshot.balance.equity


def _with(asked: Case, **changes: Any) -> Case:
    exposed = asked.exposure
    return replace(asked, exposure=replace(exposed, snapshot=replace(exposed.snapshot, **changes)))

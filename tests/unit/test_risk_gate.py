"""The review of entries: every check at its threshold, just below and just above it; nothing unknown passes."""

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.builders import (
    ACCOUNT,
    ENTRY,
    LONG,
    NOW_MS,
    SHORT,
    account_limits,
    balance,
    case,
    d,
    exposure,
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

from undertow.domain.account import BookTotals, PositionMode, VenueHealth
from undertow.domain.ids import ClientOrderId, LadderId
from undertow.domain.ladder import Ladder, PlannedLayer
from undertow.domain.market import MarkPrice, PositionSide, Venue
from undertow.domain.position import LiveEntry, Reserved, Slot
from undertow.risk.approval import ApprovedOrder, Refusal
from undertow.risk.case import Case
from undertow.risk.gate import ENTRY_CHECKS, review, review_layers
from undertow.risk.limits import RiskLimits

DAY_MS = 24 * 3_600_000
PASSES = "passes"


def with_intent(**changes: Any) -> Case:
    return case(intent=intent(**changes))


def with_snapshot(**changes: Any) -> Case:
    return case(exposure=exposure(snapshot=snapshot(**changes)))


def with_exposure(**changes: Any) -> Case:
    return case(exposure=exposure(**changes))


def with_instrument(**changes: Any) -> Case:
    return case(instrument=instrument(**changes))


def priced(price: str, mark: str = "1000", side: PositionSide = LONG, **rules: Any) -> Case:
    """An entry at ``price`` while the mark is ``mark``; the venue sets no bounds of its own unless ``rules`` do."""
    unbound = {"price_multiplier_up": d("0"), "price_multiplier_down": d("0"), "max_price": d("0"), **rules}
    return case(
        intent=intent(
            price=d(price), position_side=side, quantity=d("0.3") * 1000 / d(price) if d(price) > 0 else None
        ),
        instrument=instrument(**unbound),
        exposure=exposure(mark=MarkPrice(d(mark), NOW_MS)),
    )


def sized(quantity: str, price: str = "1000", leverage: int = 10, **limits: Any) -> Case:
    """An entry of any size that the caps leave room for."""
    return case(
        intent=intent(quantity=d(quantity), price=d(price), leverage=leverage),
        instrument=instrument(max_quantity=d("0")),
        exposure=exposure(
            snapshot=snapshot(balance=balance(available=d("1E+9")), readiness=readiness(leverage=leverage)),
            mark=MarkPrice(d(price), NOW_MS),
        ),
        account_limits=account_limits(max_total_margin=d("1E+9"), max_total_notional=d("1E+9"), max_leverage=50),
        symbol_limits=symbol_limits(max_position_margin=d("1E+9"), max_position_notional=d("1E+9")),
    )


def levered(leverage: int, limit: int, at_venue: int | None = None) -> Case:
    return case(
        intent=intent(leverage=leverage),
        exposure=exposure(snapshot=snapshot(readiness=readiness(leverage=leverage if at_venue is None else at_venue))),
        account_limits=account_limits(max_leverage=limit),
    )


def one_way(**changes: Any) -> Case:
    return with_exposure(position_mode=PositionMode.ONE_WAY, snapshot=snapshot(**changes))


def entries(count: int) -> tuple[LiveEntry, ...]:
    return tuple(live_entry(client_order_id=ClientOrderId(f"ut-e-{n}"), layer=n) for n in range(count))


def reserving(notional: str, margin: str, side: PositionSide = LONG) -> Slot:
    return slot(side, reserved={ClientOrderId("ut-e-held"): Reserved(d(notional), d(margin))})


def totals(notional: str = "0", margin: str = "0", slots: int = 0) -> BookTotals:
    return BookTotals(ACCOUNT, d(notional), d(margin), slots)


def refused_by(asked: Case) -> str:
    """The first of the cheap checks that speaks against ``asked``; the layers have tests of their own."""
    refusals = (check(asked) for check in ENTRY_CHECKS)
    return next((refusal.gate for refusal in refusals if refusal is not None), PASSES)


def test_an_entry_that_nothing_speaks_against_is_approved_as_it_is_with_all_eight_readings() -> None:
    asked = case()
    approved = review(asked)
    assert approved == ApprovedOrder(asked.intent, asked.instrument, PositionMode.HEDGE, review_layers(asked))
    assert [reading.number for reading in approved.layers] == [1, 2, 3, 4, 5, 6, 7, 8]


def test_a_cheap_refusal_never_comes_to_the_layers() -> None:
    refusal = review(with_intent(expires_at_ms=None))
    assert isinstance(refusal, Refusal)
    assert refusal.layers == ()


FRESHNESS = {
    "a signal whose time is just up": (with_intent(expires_at_ms=NOW_MS), PASSES),
    "a signal a millisecond too old": (with_intent(expires_at_ms=NOW_MS - 1), "signal_age"),
    "a signal from a second ahead of our clock": (with_intent(expires_at_ms=NOW_MS + 6_000), PASSES),
    "a signal from further ahead": (with_intent(expires_at_ms=NOW_MS + 6_001), "signal_age"),
    "a signal that never expires": (with_intent(expires_at_ms=None), "signal_age"),
    "the longest life that any signal may have": (
        replace(with_intent(expires_at_ms=NOW_MS + 31_000), account_limits=account_limits(max_signal_age_ms=DAY_MS)),
        PASSES,
    ),
    "a longer life, though the limits allow it": (
        replace(with_intent(expires_at_ms=NOW_MS + 31_001), account_limits=account_limits(max_signal_age_ms=DAY_MS)),
        "signal_age",
    ),
    "a venue whose block has just ended": (with_snapshot(health=VenueHealth(Venue.ASTER, NOW_MS, "429")), PASSES),
    "a venue that is blocked for one millisecond more": (
        with_snapshot(health=VenueHealth(Venue.ASTER, NOW_MS + 1, "429")),
        "venue_health",
    ),
    "a price of two seconds ago": (with_exposure(quote_time_ms=NOW_MS - 2_000), PASSES),
    "an older price": (with_exposure(quote_time_ms=NOW_MS - 2_001), "quote_age"),
    "a price from a second ahead of our clock": (with_exposure(quote_time_ms=NOW_MS + 1_000), PASSES),
    "a price from further ahead": (with_exposure(quote_time_ms=NOW_MS + 1_001), "quote_age"),
    "no price at all": (with_exposure(quote_time_ms=0), "quote_age"),
    "trading rules of a day ago": (with_instrument(fetched_at_ms=NOW_MS - DAY_MS), PASSES),
    "older trading rules": (with_instrument(fetched_at_ms=NOW_MS - DAY_MS - 1), "instrument"),
    "a symbol that is not trading": (with_instrument(status="SETTLING"), "instrument"),
    "a balance of two and a half minutes ago": (with_snapshot(balance=balance(time_ms=NOW_MS - 150_000)), PASSES),
    "an older balance": (with_snapshot(balance=balance(time_ms=NOW_MS - 150_001)), "balance"),
    "a balance that is not known": (with_snapshot(balance=None), "balance"),
}
PRICES = {
    "no mark price": (with_exposure(mark=None), "price_band"),
    "a mark price of zero": (priced("1000", mark="0"), "price_band"),
    "a negative mark price": (priced("1000", mark="-1000"), "price_band"),
    "no price": (with_intent(price=None), "price_band"),
    "a price of zero": (priced("0"), "price_band"),
    "a negative price": (priced("-1000"), "price_band"),
    "a fifth above the mark": (priced("1200"), PASSES),
    "a tick more than a fifth above the mark": (priced("1200.1"), "price_band"),
    "a fifth below the mark": (priced("800"), PASSES),
    "a tick more than a fifth below the mark": (priced("799.9"), "price_band"),
    "a hundred times the mark": (priced("100000"), "price_band"),
    "a hundredth of the mark": (priced("10"), "price_band"),
    "a price of fifteen digits against a mark of twelve places": (
        priced("999999999999999", mark="0.000000000001"),
        "price_band",
    ),
    "a buy at the venue's highest multiple of the mark": (priced("1150", price_multiplier_up=d("1.15")), PASSES),
    "a buy a tick above it": (priced("1150.1", price_multiplier_up=d("1.15")), "price_filter"),
    "a buy far below, which the venue does not bind": (priced("801", price_multiplier_down=d("0.85")), PASSES),
    "a sell at the venue's lowest multiple of the mark": (
        priced("850", side=SHORT, price_multiplier_down=d("0.85")),
        PASSES,
    ),
    "a sell a tick below it": (priced("849.9", side=SHORT, price_multiplier_down=d("0.85")), "price_filter"),
    "a sell far above, which the venue does not bind": (
        priced("1199", side=SHORT, price_multiplier_up=d("1.15")),
        PASSES,
    ),
    "the highest price of the filter": (priced("1100", max_price=d("1100")), PASSES),
    "a tick above the filter": (priced("1100.1", max_price=d("1100")), "price_filter"),
    "the lowest price of the filter": (priced("900", min_price=d("900")), PASSES),
    "a tick below the filter": (priced("899.9", min_price=d("900")), "price_filter"),
}
SIDES = {
    "a hedge account that holds the other direction": (with_snapshot(short=slot(SHORT, position=position())), PASSES),
    "a one-way account that holds the other direction": (
        one_way(short=slot(SHORT, position=position())),
        "opposite_position",
    ),
    "a one-way account that is entering the other direction": (
        one_way(short=slot(SHORT, entries=entries(1))),
        "opposite_position",
    ),
    "a one-way account that holds the same direction": (one_way(long=slot(position=position())), PASSES),
    "a position of ours": (with_snapshot(long=slot(position=position())), PASSES),
    "somebody else's position on this side": (
        with_snapshot(long=slot(position=position(strategy=None))),
        "external_position",
    ),
    "somebody else's position on the other side": (
        with_snapshot(short=slot(SHORT, position=position(strategy=None, side=SHORT))),
        PASSES,
    ),
}
LEVERAGE = {
    "leverage at the account's limit": (levered(20, limit=20), PASSES),
    "leverage above the account's limit": (levered(21, limit=20), "leverage"),
    "leverage at the cap in code": (levered(50, limit=125), PASSES),
    "leverage above the cap in code, though the limits allow it": (levered(51, limit=125), "leverage"),
    "leverage of one": (levered(1, limit=20), PASSES),
    "leverage of zero": (levered(0, limit=20), "leverage"),
    "negative leverage": (levered(-1, limit=20), "leverage"),
    "a limit of zero": (levered(1, limit=0), "leverage"),
    "leverage that was never read back": (with_snapshot(readiness=None), "leverage"),
    "another leverage at the venue, lower": (levered(10, limit=20, at_venue=9), "leverage"),
    "another leverage at the venue, higher": (levered(10, limit=20, at_venue=11), "leverage"),
}
SIZES = {
    "margin that is just available": (with_snapshot(balance=balance(available=d("30"))), PASSES),
    "margin that is not quite available": (with_snapshot(balance=balance(available=d("29.999"))), "balance"),
    "a balance of nothing": (with_snapshot(balance=balance(available=d("0"))), "balance"),
    "a balance below nothing": (with_snapshot(balance=balance(available=d("-1"))), "balance"),
    "with leverage one, margin is the whole notional": (
        replace(
            levered(1, limit=20),
            exposure=exposure(
                snapshot=snapshot(readiness=readiness(leverage=1), balance=balance(available=d("299.99")))
            ),
        ),
        "balance",
    ),
    "the smallest quantity": (sized("0.001", price="6000"), PASSES),
    "less than the smallest quantity": (sized("0.0009", price="6000"), "minimum_size"),
    "a quantity of zero": (sized("0"), "minimum_size"),
    "a negative quantity": (sized("-1"), "minimum_size"),
    "no quantity": (with_intent(quantity=None), "minimum_size"),
    "a quantity of zero where the venue sets no minimum": (
        replace(sized("0"), instrument=instrument(min_quantity=d("0"), min_notional=d("0"))),
        "minimum_size",
    ),
    "the smallest notional": (sized("0.005"), PASSES),
    "less than the smallest notional": (sized("0.004"), "minimum_size"),
    "the largest order that may be": (sized("1000"), PASSES),
    "a larger order, though every limit allows it": (sized("1000.001"), "hard_cap"),
}
CAPS = {
    "one entry less than the symbol may have": (
        with_snapshot(long=slot(entries=entries(2)), short=slot(SHORT, entries=entries(2))),
        PASSES,
    ),
    "as many entries as the symbol may have, both sides together": (
        with_snapshot(long=slot(entries=entries(3)), short=slot(SHORT, entries=entries(2))),
        "max_open_orders",
    ),
    "no entries admitted at all": (case(symbol_limits=symbol_limits(max_open_orders=0)), "max_open_orders"),
    "one position less than the account may have": (with_snapshot(totals=totals(slots=4)), PASSES),
    "as many positions as the account may have": (with_snapshot(totals=totals(slots=5)), "max_positions"),
    "as many positions, but this symbol is one of them": (
        with_snapshot(totals=totals(slots=5), long=slot(position=position())),
        PASSES,
    ),
    "as many positions, one of them this symbol's other side": (
        with_snapshot(totals=totals(slots=5), short=slot(SHORT, position=position())),
        PASSES,
    ),
    "as many positions, while this symbol's other side is being entered": (
        with_snapshot(totals=totals(slots=5), short=slot(SHORT, entries=entries(1))),
        PASSES,
    ),
    "as many positions, but this symbol is being entered": (
        with_snapshot(totals=totals(slots=5), long=slot(entries=entries(1))),
        PASSES,
    ),
    "a limit of zero positions, which is none": (
        replace(with_snapshot(totals=totals(slots=999)), account_limits=account_limits(max_positions=0)),
        PASSES,
    ),
    "the symbol's margin at its cap": (with_snapshot(long=reserving("0", "470")), PASSES),
    "the symbol's margin above its cap": (with_snapshot(long=reserving("0", "470.01")), "max_position_margin"),
    "the symbol's margin above its cap by its other side": (
        with_snapshot(short=reserving("0", "470.01", SHORT)),
        "max_position_margin",
    ),
    "the symbol's notional at its cap": (with_snapshot(long=reserving("4700", "0")), PASSES),
    "the symbol's notional above its cap": (with_snapshot(long=reserving("4700.01", "0")), "max_position_notional"),
    "a margin cap of zero": (case(symbol_limits=symbol_limits(max_position_margin=d("0"))), "max_position_margin"),
    "a notional cap of zero": (
        case(symbol_limits=symbol_limits(max_position_notional=d("0"))),
        "max_position_notional",
    ),
    "the account's margin at its cap": (with_snapshot(totals=totals(margin="970")), PASSES),
    "the account's margin above its cap": (with_snapshot(totals=totals(margin="970.01")), "max_total_margin"),
    "the account's notional at its cap": (with_snapshot(totals=totals(notional="9700")), PASSES),
    "the account's notional above its cap": (with_snapshot(totals=totals(notional="9700.01")), "max_total_notional"),
    "an account cap of zero margin": (case(account_limits=account_limits(max_total_margin=d("0"))), "max_total_margin"),
    "an account cap of zero notional": (
        case(account_limits=account_limits(max_total_notional=d("0"))),
        "max_total_notional",
    ),
}


PLAN = plan_of(
    PlannedLayer(1, d("1000"), d("0.3"), d("5")),
    PlannedLayer(2, d("996"), d("0.3"), d("4")),
    stop_price=d("990"),
    stop_loss_pct=d("1"),
)
"""Two layers that reserve 9 together."""

FIRST_CLAIMED = Ladder(PLAN).claimed(1, ClientOrderId("ut-e-first"), NOW_MS)


def layered(ladder: Ladder | None, risk: str = "4", number: int = 2, **account: Any) -> Case:
    """A layer of ``PLAN`` in an account that has reserved all that it may and has as many positions as it may."""
    return case(
        intent=intent(ladder=PLAN.id, layer=number, risk=d(risk)),
        exposure=exposure(
            snapshot=snapshot(totals=BookTotals(ACCOUNT, d("0"), d("0"), 5, risk=d("1450")), long=slot(ladder=ladder))
        ),
        account_limits=account_limits(**account),
        reserve=d("0"),
    )


def risked(risk: str, held: str = "0", reserve: str = "0", equity: str = "10000", **limits: Any) -> Case:
    return replace(
        with_snapshot(totals=BookTotals(ACCOUNT, d("0"), d("0"), 0, risk=d(held)), balance=balance(wallet=d(equity))),
        intent=intent(risk=d(risk)),
        reserve=d(reserve),
        account_limits=account_limits(risk=RiskLimits(**limits)),
    )


RISK = {
    "leverage tiers that were never read": (with_instrument(brackets=()), "missing_limits"),
    "the book's risk at 14.5 percent of equity": (risked("50", held="1400"), PASSES),
    "the book's risk above it": (risked("50.01", held="1400"), "portfolio_risk"),
    "the reserve of a whole ladder counts, not its first layer": (
        risked("50", "1300", reserve="151"),
        "portfolio_risk",
    ),
    "a reserve that is less than the entry itself risks": (risked("50.01", "1400", reserve="1"), "portfolio_risk"),
    "a cap of its own": (risked("101", max_portfolio_risk_pct=d("1")), "portfolio_risk"),
    "a cap above the one in code": (risked("5000.01", max_portfolio_risk_pct=d("99")), "portfolio_risk"),
    "no equity": (risked("1", equity="0"), "portfolio_risk"),
    "equity below nothing": (risked("1", equity="-1"), "portfolio_risk"),
    "a risk that is not known": (risked("0", reserve="5"), "portfolio_risk"),
    "a second layer when the book's risk and positions are at their limits": (layered(FIRST_CLAIMED), PASSES),
    "the first layer then": (layered(None, number=1), "portfolio_risk"),
    "a layer that risks more than was reserved for it": (layered(FIRST_CLAIMED, risk="4.01"), "ladder_reserve"),
    "a layer of a ladder that does not stand": (layered(None), "ladder_reserve"),
    "a layer of another ladder": (
        layered(replace(FIRST_CLAIMED, plan=replace(PLAN, id=LadderId("other")))),
        "ladder_reserve",
    ),
    "a layer that is not the next one": (layered(Ladder(PLAN)), "ladder_reserve"),
    "a layer beyond the plan": (layered(FIRST_CLAIMED, number=3), "ladder_reserve"),
    "a layer of a frozen ladder": (layered(FIRST_CLAIMED.frozen(NOW_MS)), "ladder_reserve"),
    "a layer that this very order has claimed": (layered(FIRST_CLAIMED.claimed(2, ENTRY, NOW_MS)), PASSES),
    "a layer that another order has claimed": (
        layered(FIRST_CLAIMED.claimed(2, ClientOrderId("ut-e-second"), NOW_MS)),
        "ladder_reserve",
    ),
}


@pytest.mark.parametrize(
    ("asked", "gate"),
    [
        pytest.param(asked, gate, id=f"{sentence}: {gate}")
        for table in (FRESHNESS, PRICES, SIDES, LEVERAGE, SIZES, RISK, CAPS)
        for sentence, (asked, gate) in table.items()
    ],
)
def test_a_check_refuses_beyond_its_threshold_and_not_at_it(asked: Case, gate: str) -> None:
    assert refused_by(asked) == gate
    if gate != PASSES:
        refusal = review(asked)
        assert isinstance(refusal, Refusal)
        assert refusal.gate == gate

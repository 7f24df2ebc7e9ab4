"""The words of the risk gate: people read them on the page and in records, and act on them."""

import pytest
from tests.unit.builders import (
    ACCOUNT,
    BTC,
    NOW_MS,
    account_limits,
    balance,
    case,
    d,
    exposure,
    guard,
    instrument,
    intent,
    position,
    slot,
    symbol_limits,
)
from tests.unit.test_risk_gate import FIRST_CLAIMED, layered
from tests.unit.test_risk_gate_reasons import with_other_direction, with_snapshot

from undertow.domain.account import BookTotals, VenueHealth
from undertow.domain.ids import LadderId
from undertow.domain.market import Venue
from undertow.risk.approval import Refusal
from undertow.risk.gate import Case, review
from undertow.risk.limits import RiskLimits

WORDS: list[tuple[Case, str, str]] = [
    (case(intent=intent(expires_at_ms=NOW_MS - 7)), "signal_age", "the signal is too old"),
    (case(intent=intent(expires_at_ms=None)), "signal_age", "an entry without an expiry is never sent"),
    (
        with_snapshot(case(), health=VenueHealth(Venue.ASTER, NOW_MS + 1, "429")),
        "venue_health",
        "the venue may not be called: 429",
    ),
    (
        with_snapshot(case(), guard=guard(forced={BTC: NOW_MS})),
        "forced_close",
        "the venue closed a position of BTCUSDT by force",
    ),
    (
        case(exposure=exposure(quote_time_ms=NOW_MS - 2_500)),
        "quote_age",
        "the price is too old to trade on, or too far ahead of our clock",
    ),
    (
        case(exposure=exposure(mark=None)),
        "price_band",
        "no mark price is known to check the order's price against",
    ),
    (case(intent=intent(price=None)), "price_band", "the order has no positive price"),
    (case(intent=intent(price=d("1234.5"))), "price_band", "the order's price is too far from the mark price"),
    (case(intent=intent(price=d("1160"))), "price_filter", "the order's price is outside the venue's bounds"),
    (
        with_other_direction(case()),
        "opposite_position",
        "a one-way account already trades the other direction of this symbol",
    ),
    (
        with_snapshot(case(), long=slot(position=position(strategy=None))),
        "external_position",
        "the position on this side was opened by somebody else",
    ),
    (case(instrument=instrument(status="CLOSE")), "instrument", "BTCUSDT is CLOSE, not TRADING"),
    (
        case(instrument=instrument(fetched_at_ms=NOW_MS - 90_000_000)),
        "instrument",
        "the symbol's trading rules were not refreshed for a day",
    ),
    (case(instrument=instrument(brackets=())), "missing_limits", "the leverage tiers of BTCUSDT are not known"),
    (
        case(account_limits=account_limits(max_leverage=9)),
        "leverage",
        "the leverage is not within its limits",
    ),
    (
        with_snapshot(case(), readiness=None),
        "leverage",
        "the symbol's leverage at the venue is not verified to be as configured",
    ),
    (with_snapshot(case(), balance=None), "balance", "the account's balance is not known yet"),
    (
        with_snapshot(case(), balance=balance(time_ms=NOW_MS - 700_000)),
        "balance",
        "the account's balance is too old",
    ),
    (
        with_snapshot(case(), balance=balance(available=d("29.50"))),
        "balance",
        "not enough margin is available",
    ),
    (
        case(intent=intent(quantity=d("0.004"))),
        "minimum_size",
        "the order is smaller than the venue's minimum",
    ),
    (
        with_snapshot(case(intent=intent(quantity=d("1001"))), balance=balance(available=d("1E+9"))),
        "hard_cap",
        "the order is larger than any order may be",
    ),
    (case(intent=intent(risk=d("0"))), "portfolio_risk", "what the entry loses at its stop is not known"),
    (case(reserve=d("1450.01")), "portfolio_risk", "the risk of the whole book would exceed its limit"),
    (
        case(intent=intent(ladder=LadderId("gone"), layer=2)),
        "ladder_reserve",
        "the ladder that the layer belongs to does not stand or has no such free layer",
    ),
    (
        layered(FIRST_CLAIMED, risk="4.01"),
        "ladder_reserve",
        "the layer would risk more than its ladder reserved for it",
    ),
    (
        case(symbol_limits=symbol_limits(max_open_orders=0)),
        "max_open_orders",
        "the symbol has as many entry orders under way as it may have",
    ),
    (
        with_snapshot(case(), totals=BookTotals(ACCOUNT, d("0"), d("0"), 6)),
        "max_positions",
        "the account has as many positions as it may have",
    ),
    (
        case(symbol_limits=symbol_limits(max_position_notional=d("1"))),
        "max_position_notional",
        "the cap on position notional would be exceeded",
    ),
    (
        case(account_limits=account_limits(max_total_margin=d("1"))),
        "max_total_margin",
        "the cap on total margin would be exceeded",
    ),
]


@pytest.mark.parametrize(("asked", "gate", "says"), [pytest.param(*words, id=words[2]) for words in WORDS])
def test_a_refusal_says_in_words_what_is_wrong(asked: Case, gate: str, says: str) -> None:
    reviewed = review(asked)
    assert isinstance(reviewed, Refusal)
    assert (reviewed.gate, reviewed.reason) == (gate, says)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (
            case(account_limits=account_limits(risk=RiskLimits(max_effective_leverage=d("0.01")))),
            "the whole book would be too large for the equity",
        ),
        (case(stop_price=d("1001")), "stop and target do not make sense for this entry"),
        (
            case(account_limits=account_limits(risk=RiskLimits(allowed_symbols=frozenset()))),
            "the symbol is not on the list of those that may be traded",
        ),
        (
            case(intent=intent(confidence=59)),
            "the confidence of the proposal is too low or not on a scale to 100",
        ),
    ],
)
def test_a_layer_that_refuses_says_so_in_its_own_words(asked: Case, says: str) -> None:
    reviewed = review(asked)
    assert isinstance(reviewed, Refusal)
    assert reviewed.reason == says


def test_a_layer_that_would_risk_more_than_was_reserved_shows_both() -> None:
    reviewed = review(layered(FIRST_CLAIMED, risk="4.01"))
    assert isinstance(reviewed, Refusal)
    assert (reviewed.inputs, reviewed.thresholds) == ({"risk": "4.01"}, {"reserved": "4"})

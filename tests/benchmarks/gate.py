"""The full gate review of one entry on an account with 50 open positions: CPU time, of ours alone."""

import statistics
import time
from dataclasses import replace
from decimal import Decimal
from typing import Final

from tests.benchmarks.rows import Row, row
from tests.unit.builders import (
    ACCOUNT,
    BTC,
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

from undertow.domain.account import BookTotals, MarginType
from undertow.domain.guard import AccountGuard
from undertow.domain.ids import ClientOrderId, Symbol
from undertow.domain.instrument import LeverageBracket
from undertow.domain.numbers import ZERO
from undertow.domain.position import Reserved
from undertow.domain.reconciliation import Proof
from undertow.risk.approval import ApprovedOrder
from undertow.risk.case import Case
from undertow.risk.gate import review
from undertow.risk.limits import RiskLimits

GOAL_MS: Final = 1.0
POSITIONS: Final = 50
TIERS: Final = 12
ROUNDS: Final = 9
REVIEWS: Final = 300


def measure() -> list[Row]:
    """Hedged and cross is the longest way through: two legs, twelve tiers, and an entry under way beside them."""
    return [_row("isolated", MarginType.ISOLATED), _row("cross, hedged", MarginType.CROSS)]


def _row(kind: str, margin_type: MarginType) -> Row:
    asked = _case(margin_type)
    approved = isinstance(review(asked), ApprovedOrder)
    if not approved:
        raise RuntimeError("an entry that is refused early says nothing of a full review")
    rounds = []
    for _ in range(ROUNDS):
        began_ns = time.process_time_ns()
        for _ in range(REVIEWS):
            review(asked)
        rounds.append((time.process_time_ns() - began_ns) / 1e6 / REVIEWS)
    spent_ms = statistics.median(rounds)
    return row(
        f"full gate review, {POSITIONS} open positions: {kind}",
        spent_ms,
        "ms CPU",
        f"{GOAL_MS:g} ms (medians of {ROUNDS} rounds of {REVIEWS})",
        GOAL_MS / spent_ms,
        f"at most {GOAL_MS:g} ms",
        met=spent_ms <= GOAL_MS,
    )


def _case(margin_type: MarginType) -> Case:
    """The totals are what the ledger keeps of all the positions together: a review never walks over them."""
    book = _book()
    held = position(quantity=d("0.3"), entry_price=d("1010"))
    waiting = live_entry(client_order_id=ClientOrderId("ut-e-waiting"))
    kept = {ClientOrderId(f"ut-e-{number}"): Reserved(d("303"), d("30.3"), d("4")) for number in range(5)}
    known = replace(
        snapshot(),
        long=slot(position=held, entries=(waiting,), reserved=kept),
        short=slot(SHORT, position=position(side=SHORT, quantity=d("0.1")), reserved=kept),
        totals=BookTotals(
            ACCOUNT,
            sum((one.notional for one in book), ZERO),
            sum((one.margin for one in book), ZERO),
            POSITIONS,
            risk=sum((one.risk for one in book), ZERO),
        ),
        balance=balance(
            wallet=d("100000"),
            available=d("60000"),
            unrealized=d("-1234.56789"),
            initial_margin=sum((one.margin for one in book), ZERO),
            maintenance_margin=sum((one.notional for one in book), ZERO) / 200,
        ),
        readiness=readiness(margin_type=margin_type),
        guard=AccountGuard(
            ACCOUNT, day="2025-12-11", day_start_equity=d("99000"), peak_equity=d("101000"), proof=Proof(1, NOW_MS)
        ),
    )
    return case(
        intent=intent(confidence=80),
        instrument=instrument(brackets=_tiers()),
        exposure=replace(exposure(), snapshot=known),
        account_limits=account_limits(
            max_positions=0,
            max_total_margin=d("1E+6"),
            max_total_notional=d("1E+7"),
            risk=RiskLimits(
                allowed_symbols=frozenset((BTC, *(Symbol(f"S{number}USDT") for number in range(POSITIONS))))
            ),
        ),
        symbol_limits=symbol_limits(max_position_margin=d("1E+5"), max_position_notional=d("1E+6"), max_open_orders=20),
        margin_type=margin_type,
    )


def _book() -> tuple[Reserved, ...]:
    return tuple(
        Reserved(notional, notional / 10, notional / 50)
        for notional in (Decimal(1_000 + 37 * number) + Decimal("0.12345678") for number in range(POSITIONS))
    )


def _tiers() -> tuple[LeverageBracket, ...]:
    floors = [0, *(5_000 * 3**number for number in range(TIERS - 1))]
    tiers, cumulative, rate = [], ZERO, ZERO
    for number, floor in enumerate(floors):
        tier_rate = Decimal("0.004") * (number + 1)
        cumulative += floor * (tier_rate - rate)
        rate = tier_rate
        tiers.append(LeverageBracket(number + 1, 50, Decimal(floor), Decimal(5_000 * 3**number), rate, cumulative))
    return tuple(tiers)

"""The risk budget of each account: what is filled, reserved, pending and free, and what a shock would do.

Amounts are quote units, percentages of equity unless their name says otherwise.
"""

from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby

from typing_extensions import TypedDict

from undertow.domain.account import Account, Mode
from undertow.domain.ids import AccountId
from undertow.domain.market import PositionSide
from undertow.domain.numbers import HUNDRED, ZERO, plain
from undertow.domain.position import Position, Slot
from undertow.risk.budget import portfolio_cap
from undertow.risk.limits import HARD_MAX_PORTFOLIO_RISK_PCT
from undertow.risk.liquidation import UnknownTiers
from undertow.services.views import render
from undertow.services.views.book import Book, read_book
from undertow.services.views.live_layers import LiveLayer, live_layers
from undertow.services.views.render import EpochMs, Figure
from undertow.services.views.shocks import Shock, shocked
from undertow.services.views.sources import Sources


class LiquidationPrice(TypedDict):
    """Ours, by the venue's tiers; ``price`` of null with ``known`` says that it is liquidated at no price."""

    known: bool
    price: Figure | None
    distance_pct: Figure | None
    reason: str


class RiskBudget(TypedDict):
    """``reserved`` is what the gate holds against the cap; the filled part of it is what open positions risk by now."""

    filled: Figure
    reserved: Figure
    pending: Figure
    free: Figure | None
    cap: Figure | None
    cap_pct: Figure
    without_reserve: Figure
    filledRiskPercentage: Figure | None
    reservedRiskPercentage: Figure | None
    pendingRiskPercentage: Figure | None
    freeRiskPercentage: Figure | None


class RiskLeg(TypedDict):
    side: PositionSide
    strategy: str | None
    filled: Figure
    reserved: Figure
    pending: Figure
    stop_price: Figure | None
    liquidation_price: LiquidationPrice | None
    flag: str
    layers_filled: int | None
    layers: int | None


class RiskPair(TypedDict):
    """Long and short of one symbol are one position, whose two stops can both be hit."""

    symbol: str
    hedged: bool
    filled: Figure
    reserved: Figure
    pending: Figure
    filledRiskPercentage: Figure | None
    reservedRiskPercentage: Figure | None
    legs: list[RiskLeg]


class AccountRisk(TypedDict):
    account: str
    mode: Mode
    equity: Figure | None
    equity_time_ms: EpochMs | None
    budget: RiskBudget
    positions: list[RiskPair]
    layers: list[LiveLayer]
    shocks: list[Shock]
    shocks_note: str


class Risk(TypedDict):
    time_ms: EpochMs
    accounts: list[AccountRisk]


def risk(sources: Sources, only: AccountId | None) -> Risk:
    return {
        "time_ms": sources.clock.now_ms(),
        "accounts": [_account(read_book(sources, account), account) for account in sources.accounts(only)],
    }


def _account(book: Book, account: Account) -> AccountRisk:
    return {
        "account": account.id,
        "mode": account.mode,
        "equity": render.figure(book.equity),
        "equity_time_ms": None if book.balance is None else book.balance.time_ms,
        "budget": budget(book),
        "positions": _pairs(book),
        "layers": live_layers(book),
        "shocks": shocked(book),
        "shocks_note": "estimates: prices move at once, stops fill with the configured slippage and fees",
    }


def budget(book: Book) -> RiskBudget:
    filled = sum((book.filled_risk_of(position) for position in book.positions), ZERO)
    uncovered = sum((_uncovered(book, slot) for slot in book.slots), ZERO)
    pending = sum((book.pending_risk_of(slot) for slot in book.slots), ZERO)
    reserved, equity = book.totals.risk, book.equity
    cap = None if equity is None else portfolio_cap(book.limits.risk, equity)
    return {
        "filled": plain(filled),
        "reserved": plain(reserved),
        "pending": plain(pending),
        "free": None if cap is None else plain(max(ZERO, cap - reserved)),
        "cap": render.figure(cap),
        "cap_pct": plain(min(book.limits.risk.max_portfolio_risk_pct, HARD_MAX_PORTFOLIO_RISK_PCT)),
        "without_reserve": plain(uncovered),
        "filledRiskPercentage": of_equity(filled, equity),
        "reservedRiskPercentage": of_equity(reserved, equity),
        "pendingRiskPercentage": of_equity(pending, equity),
        "freeRiskPercentage": None if cap is None else of_equity(max(ZERO, cap - reserved), equity),
    }


def of_equity(amount: Decimal, equity: Decimal | None) -> str | None:
    """In percent; None where there is no equity to compare with."""
    return None if equity is None or equity <= 0 else render.percent(amount / equity)


def _uncovered(book: Book, slot: Slot) -> Decimal:
    """What an open position risks beyond what its slot holds in reserve: the backfill would reserve it."""
    if slot.position is None or slot.reserved_risk > 0:
        return ZERO
    return book.filled_risk_of(slot.position)


def _pairs(book: Book) -> list[RiskPair]:
    """By symbol: long and short of one symbol are one position, whose two stops can both be hit."""
    ordered = sorted(book.slots, key=lambda slot: (slot.symbol, slot.side))
    return [_pair(book, symbol, list(slots)) for symbol, slots in groupby(ordered, key=lambda slot: slot.symbol)]


def _pair(book: Book, symbol: str, slots: Sequence[Slot]) -> RiskPair:
    legs = [_leg(book, slot) for slot in slots]
    held = [slot.position for slot in slots if slot.position is not None]
    filled = sum((book.filled_risk_of(position) for position in held), ZERO)
    reserved = sum((slot.reserved_risk for slot in slots), ZERO)
    return {
        "symbol": symbol,
        "hedged": len(held) == 2,
        "filled": plain(filled),
        "reserved": plain(reserved),
        "pending": plain(sum((book.pending_risk_of(slot) for slot in slots), ZERO)),
        "filledRiskPercentage": of_equity(filled, book.equity),
        "reservedRiskPercentage": of_equity(reserved, book.equity),
        "legs": legs,
    }


def _leg(book: Book, slot: Slot) -> RiskLeg:
    position = slot.position
    return {
        "side": slot.side,
        "strategy": None if position is None else position.strategy,
        "filled": "0" if position is None else plain(book.filled_risk_of(position)),
        "reserved": plain(slot.reserved_risk),
        "pending": plain(book.pending_risk_of(slot)),
        "stop_price": None if position is None else render.figure(book.stop_of(position)),
        "liquidation_price": None if position is None else liquidation_row(book, position),
        "flag": "" if position is None else position.risk_flag,
        "layers_filled": None if slot.ladder is None else len(slot.ladder.filled),
        "layers": None if slot.ladder is None else len(slot.ladder.plan.layers),
    }


def liquidation_row(book: Book, position: Position) -> LiquidationPrice:
    """Ours, by the venue's tiers; ``price`` of None with ``known`` says that it is liquidated at no price."""
    try:
        price = book.liquidation_of(position)
    except UnknownTiers as error:
        return {"known": False, "price": None, "distance_pct": None, "reason": str(error)}
    mark = book.mark_of(position.symbol)
    distance = None if price is None or mark is None else position.side.sign * (mark.price - price) / mark.price
    return {
        "known": True,
        "price": render.figure(price),
        "distance_pct": None if distance is None else plain((distance * HUNDRED).quantize(Decimal("0.01"))),
        "reason": "",
    }

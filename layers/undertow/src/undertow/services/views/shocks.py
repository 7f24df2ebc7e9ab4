"""What a sudden move of all prices would do to an account, with its stops and without them. Estimates throughout."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Final

from typing_extensions import TypedDict

from undertow.domain.market import PositionSide
from undertow.domain.numbers import HUNDRED, ZERO, plain
from undertow.domain.position import Position
from undertow.risk.liquidation import UnknownTiers
from undertow.services.views import render
from undertow.services.views.book import Book
from undertow.services.views.render import Figure


class Fate(StrEnum):
    HELD = "held"
    STOPPED = "stopped"
    LIQUIDATED = "liquidated"


class ShockedPosition(TypedDict):
    symbol: str
    side: PositionSide
    fate: Fate
    price: Figure
    exit_price: Figure | None
    pnl: Figure


class ShockOutcome(TypedDict):
    """Null where a price is missing: half a sum is no estimate."""

    pnl: Figure | None
    equity: Figure | None
    margin_usage_pct: Figure | None
    stopped: list[str]
    liquidated: list[str]
    positions: list[ShockedPosition]


class Shock(TypedDict):
    """All prices move by ``price_change_pct`` at once. Not ``complete`` while a mark price is not known."""

    price_change_pct: Figure
    complete: bool
    without_mark: list[str]
    with_stops: ShockOutcome
    without_stops: ShockOutcome


SHOCKS_PCT: Final = tuple(Decimal(percent) for percent in (-5, -10, -20, 5, 10, 20))
"""Down first, which is where cascades go; up too, since shorts die there."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One position after the move. ``change`` is against now, quote units, costs of an exit included."""

    position: Position
    fate: Fate
    price: Decimal
    change: Decimal
    exit_price: Decimal | None = None


def shocked(book: Book) -> list[Shock]:
    return [_shock(book, percent) for percent in SHOCKS_PCT]


def _shock(book: Book, percent: Decimal) -> Shock:
    positions = list(book.positions)
    unknown = [position for position in positions if book.mark_of(position.symbol) is None]
    known = [position for position in positions if book.mark_of(position.symbol) is not None]
    return {
        "price_change_pct": plain(percent),
        "complete": not unknown,
        "without_mark": sorted({str(position.symbol) for position in unknown}),
        "with_stops": _outcome(book, _hits(book, known, percent, use_stop=True), unknown),
        "without_stops": _outcome(book, _hits(book, known, percent, use_stop=False), unknown),
    }


def _hits(book: Book, positions: Iterable[Position], percent: Decimal, *, use_stop: bool) -> list[Hit]:
    """Each position by itself, then what shares one wallet together: all prices move at once."""
    hits = [_hit(book, position, percent, use_stop=use_stop) for position in positions]
    sharing = [one for one in hits if one.fate is Fate.HELD and not book.is_isolated(one.position.symbol)]
    if not sharing or book.equity is None or _is_covered(book, hits, sharing, book.equity):
        return hits
    return [_liquidated_where_it_is(book, one) if one in sharing else one for one in hits]


def _is_covered(book: Book, hits: Iterable[Hit], sharing: Iterable[Hit], equity: Decimal) -> bool:
    """Whether what is left of the shared wallet still covers the maintenance margin of what shares it."""
    left = equity + sum((one.change for one in hits), ZERO)
    for one in hits:
        if one.fate is Fate.HELD and book.is_isolated(one.position.symbol):
            left -= one.position.notional / one.position.leverage + one.position.unrealized_pnl(one.price)
    try:
        return left >= sum((book.maintenance_of(one.position, one.price) for one in sharing), ZERO)
    except UnknownTiers:
        return left >= 0


def _liquidated_where_it_is(book: Book, one: Hit) -> Hit:
    instrument = book.instruments.get(one.position.symbol)
    fee = ZERO if instrument is None else one.position.quantity * one.price * instrument.liquidation_fee
    return replace(one, fate=Fate.LIQUIDATED, change=one.change - fee, exit_price=one.price)


def _hit(book: Book, position: Position, percent: Decimal, *, use_stop: bool) -> Hit:
    """Whichever comes first on the way: the stop where it stands, or the venue's liquidation.

    A stop runs at market: it loses the configured slippage and the taker fee as well. A jump over the stop fills worse
    than this says.
    """
    mark = book.marks[position.symbol].price
    price = mark * (1 + percent / HUNDRED)
    stop = book.stop_of(position) if use_stop else None
    try:
        liquidation = book.liquidation_of(position)
    except UnknownTiers:
        liquidation = None
    stopped = stop is not None and _reached(position.side, price, stop)
    liquidated = liquidation is not None and _reached(position.side, price, liquidation)
    if stopped and stop is not None and not (liquidated and _reached(position.side, stop, liquidation)):
        return _stopped(book, position, mark, price, stop)
    if liquidated and liquidation is not None:
        return Hit(position, Fate.LIQUIDATED, price, _lost(book, position, mark, liquidation), liquidation)
    return Hit(position, Fate.HELD, price, position.signed_quantity * (price - mark))


def _reached(side: PositionSide, price: Decimal, level: Decimal | None) -> bool:
    """Whether ``price`` is at ``level`` or beyond it, against the position."""
    return level is not None and side.sign * (price - level) <= 0


def _stopped(book: Book, position: Position, mark: Decimal, price: Decimal, stop: Decimal) -> Hit:
    limits, sign = book.limits.risk, position.side.sign
    # A stop that the market has passed already runs from where the market is.
    trigger = min(stop, mark) if position.side is PositionSide.LONG else max(stop, mark)
    exit_price = trigger * (1 - sign * limits.stop_slippage_pct / HUNDRED)
    fee = position.quantity * exit_price * limits.taker_fee_pct / HUNDRED
    return Hit(position, Fate.STOPPED, price, position.signed_quantity * (exit_price - mark) - fee, exit_price)


def _lost(book: Book, position: Position, mark: Decimal, liquidation: Decimal) -> Decimal:
    """An isolated position loses its margin whole; a cross one what it had lost by then, and the venue's fee."""
    if book.is_isolated(position.symbol):
        return -(position.notional / position.leverage) - position.unrealized_pnl(mark)
    instrument = book.instruments.get(position.symbol)
    fee = ZERO if instrument is None else position.quantity * liquidation * instrument.liquidation_fee
    return position.signed_quantity * (liquidation - mark) - fee


def _outcome(book: Book, hits: Sequence[Hit], unknown: Sequence[Position]) -> ShockOutcome:
    change = sum((one.change for one in hits), ZERO)
    held = [one for one in hits if one.fate is Fate.HELD]
    equity = None if book.equity is None or unknown else book.equity + change
    return {
        "pnl": None if unknown else plain(change),
        "equity": render.figure(equity),
        "margin_usage_pct": None if equity is None else _usage(book, held, equity),
        "stopped": _names(hits, Fate.STOPPED),
        "liquidated": _names(hits, Fate.LIQUIDATED),
        "positions": [_row(one) for one in hits],
    }


def _usage(book: Book, held: Iterable[Hit], equity: Decimal) -> str | None:
    """Maintenance margin of what is left, in percent of the equity that is left."""
    if equity <= 0:
        return None
    try:
        needed = sum((book.maintenance_of(one.position, one.price) for one in held), ZERO)
    except UnknownTiers:
        return None
    return render.percent(needed / equity)


def _names(hits: Iterable[Hit], fate: Fate) -> list[str]:
    return [f"{one.position.symbol} {one.position.side.value}" for one in hits if one.fate is fate]


def _row(one: Hit) -> ShockedPosition:
    return {
        "symbol": one.position.symbol,
        "side": one.position.side,
        "fate": one.fate,
        "price": plain(one.price),
        "exit_price": render.figure(one.exit_price),
        "pnl": plain(one.change),
    }

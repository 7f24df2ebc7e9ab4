"""The eight layers of the risk gate with the account's own values, as they stand now and without any new entry."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final, Literal

from typing_extensions import TypedDict

from undertow.domain.instrument import LeverageBracket
from undertow.domain.numbers import HUNDRED, ZERO, plain
from undertow.domain.position import Position
from undertow.risk.limits import (
    HARD_MAX_EFFECTIVE_LEVERAGE,
    HARD_MAX_LEVERAGE,
    HARD_MAX_MARGIN_USAGE_PCT,
)
from undertow.risk.liquidation import UnknownTiers, bracket_of
from undertow.services.views import render
from undertow.services.views.book import Book

OK: Final = "ok"
WARNING: Final = "warning"
REFUSES: Final = "refuses"
UNKNOWN: Final = "unknown"
NOT_APPLICABLE: Final = "not_applicable"

SAFE_PCT: Final = Decimal(20)
WARN_PCT: Final = Decimal(10)

LayerStanding = Literal["ok", "warning", "refuses", "unknown", "not_applicable"]
"""``unknown``: an input is missing, and the gate refuses what it cannot judge."""


class LiveLayer(TypedDict):
    """One of the eight layers of the risk gate: its own values now, and the limits that it holds them against."""

    number: int
    name: str
    state: LayerStanding
    values: Mapping[str, object]
    limits: Mapping[str, object]


Layer = tuple[LayerStanding, Mapping[str, object], Mapping[str, object]]


def live_layers(book: Book) -> list[LiveLayer]:
    rows: list[LiveLayer] = []
    for number, (name, read) in enumerate(_LAYERS, start=1):
        state, values, limits = read(book)
        rows.append({"number": number, "name": name, "state": state, "values": values, "limits": limits})
    return rows


def _leverage(book: Book) -> Layer:
    """The highest leverage in use, and whether the venue's tier of each position admits it."""
    highest = min(book.limits.max_leverage, HARD_MAX_LEVERAGE)
    used = max((position.leverage for position in book.positions), default=None)
    beyond: list[str] = []
    state: LayerStanding = OK
    for position in book.positions:
        try:
            tier = bracket_of(position.quantity * book.price_of(position), _brackets(book, position))
        except UnknownTiers:
            state = UNKNOWN
            continue
        if position.leverage > min(highest, tier.max_leverage):
            beyond.append(str(position.symbol))
    state = REFUSES if beyond else state
    return state, {"highest_leverage": used, "beyond_their_tier": sorted(beyond)}, {"max_leverage": highest}


def _brackets(book: Book, position: Position) -> tuple[LeverageBracket, ...]:
    instrument = book.instruments.get(position.symbol)
    return () if instrument is None else instrument.brackets


def _effective_leverage(book: Book) -> Layer:
    most = min(book.limits.risk.max_effective_leverage, HARD_MAX_EFFECTIVE_LEVERAGE)
    notional = sum((position.quantity * book.price_of(position) for position in book.positions), ZERO)
    limits = {"max_effective_leverage": plain(most)}
    if book.equity is None or book.equity <= 0:
        return UNKNOWN, {"notional": plain(notional), "effective_leverage": None}, limits
    value = notional / book.equity
    values = {"notional": plain(notional), "effective_leverage": _two_digits(value)}
    return (REFUSES if value >= most else OK), values, limits


def _margin_usage(book: Book) -> Layer:
    risk = book.limits.risk
    reject = min(risk.margin_usage_reject_pct, HARD_MAX_MARGIN_USAGE_PCT)
    limits = {"warn_pct": plain(risk.margin_usage_warn_pct), "reject_pct": plain(reject)}
    maintenance, initial = margin_usage(book)
    values = {"maintenance_pct": render.figure(maintenance), "initial_pct": render.figure(initial)}
    if maintenance is None or initial is None:
        return UNKNOWN, values, limits
    worst = max(maintenance, initial)
    return (REFUSES if worst > reject else WARNING if worst > risk.margin_usage_warn_pct else OK), values, limits


def margin_usage(book: Book) -> tuple[Decimal | None, Decimal | None]:
    """Maintenance and initial margin in percent of equity, as the venue last told; None where it did not."""
    balance = book.balance
    if balance is None or balance.equity <= 0:
        return None, None
    return _share(balance.maintenance_margin, balance.equity), _share(balance.initial_margin, balance.equity)


def _share(margin: Decimal | None, equity: Decimal) -> Decimal | None:
    return None if margin is None else (margin / equity * HUNDRED).quantize(Decimal("0.01"))


def _liquidation_distance(book: Book) -> Layer:
    limits = {"min_distance_pct": plain(book.limits.risk.min_liquidation_distance_pct)}
    nearest: Decimal | None = None
    symbol: str | None = None
    unknown = False
    for position in book.positions:
        try:
            price = book.liquidation_of(position)
        except UnknownTiers:
            unknown = True
            continue
        mark = book.mark_of(position.symbol)
        if mark is None:
            unknown = True
        elif price is not None:
            distance = position.side.sign * (mark.price - price) / mark.price * HUNDRED
            if nearest is None or distance < nearest:
                nearest, symbol = distance, position.symbol
    values = {
        "nearest_pct": None if nearest is None else _two_digits(nearest),
        "symbol": symbol,
        "band": None if nearest is None else _band(nearest, book.limits.risk.min_liquidation_distance_pct),
    }
    if nearest is not None and nearest <= book.limits.risk.min_liquidation_distance_pct:
        return REFUSES, values, limits
    return (UNKNOWN if unknown else OK), values, limits


def _band(distance: Decimal, critical: Decimal) -> str:
    if distance <= critical:
        return "critical"
    return "safe" if distance > SAFE_PCT else "warning" if distance > WARN_PCT else "danger"


def _stops(book: Book) -> Layer:
    """Whether every position has its stop, and far enough before its liquidation price."""
    limits = {"stop_buffer_pct": plain(book.limits.risk.stop_buffer_pct)}
    naked = [p for p in book.positions if book.stop_of(p) is None]
    late = [p for p in book.positions if _too_late(book, p)]
    values = {"without_stop": _symbols(naked), "stop_near_liquidation": _symbols(late)}
    return (REFUSES if naked else WARNING if late else OK), values, limits


def _too_late(book: Book, position: Position) -> bool:
    stop = book.stop_of(position)
    try:
        liquidation = book.liquidation_of(position)
    except UnknownTiers:
        return False  # layer 4 says that the tiers are unknown
    if stop is None or liquidation is None:
        return False
    room = position.side.sign * (stop - liquidation)
    return room < abs(position.entry_price - liquidation) * book.limits.risk.stop_buffer_pct / HUNDRED


def _allowed(book: Book) -> Layer:
    allowed = book.limits.risk.allowed_symbols
    listed: object = "all that strategies name" if allowed is None else sorted(str(symbol) for symbol in allowed)
    outside = [p for p in book.positions if allowed is not None and p.symbol not in allowed]
    return (WARNING if outside else OK), {"held_outside": _symbols(outside)}, {"allowed_symbols": listed}


def _confidence(book: Book) -> Layer:
    """No strategy of rules states a confidence; the layer judges entries that a model proposed."""
    return NOT_APPLICABLE, {"confidence": None}, {"min_confidence": book.limits.risk.min_confidence}


def _monitor(book: Book) -> Layer:
    risk, guard, equity = book.limits.risk, book.guard, book.equity
    values: dict[str, object] = {
        "blocks": [kind.value for kind in guard.blocks],
        "checked_at_ms": guard.checked_at_ms or None,
        "day_loss_pct": _loss(guard.day_start_equity, equity),
        "drawdown_pct": _loss(guard.peak_equity, equity),
    }
    limits = {
        "margin_pause_pct": plain(risk.margin_pause_pct),
        "margin_resume_pct": plain(risk.margin_resume_pct),
        "emergency_reduce_pct": plain(risk.emergency_reduce_pct),
        "max_daily_loss_pct": render.figure(risk.max_daily_loss_pct),
        "max_drawdown_pct": render.figure(risk.max_drawdown_pct),
    }
    if guard.blocks:
        return REFUSES, values, limits
    return (OK if guard.checked_at_ms else UNKNOWN), values, limits


def _loss(start: Decimal | None, equity: Decimal | None) -> str | None:
    """How far equity is below ``start``, in percent; 0 where it is above."""
    if start is None or start <= 0 or equity is None:
        return None
    return render.percent(max(ZERO, start - equity) / start)


def _symbols(positions: list[Position]) -> list[str]:
    return sorted({f"{position.symbol} {position.side.value}" for position in positions})


def _two_digits(value: Decimal) -> str:
    return plain(value.quantize(Decimal("0.01")))


_LAYERS: Final[tuple[tuple[str, Callable[[Book], Layer]], ...]] = (
    ("leverage", _leverage),
    ("effective_leverage", _effective_leverage),
    ("margin_usage", _margin_usage),
    ("liquidation_distance", _liquidation_distance),
    ("stop_and_target", _stops),
    ("allowed_symbols", _allowed),
    ("confidence", _confidence),
    ("live_monitor", _monitor),
)

"""Whether a liquidation opens a ladder or adds a layer: its rank in the past, and the filters against cascades."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from undertow.domain.conditions import Atr, Bias, CascadeReading, Colour, Conditions, PercentileRank
from undertow.domain.market import LiquidationBatch, MeasuredLiquidation, PositionSide
from undertow.domain.numbers import HUNDRED, plain
from undertow.risk.approval import Refusal
from undertow.risk.limits import MAX_CLOCK_LEAD_MS, MAX_DISTANCE_FROM_MARK, MAX_SILENT_BOOK_MS
from undertow.strategies.ladder.params import LadderParams
from undertow.strategies.signal import Signal, TradeSide, position_side

MAX_CASCADE_AGE_MS: Final = 15_000
"""The worker measures every second. What is older says nothing of a market that may be falling now."""
CANDLES_MISSED: Final = 2
"""An ATR or VWAP whose last candle closed longer ago than this many intervals is stale."""
VWAP_MAX_AGE_MS: Final = 15 * 60_000

Look = tuple[MeasuredLiquidation, LiquidationBatch, LadderParams, PositionSide, int]


def detect(
    measured: MeasuredLiquidation, batch: LiquidationBatch, params: LadderParams, max_age_ms: int, now_ms: int
) -> Signal | Refusal:
    """Decide whether this liquidation qualifies. Needs no state beyond the message and the parameters."""
    liquidation = measured.liquidation
    side = position_side(liquidation.side, params.direction)
    if not params.enabled:
        return Refusal("symbol_enabled", "the symbol is switched off in the strategy")
    age_ms = now_ms - liquidation.event_time_ms
    if not _is_fresh(age_ms, max_age_ms):
        reason = "the liquidation is too old" if age_ms > 0 else "the liquidation is ahead of our clock"
        return Refusal("event_age", reason, {"age_ms": str(age_ms)}, {"max_age_ms": str(max_age_ms)})
    look = (measured, batch, params, side, now_ms)
    inputs, thresholds = _figures(measured, batch, params, side), _thresholds(params)
    for check in CHECKS:
        refusal = check(look)
        if refusal is not None:
            return Refusal(
                refusal.gate, refusal.reason, {**inputs, **refusal.inputs}, {**thresholds, **refusal.thresholds}
            )
    return Signal(side, liquidation, inputs, thresholds)


def usable_atr(conditions: Conditions | None, params: LadderParams, now_ms: int) -> Atr | None:
    """The ATR over the configured candles, unless it is missing or stale. There is no default: none blocks."""
    atr = conditions.atrs.get(params.atr_interval_s) if conditions is not None else None
    if atr is None or atr.pct <= 0:
        return None  # a market in which nothing moved at all was not measured
    oldest_ms = (1 + CANDLES_MISSED) * atr.interval_s * 1000
    return atr if _is_fresh(now_ms - atr.closed_at_ms, oldest_ms) else None


def _is_fresh(age_ms: int, max_age_ms: int) -> bool:
    """What lies ahead of our clock by more than the venue's may be has no age that could be told."""
    return -MAX_CLOCK_LEAD_MS <= age_ms <= max_age_ms


def _sane_price(look: Look) -> Refusal | None:
    measured, batch, _, _, _ = look
    price, mark = measured.liquidation.price, batch.mark
    if mark is None or abs(price - mark.price) <= mark.price * MAX_DISTANCE_FROM_MARK:
        return None
    reason = "the liquidation's price is too far from the mark price to be believed"
    return Refusal("liquidation_price", reason, {"price": plain(price), "mark": plain(mark.price)})


def _aggregate(look: Look) -> Refusal | None:
    _, batch, params, _, now_ms = look
    if params.cascade_formula is None:
        return None
    aggregate = batch.conditions.aggregates.get(params.cascade_formula) if batch.conditions is not None else None
    if aggregate is None or not _is_fresh(now_ms - aggregate.measured_at_ms, MAX_CASCADE_AGE_MS):
        return Refusal("cascade_unknown", "the cascades of the market were not measured just now")
    if not aggregate.blocked:
        return None
    return Refusal(
        "cascade_aggregate",
        "so many symbols are in a cascade that nothing is opened",
        {
            "blocked_symbols": str(aggregate.blocked_symbols),
            "fresh_symbols": str(aggregate.fresh_symbols),
            "since_ms": str(aggregate.since_ms),
        },
        {"block_at_pct": "50", "release_below_pct": "35"},
    )


def _cascade(look: Look) -> Refusal | None:
    _, batch, params, _, now_ms = look
    if params.cascade_formula is None:
        return None
    reading = _reading(batch.conditions, params)
    fresh = reading is not None and _is_fresh(now_ms - reading.measured_at_ms, MAX_CASCADE_AGE_MS)
    if reading is None or not fresh or reading.colour is Colour.UNKNOWN:
        why = reading.reason if reading is not None and fresh and reading.reason else "it was not measured just now"
        return Refusal("cascade_unknown", f"whether the symbol is in a cascade is not known: {why}")
    if not reading.colour.blocks:
        return None
    return Refusal("cascade", f"the symbol is in a cascade ({reading.colour.value})", {}, {"blocks_at": "orange"})


def _history(look: Look) -> Refusal | None:
    measured, _, params, _, _ = look
    rank, needed = measured.percentile, params.trigger.min_history
    if rank is None:
        return Refusal("history", "the liquidation was not ranked among earlier ones")
    if not rank.complete:
        return Refusal("history", "the history of liquidations is still being read")
    if rank.events < needed:
        return Refusal("history", f"not enough history ({rank.events}/{needed})")
    return None


def _percentile(look: Look) -> Refusal | None:
    measured, _, params, _, _ = look
    rank = measured.percentile
    if rank is not None and rank.rank >= params.trigger.percentile:
        return None
    return Refusal("percentile", "the liquidation is not large enough among earlier ones")


def _trade_side(look: Look) -> Refusal | None:
    _, _, params, side, _ = look
    if params.trade_side is TradeSide.BOTH or params.trade_side.value == side.value.lower():
        return None
    return Refusal("trade_side", f"the strategy trades {params.trade_side.value} only")


def _atr(look: Look) -> Refusal | None:
    _, batch, params, _, now_ms = look
    if usable_atr(batch.conditions, params, now_ms) is not None:
        return None
    return Refusal("atr", "there is no current average true range, and distances are never guessed")


def _vwap(look: Look) -> Refusal | None:
    _, batch, params, side, now_ms = look
    if params.vwap is None:
        return None
    vwap = batch.conditions.vwaps.get(params.vwap.minutes) if batch.conditions is not None else None
    mid = _mid(batch)
    if vwap is None or mid is None or not _is_fresh(now_ms - vwap.closed_at_ms, VWAP_MAX_AGE_MS):
        return Refusal("vwap", "there is no current volume-weighted average price, or no book to compare it with")
    bound = vwap.price * (1 - side.sign * params.vwap.buffer_pct / HUNDRED)
    # The current mid, not the liquidation's price, which is extreme by nature and would nearly always pass.
    if side.sign * (bound - mid) > 0:
        return None
    wanted = "below" if side is PositionSide.LONG else "above"
    return Refusal("vwap", f"the price is not {wanted} the volume-weighted average", {"vwap_bound": plain(bound)})


CHECKS: tuple[Callable[[Look], Refusal | None], ...] = (
    _sane_price,
    _aggregate,
    _cascade,
    _history,
    _percentile,
    _trade_side,
    _atr,
    _vwap,
)


def _reading(conditions: Conditions | None, params: LadderParams) -> CascadeReading | None:
    if conditions is None or params.cascade_formula is None:
        return None
    return conditions.cascades.get(params.cascade_formula)


def _mid(batch: LiquidationBatch) -> Decimal | None:
    """The middle of a book that can be believed: not empty, not crossed, and not silent while mark prices go on."""
    book, mark = batch.book, batch.mark
    if book is None or book.bid <= 0 or book.ask <= book.bid:
        return None
    return None if mark is not None and mark.time_ms - book.time_ms > MAX_SILENT_BOOK_MS else book.mid


def _figures(
    measured: MeasuredLiquidation, batch: LiquidationBatch, params: LadderParams, side: PositionSide
) -> Mapping[str, str]:
    """Everything that was measured, for the record, whether it decided or not."""
    conditions = batch.conditions
    figures = {"side": side.value} | _of_rank(measured.percentile)
    reading = _reading(conditions, params)
    if reading is not None:
        figures |= {
            "cascade": reading.colour.value,
            "cascade_points": _text(reading.points),
            "cascade_lq": _text(reading.liquidations),
            "cascade_ret": _text(reading.returns),
            "cascade_oi": _text(reading.open_interest),
            "cascade_counted": ", ".join(reading.counted),
            "reversal_quality": reading.reversal.value,
            "cascade_since_ms": str(reading.since_ms),
        }
    if conditions is not None:
        atr = conditions.atrs.get(params.atr_interval_s)
        vwap = conditions.vwaps.get(params.vwap.minutes) if params.vwap is not None else None
        figures |= {"atr_pct": _text(atr.pct)} if atr is not None else {}
        mid = _mid(batch) if vwap is not None else None
        figures |= {"vwap": _text(vwap.price)} if vwap is not None else {}
        figures |= {"mid": plain(mid)} if mid is not None else {}
        figures |= _of_bias(conditions.bias)
    return figures


def _of_bias(bias: Bias | None) -> dict[str, str]:
    if bias is None:
        return {}
    return {"bias": _text(bias.combined), "bias_book": _text(bias.book), "bias_funding": _text(bias.funding)}


def _of_rank(rank: PercentileRank | None) -> dict[str, str]:
    if rank is None:
        return {}
    return {
        "percentile": _text(rank.rank),
        "history_events": str(rank.events),
        "history_days": _text(rank.days),
        "history_complete": "yes" if rank.complete else "no",
    }


def _thresholds(params: LadderParams) -> Mapping[str, str]:
    thresholds = {
        "percentile_threshold": plain(params.trigger.percentile),
        "min_history": str(params.trigger.min_history),
        "cascade_formula": params.cascade_formula.value if params.cascade_formula is not None else "off",
        "atr_interval_s": str(params.atr_interval_s),
    }
    if params.vwap is not None:
        thresholds |= {"vwap_minutes": str(params.vwap.minutes), "vwap_buffer_pct": plain(params.vwap.buffer_pct)}
    return thresholds


def _text(value: Decimal | None) -> str:
    return "not counted" if value is None else plain(value)

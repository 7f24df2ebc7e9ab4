"""The schedule of a ladder: levels, sizes, stop, target, and the risk of every layer. Decided once, never changed."""

from collections.abc import Sequence
from dataclasses import replace

from undertow.domain.ids import LadderId, digest_of
from undertow.domain.ladder import LadderPlan, PlannedLayer
from undertow.domain.numbers import ONE, plain
from undertow.risk.approval import Refusal
from undertow.strategies.ladder.clearance import layers_clear, too_close
from undertow.strategies.ladder.levels import Level, levels_of
from undertow.strategies.ladder.request import PlanRequest
from undertow.strategies.ladder.sizing import Sizes, largest_growth, layers_of, sized

__all__ = ["PlanRequest", "plan"]


def plan(request: PlanRequest) -> LadderPlan | Refusal:
    """The ladder that ``request`` describes, trimmed until everything holds, or why there can be none.

    Layers go first where the stop comes before them, then where the venue's minimum costs their share of the risk,
    where rounding leaves them too small, and where they bring the liquidation price too close to the stop.
    """
    refusal = _unplannable(request)
    if refusal is not None:
        return refusal
    levels = levels_of(request)
    if not levels:
        return _no_room(request)
    sizes = sized(request, levels)
    if isinstance(sizes, Refusal):
        return sizes
    layers = layers_of(request, levels, sizes)
    clear = layers_clear(layers, request)
    if clear == 0:
        return too_close(layers[0], request)
    if clear == 1 and len(layers) > 1:
        return _with_second_layer(levels, sizes, layers, request)
    return _planned(layers[:clear], sizes, request)


def _unplannable(request: PlanRequest) -> Refusal | None:
    instrument = request.instrument
    if request.base <= 0:
        return Refusal("sizing_base", "there is no balance to size a ladder from", {"sizing_base": plain(request.base)})
    # Zero stands for "no limit" elsewhere. No venue takes orders of any size, so here it means: not known.
    if not instrument.brackets or min(instrument.lot_size, instrument.tick_size, instrument.min_notional) <= 0:
        return Refusal("missing_limits", "the venue's limits of the symbol are not known")
    if request.take_profit_pct >= request.costs_pct:
        return None
    return Refusal(
        "target_below_costs",
        "the target would not even earn the costs of the trade",
        {"take_profit_pct": plain(request.take_profit_pct)},
        {"costs_pct": plain(request.costs_pct)},
    )


def _no_room(request: PlanRequest) -> Refusal:
    return Refusal(
        "levels",
        "not even the first layer lies before the stop",
        {"stop_loss_pct": plain(request.stop_loss_pct)},
        {"min_gap_pct": plain(request.params.shape.min_gap_pct)},
    )


def _with_second_layer(
    levels: Sequence[Level], sizes: Sizes, layers: Sequence[PlannedLayer], request: PlanRequest
) -> LadderPlan:
    """Before a ladder is left with its first layer alone, its second grows less, if that clears the liquidation."""

    def clears(growth: Sizes) -> bool:
        return layers_clear(layers_of(request, levels, growth), request) == 2

    two = replace(sizes, count=2)
    if not clears(replace(two, growth=ONE)):
        return _planned(layers[:1], sizes, request)
    gentler = replace(two, growth=largest_growth(sizes.growth, lambda tried: clears(replace(two, growth=tried))))
    return _planned(layers_of(request, levels, gentler), gentler, request)


def _planned(layers: Sequence[PlannedLayer], sizes: Sizes, request: PlanRequest) -> LadderPlan:
    shape = request.params.shape
    return LadderPlan(
        id=LadderId(digest_of("ladder", request.account, request.strategy, request.symbol, request.cause)),
        strategy=request.strategy,
        side=request.side,
        created_at_ms=request.now_ms,
        signal_price=request.signal_price,
        stop_price=request.first_stop,
        stop_loss_pct=request.stop_loss_pct,
        take_profit_pct=request.take_profit_pct,
        anchor=request.params.anchor,
        atr_pct=request.atr_pct,
        growth=sizes.growth,
        wanted_growth=shape.growth,
        wanted_layers=shape.max_layers,
        sizing_base=request.base,
        leverage=request.params.leverage,
        params_version=request.params_version,
        layers=tuple(layers),
    )

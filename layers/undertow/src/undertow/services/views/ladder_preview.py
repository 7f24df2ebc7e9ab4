"""A ladder's plan layer by layer: what fills, the average, where the venue would liquidate, and what is risked."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NotRequired

from typing_extensions import TypedDict

from undertow.domain.ids import LiquidationId
from undertow.domain.ladder import LadderPlan, PlannedLayer, StopAnchor
from undertow.domain.market import Candle
from undertow.domain.numbers import HUNDRED, ZERO, plain
from undertow.risk.approval import Refusal
from undertow.risk.protection import on_the_loss_side
from undertow.services.views import render
from undertow.services.views.least_balance import LeastBalance, least_balance
from undertow.services.views.market import read_candles
from undertow.services.views.preview_setting import LiquidationAfter, Setting, liquidation_after, share_of_equity
from undertow.services.views.render import Figure
from undertow.services.views.sources import Sources
from undertow.services.views.worst_day import WorstDay, worst_day_row
from undertow.signals.atr import atr_of
from undertow.strategies.ladder.params import LadderParams
from undertow.strategies.ladder.schedule import PlanRequest, plan
from undertow.strategies.pricing import PriceTerms, entry_price


class PlannedStep(TypedDict):
    number: int
    price: Figure
    distance_pct: Figure
    quantity: Figure
    notional: Figure
    margin: Figure
    risk: Figure


class PlannedLayerRow(PlannedStep):
    """A layer, and the position once it and all before it have filled at their prices."""

    quantity_together: Figure
    average_price: Figure
    margin_together: Figure
    risk_together: Figure
    stop_price: Figure
    target_price: Figure
    liquidation: LiquidationAfter


class LadderTermsNow(TypedDict):
    """``refused`` says why there is no plan, ``inputs`` from which figures. A plan has all that need not be there."""

    refused: str | None
    layers: list[PlannedLayerRow]
    gate: NotRequired[str]
    inputs: NotRequired[dict[str, str]]
    signal_price: NotRequired[Figure]
    stop_price: NotRequired[Figure]
    stop_anchor: NotRequired[StopAnchor]
    stop_loss_pct: NotRequired[Figure]
    take_profit_pct: NotRequired[Figure]
    atr_pct: NotRequired[Figure | None]
    growth: NotRequired[Figure]
    growth_wanted: NotRequired[Figure]
    layers_wanted: NotRequired[int]
    sizing_base: NotRequired[Figure]
    notional: NotRequired[Figure]
    margin: NotRequired[Figure]
    risk: NotRequired[Figure]
    risk_equity_pct: NotRequired[Figure | None]
    worst_day: NotRequired[WorstDay | None]
    least_balance: NotRequired[LeastBalance]


MOST_CANDLES: Final = 100
"""More than the warm-up of the ATR needs."""


def ladder_preview(sources: Sources, setting: Setting, params: LadderParams, days: Sequence[Candle]) -> LadderTermsNow:
    """Planned as the first layer of a signal would be now; refused with its reason and figures where there is none."""
    symbol = setting.instrument.symbol
    candles = read_candles(sources, setting.account.venue, symbol, params.atr_interval_s, MOST_CANDLES)
    atr = atr_of(candles, params.atr_interval_s, setting.now_ms)
    terms = PriceTerms(params.time_in_force, params.price_offset_pct)
    market = setting.market
    price = entry_price(setting.side.entry_side, market.book, market.mark, terms, setting.instrument)
    if atr is None or price is None or setting.balance is None:
        missing = "ATR" if atr is None else "price" if price is None else "balance"
        return {"refused": f"the {missing} is not known, and nothing is planned on a guess", "inputs": {}, "layers": []}
    request = PlanRequest(
        side=setting.side,
        signal_price=price,
        atr_pct=atr.pct,
        params=params,
        instrument=setting.instrument,
        base=min(setting.balance.equity, setting.balance.available),
        limits=setting.limits.risk,
        account=setting.account.id,
        strategy=setting.strategy,
        symbol=symbol,
        cause=LiquidationId("preview"),
        now_ms=setting.now_ms,
        params_version=setting.params_version,
        spread_pct=market.book.spread / market.book.mid * HUNDRED,
    )
    return {**_planned(setting, request, days), "least_balance": least_balance(request)}


def _planned(setting: Setting, request: PlanRequest, days: Sequence[Candle]) -> LadderTermsNow:
    planned = plan(request)
    if isinstance(planned, Refusal):
        figures = {**planned.inputs, **planned.thresholds}
        return {"refused": planned.reason, "gate": planned.gate, "inputs": figures, "layers": []}
    return plan_preview(setting, planned, days)


def plan_preview(setting: Setting, plan: LadderPlan, days: Sequence[Candle]) -> LadderTermsNow:
    notional = sum((layer.notional for layer in plan.layers), ZERO)
    filled = [(layer.price, layer.quantity) for layer in plan.layers]
    return {
        "refused": None,
        "signal_price": plain(plan.signal_price),
        "stop_price": plain(plan.stop_price),
        "stop_anchor": plan.anchor,
        "stop_loss_pct": plain(plan.stop_loss_pct),
        "take_profit_pct": plain(plan.take_profit_pct),
        "atr_pct": render.figure(plan.atr_pct),
        "growth": plain(plan.growth),
        "growth_wanted": plain(plan.wanted_growth),
        "layers_wanted": plan.wanted_layers,
        "sizing_base": plain(plan.sizing_base),
        "layers": [_layer(setting, plan, count) for count in range(1, len(plan.layers) + 1)],
        "notional": plain(notional),
        "margin": plain(notional / plan.leverage),
        "risk": plain(plan.reserve),
        "risk_equity_pct": share_of_equity(setting, plan.reserve),
        "worst_day": worst_day_row(setting.side, days, plan.signal_price, plan.stop_price, filled),
    }


def _layer(setting: Setting, plan: LadderPlan, count: int) -> PlannedLayerRow:
    """The ``count``-th layer, and the position once it and all before it have filled at their prices."""
    layers = plan.layers[:count]
    layer = layers[-1]
    quantity = sum((one.quantity for one in layers), ZERO)
    average = sum((one.notional for one in layers), ZERO) / quantity
    return {
        **_own(plan, layer),
        "quantity_together": plain(quantity),
        "average_price": plain(average.quantize(_places(setting))),
        "margin_together": plain(quantity * average / plan.leverage),
        "risk_together": plain(sum((one.risk for one in layers), ZERO)),
        "stop_price": plain(_stop(setting, plan, average)),
        "target_price": plain(_target(setting, plan, average)),
        "liquidation": liquidation_after(setting, quantity, average),
    }


def _own(plan: LadderPlan, layer: PlannedLayer) -> PlannedStep:
    distance = plan.side.sign * (plan.signal_price - layer.price) / plan.signal_price
    return {
        "number": layer.number,
        "price": plain(layer.price),
        "distance_pct": render.percent(distance),
        "quantity": plain(layer.quantity),
        "notional": plain(layer.notional),
        "margin": plain(layer.notional / plan.leverage),
        "risk": plain(layer.risk),
    }


def _places(setting: Setting) -> Decimal:
    """Two digits finer than the tick: an average lies between ticks."""
    return setting.instrument.tick_size / 100


def _stop(setting: Setting, plan: LadderPlan, average: Decimal) -> Decimal:
    if plan.anchor is StopAnchor.SIGNAL:
        return plan.stop_price
    moved = average * (1 - plan.side.sign * plan.stop_loss_pct / HUNDRED)
    return on_the_loss_side(moved, plan.side, setting.instrument)


def _target(setting: Setting, plan: LadderPlan, average: Decimal) -> Decimal:
    moved = average * (1 + plan.side.sign * plan.take_profit_pct / HUNDRED)
    return on_the_loss_side(moved, plan.side.opposite, setting.instrument)

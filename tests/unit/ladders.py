"""Ordinary ladders. A test changes what it is about and nothing else."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from tests.unit.builders import ACCOUNT, BTC, LONG, NOW_MS, batch, d, instrument, measured, position, protection

from undertow.domain.account import MarginType
from undertow.domain.conditions import (
    AggregateCascade,
    Atr,
    Bias,
    CascadeFormula,
    CascadeReading,
    Colour,
    Conditions,
    PercentileRank,
    ReversalQuality,
    Vwap,
)
from undertow.domain.ids import ClientOrderId, LiquidationId, StrategyId
from undertow.domain.instrument import Instrument, LeverageBracket
from undertow.domain.ladder import Ladder, LadderPlan, StopAnchor
from undertow.domain.market import LiquidationBatch, MeasuredLiquidation
from undertow.domain.order import TimeInForce
from undertow.domain.position import Position
from undertow.risk.approval import Refusal
from undertow.risk.limits import RiskLimits, SymbolLimits
from undertow.strategies.ladder.entry import Cause, NextLayer
from undertow.strategies.ladder.params import LadderParams, LayerTrigger, PercentileTrigger, Shape
from undertow.strategies.ladder.schedule import PlanRequest, plan
from undertow.strategies.signal import Direction, OppositePolicy, TradeSide

LADDER = StrategyId("ladder")
MAGNITUDE = CascadeFormula.MAGNITUDE
NO_COSTS = RiskLimits(taker_fee_pct=d("0"), stop_slippage_pct=d("0"))


def ladder_params(shape: dict[str, Any] | None = None, **changes: Any) -> LadderParams:
    """Five layers as by default; stop at 2 %, target at 1 %; isolated with leverage 10."""
    usual = LadderParams(
        enabled=True,
        simulate=False,
        trigger=PercentileTrigger(),
        cascade_formula=MAGNITUDE,
        vwap=None,
        atr_interval_s=300,
        cooldown_s=60,
        layer_delay_s=30,
        direction=Direction.FADE,
        trade_side=TradeSide.BOTH,
        opposite=OppositePolicy.IGNORE,
        leverage=10,
        margin_type=MarginType.ISOLATED,
        shape=Shape(**(shape or {})),
        layer_trigger=LayerTrigger.LIQUIDATION_AND_PRICE,
        anchor=StopAnchor.SIGNAL,
        max_total_deviation_pct=d("0.5"),
        time_in_force=TimeInForce.GTC,
        price_offset_pct=d("0.1"),
        order_ttl_s=30,
        limits=SymbolLimits(d("500"), d("5000"), 5),
        protection=protection(stop_loss_pct=d("2"), take_profit_pct=d("1")),
    )
    return replace(usual, **changes)


def fine(**changes: Any) -> Instrument:
    """A symbol around 100 whose grids are so fine, and whose minimum is so small, that they hardly show."""
    usual = {
        "tick_size": d("0.000001"),
        "min_price": d("0.000001"),
        "lot_size": d("0.00000001"),
        "min_quantity": d("0.00000001"),
        "max_quantity": d("100000000"),
        "min_notional": d("0.000001"),
        "brackets": (LeverageBracket(1, 50, d("0"), d("1E+12"), d("0.005"), d("0")),),
    }
    return instrument(**{**usual, **changes})


def request(params: LadderParams | None = None, **changes: Any) -> PlanRequest:
    """A long from 100 with an ATR of 0.5 % on a balance of 10,000."""
    usual = PlanRequest(
        side=LONG,
        signal_price=d("100"),
        atr_pct=d("0.5"),
        params=params or ladder_params(),
        instrument=fine(),
        base=d("10000"),
        limits=RiskLimits(),
        account=ACCOUNT,
        strategy=LADDER,
        symbol=BTC,
        cause=LiquidationId("liq1"),
        now_ms=NOW_MS,
        params_version="7/3",
    )
    return replace(usual, **changes)


def planned(of: PlanRequest) -> LadderPlan:
    made = plan(of)
    assert isinstance(made, LadderPlan), made
    return made


def refused(of: PlanRequest) -> Refusal:
    made = plan(of)
    assert isinstance(made, Refusal), made
    return made


def standing(of: LadderPlan, filled: int = 1) -> Ladder:
    """``of`` with its first layers filled, the last of them a minute ago."""
    ladder = Ladder(of)
    for layer in of.layers[:filled]:
        number = layer.number
        order = ClientOrderId(f"ut-e-{number}")
        ladder = ladder.claimed(number, order, NOW_MS - 60_000).filled_by(number, order, layer.quantity)
    return ladder


def held(of: LadderPlan, **changes: Any) -> Position:
    first = of.layer(1)
    usual = {"side": of.side, "quantity": first.quantity, "entry_price": of.signal_price, "strategy": of.strategy}
    return position(**{**usual, **changes})


def cause(**changes: Any) -> Cause:
    return replace(Cause(LiquidationId("liq2"), is_liquidation=True, time_ms=NOW_MS - 50, max_age_ms=5_000), **changes)


def wanting(of: PlanRequest, price: Decimal, filled: int = 1, **changes: Any) -> NextLayer:
    """The next layer of the ladder that ``of`` makes, at the market ``price``."""
    made = planned(of)
    usual = NextLayer(standing(made, filled), held(made), price, cause(), of.params, of.instrument, NOW_MS)
    return replace(usual, **changes)


def reading(colour: Colour = Colour.GREEN, **changes: Any) -> CascadeReading:
    usual = CascadeReading(
        formula=MAGNITUDE,
        colour=colour,
        points=d("1.5"),
        liquidations=d("4.2"),
        returns=d("1.1"),
        open_interest=None,
        counted=("liquidations", "returns"),
        reversal=ReversalQuality.OK,
        since_ms=NOW_MS - 9_000,
        measured_at_ms=NOW_MS - 1_000,
    )
    return replace(usual, **changes)


def aggregate(**changes: Any) -> AggregateCascade:
    return replace(AggregateCascade(False, 1, 10, 12, NOW_MS - 60_000, NOW_MS - 1_000), **changes)


def conditions(**changes: Any) -> Conditions:
    """Everything measured a second ago, and nothing that speaks against an entry."""
    usual = Conditions(
        atrs={300: Atr(d("0.4"), d("0.5"), 300, NOW_MS - 60_000)},
        vwaps={240: Vwap(d("100500"), 240, NOW_MS - 30_000)},
        cascades={MAGNITUDE: reading()},
        aggregates={MAGNITUDE: aggregate()},
        bias=Bias(d("0.2"), d("-0.1"), d("0.05")),
    )
    return replace(usual, **changes)


def ranked(rank: str = "80", **changes: Any) -> MeasuredLiquidation:
    standing_at = replace(PercentileRank(d(rank), events=900, days=d("29.5"), complete=True), **changes)
    return replace(measured(), percentile=standing_at)


def observed(**changes: Any) -> LiquidationBatch:
    return batch(conditions=conditions(**changes), liquidations=(ranked(),))

"""What a ladder decides by, from its settings; which of these cannot go together, and which are probably not meant."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from undertow.adapters.ssm.entry_settings import (
    Conflict,
    Header,
    doubts,
    reward_doubt,
    stop_doubt,
    symbol_limits,
    target_doubt,
    trailing,
)
from undertow.adapters.ssm.ladder_settings import INTERVALS_S, LadderSettings
from undertow.domain.account import Account
from undertow.domain.conditions import CascadeFormula
from undertow.domain.ids import Symbol
from undertow.domain.numbers import plain
from undertow.domain.order import TimeInForce
from undertow.ports import LadderStrategy
from undertow.risk.limits import AccountLimits
from undertow.risk.protection import AdaptiveDistances, ProtectionParams
from undertow.strategies.ladder.params import LadderParams, PercentileTrigger, Shape, VwapFilter

EXPLODES: Final = 100
"""A full ladder this many times its first layer is hardly ever meant."""

_PAIRS: Final = (
    ("stop_loss_min_pct", "stop_loss_max_pct"),
    ("take_profit_min_pct", "take_profit_max_pct"),
)


def conflicts(settings: LadderSettings) -> Iterator[Conflict]:
    for least_name, most_name in _PAIRS:
        least, most = getattr(settings, least_name), getattr(settings, most_name)
        if least > most:
            allowed = f"at least {least_name}, which is {plain(least)}"
            yield Conflict(most_name, most, allowed, frozenset({least_name, most_name}))


def warnings(symbol: Symbol, settings: LadderSettings, account: Account, limits: AccountLimits) -> Iterator[str]:
    adaptive = settings.protection == "adaptive"
    yield from doubts(symbol, settings, account, limits)
    yield from stop_doubt(settings.stop_loss_max_pct if adaptive else settings.stop_loss_pct, settings.leverage)
    yield from target_doubt(settings.take_profit_min_pct if adaptive else settings.take_profit_pct, limits)
    yield from reward_doubt(usual_target_pct(settings), usual_stop_pct(settings), settings.min_reward_risk, limits)
    yield from _layers_beyond_stop(settings)
    multiple = full_size_multiple(settings)
    if multiple > EXPLODES:
        yield (
            f"{settings.max_layers} layers that grow by {plain(settings.size_growth)} make the full position "
            f"{plain(multiple.quantize(Decimal(1)))} times the first layer"
        )
    if settings.cascade_formula == "off":
        yield "cascade_formula is off: it enters while the whole market is being liquidated"


def full_size_multiple(settings: LadderSettings) -> Decimal:
    """Quantity of all layers together, as a multiple of the first one's."""
    return sum((settings.size_growth**layer for layer in range(settings.max_layers)), Decimal(0))


def _layers_beyond_stop(settings: LadderSettings) -> Iterator[str]:
    """Compared at the reference ATR, where distances are as they are written down."""
    stop_pct = usual_stop_pct(settings)
    fitting = sum(
        _distance_pct(settings, layer) + settings.min_gap_pct < stop_pct for layer in range(1, settings.max_layers + 1)
    )
    if fitting < settings.max_layers:
        yield (
            f"{fitting} of {settings.max_layers} layers lie before the stop, which is {plain(stop_pct)} % away at an "
            f"ATR of {plain(settings.reference_atr_pct)} %; layer {settings.max_layers} would be "
            f"{plain(_distance_pct(settings, settings.max_layers).quantize(Decimal('0.01')))} % away"
        )


def usual_stop_pct(settings: LadderSettings) -> Decimal:
    """Where the stop stands while the ATR is at its reference."""
    if settings.protection == "percent":
        return settings.stop_loss_pct
    wanted = settings.stop_loss_atr * settings.reference_atr_pct
    return max(settings.stop_loss_min_pct, min(settings.stop_loss_max_pct, wanted))


def usual_target_pct(settings: LadderSettings) -> Decimal:
    """Where the target stands while the ATR is at its reference."""
    if settings.protection == "percent":
        return settings.take_profit_pct
    wanted = settings.take_profit_atr * settings.reference_atr_pct
    return max(settings.take_profit_min_pct, min(settings.take_profit_max_pct, wanted))


def _distance_pct(settings: LadderSettings, layer: int) -> Decimal:
    return settings.first_step_pct * Decimal(layer - 1) ** settings.spacing_power if layer > 1 else Decimal(0)


def strategy(header: Header, symbols: Mapping[Symbol, LadderSettings]) -> LadderStrategy:
    return LadderStrategy(
        id=header.id,
        account=header.account,
        enabled=header.enabled,
        symbols={symbol: _params(settings, header.simulate) for symbol, settings in symbols.items()},
        version=header.version,
    )


def _params(settings: LadderSettings, simulate: bool) -> LadderParams:
    return LadderParams(
        enabled=settings.enabled,
        simulate=settings.simulate_only or simulate,
        trigger=PercentileTrigger(settings.percentile_threshold, settings.min_history),
        cascade_formula=None if settings.cascade_formula == "off" else CascadeFormula(settings.cascade_formula),
        vwap=VwapFilter(settings.vwap_minutes, settings.vwap_buffer_pct) if settings.vwap_filter else None,
        atr_interval_s=INTERVALS_S[settings.atr_interval],
        cooldown_s=settings.cooldown_sec,
        layer_delay_s=settings.layer_delay_sec,
        direction=settings.direction,
        trade_side=settings.trade_side,
        opposite=settings.opposite_signal,
        leverage=settings.leverage,
        margin_type=settings.margin_type,
        shape=_shape(settings),
        layer_trigger=settings.layer_trigger,
        anchor=settings.stop_anchor,
        max_total_deviation_pct=settings.max_total_deviation_pct,
        time_in_force=TimeInForce(settings.time_in_force),
        price_offset_pct=settings.price_offset_pct,
        order_ttl_s=settings.order_ttl_seconds,
        limits=symbol_limits(settings),
        protection=_protection(settings),
    )


def _shape(settings: LadderSettings) -> Shape:
    return Shape(
        margin_pct=settings.margin_pct,
        layer1_size_pct=settings.layer1_size_pct,
        first_step_pct=settings.first_step_pct,
        spacing_power=settings.spacing_power,
        growth=settings.size_growth,
        max_layers=settings.max_layers,
        reference_atr_pct=settings.reference_atr_pct,
        max_upsize=settings.max_upsize,
        min_gap_pct=settings.min_gap_pct,
        liquidation_buffer_pct=settings.liquidation_buffer_pct,
    )


def _protection(settings: LadderSettings) -> ProtectionParams:
    adaptive = AdaptiveDistances(
        stop_atr=settings.stop_loss_atr,
        stop_min_pct=settings.stop_loss_min_pct,
        stop_max_pct=settings.stop_loss_max_pct,
        target_atr=settings.take_profit_atr,
        target_min_pct=settings.take_profit_min_pct,
        target_max_pct=settings.take_profit_max_pct,
        interval_s=INTERVALS_S[settings.atr_interval],
    )
    return ProtectionParams(
        stop_loss_pct=settings.stop_loss_pct,
        take_profit_pct=settings.take_profit_pct,
        working_type=settings.working_type,
        price_protect=settings.price_protect,
        adaptive=adaptive if settings.protection == "adaptive" else None,
        trailing=trailing(settings, settings.trailing_stop),
        min_reward_risk=settings.min_reward_risk,
    )

"""The hunter's settings for a symbol, under the names hunters have always had, and what it decides by from them."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from undertow.adapters.ssm.entry_settings import (
    Conflict,
    EntrySettings,
    Header,
    doubts,
    reward_doubt,
    stop_doubt,
    symbol_limits,
    target_doubt,
    trailing,
)
from undertow.adapters.ssm.fields import REQUIRED, Exact, above_zero, bound, from_zero, whole, yes_no
from undertow.domain.account import Account
from undertow.domain.ids import Symbol
from undertow.domain.numbers import plain
from undertow.domain.order import TimeInForce
from undertow.ports import HunterStrategy
from undertow.risk.limits import HARD_MAX_ORDER_NOTIONAL, AccountLimits
from undertow.risk.protection import ProtectionParams
from undertow.strategies.hunter import HunterParams, Threshold, VolumeUnit

MOST_VOLUME: Final = "1000000000000"


class HunterSettings(EntrySettings):
    """Settings of the hunter for one symbol: the base with the symbol's own settings laid over it."""

    volume_window_sec: int = whole(
        60, 1, 3_600, "s", "Length of the trailing window that liquidations are summed over."
    )
    use_usdt_volume: bool = yes_no(True, "Thresholds count USDT (true) or base tokens (false).")
    volume_threshold_long: Exact = above_zero(
        REQUIRED, MOST_VOLUME, "USDT or tokens", "Liquidated volume in the window that opens a long position."
    )
    volume_threshold_short: Exact = above_zero(
        REQUIRED, MOST_VOLUME, "USDT or tokens", "Liquidated volume in the window that opens a short position."
    )
    volume_upper_bound_long: Exact | None = bound(
        MOST_VOLUME, "USDT or tokens", "Volume above which no long is opened: a cascade that size means stay out."
    )
    volume_upper_bound_short: Exact | None = bound(
        MOST_VOLUME, "USDT or tokens", "Volume above which no short is opened: a cascade that size means stay out."
    )
    cooldown_sec: int = whole(
        30, 0, 86_400, "s", "Pause after an entry before the same symbol and side is entered again."
    )
    trade_value_usdt: Exact = above_zero(
        REQUIRED,
        str(HARD_MAX_ORDER_NOTIONAL),
        "USDT margin",
        "Margin of one entry; its notional is this times leverage.",
    )
    take_profit_pct: Exact = above_zero(
        Decimal(2), "90", "% of entry price", "Distance of the target from the average entry. Price percent, not ROE."
    )
    stop_loss_pct: Exact = above_zero(
        Decimal(1), "90", "% of entry price", "Distance of the stop from the average entry. Price percent, not ROE."
    )
    min_reward_risk: Exact = from_zero(
        Decimal("1.5"),
        "100",
        "",
        "What the target must promise for each unit the stop risks, net of fees; 0: anything.",
    )
    trailing_stop: bool = yes_no(
        False, "Whether the stop goes to break-even and then follows the price. It only ever tightens."
    )


def conflicts(settings: HunterSettings) -> Iterator[Conflict]:
    sides = (
        ("long", settings.volume_threshold_long, settings.volume_upper_bound_long),
        ("short", settings.volume_threshold_short, settings.volume_upper_bound_short),
    )
    for side, lower, upper in sides:
        if upper is not None and upper <= lower:
            lower_name, upper_name = f"volume_threshold_{side}", f"volume_upper_bound_{side}"
            allowed = f"above {lower_name}, which is {plain(lower)}"
            yield Conflict(upper_name, upper, allowed, frozenset({upper_name, lower_name}))
    margin = settings.trade_value_usdt
    caps = (
        ("max_position_margin_usdt", settings.max_position_margin_usdt, margin, "trade_value_usdt"),
        (
            "max_position_notional_usdt",
            settings.max_position_notional_usdt,
            margin * settings.leverage,
            "trade_value_usdt times leverage",
        ),
    )
    for name, cap, needed, what in caps:
        if cap < needed:
            allowed = f"at least {what}, which is {plain(needed)}: else nothing trades"
            yield Conflict(name, cap, allowed, frozenset({name, "trade_value_usdt", "leverage"}))


def warnings(symbol: Symbol, settings: HunterSettings, account: Account, limits: AccountLimits) -> Iterator[str]:
    yield from doubts(symbol, settings, account, limits)
    yield from stop_doubt(settings.stop_loss_pct, settings.leverage)
    yield from target_doubt(settings.take_profit_pct, limits)
    if settings.trade_value_usdt > limits.max_total_margin:
        yield "trade_value_usdt is above the account's max_total_exposure_margin_usdt"
    yield from reward_doubt(settings.take_profit_pct, settings.stop_loss_pct, settings.min_reward_risk, limits)


def strategy(header: Header, symbols: Mapping[Symbol, HunterSettings]) -> HunterStrategy:
    return HunterStrategy(
        id=header.id,
        account=header.account,
        enabled=header.enabled,
        symbols={symbol: _params(settings, header.simulate) for symbol, settings in symbols.items()},
        version=header.version,
    )


def _params(settings: HunterSettings, simulate: bool) -> HunterParams:
    return HunterParams(
        enabled=settings.enabled,
        simulate=settings.simulate_only or simulate,
        volume_window_s=settings.volume_window_sec,
        volume_unit=VolumeUnit.USDT if settings.use_usdt_volume else VolumeUnit.TOKENS,
        long=Threshold(settings.volume_threshold_long, settings.volume_upper_bound_long),
        short=Threshold(settings.volume_threshold_short, settings.volume_upper_bound_short),
        cooldown_s=settings.cooldown_sec,
        direction=settings.direction,
        trade_side=settings.trade_side,
        leverage=settings.leverage,
        margin_type=settings.margin_type,
        trade_value=settings.trade_value_usdt,
        price_offset_pct=settings.price_offset_pct,
        time_in_force=TimeInForce(settings.time_in_force),
        order_ttl_s=settings.order_ttl_seconds,
        limits=symbol_limits(settings),
        protection=ProtectionParams(
            stop_loss_pct=settings.stop_loss_pct,
            take_profit_pct=settings.take_profit_pct,
            working_type=settings.working_type,
            price_protect=settings.price_protect,
            trailing=trailing(settings, settings.trailing_stop),
            min_reward_risk=settings.min_reward_risk,
        ),
        opposite=settings.opposite_signal,
    )

"""Which settings would let more be lost, compared with those that hold now. Names and units as in docs/parameters.md.

Settings come as they are in force, defaults filled in. How often a strategy acts (thresholds, windows) is its own
affair: how much it may put up, how far it may fall and what guards it is what a person is asked to confirm.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Final

from undertow.domain.json_text import Json, write_json
from undertow.domain.numbers import plain

Settings = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Increase:
    """``field`` is the setting's path in its document; ``before`` and ``after`` are texts for people."""

    field: str
    before: str
    after: str


class Riskier(Enum):
    """What change of a setting lets more be lost. MORE: upwards, and no bound is the most."""

    MORE = "more"
    MORE_AND_ZERO_IS_NO_BOUND = "more, and zero is no bound"
    LESS = "less"
    ON = "on"
    OFF = "off"
    WIDER = "wider"
    """A list that names what is allowed; none at all is no bound."""
    ANOTHER = "another"
    NEVER = "never"


Ranks = Mapping[str, int]
"""Choices in the order of what they allow."""

RISKIER: Final[Mapping[str, Riskier | Ranks]] = {
    # size
    "leverage": Riskier.MORE,
    "trade_value_usdt": Riskier.MORE,
    "max_position_margin_usdt": Riskier.MORE,
    "max_position_notional_usdt": Riskier.MORE,
    "max_open_orders_per_symbol": Riskier.MORE,
    "margin_pct": Riskier.MORE,
    "layer1_size_pct": Riskier.MORE,
    "size_growth": Riskier.MORE,
    "max_layers": Riskier.MORE,
    "max_upsize": Riskier.MORE,
    # how far it may fall
    "stop_loss_pct": Riskier.MORE,
    "stop_loss_atr": Riskier.MORE,
    "stop_loss_min_pct": Riskier.MORE,
    "stop_loss_max_pct": Riskier.MORE,
    "stop_anchor": {"signal": 0, "average": 1},
    "protection": Riskier.ANOTHER,
    "trailing_stop": Riskier.OFF,
    "trailing_distance_pct": Riskier.MORE,
    "break_even_at_pct": Riskier.MORE,
    "margin_type": {"isolated": 0, "cross": 1},
    "max_total_deviation_pct": Riskier.MORE,
    # guards of a strategy
    "enabled": Riskier.ON,
    "simulate_only": Riskier.OFF,
    "trade_side": {"long": 0, "short": 0, "both": 1},
    "opposite_signal": {"reduce": 0, "ignore": 1, "hedge": 2},
    "volume_upper_bound_long": Riskier.MORE,
    "volume_upper_bound_short": Riskier.MORE,
    "cooldown_sec": Riskier.LESS,
    "layer_delay_sec": Riskier.LESS,
    "layer_trigger": {"liquidation_and_price": 0, "price": 1, "liquidation": 1},
    "min_reward_risk": Riskier.LESS,
    "min_history": Riskier.LESS,
    "min_gap_pct": Riskier.LESS,
    "liquidation_buffer_pct": Riskier.LESS,
    "cascade_formula": {"magnitude": 0, "legacy": 0, "off": 1},
    "vwap_filter": Riskier.OFF,
    "vwap_buffer_pct": Riskier.LESS,
    # limits and guards of an account and the stage
    "mode": {"simulate": 0, "demo": 1, "paper": 1, "live": 2},
    "multi_assets_mode": Riskier.ON,
    "max_total_exposure_margin_usdt": Riskier.MORE,
    "max_total_exposure_notional_usdt": Riskier.MORE,
    "max_positions": Riskier.MORE_AND_ZERO_IS_NO_BOUND,
    "max_leverage": Riskier.MORE,
    "max_signal_age_s": Riskier.MORE,
    "max_portfolio_risk_pct": Riskier.MORE,
    "max_effective_leverage": Riskier.MORE,
    "margin_usage_reject_pct": Riskier.MORE,
    "margin_usage_warn_pct": Riskier.MORE,
    "margin_pause_pct": Riskier.MORE,
    "margin_resume_pct": Riskier.MORE,
    "emergency_reduce_pct": Riskier.MORE,
    "min_liquidation_distance_pct": Riskier.LESS,
    "stop_buffer_pct": Riskier.LESS,
    "min_confidence": Riskier.LESS,
    "allowed_symbols": Riskier.WIDER,
    "max_daily_loss_pct": Riskier.MORE,
    "max_drawdown_pct": Riskier.MORE,
    "taker_fee_pct": Riskier.LESS,
    "stop_slippage_pct": Riskier.LESS,
    "rate_limit_buffer_pct": Riskier.LESS,
    "unprotected_alert_s": Riskier.MORE,
    "unprotected_close_s": Riskier.MORE,
    "policy": {"protect": 0, "watch": 1},
    "dead_man": Riskier.OFF,
    "critical_again_min": Riskier.MORE,
    # when and how it acts, and who is told
    "account": Riskier.ANOTHER,
    "venue": Riskier.ANOTHER,
    "hedge_mode": Riskier.ANOTHER,
    "direction": Riskier.NEVER,
    "volume_window_sec": Riskier.NEVER,
    "use_usdt_volume": Riskier.NEVER,
    "volume_threshold_long": Riskier.NEVER,
    "volume_threshold_short": Riskier.NEVER,
    "percentile_threshold": Riskier.NEVER,
    "vwap_minutes": Riskier.NEVER,
    "atr_interval": Riskier.NEVER,
    "reference_atr_pct": Riskier.NEVER,
    "first_step_pct": Riskier.NEVER,
    "spacing_power": Riskier.NEVER,
    "price_offset_pct": Riskier.NEVER,
    "time_in_force": Riskier.NEVER,
    "order_ttl_seconds": Riskier.NEVER,
    "working_type": Riskier.NEVER,
    "price_protect": Riskier.NEVER,
    "take_profit_pct": Riskier.NEVER,
    "take_profit_atr": Riskier.NEVER,
    "take_profit_min_pct": Riskier.NEVER,
    "take_profit_max_pct": Riskier.NEVER,
    "extra_symbols": Riskier.NEVER,
    "high_again_min": Riskier.NEVER,
    "kind": Riskier.NEVER,
    "levels": Riskier.NEVER,
}
"""By name, wherever it stands. One that is missing here counts as ANOTHER; a test keeps the list whole."""


def strategy_increases(before: Settings | None, after: Settings) -> tuple[Increase, ...]:
    """``before`` is None for a strategy that is not there yet. Both have ``enabled``, ``account`` and ``symbols``."""
    return tuple(_of_strategy(before or {}, after))


def globals_increases(before: Settings | None, after: Settings) -> tuple[Increase, ...]:
    """``before`` is None where no globals were stored yet."""
    return tuple(_of_globals(before or {}, after))


def _of_strategy(before: Settings, after: Settings) -> Iterator[Increase]:
    if before and before.get("account") != after.get("account"):
        yield Increase("account", _text(before.get("account")), _text(after.get("account")))
    old_symbols = _inner(before, "symbols")
    for symbol, new in _inner(after, "symbols").items():
        where, old = f"symbols.{symbol}", _mapping(old_symbols.get(symbol))
        if not _trades(after, _mapping(new)):
            continue
        if _trades(before, old):
            yield from _fields(where, old, _mapping(new))
        else:
            yield Increase(where, "does not trade", "trades")


def _trades(strategy: Settings, symbol: Settings) -> bool:
    return bool(strategy.get("enabled") and symbol.get("enabled") and not symbol.get("simulate_only"))


def _of_globals(before: Settings, after: Settings) -> Iterator[Increase]:
    old_accounts = _inner(before, "accounts")
    for name, new in _inner(after, "accounts").items():
        where, account = f"accounts.{name}", _mapping(new)
        if name not in old_accounts:
            yield Increase(where, "not there", _text(account.get("mode")))
        elif account.get("mode") != "simulate":
            yield from _fields(where, _mapping(old_accounts[name]), account)
    yield from _left_alone(old_accounts, _inner(after, "accounts"))
    if before:
        left = {name: value for name, value in after.items() if name not in ("accounts", "alerts")}
        yield from _fields("", before, left)
        yield from _of_alerts(_inner(before, "alerts"), _inner(after, "alerts"))


def _left_alone(before: Settings, after: Settings) -> Iterator[Increase]:
    """Accounts whose positions nobody sees to any more: stops stay as they stand, and what ends one is not noticed."""
    for name, old in before.items():
        mode = _mapping(old).get("mode")
        if mode == "simulate":
            continue
        seen_to = f"{_text(mode)} (positions are watched)"
        if name not in after:
            yield Increase(f"accounts.{name}", seen_to, "not there (positions are left alone)")
        elif _mapping(after[name]).get("mode") == "simulate":
            yield Increase(f"accounts.{name}.mode", seen_to, "simulate (positions are left alone)")


def _of_alerts(before: Settings, after: Settings) -> Iterator[Increase]:
    yield from _fields("alerts", before, {name: value for name, value in after.items() if name != "routes"})
    kept = _inner(after, "routes")
    for name, old in _inner(before, "routes").items():
        levels = _levels(old)
        lost = levels - _levels(kept.get(name))
        if lost:
            told = ", ".join(sorted(_levels(kept.get(name)))) or "nothing"
            yield Increase(f"alerts.routes.{name}", f"tells {', '.join(sorted(levels))}", f"tells {told}")


def _levels(route: Json) -> frozenset[str]:
    levels = _mapping(route).get("levels")
    return frozenset(map(str, levels)) if isinstance(levels, Sequence) else frozenset()


def _fields(where: str, before: Settings, after: Settings) -> Iterator[Increase]:
    for name, new in after.items():
        path = f"{where}.{name}" if where else name
        old = before.get(name)
        if isinstance(new, Mapping):
            yield from _fields(path, _mapping(old), new)
        elif old != new and _riskier(RISKIER.get(name, Riskier.ANOTHER), old, new):
            yield Increase(path, _text(old), _text(new))


def _riskier(rule: Riskier | Ranks, old: Json, new: Json) -> bool:
    match rule:
        case Riskier.MORE:
            return new is None or (old is not None and _number(new) > _number(old))
        case Riskier.MORE_AND_ZERO_IS_NO_BOUND:
            return new == 0 or (old != 0 and _number(new) > _number(old))
        case Riskier.LESS:
            return _number(new) < _number(old)
        case Riskier.ON | Riskier.OFF:
            return new is (rule is Riskier.ON)
        case Riskier.WIDER:
            return new is None or (old is not None and not set(_names(new)) <= set(_names(old)))
        case Riskier.ANOTHER:
            return True
        case Riskier.NEVER:
            return False
    most = max(rule.values())
    return rule.get(str(new), most) > rule.get(str(old), -1)


def _inner(settings: Settings, name: str) -> Settings:
    return _mapping(settings.get(name))


def _mapping(value: Json) -> Settings:
    return value if isinstance(value, Mapping) else {}


def _number(value: Json) -> Decimal:
    """A bound that was never stated is none: whatever comes after it is a change to less."""
    return Decimal(value) if isinstance(value, int | Decimal) else Decimal(0)


def _names(value: Json) -> Sequence[str]:
    return [str(name) for name in value] if isinstance(value, Sequence) else []


def _text(value: Json) -> str:
    match value:
        case None:
            return "no bound"
        case Decimal():
            return plain(value)
        case str():
            return value
        case Mapping() | bool() | int():
            return write_json(value)
    return ", ".join(map(str, value)) or "none"

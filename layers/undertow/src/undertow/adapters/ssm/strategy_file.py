"""A strategy as a file: from JSON text to checked settings and on to what the hunter decides by."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic.fields import FieldInfo

from undertow.adapters.ssm.documents import HunterSettings, StrategyFile
from undertow.adapters.ssm.fields import as_json, exact, is_exact
from undertow.adapters.ssm.flaws import flaws_in, shown, validated
from undertow.domain.account import MarginType
from undertow.domain.ids import AccountId, StrategyId, Symbol
from undertow.domain.json_text import Json, NotJson, read_object, write_json
from undertow.domain.numbers import HUNDRED, plain
from undertow.domain.order import TimeInForce
from undertow.ports import BadDocument, Flaw, Globals, HunterStrategy
from undertow.risk.limits import SymbolLimits
from undertow.risk.protection import ProtectionParams
from undertow.strategies.hunter import HunterParams, Threshold, VolumeUnit

Settings = Mapping[str, Json]

_ORDERED: Final = (
    ("volume_threshold_long", "volume_upper_bound_long"),
    ("volume_threshold_short", "volume_upper_bound_short"),
)


@dataclass(frozen=True, slots=True)
class Strategy:
    """A checked strategy: what was given, and the settings of each symbol that follow from it."""

    id: StrategyId
    kind: str
    account: AccountId
    enabled: bool
    base: Settings
    given: Mapping[Symbol, Settings]
    effective: Mapping[Symbol, HunterSettings]

    @property
    def text(self) -> str:
        """Canonical JSON: fields in a fixed order, money as texts, only what was given."""
        return write_json(
            {
                "id": self.id,
                "kind": self.kind,
                "account": self.account,
                "enabled": self.enabled,
                "base": self.base,
                "symbols": dict[str, Json](self.given.items()),
            }
        )


def parse(text: str) -> Strategy:
    """Read a strategy file. Raises BadDocument with every flaw in it."""
    try:
        return check(read_object(text))
    except NotJson as error:
        raise BadDocument([Flaw("document", str(error), "a JSON object")]) from error


def check(value: Json) -> Strategy:
    flaws = tuple(dict.fromkeys(_flaws(value)))
    if flaws:
        raise BadDocument(flaws)
    file = validated(StrategyFile, value)
    symbols = {Symbol(name): own for name, own in sorted(file.symbols.items())}
    return Strategy(
        id=StrategyId(file.id),
        kind=file.kind,
        account=AccountId(file.account),
        enabled=file.enabled,
        base=_canonical(file.base),
        given={symbol: _canonical(own) for symbol, own in symbols.items()},
        effective={symbol: HunterSettings.model_validate({**file.base, **own}) for symbol, own in symbols.items()},
    )


def _flaws(value: Json) -> Iterator[Flaw]:
    """Flaws of the file's own fields, and of the settings as far as they can be looked at."""
    yield from (flaw for _, flaw in flaws_in(StrategyFile, value))
    base, symbols = (value.get("base"), value.get("symbols")) if isinstance(value, Mapping) else (None, None)
    if isinstance(base, Mapping) and isinstance(symbols, Mapping):
        yield from _settings_flaws(base, {name: own for name, own in symbols.items() if isinstance(own, Mapping)})


def _settings_flaws(base: Settings, symbols: Mapping[str, Settings]) -> Iterator[Flaw]:
    """A flaw belongs to the symbol that gives the field, else to the base. What is missing is missing per symbol."""
    for kind, flaw in flaws_in(HunterSettings, base):
        if kind != "missing":
            yield _under("base", flaw)
    for symbol, own in symbols.items():
        merged = {**base, **own}
        found = list(flaws_in(HunterSettings, merged))
        for kind, flaw in found:
            if kind == "missing":
                yield Flaw(f"symbols.{symbol}.{flaw.field}", "it is missing here and in the base", flaw.allowed)
            elif flaw.field.split(".")[0] in own:
                yield _under(f"symbols.{symbol}", flaw)
        if not found:
            yield from _contradictions(symbol, own, HunterSettings.model_validate(merged))


def _under(place: str, flaw: Flaw) -> Flaw:
    return Flaw(f"{place}.{flaw.field}", flaw.value, flaw.allowed)


def _contradictions(symbol: str, own: Settings, settings: HunterSettings) -> Iterator[Flaw]:
    for lower_name, upper_name in _ORDERED:
        lower, upper = getattr(settings, lower_name), getattr(settings, upper_name)
        if upper is not None and upper <= lower:
            place = f"symbols.{symbol}" if upper_name in own or lower_name in own else "base"
            yield Flaw(f"{place}.{upper_name}", shown(upper), f"above {lower_name}, which is {plain(lower)}")
    notional = settings.trade_value_usdt * settings.leverage
    caps = (
        ("max_position_margin_usdt", settings.max_position_margin_usdt, settings.trade_value_usdt, "trade_value_usdt"),
        (
            "max_position_notional_usdt",
            settings.max_position_notional_usdt,
            notional,
            "trade_value_usdt times leverage",
        ),
    )
    for name, cap, needed, what in caps:
        if cap < needed:
            givers = {name, "trade_value_usdt", "leverage"}
            place = f"symbols.{symbol}" if givers & own.keys() else "base"
            yield Flaw(f"{place}.{name}", shown(cap), f"at least {what}, which is {plain(needed)}: else nothing trades")


def _canonical(given: Mapping[str, object]) -> Settings:
    """The given fields in the order of the model, figures as plain texts."""
    return {
        name: _as_stored(field, given[name]) for name, field in HunterSettings.model_fields.items() if name in given
    }


def _as_stored(field: FieldInfo, value: object) -> Json:
    return plain(exact(value)) if is_exact(field) and value is not None else as_json(value)


def to_domain(strategy: Strategy, version: int, simulate_only: bool) -> HunterStrategy:
    return HunterStrategy(
        id=strategy.id,
        account=strategy.account,
        enabled=strategy.enabled,
        symbols={symbol: _params(settings, simulate_only) for symbol, settings in strategy.effective.items()},
        version=str(version),
    )


def _params(settings: HunterSettings, simulate_only: bool) -> HunterParams:
    return HunterParams(
        enabled=settings.enabled,
        simulate=settings.simulate_only or simulate_only,
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
        limits=SymbolLimits(
            max_position_margin=settings.max_position_margin_usdt,
            max_position_notional=settings.max_position_notional_usdt,
            max_open_orders=settings.max_open_orders_per_symbol,
        ),
        protection=ProtectionParams(
            stop_loss_pct=settings.stop_loss_pct,
            take_profit_pct=settings.take_profit_pct,
            working_type=settings.working_type,
            price_protect=settings.price_protect,
        ),
    )


def warnings(strategy: Strategy, globals_: Globals) -> Iterator[str]:
    """What is admissible and yet probably not meant."""
    limits = globals_.limits[strategy.account]
    if not strategy.effective:
        yield "it has no symbols, so it trades nothing"
    for symbol, settings in strategy.effective.items():
        if settings.leverage > limits.max_leverage:
            yield (
                f"{symbol}: leverage {settings.leverage} is above the account's max_leverage {limits.max_leverage}: "
                "every entry will be refused"
            )
        if settings.stop_loss_pct * settings.leverage >= HUNDRED:
            yield (
                f"{symbol}: a stop at {plain(settings.stop_loss_pct)} % with leverage {settings.leverage} lies beyond "
                "the price at which the venue liquidates"
            )
        if globals_.accounts[strategy.account].multi_assets and settings.margin_type is MarginType.ISOLATED:
            yield f"{symbol}: the account is in multi-assets mode, which admits cross margin only"
        if settings.trade_value_usdt > limits.max_total_margin:
            yield f"{symbol}: trade_value_usdt is above the account's max_total_exposure_margin_usdt"

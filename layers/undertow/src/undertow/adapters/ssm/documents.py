"""The parameter documents as people write them. Names of settings are the ones hunters have always had."""

from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from undertow.adapters.ssm.fields import (
    REQUIRED,
    Exact,
    above_zero,
    bound,
    from_zero,
    one_of,
    structure,
    text,
    whole,
    yes_no,
)
from undertow.domain.account import MarginType
from undertow.domain.order import WorkingType
from undertow.risk.limits import HARD_MAX_LEVERAGE, HARD_MAX_ORDER_NOTIONAL, HARD_MAX_SIGNAL_AGE_MS
from undertow.strategies.signal import Direction, TradeSide

NAME_PATTERN: Final = r"^[a-z0-9][a-z0-9-]{0,31}$"
NAME_ALLOWED: Final = "1 to 32 small letters, digits and hyphens, not beginning with a hyphen"
SYMBOL_PATTERN: Final = r"^[^\s/\x00-\x1f\x7f]{2,40}$"
SYMBOL_ALLOWED: Final = "the venue's symbol, for example BTCUSDT"

TimeInForceName = Literal["GTC", "IOC", "FOK", "GTX"]
TIMES_IN_FORCE: Final = ("GTC", "IOC", "FOK", "GTX")

MOST_USDT: Final = "1000000000"
MOST_VOLUME: Final = "1000000000000"

AccountName = Annotated[str, Field(pattern=NAME_PATTERN)]
SymbolName = Annotated[str, Field(pattern=SYMBOL_PATTERN)]


class Strict(BaseModel):
    """Nothing is converted, nothing unknown passes."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class HunterSettings(Strict):
    """Settings of the hunter for one symbol: the base with the symbol's own settings laid over it."""

    enabled: bool = yes_no(True, "Whether the symbol may be traded. Off: it is still measured and decisions say so.")
    simulate_only: bool = yes_no(False, "Decide and record, send nothing to the venue.")
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
    direction: Annotated[Direction, Field(strict=False)] = one_of(
        Direction.FADE, Direction, "fade trades against liquidations (longs liquidated: buy), follow with them."
    )
    trade_side: Annotated[TradeSide, Field(strict=False)] = one_of(
        TradeSide.BOTH, TradeSide, "Which positions may be opened."
    )
    leverage: int = whole(
        REQUIRED, 1, HARD_MAX_LEVERAGE, "x", "Leverage set at the venue; notional is margin times this."
    )
    margin_type: Annotated[MarginType, Field(strict=False)] = one_of(
        MarginType.ISOLATED, MarginType, "Margin type set at the venue before the first entry."
    )
    trade_value_usdt: Exact = above_zero(
        REQUIRED,
        str(HARD_MAX_ORDER_NOTIONAL),
        "USDT margin",
        "Margin of one entry; its notional is this times leverage.",
    )
    price_offset_pct: Exact = from_zero(
        Decimal("0.1"), "10", "%", "Distance of the entry from the mark price, used only when the book cannot be read."
    )
    time_in_force: TimeInForceName = one_of(
        "GTC", TIMES_IN_FORCE, "How long the venue keeps the entry: GTX is post-only, IOC and FOK never rest."
    )
    order_ttl_seconds: int = whole(30, 1, 900, "s", "The unfilled rest of an entry is cancelled after this time.")
    max_open_orders_per_symbol: int = whole(5, 1, 200, "orders", "Entry orders under way at once, both sides together.")
    max_position_margin_usdt: Exact = above_zero(
        REQUIRED, MOST_USDT, "USDT margin", "Cap on the margin of the symbol, both sides and open entries together."
    )
    max_position_notional_usdt: Exact = above_zero(
        REQUIRED, MOST_USDT, "USDT notional", "Cap on the notional of the symbol, both sides and open entries together."
    )
    take_profit_pct: Exact = above_zero(
        Decimal(2), "90", "% of entry price", "Distance of the target from the average entry. Price percent, not ROE."
    )
    stop_loss_pct: Exact = above_zero(
        Decimal(1), "90", "% of entry price", "Distance of the stop from the average entry. Price percent, not ROE."
    )
    working_type: Annotated[WorkingType, Field(strict=False)] = one_of(
        WorkingType.CONTRACT_PRICE, WorkingType, "The price that triggers stop and target: last trade or mark."
    )
    price_protect: bool = yes_no(False, "The venue's guard against triggering when last and mark price are far apart.")


class StrategyFile(Strict):
    """One strategy as a file: the base holds for every symbol, a symbol's own settings go before the base."""

    id: str = text(REQUIRED, NAME_PATTERN, NAME_ALLOWED, "Name of the strategy; never changes.")
    kind: Literal["hunter"] = one_of(REQUIRED, ("hunter",), "What kind of strategy it is.")
    account: str = text(REQUIRED, NAME_PATTERN, NAME_ALLOWED, "Account it trades on, as named in the globals.")
    enabled: bool = yes_no(True, "Whether the strategy may trade at all.")
    base: dict[str, object] = structure(REQUIRED, "an object of settings", "Settings that hold for every symbol.")
    symbols: dict[SymbolName, dict[str, object]] = structure(
        REQUIRED, f"an object that gives settings by symbol ({SYMBOL_ALLOWED})", "The symbols it trades."
    )


class LimitSettings(Strict):
    """Caps over all strategies of one account. Margin is notional divided by leverage."""

    max_total_exposure_margin_usdt: Exact = above_zero(
        REQUIRED, MOST_USDT, "USDT margin", "Cap on the margin of all positions and open entries."
    )
    max_total_exposure_notional_usdt: Exact = above_zero(
        REQUIRED, MOST_USDT, "USDT notional", "Cap on the notional of all positions and open entries."
    )
    max_positions: int = whole(
        REQUIRED,
        0,
        1_000,
        "positions",
        "Positions at once; a symbol held on both sides counts twice, 0 means no limit.",
    )
    max_leverage: int = whole(REQUIRED, 1, HARD_MAX_LEVERAGE, "x", "Highest leverage any entry may use.")
    max_signal_age_s: int = whole(
        5, 1, HARD_MAX_SIGNAL_AGE_MS // 1000, "s", "Age of a liquidation above which it is not traded any more."
    )


class AccountSettings(Strict):
    """One trading account."""

    venue: Literal["aster"] = one_of(REQUIRED, ("aster",), "The venue it is at.")
    mode: Literal["live", "simulate"] = one_of(
        REQUIRED, ("live", "simulate"), "live sends orders; simulate decides and records, sends nothing."
    )
    hedge_mode: bool = yes_no(REQUIRED, "Whether long and short of a symbol are separate positions.")
    multi_assets_mode: bool = yes_no(False, "Whether all assets of the account serve as margin (cross margin only).")
    limits: LimitSettings = structure(REQUIRED, "an object of limits", "Caps over all strategies of the account.")


class ExternalSettings(Strict):
    """What happens to positions that somebody else opened on an account."""

    policy: Literal["watch", "protect"] = one_of(
        "watch", ("watch", "protect"), "watch reports them; protect gives them a stop and a target too."
    )
    take_profit_pct: Exact = above_zero(
        Decimal(2), "90", "% of entry price", "Target of a protected external position."
    )
    stop_loss_pct: Exact = above_zero(Decimal(1), "90", "% of entry price", "Stop of a protected external position.")
    working_type: Annotated[WorkingType, Field(strict=False)] = one_of(
        WorkingType.CONTRACT_PRICE, WorkingType, "The price that triggers them."
    )
    price_protect: bool = yes_no(False, "The venue's guard against triggering when last and mark price are far apart.")


class GlobalsFile(Strict):
    """What holds for the whole stage."""

    accounts: dict[AccountName, AccountSettings] = structure(
        REQUIRED, f"an object of accounts by name ({NAME_ALLOWED})", "The accounts that may be traded on.", min_length=1
    )
    simulate_only: bool = yes_no(
        False, "Every strategy decides and records, no entry is sent. Open positions stay managed."
    )
    rate_limit_buffer_pct: int = whole(10, 0, 90, "%", "Share of the venue's request limits that is never used.")
    unprotected_alert_s: int = whole(5, 1, 300, "s", "A position without a stop for this long is an alert.")
    unprotected_close_s: int = whole(15, 2, 600, "s", "A position without a stop for this long is closed at market.")
    external_positions: ExternalSettings = structure(
        ExternalSettings(), "an object", "Policy for positions that somebody else opened."
    )
    extra_symbols: list[SymbolName] = structure(
        [], "a list of at most 500 symbols", "Symbols forwarded beside those of the strategies.", max_length=500
    )

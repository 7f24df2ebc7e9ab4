"""The files as people write them: strategies as a whole, the globals, accounts and their limits."""

from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from undertow.adapters.ssm.fields import (
    REQUIRED,
    Exact,
    above_zero,
    between,
    bound,
    from_zero,
    one_of,
    structure,
    text,
    whole,
    yes_no,
)
from undertow.domain.numbers import plain
from undertow.domain.order import WorkingType
from undertow.risk.limits import (
    HARD_MAX_EFFECTIVE_LEVERAGE,
    HARD_MAX_LEVERAGE,
    HARD_MAX_MARGIN_USAGE_PCT,
    HARD_MAX_PORTFOLIO_RISK_PCT,
    HARD_MAX_SIGNAL_AGE_MS,
    USUAL_RISK,
)

NAME_PATTERN: Final = r"^[a-z0-9][a-z0-9-]{0,31}$"
NAME_ALLOWED: Final = "1 to 32 small letters, digits and hyphens, not beginning with a hyphen"
SYMBOL_PATTERN: Final = r"^[^\s/\x00-\x1f\x7f]{2,40}$"
SYMBOL_ALLOWED: Final = "the venue's symbol, for example BTCUSDT"

MOST_USDT: Final = "1000000000"

AccountName = Annotated[str, Field(pattern=NAME_PATTERN)]
SymbolName = Annotated[str, Field(pattern=SYMBOL_PATTERN)]


class Strict(BaseModel):
    """Nothing is converted, nothing unknown passes."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class StrategyFile(Strict):
    """One strategy as a file: the base holds for every symbol, a symbol's own settings go before the base."""

    id: str = text(REQUIRED, NAME_PATTERN, NAME_ALLOWED, "Name of the strategy; never changes.")
    kind: Literal["hunter", "ladder"] = one_of(
        REQUIRED, ("hunter", "ladder"), "What kind of strategy it is; it decides which settings there are."
    )
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
        "Positions at once; a symbol held long and short (a hedged pair) counts once, 0 means no limit.",
    )
    max_leverage: int = whole(REQUIRED, 1, HARD_MAX_LEVERAGE, "x", "Highest leverage any entry may use.")
    max_signal_age_s: int = whole(
        5, 1, HARD_MAX_SIGNAL_AGE_MS // 1000, "s", "Age of a liquidation above which it is not traded any more."
    )


class RiskSettings(Strict):
    """What the eight layers of the gate and the monitor compare with. The tightest of these and the hard caps wins."""

    max_portfolio_risk_pct: Exact = between(
        USUAL_RISK.max_portfolio_risk_pct,
        "1",
        plain(HARD_MAX_PORTFOLIO_RISK_PCT),
        "% of equity",
        "Filled and reserved risk of the whole book above which nothing new is opened. It sizes nothing.",
    )
    max_effective_leverage: Exact = between(
        USUAL_RISK.max_effective_leverage,
        "0.1",
        plain(HARD_MAX_EFFECTIVE_LEVERAGE),
        "x",
        "Layer 2: notional of all positions and entries, the new one included, against equity.",
    )
    margin_usage_reject_pct: Exact = between(
        USUAL_RISK.margin_usage_reject_pct,
        "1",
        plain(HARD_MAX_MARGIN_USAGE_PCT),
        "% of equity",
        "Layer 3: maintenance or initial margin above which entries are refused.",
    )
    margin_usage_warn_pct: Exact = between(
        USUAL_RISK.margin_usage_warn_pct,
        "1",
        plain(HARD_MAX_MARGIN_USAGE_PCT),
        "% of equity",
        "Layer 3: margin above which decisions and pages warn.",
    )
    margin_pause_pct: Exact = between(
        USUAL_RISK.margin_pause_pct,
        "1",
        plain(HARD_MAX_MARGIN_USAGE_PCT),
        "% of equity",
        "Layer 8: at this margin usage the account's entries pause.",
    )
    margin_resume_pct: Exact = between(
        USUAL_RISK.margin_resume_pct,
        "1",
        plain(HARD_MAX_MARGIN_USAGE_PCT),
        "% of equity",
        "Layer 8: below this margin usage they go on.",
    )
    emergency_reduce_pct: Exact = between(
        USUAL_RISK.emergency_reduce_pct,
        "1",
        plain(HARD_MAX_MARGIN_USAGE_PCT),
        "% of equity",
        "Layer 8: at this margin usage positions are reduced.",
    )
    min_liquidation_distance_pct: Exact = between(
        USUAL_RISK.min_liquidation_distance_pct,
        "0.1",
        "90",
        "% of mark price",
        "Layer 4: how far the liquidation price must be from the mark price. Below 5 is critical, 5 to 10 is danger.",
    )
    stop_buffer_pct: Exact = between(
        USUAL_RISK.stop_buffer_pct,
        "1",
        "90",
        "% of the way from entry to liquidation",
        "Layer 5: what must lie between the stop and the liquidation price.",
    )
    min_confidence: int = whole(
        USUAL_RISK.min_confidence,
        2,
        100,
        "points of 100",
        "Layer 7: confidence that a strategy which states one must reach; 0.6 and 1 belong to another scale.",
    )
    allowed_symbols: list[SymbolName] | None = structure(
        None,
        "a list of at most 500 symbols, empty for none at all, or null for those that the strategies name",
        "Layer 6: symbols that may be entered, compared letter by letter.",
        max_length=500,
    )
    max_daily_loss_pct: Exact | None = bound(
        "100",
        "% of equity",
        "Loss of a day (UTC), unrealised included, at which entries stop until the next day.",
        USUAL_RISK.max_daily_loss_pct,
    )
    max_drawdown_pct: Exact | None = bound(
        "100",
        "% of peak equity",
        "Fall from the highest equity at which entries stop until somebody resumes.",
        USUAL_RISK.max_drawdown_pct,
    )
    taker_fee_pct: Exact = from_zero(
        USUAL_RISK.taker_fee_pct, "1", "% of notional", "Fee of one market fill, for every loss computed ahead."
    )
    stop_slippage_pct: Exact = from_zero(
        USUAL_RISK.stop_slippage_pct,
        "10",
        "% of stop price",
        "How much worse than its price a stop is taken to fill, for every loss computed ahead.",
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
    risk: RiskSettings = structure(
        RiskSettings(), "an object of risk limits", "What the eight layers of the gate and the monitor compare with."
    )


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


class RouteSettings(Strict):
    """One way by which people hear of alerts. Its address or token is a secret of its own and never stands here."""

    kind: Literal["sns", "telegram", "discord", "webhook"] = one_of(
        REQUIRED,
        ("sns", "telegram", "discord", "webhook"),
        "Where it leads: sns to the stage's topics (page for critical, warn for the rest), the others by a secret "
        "stored with `undertow secrets put-route NAME`.",
    )
    levels: list[Literal["critical", "high", "info"]] = structure(
        ["critical", "high"], "a list of critical, high, info", "The levels it tells.", min_length=1, max_length=3
    )


class AlertSettings(Strict):
    """Whom alerts are told, and how often one that goes on is told again. An info is told once."""

    routes: dict[AccountName, RouteSettings] = structure(
        {"topics": RouteSettings(kind="sns")},
        f"an object of at most 5 routes by name ({NAME_ALLOWED})",
        "The routes; none but those that stand here is used.",
        max_length=5,
    )
    critical_again_min: int = whole(5, 1, 1_440, "min", "A critical alert that goes on is told again after this.")
    high_again_min: int = whole(30, 1, 10_080, "min", "A high alert that goes on is told again after this.")
    dead_man: bool = yes_no(
        False,
        "Whether an address outside AWS is called every minute that the checks run; store it with "
        "`undertow secrets put-route dead-man`.",
    )


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
    alerts: AlertSettings = structure(AlertSettings(), "an object", "Whom alerts are told, and how often.")

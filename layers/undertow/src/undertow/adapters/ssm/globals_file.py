"""The globals as a file: accounts, their limits, and what holds for the whole stage."""

from collections.abc import Iterator

from undertow.adapters.ssm.documents import AccountSettings, AlertSettings, ExternalSettings, GlobalsFile, RiskSettings
from undertow.adapters.ssm.fields import as_json
from undertow.adapters.ssm.flaws import shown, validated
from undertow.domain.account import Account, Mode, PositionMode
from undertow.domain.alert import AlertLevel, Repetition
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.json_text import NotJson, read_object, write_json
from undertow.domain.market import Venue
from undertow.domain.numbers import plain
from undertow.ports import DEAD_MAN, AlertPolicy, AlertRoute, BadDocument, ExternalPolicy, Flaw, Globals, RouteKind
from undertow.risk.limits import AccountLimits, RiskLimits
from undertow.risk.protection import ProtectionParams


def parse(text: str) -> GlobalsFile:
    """Read a globals file. Raises BadDocument with every flaw in it."""
    try:
        value = read_object(text)
    except NotJson as error:
        raise BadDocument([Flaw("document", str(error), "a JSON object")]) from error
    file = validated(GlobalsFile, value)
    flaws = tuple(_contradictions(file))
    if flaws:
        raise BadDocument(flaws)
    return file


def _contradictions(file: GlobalsFile) -> Iterator[Flaw]:
    if file.unprotected_close_s <= file.unprotected_alert_s:
        yield Flaw(
            "unprotected_close_s",
            shown(file.unprotected_close_s),
            f"above unprotected_alert_s, which is {file.unprotected_alert_s}",
        )
    if len(set(file.extra_symbols)) != len(file.extra_symbols):
        yield Flaw("extra_symbols", shown(list(file.extra_symbols)), "each symbol once")
    if DEAD_MAN in file.alerts.routes:
        yield Flaw(f"alerts.routes.{DEAD_MAN}", shown(DEAD_MAN), "another name: this one is the outside watch's")
    for name, account in file.accounts.items():
        limits = account.limits
        if limits.max_total_exposure_notional_usdt < limits.max_total_exposure_margin_usdt:
            yield Flaw(
                f"accounts.{name}.limits.max_total_exposure_notional_usdt",
                shown(limits.max_total_exposure_notional_usdt),
                "at least max_total_exposure_margin_usdt, since leverage is never below 1",
            )
        yield from (
            Flaw(f"accounts.{name}.risk.{flaw.field}", flaw.value, flaw.allowed) for flaw in _at_odds(account.risk)
        )


def _at_odds(risk: RiskSettings) -> Iterator[Flaw]:
    if risk.margin_resume_pct >= risk.margin_pause_pct:
        yield Flaw(
            "margin_resume_pct",
            shown(risk.margin_resume_pct),
            f"below margin_pause_pct, which is {plain(risk.margin_pause_pct)}",
        )
    for lower, upper in (
        ("margin_usage_warn_pct", "margin_usage_reject_pct"),
        ("margin_pause_pct", "emergency_reduce_pct"),
    ):
        if getattr(risk, upper) < getattr(risk, lower):
            allowed = f"at least {lower}, which is {plain(getattr(risk, lower))}"
            yield Flaw(upper, shown(getattr(risk, upper)), allowed)
    if risk.allowed_symbols is not None and len(set(risk.allowed_symbols)) != len(risk.allowed_symbols):
        yield Flaw("allowed_symbols", shown(list(risk.allowed_symbols)), "each symbol once")


def canonical(file: GlobalsFile) -> str:
    """JSON with the fields in a fixed order, money as texts, only what was given."""
    return write_json(as_json(file))


def to_domain(file: GlobalsFile, version: int) -> Globals:
    return Globals(
        accounts={AccountId(name): _account(name, account) for name, account in file.accounts.items()},
        limits={AccountId(name): _limits(account) for name, account in file.accounts.items()},
        rate_limit_buffer_pct=file.rate_limit_buffer_pct,
        unprotected_alert_s=file.unprotected_alert_s,
        unprotected_close_s=file.unprotected_close_s,
        external=_external(file.external_positions),
        extra_symbols=tuple(Symbol(symbol) for symbol in file.extra_symbols),
        version=str(version),
        alerts=_alerts(file.alerts),
    )


def _alerts(settings: AlertSettings) -> AlertPolicy:
    routes = (
        AlertRoute(name, RouteKind(route.kind), frozenset(AlertLevel(level) for level in route.levels))
        for name, route in sorted(settings.routes.items())
    )
    again = Repetition(settings.critical_again_min * 60_000, settings.high_again_min * 60_000)
    return AlertPolicy(tuple(routes), again, settings.dead_man)


def _account(name: str, settings: AccountSettings) -> Account:
    return Account(
        id=AccountId(name),
        venue=Venue(settings.venue),
        mode=Mode(settings.mode),
        position_mode=PositionMode.HEDGE if settings.hedge_mode else PositionMode.ONE_WAY,
        multi_assets=settings.multi_assets_mode,
    )


def _limits(settings: AccountSettings) -> AccountLimits:
    limits = settings.limits
    return AccountLimits(
        max_total_margin=limits.max_total_exposure_margin_usdt,
        max_total_notional=limits.max_total_exposure_notional_usdt,
        max_positions=limits.max_positions,
        max_leverage=limits.max_leverage,
        max_signal_age_ms=limits.max_signal_age_s * 1000,
        risk=_risk(settings.risk),
    )


def _risk(risk: RiskSettings) -> RiskLimits:
    allowed = risk.allowed_symbols
    return RiskLimits(
        max_portfolio_risk_pct=risk.max_portfolio_risk_pct,
        max_effective_leverage=risk.max_effective_leverage,
        margin_usage_reject_pct=risk.margin_usage_reject_pct,
        margin_usage_warn_pct=risk.margin_usage_warn_pct,
        margin_pause_pct=risk.margin_pause_pct,
        margin_resume_pct=risk.margin_resume_pct,
        emergency_reduce_pct=risk.emergency_reduce_pct,
        min_liquidation_distance_pct=risk.min_liquidation_distance_pct,
        stop_buffer_pct=risk.stop_buffer_pct,
        min_confidence=risk.min_confidence,
        allowed_symbols=None if allowed is None else frozenset(Symbol(symbol) for symbol in allowed),
        max_daily_loss_pct=risk.max_daily_loss_pct,
        max_drawdown_pct=risk.max_drawdown_pct,
        taker_fee_pct=risk.taker_fee_pct,
        stop_slippage_pct=risk.stop_slippage_pct,
    )


def _external(settings: ExternalSettings) -> ExternalPolicy:
    if settings.policy == "watch":
        return ExternalPolicy(protection=None)
    return ExternalPolicy(
        ProtectionParams(
            stop_loss_pct=settings.stop_loss_pct,
            take_profit_pct=settings.take_profit_pct,
            working_type=settings.working_type,
            price_protect=settings.price_protect,
        )
    )

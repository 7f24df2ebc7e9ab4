"""The globals as a file: accounts, their limits, and what holds for the whole stage."""

from collections.abc import Iterator

from undertow.adapters.ssm.documents import AccountSettings, ExternalSettings, GlobalsFile
from undertow.adapters.ssm.fields import as_json
from undertow.adapters.ssm.flaws import shown, validated
from undertow.domain.account import Account, Mode, PositionMode
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.json_text import NotJson, read_object, write_json
from undertow.domain.market import Venue
from undertow.ports import BadDocument, ExternalPolicy, Flaw, Globals
from undertow.risk.limits import AccountLimits
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
    for name, account in file.accounts.items():
        limits = account.limits
        if limits.max_total_exposure_notional_usdt < limits.max_total_exposure_margin_usdt:
            yield Flaw(
                f"accounts.{name}.limits.max_total_exposure_notional_usdt",
                shown(limits.max_total_exposure_notional_usdt),
                "at least max_total_exposure_margin_usdt, since leverage is never below 1",
            )


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
    )


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

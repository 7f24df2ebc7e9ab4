"""What previews are computed from: one strategy, one symbol, one side, live prices and the account's money."""

from dataclasses import dataclass
from decimal import Decimal

from typing_extensions import TypedDict

from undertow.domain.account import Account, Balance, MarginType
from undertow.domain.ids import StrategyId, Symbol
from undertow.domain.instrument import Instrument
from undertow.domain.market import PositionSide
from undertow.domain.numbers import ZERO
from undertow.ports import DocumentMissing, Strategy
from undertow.risk.limits import AccountLimits
from undertow.risk.liquidation import UnknownTiers, cross_liquidation_price, isolated_liquidation_price
from undertow.risk.protection import ProtectionParams
from undertow.services.views import render
from undertow.services.views.market import Market, read_market
from undertow.services.views.render import Figure
from undertow.services.views.sources import Sources
from undertow.services.views.strategies import stored
from undertow.strategies.hunter import HunterParams
from undertow.strategies.ladder.params import LadderParams


class LiquidationAfter(TypedDict):
    """As if the position were the account's only one; not ``known`` without tiers or, for cross, a balance."""

    known: bool
    price: Figure | None
    reason: str


@dataclass(frozen=True, slots=True)
class Setting:
    """Everything that a preview is computed from."""

    strategy: StrategyId
    account: Account
    params: HunterParams | LadderParams
    params_version: str
    limits: AccountLimits
    balance: Balance | None
    market: Market
    side: PositionSide
    now_ms: int

    @property
    def instrument(self) -> Instrument:
        return self.market.instrument

    @property
    def protection(self) -> ProtectionParams:
        return self.params.protection


def read_setting(sources: Sources, wanted: StrategyId, symbol: Symbol, side: PositionSide) -> Setting:
    """By the parameters in force. Raises DocumentMissing, NoInstrument, VenueReadFailed and VenueUnreachable."""
    params = sources.params.current()
    strategy = params.strategies.get(wanted)
    if strategy is None:
        stored(sources, wanted)
        raise DocumentMissing(f"strategy {wanted} is stored and not in force yet: sync, or wait for 30 s")
    return setting_of(sources, strategy, symbol, side)


def setting_of(sources: Sources, strategy: Strategy, symbol: Symbol, side: PositionSide) -> Setting:
    """``strategy`` may be a draft that nobody has stored. Raises as ``read_setting``."""
    own = strategy.symbols.get(symbol)
    if own is None:
        known = ", ".join(sorted(strategy.symbols)) or "none"
        raise DocumentMissing(f"strategy {strategy.id} does not trade {symbol}; it trades: {known}")
    params = sources.params.current()
    account = params.globals.accounts.get(strategy.account)
    if account is None:
        raise DocumentMissing(f"account {strategy.account} is stored and not in force yet: sync, or wait for 30 s")
    return Setting(
        strategy=strategy.id,
        account=account,
        params=own,
        params_version=strategy.version,
        limits=params.globals.limits[account.id],
        balance=sources.kept.balances.latest(account.id),
        market=read_market(sources, account.venue, symbol),
        side=side,
        now_ms=sources.clock.now_ms(),
    )


def share_of_equity(setting: Setting, amount: Decimal) -> str | None:
    balance = setting.balance
    return None if balance is None or balance.equity <= 0 else render.percent(amount / balance.equity)


def liquidation_after(setting: Setting, quantity: Decimal, average: Decimal) -> LiquidationAfter:
    """As if the position were the account's only one; ``known`` is false without tiers or, for cross, a balance."""
    if setting.balance is None and not _is_isolated(setting):
        return {"known": False, "price": None, "reason": "the balance that a cross position shares is not known"}
    try:
        price = _liquidation(setting, quantity, average)
    except UnknownTiers as error:
        return {"known": False, "price": None, "reason": str(error)}
    return {"known": True, "price": render.figure(price), "reason": ""}


def _is_isolated(setting: Setting) -> bool:
    """A multi-assets account holds everything cross."""
    return setting.params.margin_type is MarginType.ISOLATED and not setting.account.multi_assets


def _liquidation(setting: Setting, quantity: Decimal, average: Decimal) -> Decimal | None:
    brackets = setting.instrument.brackets
    if _is_isolated(setting):
        margin = quantity * average / setting.params.leverage
        return isolated_liquidation_price(setting.side, quantity, average, margin, brackets)
    wallet = ZERO if setting.balance is None else setting.balance.wallet
    return cross_liquidation_price(setting.side, quantity, average, wallet, brackets)

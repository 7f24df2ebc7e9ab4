"""The hunter's entry as it would be placed now."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NotRequired

from typing_extensions import TypedDict

from undertow.domain.instrument import Instrument
from undertow.domain.market import Candle
from undertow.domain.numbers import HUNDRED, plain
from undertow.risk.budget import loss_at_stop, portfolio_cap
from undertow.risk.limits import HARD_MAX_PORTFOLIO_RISK_PCT
from undertow.risk.protection import on_the_loss_side
from undertow.services.views.preview_setting import LiquidationAfter, Setting, liquidation_after, share_of_equity
from undertow.services.views.render import Figure
from undertow.services.views.worst_day import WorstDay, worst_day_row
from undertow.strategies.hunter import HunterParams
from undertow.strategies.pricing import PriceTerms, entry_price


class HunterEntry(TypedDict):
    price: Figure
    quantity: Figure
    notional: Figure
    margin: Figure


class HunterTermsNow(TypedDict):
    """What was not computed, since something before it was not known or not enough, is not there."""

    refused: str | None
    entry: HunterEntry | None
    min_notional: NotRequired[Figure]
    trade_value_needed: NotRequired[Figure]
    balance_needed: NotRequired[Figure]
    stop_price: NotRequired[Figure]
    target_price: NotRequired[Figure]
    liquidation: NotRequired[LiquidationAfter]
    risk: NotRequired[Figure]
    risk_equity_pct: NotRequired[Figure | None]
    worst_day: NotRequired[WorstDay | None]


def hunter_preview(setting: Setting, params: HunterParams, days: Sequence[Candle]) -> HunterTermsNow:
    """Refused with its reason where the entry could not be placed; the figures are shown as far as there are any."""
    terms = PriceTerms(params.time_in_force, params.price_offset_pct)
    market, instrument = setting.market, setting.instrument
    price = entry_price(setting.side.entry_side, market.book, market.mark, terms, instrument)
    if price is None or price <= 0:
        return {"refused": "there is neither a book nor a mark price to price the entry from", "entry": None}
    quantity = instrument.quantity_below(params.notional / price)
    if quantity <= 0 or quantity * price < instrument.min_notional:
        return _too_small(setting, instrument, price)
    return _entry(setting, price, quantity, days)


def _too_small(setting: Setting, instrument: Instrument, price: Decimal) -> HunterTermsNow:
    smallest = max(instrument.min_notional, instrument.min_quantity * price)
    return {
        "refused": "the order is smaller than the venue's minimum",
        "entry": None,
        "min_notional": plain(smallest),
        "trade_value_needed": plain(smallest / setting.params.leverage),
    }


def _entry(setting: Setting, price: Decimal, quantity: Decimal, days: Sequence[Candle]) -> HunterTermsNow:
    stop, target = _stop(setting, price), _target(setting, price)
    risk = loss_at_stop(setting.side, quantity, price, stop, setting.limits.risk)
    notional = price * quantity
    refused, needed = _refusal(setting, notional, risk)
    return {
        "refused": refused,
        "balance_needed": plain(needed),
        "entry": {
            "price": plain(price),
            "quantity": plain(quantity),
            "notional": plain(notional),
            "margin": plain(notional / setting.params.leverage),
        },
        "stop_price": plain(stop),
        "target_price": plain(target),
        "liquidation": liquidation_after(setting, quantity, price),
        "risk": plain(risk),
        "risk_equity_pct": share_of_equity(setting, risk),
        "worst_day": worst_day_row(setting.side, days, price, stop, [(price, quantity)]),
    }


def _refusal(setting: Setting, notional: Decimal, risk: Decimal) -> tuple[str | None, Decimal]:
    """What the account would have to hold: margin for the order, and equity for its risk under the portfolio limit."""
    margin = notional / setting.params.leverage
    allowed_pct = min(setting.limits.risk.max_portfolio_risk_pct, HARD_MAX_PORTFOLIO_RISK_PCT)
    needed = max(margin, risk * HUNDRED / allowed_pct)
    balance = setting.balance
    if balance is None:
        return "the account's balance is not known yet", needed
    if margin > balance.available:
        return "not enough margin is available", needed
    if risk > portfolio_cap(setting.limits.risk, balance.equity):
        return "its risk is more than the whole book may risk", needed
    return None, needed


def _stop(setting: Setting, price: Decimal) -> Decimal:
    moved = price * (1 - setting.side.sign * setting.protection.stop_loss_pct / HUNDRED)
    return on_the_loss_side(moved, setting.side, setting.instrument)


def _target(setting: Setting, price: Decimal) -> Decimal:
    moved = price * (1 + setting.side.sign * setting.protection.take_profit_pct / HUNDRED)
    return on_the_loss_side(moved, setting.side.opposite, setting.instrument)

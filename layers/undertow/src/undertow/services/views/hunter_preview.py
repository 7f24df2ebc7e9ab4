"""The hunter's entry as it would be placed now."""

from collections.abc import Sequence
from decimal import Decimal

from undertow.domain.instrument import Instrument
from undertow.domain.json_text import Json
from undertow.domain.market import Candle
from undertow.domain.numbers import HUNDRED, plain
from undertow.risk.budget import loss_at_stop, portfolio_cap
from undertow.risk.limits import HARD_MAX_PORTFOLIO_RISK_PCT
from undertow.risk.protection import on_the_loss_side
from undertow.services.views.preview_setting import Setting, liquidation_after, share_of_equity
from undertow.services.views.worst_day import worst_day_row
from undertow.strategies.hunter import HunterParams
from undertow.strategies.pricing import PriceTerms, entry_price


def hunter_preview(setting: Setting, params: HunterParams, days: Sequence[Candle]) -> dict[str, Json]:
    """Refused with its reason where the entry could not be placed; the figures are shown as far as there are any."""
    terms = PriceTerms(params.time_in_force, params.price_offset_pct)
    market, instrument = setting.market, setting.instrument
    price = entry_price(setting.side.entry_side, market.book, market.mark, terms, instrument)
    if price is None or price <= 0:
        return {"refused": "there is neither a book nor a mark price to price the entry from", "entry": None}
    quantity = instrument.quantity_below(params.notional / price)
    if quantity <= 0 or quantity * price < instrument.min_notional:
        return {**_too_small(setting, instrument, price), "entry": None}
    return {**_refusal(setting, quantity * price, price, quantity), **_entry(setting, price, quantity, days)}


def _too_small(setting: Setting, instrument: Instrument, price: Decimal) -> dict[str, Json]:
    smallest = max(instrument.min_notional, instrument.min_quantity * price)
    return {
        "refused": "the order is smaller than the venue's minimum",
        "min_notional": plain(smallest),
        "trade_value_needed": plain(smallest / setting.params.leverage),
    }


def _entry(setting: Setting, price: Decimal, quantity: Decimal, days: Sequence[Candle]) -> dict[str, Json]:
    stop, target = _stop(setting, price), _target(setting, price)
    risk = loss_at_stop(setting.side, quantity, price, stop, setting.limits.risk)
    notional = price * quantity
    return {
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


def _refusal(setting: Setting, notional: Decimal, price: Decimal, quantity: Decimal) -> dict[str, Json]:
    """What the account would have to hold: margin for the order, and equity for its risk under the portfolio limit."""
    margin = notional / setting.params.leverage
    risk = loss_at_stop(setting.side, quantity, price, _stop(setting, price), setting.limits.risk)
    allowed_pct = min(setting.limits.risk.max_portfolio_risk_pct, HARD_MAX_PORTFOLIO_RISK_PCT)
    needed = max(margin, risk * HUNDRED / allowed_pct)
    balance = setting.balance
    if balance is None:
        return {"refused": "the account's balance is not known yet", "balance_needed": plain(needed)}
    if margin > balance.available:
        return {"refused": "not enough margin is available", "balance_needed": plain(needed)}
    if risk > portfolio_cap(setting.limits.risk, balance.equity):
        return {"refused": "its risk is more than the whole book may risk", "balance_needed": plain(needed)}
    return {"refused": None, "balance_needed": plain(needed)}


def _stop(setting: Setting, price: Decimal) -> Decimal:
    moved = price * (1 - setting.side.sign * setting.protection.stop_loss_pct / HUNDRED)
    return on_the_loss_side(moved, setting.side, setting.instrument)


def _target(setting: Setting, price: Decimal) -> Decimal:
    moved = price * (1 + setting.side.sign * setting.protection.take_profit_pct / HUNDRED)
    return on_the_loss_side(moved, setting.side.opposite, setting.instrument)

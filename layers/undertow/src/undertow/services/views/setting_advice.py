"""Settings that stand out against what an account can bear, each with a reason and the figures behind it."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

from typing_extensions import TypedDict

from undertow.domain.ids import Symbol
from undertow.domain.numbers import HUNDRED, ZERO, plain
from undertow.ports import HunterStrategy, Strategy
from undertow.risk.limits import USUAL_RISK
from undertow.services.views.book import Book
from undertow.strategies.hunter import HunterParams
from undertow.strategies.ladder.params import LadderParams

RISK_PER_TRADE_PCT: Final = Decimal(2)
"""Of equity: the lower end of the 2 to 5 % that are usual."""
_CENT: Final = Decimal("0.01")


class SettingAdvice(TypedDict):
    subject: str
    setting: str
    value: str
    suggested: str
    reasons: list[str]


def setting_advice(book: Book, strategies: Iterable[Strategy]) -> Iterator[SettingAdvice]:
    yield from _of_account(book)
    for strategy in strategies:
        symbols: list[tuple[Symbol, HunterParams | LadderParams]] = sorted(strategy.symbols.items(), key=_name)
        for symbol, params in symbols:
            if strategy.enabled and params.enabled:
                subject = f"strategy {strategy.id}, {symbol}"
                yield from _of_protection(book, subject, params)
                if isinstance(strategy, HunterStrategy) and isinstance(params, HunterParams):
                    yield from _of_size(book, subject, params)


def _name(item: tuple[Symbol, object]) -> str:
    return item[0]


def _advice(subject: str, setting: str, value: str, suggested: str, reason: str) -> SettingAdvice:
    return {"subject": subject, "setting": setting, "value": value, "suggested": suggested, "reasons": [reason]}


def _of_account(book: Book) -> Iterator[SettingAdvice]:
    risk, subject = book.limits.risk, f"account {book.account.id}"
    for setting, value, usual in (
        ("max_portfolio_risk_pct", risk.max_portfolio_risk_pct, USUAL_RISK.max_portfolio_risk_pct),
        ("max_effective_leverage", risk.max_effective_leverage, USUAL_RISK.max_effective_leverage),
        ("margin_pause_pct", risk.margin_pause_pct, USUAL_RISK.margin_pause_pct),
    ):
        if value > usual:
            yield _advice(subject, setting, plain(value), plain(usual), f"it is looser than the usual {plain(usual)}")
    for setting, limit, default in (
        ("max_daily_loss_pct", risk.max_daily_loss_pct, USUAL_RISK.max_daily_loss_pct),
        ("max_drawdown_pct", risk.max_drawdown_pct, USUAL_RISK.max_drawdown_pct),
    ):
        if limit is None and default is not None:
            yield _advice(subject, setting, "off", plain(default), "nothing stops the account on a bad day")
    bare = [slot.position for slot in book.slots if slot.position is not None and slot.reserved_risk == 0]
    risked = sum((book.filled_risk_of(position) for position in bare), ZERO)
    if risked > 0:
        yield _advice(
            subject,
            "reserved risk",
            f"{len(bare)} positions without any",
            "undertow backfill-reserved-risk",
            f"they risk {plain(risked.quantize(_CENT))} USDT that count for nothing in the portfolio limit",
        )


def _of_protection(book: Book, subject: str, params: HunterParams | LadderParams) -> Iterator[SettingAdvice]:
    protection, limits = params.protection, book.limits.risk
    if protection.adaptive is not None:
        return
    cost = 2 * limits.taker_fee_pct + limits.stop_slippage_pct
    if protection.take_profit_pct <= cost:
        yield _advice(
            subject,
            "take_profit_pct",
            plain(protection.take_profit_pct),
            plain(2 * cost),
            f"fees and slippage of {plain(cost)} % eat the whole target",
        )
    room = HUNDRED / params.leverage
    if protection.stop_loss_pct > room * (1 - limits.stop_buffer_pct / HUNDRED):
        yield _advice(
            subject,
            "leverage",
            str(params.leverage),
            str(max(1, int(HUNDRED * (1 - limits.stop_buffer_pct / HUNDRED) / protection.stop_loss_pct))),
            f"with it the venue liquidates about {plain(room.quantize(_CENT))} % away, which leaves the stop at "
            f"{plain(protection.stop_loss_pct)} % too little room",
        )


def _of_size(book: Book, subject: str, params: HunterParams) -> Iterator[SettingAdvice]:
    """One trade's loss at its stop against equity."""
    equity, limits = book.equity, book.limits.risk
    if equity is None or equity <= 0:
        return
    cost_pct = params.protection.stop_loss_pct + 2 * limits.taker_fee_pct + limits.stop_slippage_pct
    loss = params.notional * cost_pct / HUNDRED
    share = loss / equity * HUNDRED
    if share > RISK_PER_TRADE_PCT:
        fitting = equity * RISK_PER_TRADE_PCT / cost_pct / params.leverage
        yield _advice(
            subject,
            "trade_value_usdt",
            plain(params.trade_value),
            plain(fitting.quantize(_CENT)),
            f"one trade loses about {plain(loss.quantize(_CENT))} USDT at its stop, {plain(share.quantize(_CENT))} % "
            f"of the equity; up to {plain(RISK_PER_TRADE_PCT)} % is usual",
        )

"""What each route answers: read what was given, ask one view or one use case."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from undertow.api import (
    accounting_answers,
    config_answers,
    export_answers,
    flow_answers,
    form_answers,
    operations_answers,
    overview_answers,
    request_answers,
    risk_answers,
    session_answers,
    strategy_answers,
    switch_answers,
)
from undertow.api.call import DAY_MS, HOUR_MS, Answer, Call, time_range
from undertow.api.pages import wanted_page
from undertow.domain.decision import Outcome
from undertow.domain.market import PositionSide, Venue
from undertow.domain.order import OrderState, Purpose
from undertow.services.console import Console
from undertow.services.views.account import Accounts, account
from undertow.services.views.alerts import ALERTS, AlertFilter, Alerts, AlertState, alerts
from undertow.services.views.config import Config, config
from undertow.services.views.decisions import DECISIONS, DecisionFilter, Decisions, decisions
from undertow.services.views.instruments import ExchangeLimits, ExchangeSymbols, exchange_limits, exchange_symbols
from undertow.services.views.liquidations import LIQUIDATIONS, Liquidations, TapeFilter, liquidations
from undertow.services.views.positions import Positions, positions
from undertow.services.views.stats import Stats, stats
from undertow.services.views.trades import TRADES, Trade, TradeFilter, Trades, trade, trades


def _positions(console: Console, call: Call) -> Positions:
    """Open positions with the stop and the target that stand for them, and entries under way."""
    only = call.given.account()
    call.given.done()
    return positions(console.sources, only)


def _account(console: Console, call: Call) -> Accounts:
    """Accounts with their switch, money and caps, and the workers that feed them."""
    only = call.given.account()
    call.given.done()
    return account(console.sources, only)


def _liquidations(console: Console, call: Call) -> Liquidations:
    """The liquidation tape, newest first."""
    given = call.given
    from_ms, to_ms = time_range(console, given, HOUR_MS, DAY_MS)
    page = wanted_page(given, LIQUIDATIONS, 200, 1_000)
    wanted = TapeFilter(
        from_ms=from_ms,
        to_ms=to_ms,
        limit=page.limit,
        after=page.after,
        symbol=given.symbol(),
        liquidated=given.choice("side", PositionSide),
        min_value=given.figure("min_value", Decimal(0)),
    )
    given.done()
    return liquidations(console.sources, Venue.ASTER, wanted)


def _trades(console: Console, call: Call) -> Trades:
    """Orders by time of creation, newest first, each with the sums over its fills."""
    given = call.given
    from_ms, to_ms = time_range(console, given, DAY_MS, 31 * DAY_MS)
    page = wanted_page(given, TRADES, 100, 500)
    wanted = TradeFilter(
        from_ms=from_ms,
        to_ms=to_ms,
        limit=page.limit,
        after=page.after,
        account=given.account(),
        symbol=given.symbol(),
        purpose=given.choice("purpose", Purpose),
        state=given.choice("state", OrderState),
    )
    given.done()
    return trades(console.sources, wanted)


def _trade(console: Console, call: Call) -> Trade:
    """An order by our id or the venue's, with its fills, its position and that position's stops and targets."""
    only = call.given.account()
    call.given.done()
    return trade(console.sources, call.path["order_id"], only)


def _stats(console: Console, call: Call) -> Stats:
    """The last days' profit and loss at a glance."""
    only = call.given.account()
    from_ms, to_ms = time_range(console, call.given, 7 * DAY_MS, 92 * DAY_MS)
    call.given.done()
    return stats(console.sources, only, from_ms, to_ms)


def _decisions(console: Console, call: Call) -> Decisions:
    """Why, and why not: the decisions on liquidations, newest first."""
    given = call.given
    from_ms, to_ms = time_range(console, given, HOUR_MS, 90 * DAY_MS)
    page = wanted_page(given, DECISIONS, 100, 500)
    wanted = DecisionFilter(
        from_ms=from_ms,
        to_ms=to_ms,
        limit=page.limit,
        after=page.after,
        account=given.account(),
        strategy=given.strategy(),
        symbol=given.symbol(),
        outcome=given.choice("outcome", Outcome),
        gate=given.words("gate", "", 40) or None,
    )
    given.done()
    return decisions(console.sources, wanted)


def _config(console: Console, call: Call) -> Config:
    """The parameters: documents as stored, and what they come to for each symbol."""
    call.given.done()
    return config(console.sources)


def _exchange_symbols(console: Console, call: Call) -> ExchangeSymbols:
    """What the venue lists."""
    call.given.done()
    return exchange_symbols(console.sources, Venue.ASTER)


def _exchange_limits(console: Console, call: Call) -> ExchangeLimits:
    """The venue's limits for the symbols that are traded or watched."""
    only = call.given.symbol()
    call.given.done()
    return exchange_limits(console.sources, Venue.ASTER, only)


def _alerts(console: Console, call: Call) -> Alerts:
    """What is open, and what was: open ones first, the rest newest first."""
    given = call.given
    from_ms, to_ms = time_range(console, given, 7 * DAY_MS, 92 * DAY_MS)
    only_open = given.choice("state", AlertState) is AlertState.OPEN
    page = wanted_page(given, ALERTS, 100, 500)
    given.done()
    return alerts(console.sources, AlertFilter(from_ms, to_ms, page.limit, only_open, page.after))


ANSWERS: Final[Mapping[str, Answer]] = {
    "positions": _positions,
    "account": _account,
    "liquidations": _liquidations,
    "trades": _trades,
    "trade": _trade,
    "stats": _stats,
    "decisions": _decisions,
    "config": _config,
    "exchange_symbols": _exchange_symbols,
    "exchange_limits": _exchange_limits,
    "alerts": _alerts,
    **switch_answers.ANSWERS,
    **config_answers.ANSWERS,
    **strategy_answers.ANSWERS,
    **form_answers.ANSWERS,
    **operations_answers.ANSWERS,
    **overview_answers.ANSWERS,
    **session_answers.ANSWERS,
    **risk_answers.ANSWERS,
    **request_answers.ANSWERS,
    **accounting_answers.ANSWERS,
    **export_answers.ANSWERS,
    **flow_answers.ANSWERS,
}

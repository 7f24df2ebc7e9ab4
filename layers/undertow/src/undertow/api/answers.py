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
    request_answers,
    risk_answers,
    session_answers,
    strategy_answers,
    switch_answers,
)
from undertow.api.call import DAY_MS, HOUR_MS, Answer, Call, time_range
from undertow.domain.decision import Outcome
from undertow.domain.json_text import Json
from undertow.domain.market import PositionSide, Venue
from undertow.domain.order import OrderState, Purpose
from undertow.services.console import Console
from undertow.services.views.account import account
from undertow.services.views.alerts import AlertFilter, AlertState, alerts
from undertow.services.views.config import config
from undertow.services.views.decisions import DecisionFilter, decisions
from undertow.services.views.instruments import exchange_limits, exchange_symbols
from undertow.services.views.liquidations import TapeFilter, liquidations
from undertow.services.views.positions import positions
from undertow.services.views.stats import stats
from undertow.services.views.trades import TradeFilter, trade, trades


def _positions(console: Console, call: Call) -> dict[str, Json]:
    only = call.given.account()
    call.given.done()
    return positions(console.sources, only)


def _account(console: Console, call: Call) -> dict[str, Json]:
    only = call.given.account()
    call.given.done()
    return account(console.sources, only)


def _liquidations(console: Console, call: Call) -> dict[str, Json]:
    given = call.given
    from_ms, to_ms = time_range(console, given, HOUR_MS, DAY_MS)
    wanted = TapeFilter(
        from_ms=from_ms,
        to_ms=to_ms,
        limit=given.whole("limit", 200, 1, 1_000),
        symbol=given.symbol(),
        liquidated=given.choice("side", PositionSide),
        min_value=given.figure("min_value", Decimal(0)),
    )
    given.done()
    return liquidations(console.sources, Venue.ASTER, wanted)


def _trades(console: Console, call: Call) -> dict[str, Json]:
    given = call.given
    from_ms, to_ms = time_range(console, given, DAY_MS, 31 * DAY_MS)
    wanted = TradeFilter(
        from_ms=from_ms,
        to_ms=to_ms,
        limit=given.whole("limit", 100, 1, 500),
        account=given.account(),
        symbol=given.symbol(),
        purpose=given.choice("purpose", Purpose),
        state=given.choice("state", OrderState),
    )
    given.done()
    return trades(console.sources, wanted)


def _trade(console: Console, call: Call) -> dict[str, Json]:
    only = call.given.account()
    call.given.done()
    return trade(console.sources, call.path["order_id"], only)


def _stats(console: Console, call: Call) -> dict[str, Json]:
    only = call.given.account()
    from_ms, to_ms = time_range(console, call.given, 7 * DAY_MS, 92 * DAY_MS)
    call.given.done()
    return stats(console.sources, only, from_ms, to_ms)


def _decisions(console: Console, call: Call) -> dict[str, Json]:
    given = call.given
    from_ms, to_ms = time_range(console, given, HOUR_MS, 90 * DAY_MS)
    wanted = DecisionFilter(
        from_ms=from_ms,
        to_ms=to_ms,
        limit=given.whole("limit", 100, 1, 500),
        account=given.account(),
        strategy=given.strategy(),
        symbol=given.symbol(),
        outcome=given.choice("outcome", Outcome),
        gate=given.words("gate", "", 40) or None,
    )
    given.done()
    return decisions(console.sources, wanted)


def _config(console: Console, call: Call) -> dict[str, Json]:
    call.given.done()
    return config(console.sources)


def _exchange_symbols(console: Console, call: Call) -> dict[str, Json]:
    call.given.done()
    return exchange_symbols(console.sources, Venue.ASTER)


def _exchange_limits(console: Console, call: Call) -> dict[str, Json]:
    only = call.given.symbol()
    call.given.done()
    return exchange_limits(console.sources, Venue.ASTER, only)


def _alerts(console: Console, call: Call) -> dict[str, Json]:
    given = call.given
    from_ms, to_ms = time_range(console, given, 7 * DAY_MS, 92 * DAY_MS)
    only_open = given.choice("state", AlertState) is AlertState.OPEN
    limit = given.whole("limit", 100, 1, 500)
    given.done()
    return alerts(console.sources, AlertFilter(from_ms, to_ms, limit, only_open))


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
    **session_answers.ANSWERS,
    **risk_answers.ANSWERS,
    **request_answers.ANSWERS,
    **accounting_answers.ANSWERS,
    **export_answers.ANSWERS,
    **flow_answers.ANSWERS,
}

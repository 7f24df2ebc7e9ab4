"""What each route answers: read what was given, ask one view or one use case."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from undertow.api import (
    accounting_answers,
    export_answers,
    flow_answers,
    form_answers,
    request_answers,
    operations_answers,
    risk_answers,
    session_answers,
    strategy_answers,
)
from undertow.api.call import DAY_MS, HOUR_MS, LONGEST_REASON, MOST_VERSIONS, Answer, Call, time_range
from undertow.api.given import Given
from undertow.api.strategy_answers import changed_document
from undertow.domain.account import Control, Switch
from undertow.domain.decision import Outcome
from undertow.domain.ids import AccountId, StrategyId, Symbol
from undertow.domain.json_text import Json, write_json
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


def _pause(console: Console, call: Call) -> dict[str, Json]:
    """Pauses one account, or all of them when none is named. A paused account stays as it is."""
    only = call.given.account()
    reason = call.given.words("reason", "paused on the page", LONGEST_REASON)
    call.given.done()
    turned = [
        console.set_switch.tighten(found.id, Switch.PAUSED, call.by, reason)
        for found in tuple(console.sources.accounts(only))
    ]
    return {"switches": [_control(control) for control in turned]}


def _resume(console: Console, call: Call) -> dict[str, Json]:
    """Needs the account's name and the version of the switch that the person has seen."""
    given = call.given
    name = given.account(required=True)
    seen = given.whole("version", None, 0, MOST_VERSIONS)
    reason = given.words("reason", "resumed on the page", LONGEST_REASON)
    given.done()
    (found,) = console.sources.accounts(AccountId(str(name)))
    return {"switches": [_control(console.resume(found, seen, call.by, reason))]}


def _write_config(console: Console, call: Call) -> dict[str, Json]:
    """Either the globals, or the base of one strategy."""
    given = call.given
    expected = given.whole("version", None, 0, MOST_VERSIONS)
    strategy, base = given.strategy(), given.settings("base")
    globals_ = given.settings("globals")
    if (globals_ is None) == (base is None):
        given.complain("globals", "either globals, or strategy and base")
    elif base is not None and strategy is None:
        given.complain("strategy", "the name of the strategy that the base belongs to")
    given.done()
    if globals_ is not None:
        return changed_document(console.configure.set_globals(write_json(globals_), expected, call.by))
    return changed_document(console.configure.set_base(StrategyId(str(strategy)), base or {}, expected, call.by))


@dataclass(frozen=True, slots=True)
class _SymbolCall:
    strategy: StrategyId
    symbol: Symbol
    expected: int
    settings: Mapping[str, Json]


def _symbol_call(given: Given, with_settings: bool) -> _SymbolCall:
    strategy = given.strategy(required=True)
    symbol = given.symbol(required=True)
    expected = given.whole("version", None, 0, MOST_VERSIONS)
    settings = given.settings("settings") if with_settings else None
    given.done()
    return _SymbolCall(StrategyId(str(strategy)), Symbol(str(symbol)), expected, settings or {})


def _write_symbol(console: Console, call: Call) -> dict[str, Json]:
    wanted = _symbol_call(call.given, with_settings=True)
    return changed_document(
        console.configure.set_symbol(wanted.strategy, wanted.symbol, wanted.settings, wanted.expected, call.by)
    )


def _add_symbol(console: Console, call: Call) -> dict[str, Json]:
    wanted = _symbol_call(call.given, with_settings=True)
    return changed_document(
        console.configure.add_symbol(wanted.strategy, wanted.symbol, wanted.settings, wanted.expected, call.by)
    )


def _remove_symbol(console: Console, call: Call) -> dict[str, Json]:
    wanted = _symbol_call(call.given, with_settings=False)
    return changed_document(console.configure.remove_symbol(wanted.strategy, wanted.symbol, wanted.expected, call.by))


def _control(control: Control) -> dict[str, Json]:
    return {
        "account": control.account,
        "state": control.switch.value,
        "version": control.version,
        "since_ms": control.since_ms,
        "by": control.by,
        "reason": control.reason,
    }


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
    "pause": _pause,
    "resume": _resume,
    "write_config": _write_config,
    "write_symbol": _write_symbol,
    "add_symbol": _add_symbol,
    "remove_symbol": _remove_symbol,
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

"""Account endpoints (aster.md section 11), agents and notices (12)."""

from decimal import Decimal
from enum import StrEnum
from typing import Final

from local.venue.faults import Fault
from local.venue.http import Json
from local.venue.rest_market import known_symbol
from local.venue.routes import ACK, Call, Route, route
from local.venue.wire import (
    account_json,
    amount,
    balance_json,
    fixed,
    leverage_bracket_json,
    position_json,
)

from undertow.adapters.paper.accounts import ASSET, Position, TradingAccount
from undertow.adapters.paper.errors import ExchangeError
from undertow.adapters.paper.events import Leg
from undertow.adapters.paper.floor import legs_of
from undertow.adapters.paper.orders import SelfTrade
from undertow.domain.account import MarginType
from undertow.domain.ids import Symbol
from undertow.domain.numbers import HUNDRED, ZERO, plain


class WireMarginType(StrEnum):
    ISOLATED = "ISOLATED"
    CROSSED = "CROSSED"


class Transfer(StrEnum):
    FUTURE_SPOT = "FUTURE_SPOT"
    SPOT_FUTURE = "SPOT_FUTURE"


# --- modes and settings -----------------------------------------------------------------------------------------------


def set_position_mode(call: Call) -> Json:
    call.house.exchange.set_position_mode(call.account, call.parameters.flag("dualSidePosition"), call.now_ms)
    return ACK


def position_mode(call: Call) -> Json:
    return {"dualSidePosition": call.house.exchange.account(call.account).hedge}


def set_multi_assets(call: Call) -> Json:
    call.house.exchange.set_multi_assets(call.account, call.parameters.flag("multiAssetsMargin"), call.now_ms)
    return ACK


def multi_assets(call: Call) -> Json:
    return {"multiAssetsMargin": call.house.exchange.account(call.account).multi_assets}


def leverage(call: Call) -> Json:
    symbol, wanted = known_symbol(call), call.parameters.integer("leverage")
    cap = call.house.exchange.set_leverage(call.account, symbol, wanted, call.now_ms)
    return {"leverage": wanted, "maxNotionalValue": plain(cap), "symbol": symbol}


def margin_type(call: Call) -> Json:
    symbol = known_symbol(call)
    wanted = call.parameters.choice("marginType", WireMarginType, -1130, "Invalid marginType.")
    kind = MarginType.ISOLATED if wanted is WireMarginType.ISOLATED else MarginType.CROSS
    call.house.exchange.set_margin_type(call.account, symbol, kind, call.now_ms)
    return ACK


def position_margin(call: Call) -> Json:
    symbol, wanted, kind = known_symbol(call), call.parameters.decimal("amount"), call.parameters.integer("type")
    leg = call.parameters.optional_choice("positionSide", Leg, -4060, "Invalid position side.")
    if wanted <= 0:
        raise ExchangeError(-4055, "Amount must be positive.")
    if kind not in (1, 2):
        raise ExchangeError(-1130, "Data sent for parameter 'type' is not valid.")
    call.house.exchange.change_isolated_margin(call.account, symbol, leg, wanted if kind == 1 else -wanted, call.now_ms)
    return {"amount": float(wanted), "code": 200, "msg": "Successfully modify position margin.", "type": kind}


def position_margin_history(call: Call) -> Json:
    symbol, limit = known_symbol(call), call.parameters.limit(500, 500)
    kind = call.parameters.optional_integer("type")
    start, end = call.parameters.window(call.now_ms, None)
    changes = [
        change
        for change in call.house.exchange.margin_changes(call.account, symbol)
        if start <= change.time_ms <= end and kind in (None, 1 if change.amount > 0 else 2)
    ]
    return [
        {
            "amount": plain(abs(change.amount)),
            "asset": ASSET,
            "symbol": symbol,
            "time": change.time_ms,
            "type": 1 if change.amount > 0 else 2,
            "positionSide": change.leg.value,
        }
        for change in changes[-limit:]
    ]


def set_self_trade(call: Call) -> Json:
    mode = call.parameters.choice("stpMode", SelfTrade, -1130, "Data sent for 'stpMode' is not valid.")
    call.house.exchange.set_self_trade(call.account, mode)
    return ACK


def self_trade(call: Call) -> Json:
    return {"stpMode": call.house.exchange.account(call.account).self_trade.value}


# --- state ------------------------------------------------------------------------------------------------------------


def balance(call: Call) -> Json:
    exchange = call.house.exchange
    return [balance_json(exchange.account(call.account), exchange.standing(call.account))]


def account(call: Call) -> Json:
    exchange = call.house.exchange
    return account_json(exchange, exchange.account(call.account), exchange.standing(call.account))


def position_risk(call: Call) -> Json:
    """Every symbol, or the asked one, flat ones too."""
    exchange, asked = call.house.exchange, call.parameters.optional_symbol()
    symbols = list(exchange.contracts()) if asked is None else [known_symbol(call, asked)]
    owner = exchange.account(call.account)
    rows = []
    for symbol in symbols:
        for leg in legs_of(owner):
            position = _as_read(call, owner.positions.get(symbol, {}).get(leg) or Position(symbol, leg))
            rows.append(position_json(exchange, owner, position, call.house.mark(symbol)))
    return rows


def _as_read(call: Call, position: Position) -> Position:
    """As it stands, or as it stood a while ago when that fault is on."""
    faults = call.house.faults
    lag_ms = int(faults.seconds(Fault.POSITIONS_LAG_S) * 1_000)
    if not lag_ms:
        return position
    call.house.trail.follow(call.house.exchange, call.now_ms)
    before = call.house.trail.at(call.account, position, call.now_ms - lag_ms)
    if before != position:
        faults.count(Fault.POSITIONS_LAG_S)
    return before


def leverage_bracket(call: Call) -> Json:
    """An object with a symbol, an array without."""
    contracts, asked = call.house.exchange.contracts(), call.parameters.optional_symbol()
    if asked is not None:
        return leverage_bracket_json(contracts[known_symbol(call, asked)])
    return [leverage_bracket_json(contract) for contract in contracts.values()]


ADL_STEPS_PCT: Final = (0, 10, 50, 100)
"""Profit of the initial margin in percent, above which a position is ranked one higher."""


def adl_quantile(call: Call) -> Json:
    """Ranked by profit of the margin, as the venue's are; yet by themselves, since there is no crowd here to stand in
    line with. The third name is the one of the mode: ``BOTH``, or ``HEDGE`` for crossed margin in hedge mode.
    """
    asked = call.parameters.optional_symbol()
    owner = call.house.exchange.account(call.account)
    symbols = {position.symbol for position in owner.open_positions()}
    if asked is not None:
        symbols &= {known_symbol(call, asked)}
    return [{"symbol": symbol, "adlQuantile": _adl_of(call, owner, symbol)} for symbol in sorted(symbols)]


def _adl_of(call: Call, owner: TradingAccount, symbol: Symbol) -> Json:
    mark, leverage = call.house.mark(symbol), call.house.exchange.floor.settings(owner, symbol).leverage
    ranks = {position.leg.value: _adl_rank(position, mark, leverage) for position in owner.open_positions(symbol)}
    third = "HEDGE" if owner.hedge and not owner.is_isolated(symbol) else "BOTH"
    return {"LONG": 0, "SHORT": 0, third: 0, **ranks}


def _adl_rank(position: Position, mark: Decimal, leverage: int) -> int:
    profit_pct = position.unrealized(mark) * leverage * HUNDRED / abs(position.cost)
    return sum(profit_pct > step for step in ADL_STEPS_PCT)


def commission_rate(call: Call) -> Json:
    contract = call.house.exchange.contracts()[known_symbol(call)]
    return {
        "symbol": contract.symbol,
        "makerCommissionRate": fixed(contract.maker_fee, 6),
        "takerCommissionRate": fixed(contract.taker_fee, 6),
    }


def remaining_openable(call: Call) -> Json:
    exchange, symbol = call.house.exchange, known_symbol(call)
    wanted = call.parameters.integer("leverage")
    cap = exchange.contracts()[symbol].max_notional(wanted)
    free = exchange.standing(call.account).available * wanted
    held = sum(
        abs(position.amount) * exchange.floor.mark(symbol)
        for position in exchange.account(call.account).open_positions(symbol)
    )
    return {"remainingOpenableNotionalValue": float(amount(min(free, max(cap - held, ZERO))))}


# --- the rest ---------------------------------------------------------------------------------------------------------


def transfer(call: Call) -> Json:
    wanted = call.parameters.decimal("amount")
    kind = call.parameters.choice("kindType", Transfer, -1130, "Data sent for 'kindType' is not valid.")
    asset, client_id = call.parameters.text("asset"), call.parameters.text("clientTranId")
    if wanted <= 0:
        raise ExchangeError(-4055, "Amount must be positive.")
    signed = wanted if kind is Transfer.SPOT_FUTURE else -wanted
    transaction = call.house.exchange.transfer(call.account, asset, signed, client_id, call.now_ms)
    return {"tranId": transaction, "status": "SUCCESS"}


def agents(call: Call) -> Json:
    owner = call.house.credentials_of(call.account)
    return [
        {
            "agentAddress": owner.signer,
            "agentName": "demo",
            "ipWhitelist": "",
            "expired": call.now_ms + 365 * 24 * 60 * 60 * 1000,
            "source": "web",
            "canRead": True,
            "canSpotTrade": False,
            "canPerpTrade": True,
            "canWithdraw": False,
        }
    ]


def builders(_: Call) -> Json:
    """No account here has approved a builder."""
    return []


def announcements(_: Call) -> Json:
    return {"total": 0, "rows": []}


def announcement(call: Call) -> Json:
    raise ExchangeError(-1130, f"No announcement has the id {call.parameters.integer('id')}.")


ROUTES: Final[tuple[Route, ...]] = (
    route("POST", "positionSide/dual", set_position_mode),
    route("GET", "positionSide/dual", position_mode, weight=30),
    route("POST", "multiAssetsMargin", set_multi_assets),
    route("GET", "multiAssetsMargin", multi_assets, weight=30),
    route("POST", "leverage", leverage),
    route("POST", "marginType", margin_type),
    route("POST", "positionMargin", position_margin),
    route("GET", "positionMargin/history", position_margin_history),
    route("GET", "balance", balance, weight=5, v1="/fapi/v2/balance"),
    route("GET", "accountWithJoinMargin", account, weight=5, v1="/fapi/v4/account"),
    route("GET", "account", account, weight=5, v1=None),
    route("GET", "positionRisk", position_risk, weight=5, v1="/fapi/v2/positionRisk"),
    route("GET", "leverageBracket", leverage_bracket),
    route("GET", "adlQuantile", adl_quantile, weight=5),
    route("GET", "commissionRate", commission_rate, weight=20),
    route("GET", "remainingOpenableNotionalValue", remaining_openable, weight=20, v3=None),
    route("POST", "asset/wallet/transfer", transfer, weight=5),
    route("POST", "stpMode", set_self_trade, v1=None),
    route("GET", "stpMode", self_trade, weight=30, v1=None),
    route("GET", "agent", agents, v1=None),
    route("GET", "builder", builders, v1=None),
    route("GET", "announcement/direct", announcements, v1=None),
    route("GET", "announcement/directById", announcement, v1=None),
)

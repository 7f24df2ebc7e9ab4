"""The venue's JSON objects, from what the engine holds. Numbers are texts, times are integers (aster.md 10.1, 11)."""

from decimal import Decimal
from typing import Final

from local.venue.http import Json

from undertow.adapters.paper.accounts import ASSET, Income, Position, Trade, TradingAccount
from undertow.adapters.paper.contract import Contract
from undertow.adapters.paper.events import Leg, Status
from undertow.adapters.paper.exchange import Exchange
from undertow.adapters.paper.floor import legs_of
from undertow.adapters.paper.margin import Standing, order_margin, position_margin
from undertow.adapters.paper.orders import EngineOrder
from undertow.domain.ids import Symbol
from undertow.domain.numbers import ZERO, plain

_PLACES: Final = Decimal("1E-8")
_AVERAGE_PLACES: Final = 5


def amount(value: Decimal) -> str:
    """A computed amount, with at most 8 decimals."""
    return plain(value.quantize(_PLACES))


def fixed(value: Decimal, places: int) -> str:
    return format(value.quantize(Decimal(1).scaleb(-places)), "f")


def places_of(step: Decimal) -> int:
    exponent = step.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def held(amount: Decimal, contract: Contract) -> str:
    """A position's amount on the lot grid, or finer where it was traded on a finer one."""
    return fixed(amount, max(places_of(contract.instrument.lot_size), places_of(amount)))


def entry_price(position: Position, contract: Contract) -> str:
    """An average has a few more decimals than the prices it was made of."""
    return fixed(position.entry_price, max(_AVERAGE_PLACES, places_of(contract.instrument.tick_size) + 3))


def order_json(order: EngineOrder, contract: Contract, *, queried: bool = False, accepted: bool = False) -> Json:
    """``queried`` objects have the time of creation and no cumQty; ``accepted`` shows the order as it came in."""
    filled = ZERO if accepted else order.filled
    quote = ZERO if accepted else order.filled_quote
    average = order.average_price if filled else ZERO
    shown: dict[str, Json] = {
        "orderId": order.id,
        "symbol": order.symbol,
        "status": (Status.NEW if accepted else order.status).value,
        "clientOrderId": order.client_order_id,
        "price": plain(order.price),
        "avgPrice": fixed(average, max(_AVERAGE_PLACES, places_of(contract.instrument.tick_size))),
        "origQty": plain(order.quantity),
        "executedQty": plain(filled),
        **({} if queried else {"cumQty": plain(filled)}),
        "cumQuote": amount(quote),
        "timeInForce": order.time_in_force.value,
        "type": (order.original_type if accepted else order.type).value,
        "reduceOnly": order.reduce_only or order.close_position,
        "closePosition": order.close_position,
        "side": order.side.value,
        "positionSide": order.leg.value,
        "stopPrice": plain(order.stop_price),
        "workingType": order.working_type.value,
        "priceProtect": order.price_protect,
        "origType": order.original_type.value,
        **({"time": order.created_at_ms} if queried else {}),
        "updateTime": order.created_at_ms if accepted else order.updated_at_ms,
    }
    if order.activation_price is not None and order.callback_rate is not None:
        shown |= {"activatePrice": plain(order.activation_price), "priceRate": plain(order.callback_rate)}
    return shown


def trade_json(trade: Trade) -> Json:
    return {
        "buyer": trade.side.value == "BUY",
        "commission": amount(trade.commission),
        "commissionAsset": ASSET,
        "id": trade.id,
        "maker": trade.maker,
        "orderId": trade.order_id,
        "price": plain(trade.price),
        "qty": plain(trade.quantity),
        "quoteQty": amount(trade.quote_quantity),
        "realizedPnl": amount(trade.realized),
        "side": trade.side.value,
        "positionSide": trade.leg.value,
        "symbol": trade.symbol,
        "time": trade.time_ms,
        "marginAsset": ASSET,
    }


def income_json(income: Income) -> Json:
    return {
        "symbol": income.symbol,
        "incomeType": income.type.value,
        "income": amount(income.amount),
        "asset": ASSET,
        "info": income.type.value,
        "time": income.time_ms,
        "tranId": str(income.transaction_id),
        "tradeId": str(income.trade_id) if income.trade_id else "",
    }


def balance_json(account: TradingAccount, state: Standing) -> Json:
    return {
        "accountAlias": "SimU",
        "asset": ASSET,
        "balance": fixed(account.wallet, 8),
        "crossWalletBalance": fixed(state.cross_wallet, 8),
        "crossUnPnl": fixed(state.cross_unrealized, 8),
        "availableBalance": fixed(state.available, 8),
        "maxWithdrawAmount": fixed(state.withdrawable, 8),
        "marginAvailable": True,
        "updateTime": account.updated_at_ms,
    }


def position_json(exchange: Exchange, account: TradingAccount, position: Position, mark: Decimal) -> Json:
    """One row of positionRisk."""
    floor = exchange.floor
    contract, settings = floor.contract(position.symbol), floor.settings(account, position.symbol)
    isolated = account.is_isolated(position.symbol)
    unrealized = position.unrealized(mark)
    liquidation = exchange.liquidation_price(account.id, position) if position.is_open else ZERO
    return {
        "symbol": position.symbol,
        "positionAmt": held(position.amount, contract),
        "entryPrice": entry_price(position, contract),
        "markPrice": fixed(mark, 8),
        "unRealizedProfit": fixed(unrealized, 8),
        "liquidationPrice": amount(liquidation),
        "leverage": str(settings.leverage),
        "maxNotionalValue": plain(contract.max_notional(settings.leverage)),
        "marginType": "isolated" if isolated else "cross",
        "isolatedMargin": fixed(position.isolated_wallet + unrealized if isolated else ZERO, 8),
        "isAutoAddMargin": "false",
        "positionSide": position.leg.value,
        "notional": fixed(position.amount * mark, 8),
        "isolatedWallet": fixed(position.isolated_wallet, 8),
        "updateTime": position.updated_at_ms,
    }


def account_json(exchange: Exchange, account: TradingAccount, state: Standing) -> Json:
    """The account with every symbol's positions; the sums appear for the account and again for its one asset."""
    initial = state.position_margin + state.order_margin
    asset = {
        "asset": ASSET,
        "walletBalance": fixed(state.wallet, 8),
        "unrealizedProfit": fixed(state.unrealized, 8),
        "marginBalance": fixed(state.balance, 8),
        "maintMargin": fixed(state.maintenance, 8),
        "initialMargin": fixed(initial, 8),
        "positionInitialMargin": fixed(state.position_margin, 8),
        "openOrderInitialMargin": fixed(state.order_margin, 8),
        "crossWalletBalance": fixed(state.cross_wallet, 8),
        "crossUnPnl": fixed(state.cross_unrealized, 8),
        "availableBalance": fixed(state.available, 8),
        "maxWithdrawAmount": fixed(state.withdrawable, 8),
        "marginAvailable": True,
        "updateTime": account.updated_at_ms,
    }
    positions = [
        _account_position(exchange, account, symbol, leg) for symbol in exchange.contracts() for leg in legs_of(account)
    ]
    return {
        "feeTier": 0,
        "canTrade": True,
        "canDeposit": True,
        "canWithdraw": True,
        "updateTime": 0,
        "totalInitialMargin": asset["initialMargin"],
        "totalMaintMargin": asset["maintMargin"],
        "totalWalletBalance": asset["walletBalance"],
        "totalUnrealizedProfit": asset["unrealizedProfit"],
        "totalMarginBalance": asset["marginBalance"],
        "totalPositionInitialMargin": asset["positionInitialMargin"],
        "totalOpenOrderInitialMargin": asset["openOrderInitialMargin"],
        "totalCrossWalletBalance": asset["crossWalletBalance"],
        "totalCrossUnPnl": asset["crossUnPnl"],
        "availableBalance": asset["availableBalance"],
        "maxWithdrawAmount": asset["maxWithdrawAmount"],
        "assets": [asset],
        "positions": positions,
    }


def _account_position(exchange: Exchange, account: TradingAccount, symbol: Symbol, leg: Leg) -> Json:
    floor = exchange.floor
    contract, settings = floor.contract(symbol), floor.settings(account, symbol)
    position = account.positions.get(symbol, {}).get(leg) or Position(symbol, leg)
    mark = floor.mark(symbol) if position.is_open else ZERO
    margin = position_margin(floor, account, position) if position.is_open else ZERO
    wanted = order_margin(floor, account, symbol) if floor.orders.open_of_account(account.id, symbol) else ZERO
    least = contract.maintenance(position.notional(mark)) if position.is_open else ZERO
    return {
        "symbol": symbol,
        "initialMargin": amount(margin + wanted),
        "maintMargin": amount(least),
        "unrealizedProfit": fixed(position.unrealized(mark), 8),
        "positionInitialMargin": amount(margin),
        "openOrderInitialMargin": amount(wanted),
        "leverage": str(settings.leverage),
        "isolated": account.is_isolated(symbol),
        "entryPrice": entry_price(position, contract),
        "maxNotional": plain(contract.max_notional(settings.leverage)),
        "positionSide": leg.value,
        "positionAmt": held(position.amount, contract),
        "updateTime": position.updated_at_ms,
    }


def leverage_bracket_json(contract: Contract) -> Json:
    """Numbers are JSON numbers here."""
    return {
        "symbol": contract.symbol,
        "brackets": [
            {
                "bracket": each.bracket,
                "initialLeverage": each.max_leverage,
                "notionalCap": _number(each.notional_cap),
                "notionalFloor": _number(each.notional_floor),
                "maintMarginRatio": _number(each.maintenance_ratio),
                "cum": _number(each.cumulative),
            }
            for each in contract.brackets
        ],
    }


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)

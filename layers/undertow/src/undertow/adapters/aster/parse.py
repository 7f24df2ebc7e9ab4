"""From REST answers to our types. Pure; raises BadFrame for everything that is not as documented."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from undertow.adapters.aster import strict
from undertow.adapters.aster.strict import BadFrame
from undertow.domain.account import Balance, MarginType, VenuePosition
from undertow.domain.fill import Fill
from undertow.domain.ids import AccountId, ClientOrderId, Symbol, TradeId, VenueOrderId
from undertow.domain.income import Income, IncomeKind
from undertow.domain.instrument import Instrument, LeverageBracket
from undertow.domain.market import BestPrices, Candle, MarkPrice, OpenInterest, PositionSide, Side, Venue
from undertow.domain.numbers import ZERO
from undertow.domain.order import OrderNews, OrderState, OrderType

STATES: Final[Mapping[str, OrderState]] = {
    "NEW": OrderState.OPEN,
    "PARTIALLY_FILLED": OrderState.PARTIALLY_FILLED,
    "FILLED": OrderState.FILLED,
    "CANCELED": OrderState.CANCELED,
    "REJECTED": OrderState.REJECTED,
    "EXPIRED": OrderState.EXPIRED,
    # The insurance fund or auto-deleveraging took over an order; it is working until something else is said.
    "NEW_INSURANCE": OrderState.OPEN,
    "NEW_ADL": OrderState.OPEN,
}
TYPES: Final[Mapping[str, OrderType]] = {
    **{kind.value: kind for kind in OrderType},
    # The venue's own liquidation orders are limit orders, IOC.
    "LIQUIDATION": OrderType.LIMIT,
}
MARGIN_TYPES: Final[Mapping[str, MarginType]] = {
    "isolated": MarginType.ISOLATED,
    "ISOLATED": MarginType.ISOLATED,
    "cross": MarginType.CROSS,
    "CROSSED": MarginType.CROSS,
}

INCOME_KINDS: Final[Mapping[str, IncomeKind]] = {
    "TRANSFER": IncomeKind.TRANSFER,
    "REALIZED_PNL": IncomeKind.REALIZED_PNL,
    "FUNDING_FEE": IncomeKind.FUNDING,
    "COMMISSION": IncomeKind.COMMISSION,
    "WELCOME_BONUS": IncomeKind.REWARD,
    "MARKET_MERCHANT_RETURN_REWARD": IncomeKind.REWARD,
    "INSURANCE_CLEAR": IncomeKind.INSURANCE,
    "APOLLOX_DEX_REBATE": IncomeKind.REBATE,
    # Not documented for this venue; others of its kind write them.
    "DEPOSIT": IncomeKind.TRANSFER,
    "WITHDRAW": IncomeKind.TRANSFER,
    "INTERNAL_TRANSFER": IncomeKind.TRANSFER,
    "CROSS_COLLATERAL_TRANSFER": IncomeKind.TRANSFER,
    "COIN_SWAP_DEPOSIT": IncomeKind.TRANSFER,
    "COIN_SWAP_WITHDRAW": IncomeKind.TRANSFER,
    "REFERRAL_KICKBACK": IncomeKind.REBATE,
    "COMMISSION_REBATE": IncomeKind.REBATE,
    "API_REBATE": IncomeKind.REBATE,
}
"""The venue adds kinds without a word: one that is not here is OTHER, and its own name is kept."""


def position_side(holder: Any, field: str) -> PositionSide | None:
    """LONG or SHORT, or None for BOTH, which is what one-way accounts have."""
    value = strict.member(holder, field)
    return None if value == "BOTH" else strict.choice(holder, field, PositionSide)


def order_news(order: Any) -> OrderNews:
    """The order object of section "order" of the documentation, from a placement, a query or a cancel.

    A triggered stop changes its ``type`` to LIMIT or MARKET; ``origType`` stays what we placed, so that counts.
    """
    filled = strict.not_negative(order, "executedQty")
    return OrderNews(
        symbol=strict.symbol(order, "symbol"),
        client_order_id=ClientOrderId(strict.text(order, "clientOrderId")),
        venue_order_id=VenueOrderId(strict.integer(order, "orderId")),
        side=strict.choice(order, "side", Side),
        position_side=position_side(order, "positionSide"),
        type=strict.named(order, "origType" if "origType" in order else "type", TYPES),
        state=strict.named(order, "status", STATES),
        quantity=strict.not_negative(order, "origQty"),
        filled_quantity=filled,
        average_price=_average_price(order, filled),
        price=strict.not_negative(order, "price"),
        stop_price=strict.not_negative(order, "stopPrice"),
        reduce_only=strict.flag(order, "reduceOnly"),
        close_position=strict.flag(order, "closePosition"),
        time_ms=strict.time_ms(order, "updateTime"),
    )


def _average_price(order: Any, filled: Decimal) -> Decimal:
    """The answer to a cancel has no ``avgPrice``; what filled before is then in ``cumQuote``."""
    if strict.has(order, "avgPrice"):
        return strict.not_negative(order, "avgPrice")
    return strict.not_negative(order, "cumQuote") / filled if filled else ZERO


def fill(trade: Any, account: AccountId) -> Fill:
    """One row of ``userTrades``.

    The venue writes commissions negative in its documentation and positive in its answers; rebates it does not pay.
    So the amount counts and the sign does not; ``income`` is the truth about money.
    """
    return Fill(
        account=account,
        symbol=strict.symbol(trade, "symbol"),
        trade_id=TradeId(strict.integer(trade, "id")),
        venue_order_id=VenueOrderId(strict.integer(trade, "orderId")),
        client_order_id=None,
        side=strict.choice(trade, "side", Side),
        position_side=position_side(trade, "positionSide"),
        price=strict.positive(trade, "price"),
        quantity=strict.positive(trade, "qty"),
        commission=abs(strict.decimal(trade, "commission")),
        commission_asset=strict.text(trade, "commissionAsset"),
        realized_pnl=strict.decimal(trade, "realizedPnl"),
        maker=strict.flag(trade, "maker"),
        time_ms=strict.time_ms(trade, "time"),
    )


def income(row: Any, account: AccountId) -> Income:
    """One row of ``income``, signed as the venue signs it. ``symbol`` is empty for what concerns no market.

    A transaction id is unique only within one type, so the trade, where there is one, is part of ours: both sides of
    a self-trade can stand under one transaction.
    """
    kind, symbol = strict.text(row, "incomeType"), strict.text(row, "symbol")
    transaction, trade = _number_or_text(row, "tranId"), _number_or_text(row, "tradeId")
    if not kind or not transaction:
        raise BadFrame("is empty", "tranId" if kind else "incomeType", row)
    return Income(
        account=account,
        id=f"{transaction}/{trade}" if trade else transaction,
        kind=INCOME_KINDS.get(kind, IncomeKind.OTHER),
        venue_kind=kind,
        asset=strict.text(row, "asset"),
        amount=strict.decimal(row, "income"),
        time_ms=strict.time_ms(row, "time"),
        symbol=strict.symbol(row, "symbol") if symbol else None,
        info=strict.text(row, "info", 300),
    )


def _number_or_text(row: Any, field: str) -> str:
    """The documentation writes ids of income as texts, answers of such venues also as numbers; some rows have none."""
    if not strict.has(row, field):
        return ""
    return str(strict.integer(row, field)) if type(row[field]) is int else strict.text(row, field)


def open_position(row: Any) -> VenuePosition | None:
    """One row of ``positionRisk``, or None where it is flat. The amount of a short is negative, in hedge mode too."""
    amount = strict.decimal(row, "positionAmt")
    if amount == 0:
        return None
    side = position_side(row, "positionSide")
    by_sign = PositionSide.LONG if amount > 0 else PositionSide.SHORT
    liquidation = strict.decimal(row, "liquidationPrice")
    return VenuePosition(
        symbol=strict.symbol(row, "symbol"),
        side=side or by_sign,
        quantity=abs(amount),
        entry_price=strict.not_negative(row, "entryPrice"),
        mark_price=strict.not_negative(row, "markPrice"),
        unrealized=strict.decimal(row, "unRealizedProfit"),
        leverage=leverage(row),
        margin_type=strict.named(row, "marginType", MARGIN_TYPES),
        liquidation_price=liquidation if liquidation > 0 else None,
        updated_at_ms=strict.integer(row, "updateTime"),
        isolated_wallet=_isolated_wallet(row),
    )


def _isolated_wallet(row: Any) -> Decimal | None:
    """``isolatedMargin`` is that wallet and the position's profit; not every answer names the wallet by itself."""
    if strict.named(row, "marginType", MARGIN_TYPES) is not MarginType.ISOLATED:
        return None
    if "isolatedWallet" in row:
        return strict.decimal(row, "isolatedWallet")
    return strict.decimal(row, "isolatedMargin") - strict.decimal(row, "unRealizedProfit")


def leverage(row: Any) -> int:
    """Leverage is a text in ``positionRisk`` and a number in the answer to ``POST leverage``."""
    value = strict.member(row, "leverage")
    whole = value if type(value) is int else int(strict.decimal(row, "leverage"))
    if not 1 <= whole <= 1001:
        raise BadFrame("is not a leverage", "leverage", value)
    return whole


def balance(answer: Any, account: AccountId, now_ms: int) -> Balance:
    """The totals of ``account``, which the venue states in USDT."""
    return Balance(
        account=account,
        wallet=strict.decimal(answer, "totalWalletBalance"),
        available=strict.decimal(answer, "availableBalance"),
        unrealized=strict.decimal(answer, "totalUnrealizedProfit"),
        time_ms=now_ms,
        initial_margin=strict.not_negative(answer, "totalInitialMargin"),
        maintenance_margin=strict.not_negative(answer, "totalMaintMargin"),
    )


def best_prices(ticker: Any) -> BestPrices:
    return BestPrices(
        bid=strict.positive(ticker, "bidPrice"),
        bid_quantity=strict.not_negative(ticker, "bidQty"),
        ask=strict.positive(ticker, "askPrice"),
        ask_quantity=strict.not_negative(ticker, "askQty"),
        time_ms=strict.time_ms(ticker, "time"),
    )


def mark_price(index: Any) -> MarkPrice:
    """One row of ``premiumIndex``."""
    return MarkPrice(
        price=strict.positive(index, "markPrice"),
        time_ms=strict.time_ms(index, "time"),
        index=strict.not_negative(index, "indexPrice"),
        funding_rate=strict.decimal(index, "lastFundingRate"),
        next_funding_time_ms=strict.integer(index, "nextFundingTime"),
    )


def instrument(row: Any, fetched_at_ms: int) -> Instrument:
    """One element of ``exchangeInfo.symbols``. Tick and step come from the filters, never from the precisions."""
    filters = {strict.text(entry, "filterType"): entry for entry in strict.rows(row, "filters")}
    price, lot = _filter(filters, "PRICE_FILTER"), _filter(filters, "LOT_SIZE")
    market_lot = filters.get("MARKET_LOT_SIZE", lot)
    percent = filters.get("PERCENT_PRICE", {})
    return Instrument(
        venue=Venue.ASTER,
        symbol=strict.symbol(row, "symbol"),
        base_asset=strict.text(row, "baseAsset"),
        quote_asset=strict.text(row, "quoteAsset"),
        margin_asset=strict.text(row, "marginAsset"),
        status=strict.text(row, "status"),
        tick_size=strict.not_negative(price, "tickSize"),
        min_price=strict.not_negative(price, "minPrice"),
        max_price=strict.not_negative(price, "maxPrice"),
        lot_size=strict.not_negative(lot, "stepSize"),
        min_quantity=strict.not_negative(lot, "minQty"),
        max_quantity=strict.not_negative(lot, "maxQty"),
        market_lot_size=strict.not_negative(market_lot, "stepSize"),
        market_min_quantity=strict.not_negative(market_lot, "minQty"),
        market_max_quantity=strict.not_negative(market_lot, "maxQty"),
        min_notional=_limit(filters.get("MIN_NOTIONAL", {}), "notional"),
        price_multiplier_up=_limit(percent, "multiplierUp"),
        price_multiplier_down=_limit(percent, "multiplierDown"),
        max_orders=_count(filters, "MAX_NUM_ORDERS"),
        max_algo_orders=_count(filters, "MAX_NUM_ALGO_ORDERS"),
        trigger_protect=_limit(row, "triggerProtect"),
        market_take_bound=_limit(row, "marketTakeBound"),
        liquidation_fee=_limit(row, "liquidationFee"),
        fetched_at_ms=fetched_at_ms,
    )


def _filter(filters: Mapping[str, Any], name: str) -> Any:
    if name not in filters:
        raise BadFrame("is missing", name)
    return filters[name]


def _limit(holder: Any, field: str) -> Decimal:
    """A limit that may be absent, which is the same as zero: none."""
    return strict.not_negative(holder, field) if field in holder else ZERO


def _count(filters: Mapping[str, Any], name: str) -> int:
    return strict.integer(filters[name], "limit") if name in filters else 0


def leverage_brackets(row: Any) -> tuple[Symbol, tuple[LeverageBracket, ...]]:
    """One symbol of ``leverageBracket``, its tiers by rising notional; the numbers in it are JSON numbers."""
    tiers = sorted((_tier(tier) for tier in strict.rows(row, "brackets")), key=lambda tier: tier.notional_floor)
    if not tiers:
        raise BadFrame("has no tier", "brackets")
    for lower, upper in pairwise(tiers):
        if upper.notional_floor < lower.notional_cap:
            raise BadFrame("overlaps the tier below", "notionalFloor", upper.notional_floor)
    return strict.symbol(row, "symbol"), tuple(tiers)


def _tier(tier: Any) -> LeverageBracket:
    floor, ratio = strict.number(tier, "notionalFloor"), strict.number(tier, "maintMarginRatio")
    cap = _notional_cap(tier)
    if not 0 <= floor < cap:
        raise BadFrame("is not above the floor of its tier", "notionalCap", cap)
    if not 0 < ratio < 1:
        raise BadFrame("is not a share of the notional", "maintMarginRatio", ratio)
    return LeverageBracket(
        bracket=strict.integer(tier, "bracket"),
        max_leverage=strict.integer(tier, "initialLeverage"),
        notional_floor=floor,
        notional_cap=cap,
        maintenance_ratio=ratio,
        cumulative=strict.number(tier, "cum"),
    )


def _notional_cap(tier: Any) -> Decimal:
    """The highest tier may have no end, which is then written as the largest number of 64 bits."""
    value = strict.member(tier, "notionalCap")
    if type(value) is int:
        return Decimal(strict.integer(tier, "notionalCap"))
    return strict.number(tier, "notionalCap")


_CANDLE: Final = ("t", "o", "h", "l", "c", "v", "T")
"""The first columns of a row of ``klines``, by the names that the stream gives them."""


def candles(rows: list[Any], interval_s: int) -> list[Candle]:
    """``klines``: rows [1499040000000,"0.0163","0.8","0.0157","0.0157","148976.1",1499644799999,...], oldest first."""
    found = [_candle(row, interval_s) for row in rows]
    for earlier, later in pairwise(found):
        if later.open_time_ms <= earlier.open_time_ms:
            raise BadFrame("is not after the one before", "t", later.open_time_ms)
    return found


def _candle(row: Any, interval_s: int) -> Candle:
    if type(row) is not list or len(row) < len(_CANDLE):
        raise BadFrame("is not a candle", "klines", row)
    named = dict(zip(_CANDLE, row, strict=False))
    candle = Candle(
        open_time_ms=strict.time_ms(named, "t"),
        close_time_ms=strict.time_ms(named, "T"),
        open=strict.positive(named, "o"),
        high=strict.positive(named, "h"),
        low=strict.positive(named, "l"),
        close=strict.positive(named, "c"),
        volume=strict.not_negative(named, "v"),
    )
    if candle.close_time_ms != candle.open_time_ms + interval_s * 1000 - 1:
        raise BadFrame("is not a candle of the length asked for", "T", candle.close_time_ms)
    if not candle.low <= min(candle.open, candle.close) <= max(candle.open, candle.close) <= candle.high:
        raise BadFrame("lies outside of low and high", "klines", row)
    return candle


def open_interest(answer: Any, symbol: Symbol) -> OpenInterest:
    """``{"symbol":"BTCUSDT","openInterest":"10659.509","time":1589437530011}``, as the venues write it that have it."""
    if strict.symbol(answer, "symbol") != symbol:
        raise BadFrame("is not the symbol that was asked for", "symbol", answer["symbol"])
    return OpenInterest(strict.not_negative(answer, "openInterest"), strict.time_ms(answer, "time"))

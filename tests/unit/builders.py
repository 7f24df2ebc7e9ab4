"""Ordinary values of the core. A test changes what it is about and nothing else."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from undertow.domain.account import (
    Balance,
    BookTotals,
    Control,
    MarginType,
    PositionMode,
    Readiness,
    Switch,
    VenueHealth,
)
from undertow.domain.fill import Fill
from undertow.domain.guard import AccountGuard
from undertow.domain.ids import (
    AccountId,
    ClientOrderId,
    LiquidationId,
    PositionId,
    StrategyId,
    Symbol,
    TradeId,
    VenueOrderId,
)
from undertow.domain.instrument import Instrument, LeverageBracket
from undertow.domain.market import (
    BestPrices,
    Liquidation,
    LiquidationBatch,
    MarkPrice,
    MeasuredLiquidation,
    PositionSide,
    Side,
    Venue,
    VolumeWindow,
)
from undertow.domain.order import (
    Order,
    OrderIntent,
    OrderNews,
    OrderState,
    OrderType,
    Purpose,
    TimeInForce,
    WorkingType,
)
from undertow.domain.position import LiveEntry, Position, Slot
from undertow.domain.reconciliation import Proof
from undertow.risk.exposure import AccountSnapshot, Exposure
from undertow.risk.gate import Case
from undertow.risk.limits import AccountLimits, SymbolLimits
from undertow.risk.protection import ProtectionParams
from undertow.strategies.hunter import HunterParams, Threshold, VolumeUnit
from undertow.strategies.signal import Direction, TradeSide

NOW_MS = 1_765_417_000_000
ACCOUNT = AccountId("main")
HUNTER = StrategyId("hunter")
BTC = Symbol("BTCUSDT")
ENTRY = ClientOrderId("ut-e-one")
LONG, SHORT = PositionSide.LONG, PositionSide.SHORT


def d(text: str) -> Decimal:
    return Decimal(text)


BRACKETS = (
    LeverageBracket(1, 50, d("0"), d("50000"), d("0.005"), d("0")),
    LeverageBracket(2, 25, d("50000"), d("500000"), d("0.01"), d("250")),
    LeverageBracket(3, 10, d("500000"), d("5000000"), d("0.025"), d("7750")),
)


def instrument(**changes: Any) -> Instrument:
    """Ticks of 0.1 from 0.1, lots of 0.001 from 0.001, at least 5 USDT."""
    usual = Instrument(
        venue=Venue.ASTER,
        symbol=BTC,
        base_asset="BTC",
        quote_asset="USDT",
        margin_asset="USDT",
        status="TRADING",
        tick_size=d("0.1"),
        min_price=d("0.1"),
        max_price=d("1000000"),
        lot_size=d("0.001"),
        min_quantity=d("0.001"),
        max_quantity=d("1000"),
        market_lot_size=d("0.001"),
        market_min_quantity=d("0.001"),
        market_max_quantity=d("100"),
        min_notional=d("5"),
        price_multiplier_up=d("1.15"),
        price_multiplier_down=d("0.85"),
        max_orders=200,
        max_algo_orders=100,
        trigger_protect=d("0.15"),
        market_take_bound=d("0.30"),
        liquidation_fee=d("0.01"),
        fetched_at_ms=NOW_MS,
        brackets=BRACKETS,
    )
    return replace(usual, **changes)


def intent(**changes: Any) -> OrderIntent:
    """A long entry of 0.3 at 1000 with leverage 10: notional 300, margin 30. With a stop at 990 it loses 3.54."""
    usual = OrderIntent(
        client_order_id=ENTRY,
        account=ACCOUNT,
        symbol=BTC,
        position_side=LONG,
        purpose=Purpose.ENTRY,
        type=OrderType.LIMIT,
        quantity=d("0.3"),
        strategy=HUNTER,
        price=d("1000"),
        time_in_force=TimeInForce.GTC,
        leverage=10,
        ttl_s=30,
        expires_at_ms=NOW_MS + 4_000,
        risk=d("3.54"),
    )
    return replace(usual, **changes)


def order(state: OrderState = OrderState.OPEN, of: OrderIntent | None = None, **changes: Any) -> Order:
    usual = Order(of or intent(), state, created_at_ms=NOW_MS, updated_at_ms=NOW_MS, version=1)
    return replace(usual, **changes)


def news(state: OrderState, filled: str | Decimal = "0", average: str | Decimal = "0", **changes: Any) -> OrderNews:
    usual = OrderNews(
        symbol=BTC,
        client_order_id=ENTRY,
        venue_order_id=VenueOrderId(77),
        side=Side.BUY,
        position_side=LONG,
        type=OrderType.LIMIT,
        state=state,
        quantity=d("0.3"),
        filled_quantity=Decimal(filled),
        average_price=Decimal(average),
        price=d("1000"),
        stop_price=d("0"),
        reduce_only=False,
        close_position=False,
        time_ms=NOW_MS,
    )
    return replace(usual, **changes)


def fill(quantity: str | Decimal, price: str | Decimal = "1000", **changes: Any) -> Fill:
    usual = Fill(
        account=ACCOUNT,
        symbol=BTC,
        trade_id=TradeId(1),
        venue_order_id=VenueOrderId(77),
        client_order_id=ENTRY,
        side=Side.BUY,
        position_side=LONG,
        price=Decimal(price),
        quantity=Decimal(quantity),
        commission=d("0.05"),
        commission_asset="USDT",
        realized_pnl=d("0"),
        maker=True,
        time_ms=NOW_MS,
    )
    return replace(usual, **changes)


def position(**changes: Any) -> Position:
    """A long of 0.3 from 1000, opened by the hunter."""
    usual = Position(
        id=PositionId("p1"),
        account=ACCOUNT,
        symbol=BTC,
        side=LONG,
        quantity=d("0.3"),
        entry_price=d("1000"),
        opened_at_ms=NOW_MS,
        updated_at_ms=NOW_MS,
        strategy=HUNTER,
        leverage=10,
        max_quantity=d("0.3"),
    )
    return replace(usual, **changes)


def slot(side: PositionSide = LONG, **changes: Any) -> Slot:
    return replace(Slot(ACCOUNT, BTC, side), **changes)


def live_entry(of: OrderIntent | None = None, **changes: Any) -> LiveEntry:
    wanted = of or intent()
    usual = LiveEntry(wanted.client_order_id, HUNTER, wanted.layer, wanted.notional, wanted.margin)
    return replace(usual, **changes)


def hunter_params(**changes: Any) -> HunterParams:
    """10,000 USDT within 60 s; margin 100 with leverage 10."""
    usual = HunterParams(
        enabled=True,
        simulate=False,
        volume_window_s=60,
        volume_unit=VolumeUnit.USDT,
        long=Threshold(d("10000"), None),
        short=Threshold(d("10000"), None),
        cooldown_s=30,
        direction=Direction.FADE,
        trade_side=TradeSide.BOTH,
        leverage=10,
        margin_type=MarginType.ISOLATED,
        trade_value=d("100"),
        price_offset_pct=d("0.1"),
        time_in_force=TimeInForce.GTC,
        order_ttl_s=30,
        limits=SymbolLimits(d("500"), d("5000"), 5),
        protection=protection(),
    )
    return replace(usual, **changes)


def protection(**changes: Any) -> ProtectionParams:
    """Stop at 1 %, target at 2 %."""
    return replace(ProtectionParams(d("1"), d("2"), WorkingType.MARK_PRICE, price_protect=False), **changes)


def book(bid: str, ask: str) -> BestPrices:
    return BestPrices(Decimal(bid), d("1"), Decimal(ask), d("1"), NOW_MS)


def liquidation(**changes: Any) -> Liquidation:
    """A long of 0.03 liquidated at 100000, 50 ms ago."""
    usual = Liquidation(
        LiquidationId("liq1"), Venue.ASTER, BTC, Side.SELL, d("0.03"), d("100000"), NOW_MS - 50, NOW_MS - 50
    )
    return replace(usual, **changes)


def measured(before: str = "9000", after: str = "12000", of: Liquidation | None = None) -> MeasuredLiquidation:
    """A liquidation that moved the window of 60 s from ``before`` to ``after`` USDT; tokens are a thousandth of it."""
    window = VolumeWindow(60, d(after), d(after) / 1000, d(before), d(before) / 1000, events=4, sampled_seconds=4)
    return MeasuredLiquidation(of or liquidation(), {60: window}, NOW_MS - 40)


def batch(**changes: Any) -> LiquidationBatch:
    usual = LiquidationBatch(
        venue=Venue.ASTER,
        symbol=BTC,
        epoch=1,
        window_covered=True,
        sent_at_ms=NOW_MS - 20,
        book=book("100000", "100010"),
        mark=MarkPrice(d("100005"), NOW_MS - 500),
        liquidations=(measured(),),
    )
    return replace(usual, **changes)


def balance(**changes: Any) -> Balance:
    return replace(Balance(ACCOUNT, d("10000"), d("10000"), d("0"), NOW_MS, d("0"), d("0")), **changes)


def readiness(**changes: Any) -> Readiness:
    usual = Readiness(
        ACCOUNT, BTC, 10, MarginType.ISOLATED, PositionMode.HEDGE, multi_assets=False, verified_at_ms=NOW_MS
    )
    return replace(usual, **changes)


def control(switch: Switch = Switch.RUNNING) -> Control:
    return Control(ACCOUNT, switch, NOW_MS, "ann", "maintenance")


def guard(**changes: Any) -> AccountGuard:
    """The ledger was just proven to equal the venue."""
    return replace(AccountGuard(ACCOUNT, proof=Proof(1, NOW_MS)), **changes)


def snapshot(**changes: Any) -> AccountSnapshot:
    usual = AccountSnapshot(
        control=control(),
        health=VenueHealth(Venue.ASTER),
        long=slot(LONG),
        short=slot(SHORT),
        totals=BookTotals(ACCOUNT, d("0"), d("0"), 0),
        balance=balance(),
        readiness=readiness(),
        guard=guard(),
    )
    return replace(usual, **changes)


def exposure(**changes: Any) -> Exposure:
    return replace(Exposure(snapshot(), PositionMode.HEDGE, MarkPrice(d("1000"), NOW_MS), NOW_MS, NOW_MS), **changes)


def account_limits(**changes: Any) -> AccountLimits:
    usual = AccountLimits(d("1000"), d("10000"), max_positions=5, max_leverage=20, max_signal_age_ms=5_000)
    return replace(usual, **changes)


def symbol_limits(**changes: Any) -> SymbolLimits:
    return replace(SymbolLimits(d("500"), d("5000"), 5), **changes)


def case(**changes: Any) -> Case:
    """An entry that nothing speaks against."""
    return replace(
        Case(
            intent(),
            instrument(),
            exposure(),
            account_limits(),
            symbol_limits(),
            d("990"),
            d("1020"),
            reserve=d("3.54"),
        ),
        **changes,
    )

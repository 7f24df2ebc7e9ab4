"""Domain objects for the repository tests. Every field has a value that a lossy store would change."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from tests.unit.builders import instrument as usual_instrument

from undertow.domain.account import (
    Balance,
    Control,
    Heartbeat,
    MarginType,
    PositionMode,
    Readiness,
    Switch,
)
from undertow.domain.decision import Decision, Outcome, decision_id
from undertow.domain.fill import Fill
from undertow.domain.ids import (
    AccountId,
    LadderId,
    LiquidationId,
    StrategyId,
    Symbol,
    TradeId,
    VenueOrderId,
    client_order_id,
    digest_of,
)
from undertow.domain.instrument import Instrument
from undertow.domain.ladder import LadderPlan, PlannedLayer, StopAnchor
from undertow.domain.market import Liquidation, PositionSide, Side, Venue
from undertow.domain.order import Order, OrderIntent, OrderState, OrderType, Purpose, TimeInForce
from undertow.domain.position import LiveEntry, Position, Slot, opened_by
from undertow.ports import EntryClaim, LedgerEntry

NOW_MS = 1_795_224_600_000
ACCOUNT = AccountId("main")
OTHER = AccountId("other")
HUNTER = StrategyId("hunter")
BTC = Symbol("BTCUSDT")
BIANCE = Symbol("币安人生USDT")
LONG, SHORT = PositionSide.LONG, PositionSide.SHORT


def d(text: str) -> Decimal:
    return Decimal(text)


def order(name: str = "1", **changes: Any) -> Order:
    """Changes named after fields of the intent go there, all others to the order."""
    intent = OrderIntent(
        client_order_id=client_order_id("e", name),
        account=ACCOUNT,
        symbol=BTC,
        position_side=LONG,
        purpose=Purpose.ENTRY,
        type=OrderType.LIMIT,
        quantity=d("0.009"),
        strategy=HUNTER,
        price=d("100010"),
        time_in_force=TimeInForce.GTC,
        leverage=10,
        ttl_s=30,
        expires_at_ms=NOW_MS + 5_000,
    )
    of_intent = {name: changes.pop(name) for name in tuple(changes) if name in OrderIntent.__dataclass_fields__}
    made = Order(
        replace(intent, **of_intent), OrderState.IN_FLIGHT, created_at_ms=NOW_MS, updated_at_ms=NOW_MS, version=1
    )
    return replace(made, **changes)


PLAN = LadderPlan(
    id=LadderId("ladder-1"),
    strategy=HUNTER,
    side=LONG,
    created_at_ms=NOW_MS,
    signal_price=d("100020"),
    stop_price=d("95000.50"),
    stop_loss_pct=d("5.02"),
    take_profit_pct=d("2"),
    anchor=StopAnchor.SIGNAL,
    atr_pct=d("0.83"),
    growth=d("1.333333333"),
    wanted_growth=d("2"),
    wanted_layers=5,
    sizing_base=d("1000.25"),
    leverage=10,
    params_version="7",
    layers=(
        PlannedLayer(1, d("100010"), d("0.009"), d("46.0000000000000001")),
        PlannedLayer(2, d("99000"), d("0.012"), d("49.1")),
        PlannedLayer(3, d("97000"), d("0.016"), d("33.3")),
    ),
)
"""Three layers. The risk of the first has more places than totals keep: it counts for 46.000000000001."""


def layer_order(number: int, plan: LadderPlan = PLAN, attempt: str = "", **changes: Any) -> Order:
    """The order of one layer of ``plan``."""
    layer = plan.layer(number)
    placed = order(
        f"{plan.id}-{number}{attempt}",
        position_side=plan.side,
        price=layer.price,
        quantity=layer.quantity,
        layer=number,
        ladder=plan.id,
        risk=layer.risk,
    )
    intent = [name for name in changes if name in OrderIntent.__dataclass_fields__]
    placed = replace(placed, intent=replace(placed.intent, **{name: changes.pop(name) for name in intent}))
    return replace(placed, **changes)


def layer_claim(
    slot: Slot, number: int, plan: LadderPlan = PLAN, attempt: str = "", max_risk: str = "1000000", **terms: Any
) -> EntryClaim:
    """The claim of one layer; the first one opens the ladder."""
    placed = layer_order(number, plan, attempt, account=slot.account, symbol=slot.symbol, position_side=slot.side)
    opened = slot.with_ladder(plan) if number == 1 and slot.ladder is None else slot
    name = f"{plan.id}-{number}{attempt}"
    made = EntryClaim(
        order=placed,
        slot_before=slot,
        slot_after=opened.with_entry(entry_of(placed), NOW_MS + 60_000, NOW_MS),
        decision=decision(name, account=slot.account, symbol=slot.symbol, client_order_id=placed.client_order_id),
        max_total_notional=d("1000000"),
        max_total_margin=d("1000000"),
        max_positions=0,
        max_total_risk=d(max_risk),
    )
    return replace(made, **terms)


def decision(name: str = "1", **changes: Any) -> Decision:
    made = Decision(
        id=decision_id(HUNTER, LiquidationId(name)),
        strategy=HUNTER,
        account=ACCOUNT,
        symbol=BTC,
        liquidation=LiquidationId(name),
        outcome=Outcome.TAKEN,
        gate="",
        reason="",
        position_side=LONG,
        inputs={"usdt": "120000.50", "symbol": BIANCE},
        thresholds={},
        params_version="7",
        event_time_ms=NOW_MS - 40,
        decided_at_ms=NOW_MS,
    )
    return replace(made, **changes)


def entry_of(placed: Order) -> LiveEntry:
    intent = placed.intent
    return LiveEntry(
        intent.client_order_id,
        HUNTER,
        intent.layer,
        intent.notional,
        intent.margin,
        risk=intent.risk,
        ladder=intent.ladder,
    )


def claim(
    slot: Slot,
    name: str = "1",
    cap: str = "1000000",
    positions: int = 0,
    opposite_in_use: bool = False,
    **of_order: Any,
) -> EntryClaim:
    placed = order(name, account=slot.account, symbol=slot.symbol, position_side=slot.side, **of_order)
    return EntryClaim(
        order=placed,
        slot_before=slot,
        slot_after=slot.with_entry(entry_of(placed), NOW_MS + 60_000),
        decision=decision(name, account=slot.account, symbol=slot.symbol, client_order_id=placed.client_order_id),
        max_total_notional=d(cap),
        max_total_margin=d(cap),
        max_positions=positions,
        max_total_risk=d(cap),
        opposite_in_use=opposite_in_use,
    )


def fill(trade: int = 1, **changes: Any) -> Fill:
    made = Fill(
        account=ACCOUNT,
        symbol=BTC,
        trade_id=TradeId(trade),
        venue_order_id=VenueOrderId(9_007_199_254_740_993),
        client_order_id=client_order_id("e", "1"),
        side=Side.BUY,
        position_side=LONG,
        price=d("100010"),
        quantity=d("0.009"),
        commission=d("0.3600360"),
        commission_asset="USDT",
        realized_pnl=d("0"),
        maker=True,
        time_ms=NOW_MS + 100,
    )
    return replace(made, **changes)


def position(opened: Fill) -> Position:
    return opened_by(opened, LONG, HUNTER, leverage=10)


def opening(slot: Slot, placed: Order, trade: int = 1) -> LedgerEntry:
    """The whole of ``placed`` fills and opens a position."""
    assert placed.intent.quantity is not None
    taken = fill(trade, account=slot.account, symbol=slot.symbol, quantity=placed.intent.quantity)
    filled = replace(placed, state=OrderState.FILLED, filled_quantity=taken.quantity, version=placed.version + 1)
    after = replace(slot, position=position(taken)).booked(filled, taken).settled(filled)
    return LedgerEntry(slot, after, (filled,), taken)


def closing(slot: Slot, trade: int = 2) -> LedgerEntry:
    assert slot.position is not None
    taken = fill(
        trade,
        account=slot.account,
        symbol=slot.symbol,
        side=Side.SELL,
        client_order_id=None,
        quantity=slot.position.quantity,
        time_ms=NOW_MS + 900,
    )
    return LedgerEntry(slot, slot.position_closed(), (), taken, slot.position.reduced(taken))


def liquidation(name: str = "1", **changes: Any) -> Liquidation:
    made = Liquidation(
        id=LiquidationId(digest_of(name)),
        venue=Venue.ASTER,
        symbol=BTC,
        side=Side.SELL,
        quantity=d("1.500"),
        price=d("0.000012340"),
        event_time_ms=NOW_MS,
        trade_time_ms=NOW_MS - 3,
    )
    return replace(made, **changes)


def control(switch: Switch = Switch.RUNNING, version: int = 1, account: AccountId = ACCOUNT) -> Control:
    return Control(account, switch, NOW_MS, "anna", "", version)


def balance(time_ms: int = NOW_MS, wallet: str = "1000.25") -> Balance:
    return Balance(ACCOUNT, d(wallet), d("900"), d("-3.5"), time_ms)


def readiness(symbol: Symbol = BTC, leverage: int = 10, verified_at_ms: int = NOW_MS) -> Readiness:
    return Readiness(ACCOUNT, symbol, leverage, MarginType.CROSS, PositionMode.HEDGE, False, verified_at_ms)


def heartbeat(worker: str = "w1", **changes: Any) -> Heartbeat:
    made = Heartbeat(
        worker=worker,
        epoch=3,
        time_ms=NOW_MS,
        last_market_event_ms=NOW_MS - 5,
        last_user_event_ms=None,
        listen_key_renewed_at_ms=None,
        loop_lag_ms=1,
        frames_in=10,
        liquidations_in=2,
        quarantined=0,
        dropped=0,
        reconnects=1,
        window_covered=False,
    )
    return replace(made, **changes)


def instrument(symbol: Symbol = BTC, **changes: Any) -> Instrument:
    """With zeros at the end of figures, which a table drops, and without leverage tiers."""
    figures = {
        "tick_size": d("0.10"),
        "min_price": d("0"),
        "trigger_protect": d("0.0500"),
        "brackets": (),
        "fetched_at_ms": NOW_MS,
    }
    return usual_instrument(symbol=symbol, base_asset=symbol.removesuffix("USDT"), **{**figures, **changes})

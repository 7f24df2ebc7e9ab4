"""Positions, entries and ladders put straight into the ledger, for pages that only look at them."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from tests.services.world import ACCOUNT, World
from tests.unit.builders import BTC, LONG, NOW_MS, d, instrument, intent, order, position, readiness

from undertow.domain.ids import ClientOrderId, LadderId, PositionId, StrategyId, Symbol
from undertow.domain.ladder import LadderPlan, PlannedLayer, StopAnchor
from undertow.domain.market import PositionSide
from undertow.domain.order import OrderState, OrderType, Purpose
from undertow.domain.position import Position, Reserved, Slot
from undertow.ports import LedgerEntry, WriteOutcome

ETH = Symbol("ETHUSDT")
LADDER = StrategyId("ladder")


def store(world: World, slot: Slot) -> Slot:
    """``slot`` as the next version of what is there."""
    ledger = world.desk.repositories.ledger
    before = ledger.slot(slot.account, slot.symbol, slot.side)
    assert ledger.write(LedgerEntry(before, replace(slot, version=before.version))) is WriteOutcome.WRITTEN
    return ledger.slot(slot.account, slot.symbol, slot.side)


def hold(
    world: World,
    symbol: Symbol = BTC,
    side: PositionSide = LONG,
    *,
    quantity: str = "0.01",
    entry: str = "100000",
    stop: str | None = "99000",
    reserved: str | None = None,
    **changes: Any,
) -> Position:
    """An open position with a stop that stands, unless ``stop`` is None, and ``reserved`` risk kept for it."""
    repositories = world.desk.repositories
    held = position(
        id=PositionId(f"p-{symbol}-{side}"),
        symbol=symbol,
        side=side,
        quantity=d(quantity),
        entry_price=d(entry),
        unprotected_since_ms=NOW_MS - 7_000 if stop is None else None,
    )
    if stop is not None:
        stop_id = ClientOrderId(f"ut-s-{symbol}-{side}")
        wanted = intent(
            client_order_id=stop_id,
            symbol=symbol,
            position_side=side,
            purpose=Purpose.STOP_LOSS,
            type=OrderType.STOP_MARKET,
            quantity=None,
            price=None,
            stop_price=d(stop),
            close_position=True,
            position_id=held.id,
        )
        repositories.orders.add(order(OrderState.OPEN, wanted))
        held = replace(held, stop_order=stop_id, stop_price=d(stop))
    held = replace(held, **changes)
    kept = (
        {ClientOrderId(f"ut-e-{symbol}-{side}"): Reserved(held.notional, held.notional / 10, d(reserved))}
        if (reserved is not None)
        else {}
    )
    store(world, Slot(ACCOUNT.id, symbol, side, position=held, reserved=kept))
    if symbol != BTC:
        repositories.instruments.save([instrument(symbol=symbol)])
    repositories.readinesses.save(readiness(symbol=symbol))
    return held


def plan(**changes: Any) -> LadderPlan:
    """Three layers for a long from 100000 with the stop at 98000."""
    prices, quantities = ("100000", "99600", "99080"), ("0.001", "0.002", "0.003")
    usual = LadderPlan(
        id=LadderId("ladder-1"),
        strategy=LADDER,
        side=LONG,
        created_at_ms=NOW_MS,
        signal_price=d("100000"),
        stop_price=d("98000"),
        stop_loss_pct=d("2"),
        take_profit_pct=d("1"),
        anchor=StopAnchor.SIGNAL,
        atr_pct=d("0.8"),
        growth=d("1.5"),
        wanted_growth=d("1.8"),
        wanted_layers=5,
        sizing_base=d("10000"),
        leverage=10,
        params_version="1",
        layers=tuple(
            PlannedLayer(number, d(price), d(quantity), Decimal(2 * number))
            for number, (price, quantity) in enumerate(zip(prices, quantities, strict=True), start=1)
        ),
    )
    return replace(usual, **changes)

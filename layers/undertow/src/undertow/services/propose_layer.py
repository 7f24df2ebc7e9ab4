"""What a ladder makes of a signal: it opens, it gets its next layer, or it says why not."""

from decimal import Decimal

from undertow.domain.ids import LiquidationId
from undertow.domain.instrument import Instrument
from undertow.domain.ladder import Ladder, StopAnchor
from undertow.domain.market import LiquidationBatch, PositionSide
from undertow.domain.numbers import HUNDRED, ZERO, figure, plain
from undertow.domain.position import Position, Slot
from undertow.risk.approval import Refusal
from undertow.risk.exposure import AccountSnapshot
from undertow.risk.protection import on_the_loss_side
from undertow.services.enter import Occasion, Proposal
from undertow.strategies.ladder.entry import Cause, NextLayer, first_layer, next_layer
from undertow.strategies.ladder.params import LadderParams
from undertow.strategies.ladder.schedule import PlanRequest, plan
from undertow.strategies.ladder.trigger import usable_atr
from undertow.strategies.pricing import PriceTerms, entry_price
from undertow.strategies.signal import Signal


def propose_layer(
    occasion: Occasion,
    params: LadderParams,
    signal: Signal,
    batch: LiquidationBatch,
    instrument: Instrument,
    snapshot: AccountSnapshot,
) -> Proposal | Refusal:
    terms = PriceTerms(params.time_in_force, params.price_offset_pct)
    price = entry_price(signal.side.entry_side, batch.book, batch.mark, terms, instrument)
    if price is None or price <= 0:
        return Refusal("price", "there is neither a book nor a mark price to price the entry from")
    slot = snapshot.slot(signal.side)
    if slot.position is None and not slot.entries:
        return _open(occasion, params, signal, batch, instrument, snapshot, price)
    if slot.position is None:
        return Refusal("layer_pending", "the first layer is under way and has not filled yet")
    ladder = _own_ladder(occasion, slot, slot.position)
    if isinstance(ladder, Refusal):
        return ladder
    cause = Cause(signal.liquidation.id, True, signal.liquidation.event_time_ms, occasion.max_age_ms)
    return add_layer(ladder, slot.position, price, cause, params, instrument, occasion.now_ms)


def add_layer(
    ladder: Ladder,
    position: Position,
    price: Decimal,
    cause: Cause,
    params: LadderParams,
    instrument: Instrument,
    now_ms: int,
) -> Proposal | Refusal:
    """The next layer of an open ladder. It adds nothing to the book's risk: the ladder has reserved it already."""
    intent = next_layer(NextLayer(ladder, position, price, cause, params, instrument, now_ms))
    if isinstance(intent, Refusal):
        return intent
    stop, target = _levels(ladder, position, intent.price or price, intent.quantity or ZERO, instrument)
    return Proposal(intent, stop, target, reserve=ZERO)


def _own_ladder(occasion: Occasion, slot: Slot, position: Position) -> Ladder | Refusal:
    if position.is_external:
        return Refusal("external_position", "the position on this side was opened by somebody else")
    if position.strategy != occasion.strategy.id:
        return Refusal("other_strategy", f"the position on this side belongs to strategy {position.strategy}")
    if slot.ladder is None:
        return Refusal("no_ladder", "the position was not opened by a ladder that is still known: it gets no layers")
    return slot.ladder


def _open(
    occasion: Occasion,
    params: LadderParams,
    signal: Signal,
    batch: LiquidationBatch,
    instrument: Instrument,
    snapshot: AccountSnapshot,
    price: Decimal,
) -> Proposal | Refusal:
    away_pct = signal.side.sign * (price / signal.liquidation.price - 1) * HUNDRED
    if away_pct > params.max_total_deviation_pct:
        figures = (
            {"deviation_pct": figure(away_pct)},
            {"max_total_deviation_pct": plain(params.max_total_deviation_pct)},
        )
        return Refusal("deviation", "the price has run away from that of the liquidation", *figures)
    atr, balance = usable_atr(batch.conditions, params, occasion.now_ms), snapshot.balance
    if atr is None:
        return Refusal("atr", "there is no current average true range, and distances are never guessed")
    if balance is None:
        return Refusal("balance", "the account's balance is not known yet")
    request = PlanRequest(
        side=signal.side,
        signal_price=price,
        atr_pct=atr.pct,
        params=params,
        instrument=instrument,
        base=min(balance.equity, balance.available),
        limits=occasion.limits.risk,
        account=occasion.account.id,
        strategy=occasion.strategy.id,
        symbol=occasion.symbol,
        cause=LiquidationId(signal.liquidation.id),
        now_ms=occasion.now_ms,
        params_version=occasion.params_version,
        spread_pct=batch.book.spread / batch.book.mid * HUNDRED if batch.book is not None else ZERO,
        funding_pct=_funding_pct(batch, signal.side),
    )
    planned = plan(request)
    if isinstance(planned, Refusal):
        return planned
    cause = Cause(signal.liquidation.id, True, signal.liquidation.event_time_ms, occasion.max_age_ms)
    intent = first_layer(planned, cause, params, occasion.account.id, occasion.symbol)
    target = price * (1 + signal.side.sign * planned.take_profit_pct / HUNDRED)
    target = on_the_loss_side(target, signal.side.opposite, instrument)
    return Proposal(intent, planned.stop_price, target, reserve=planned.reserve, plan=planned)


def _funding_pct(batch: LiquidationBatch, side: PositionSide) -> Decimal:
    """What the next funding payment costs this side, in percent of the price; nothing when it is received."""
    rate = batch.mark.funding_rate if batch.mark is not None else None
    return ZERO if rate is None else max(ZERO, side.sign * rate * HUNDRED)


def _levels(
    ladder: Ladder, position: Position, price: Decimal, quantity: Decimal, instrument: Instrument
) -> tuple[Decimal, Decimal]:
    """Stop and target of the position as it would be with the layer."""
    plan, sign = ladder.plan, position.side.sign
    average = (position.notional + price * quantity) / (position.quantity + quantity)
    target = average * (1 + sign * plan.take_profit_pct / HUNDRED)
    stop = plan.stop_price
    if plan.anchor is StopAnchor.AVERAGE:
        stop = average * (1 - sign * plan.stop_loss_pct / HUNDRED)
    return (
        on_the_loss_side(stop, position.side, instrument),
        on_the_loss_side(target, position.side.opposite, instrument),
    )

"""A position from the signal to the exit: every step with its time, in one answer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from typing_extensions import TypedDict

from undertow.domain.account import Account, Mode
from undertow.domain.correction import Correction
from undertow.domain.decision import Decision
from undertow.domain.fill import Fill
from undertow.domain.ids import AccountId, PositionId
from undertow.domain.market import PositionSide
from undertow.domain.numbers import plain
from undertow.domain.order import Order, OrderState, Purpose
from undertow.domain.position import Position
from undertow.services.views.render import EpochMs, Figure, figure
from undertow.services.views.sources import Sources

MOST_ORDERS: Final = 1_000
_AROUND_MS: Final = 120_000
"""Orders are written this long before the first fill at most, or ended this long after the last; those that filled are
found by their fills, however long they stood."""
_BEFORE_ORDER_MS: Final = 30_000
"""A decision falls at most this long before its order is written: signals perish within seconds."""
_MOST_DECISIONS: Final = 200

_ENDED_UNFILLED: Final = frozenset(
    {OrderState.CANCELED, OrderState.EXPIRED, OrderState.REJECTED, OrderState.ABANDONED, OrderState.LOST}
)


class UnknownPosition(Exception):
    """No account has, or had, a position of that id."""


StepKind = Literal["signal", "decision", "order", "answer", "order_end", "fill", "protected", "correction", "closed"]


class Step(TypedDict):
    """``kind`` is signal, decision, order, answer, order_end, fill, protected, correction or closed.

    ``client_order_id`` ties steps to their order; figures that a kind does not have are null.
    """

    at_ms: EpochMs
    kind: StepKind
    title: str
    purpose: Purpose | None
    client_order_id: str | None
    decision_id: str | None
    side: str | None
    price: Figure | None
    quantity: Figure | None
    amount: Figure | None
    state: OrderState | None
    note: str


class Timeline(TypedDict):
    """``truncated`` where the account had more orders in that time than are read: some steps are missing then."""

    time_ms: EpochMs
    position_id: str
    account: str
    mode: Mode
    symbol: str
    side: PositionSide
    strategy: str | None
    open: bool
    opened_at_ms: EpochMs
    closed_at_ms: EpochMs | None
    steps: list[Step]
    truncated: bool


@dataclass(frozen=True, slots=True)
class _Story:
    position: Position
    orders: Sequence[Order]
    fills: Sequence[Fill]
    decisions: Sequence[Decision]
    corrections: Sequence[Correction]
    truncated: bool


def timeline(sources: Sources, wanted: PositionId, only: AccountId | None) -> Timeline:
    """Raises UnknownPosition and UnknownAccount."""
    for account in sources.accounts(only):
        position = _find(sources, account, wanted)
        if position is not None:
            return _told(sources, account, _read(sources, account, position))
    raise UnknownPosition(wanted)


def _find(sources: Sources, account: Account, wanted: PositionId) -> Position | None:
    for slot in sources.kept.ledger.slots_in_use(account.id):
        if slot.position is not None and slot.position.id == wanted:
            return slot.position
    return sources.kept.ledger.closed_position(account.id, wanted)


def _read(sources: Sources, account: Account, position: Position) -> _Story:
    kept, now_ms = sources.kept, sources.clock.now_ms()
    until_ms = now_ms if position.closed_at_ms is None else position.closed_at_ms
    booked = kept.fills.of_symbol(account.id, position.symbol, position.opened_at_ms, until_ms)
    fills = [fill for fill in booked if fill.position_side in (None, position.side)]
    read = kept.orders.recent(account.id, position.opened_at_ms - _AROUND_MS, until_ms + _AROUND_MS, MOST_ORDERS)
    orders = {order.client_order_id: order for order in read if _belongs(order, position)}
    for fill in fills:
        if fill.client_order_id is not None and fill.client_order_id not in orders:
            order = kept.orders.get(account.id, fill.client_order_id)
            if order is not None:
                orders[order.client_order_id] = order
    return _Story(
        position,
        list(orders.values()),
        fills,
        [found for order in orders.values() for found in _decisions(sources, account, order)],
        [
            one
            for one in kept.ledger.corrections(account.id, position.opened_at_ms, until_ms, MOST_ORDERS)
            if one.position == position.id
        ],
        len(read) >= MOST_ORDERS,
    )


def _belongs(order: Order, position: Position) -> bool:
    """Entries name no position, since there was none yet: they belong where they were written while it was open."""
    intent = order.intent
    if (intent.symbol, intent.position_side) != (position.symbol, position.side):
        return False
    if intent.position_id is not None or intent.purpose is not Purpose.ENTRY:
        return intent.position_id == position.id
    ended_ms = position.closed_at_ms if position.closed_at_ms is not None else order.created_at_ms
    return position.opened_at_ms <= order.created_at_ms <= ended_ms


def _decisions(sources: Sources, account: Account, order: Order) -> Iterator[Decision]:
    if order.intent.purpose is Purpose.ENTRY:
        made_ms = order.created_at_ms
        recent = sources.kept.decisions.recent(
            account.id, made_ms - _BEFORE_ORDER_MS, made_ms + _BEFORE_ORDER_MS, _MOST_DECISIONS
        )
        yield from (one for one in recent if one.client_order_id == order.client_order_id)


def _told(sources: Sources, account: Account, story: _Story) -> Timeline:
    position = story.position
    steps = [
        *(step for one in story.decisions for step in _of_decision(one)),
        *(step for one in story.orders for step in _of_order(one)),
        *(_of_fill(one, story.orders) for one in story.fills),
        *(_of_correction(one) for one in story.corrections),
        *_of_position(position),
    ]
    steps.sort(key=lambda step: (step["at_ms"], _rank(step)))
    return {
        "time_ms": sources.clock.now_ms(),
        "position_id": position.id,
        "account": position.account,
        "mode": account.mode,
        "symbol": position.symbol,
        "side": position.side,
        "strategy": position.strategy,
        "open": position.closed_at_ms is None,
        "opened_at_ms": position.opened_at_ms,
        "closed_at_ms": position.closed_at_ms,
        "steps": steps,
        "truncated": story.truncated,
    }


_ORDER: Final = (
    *("signal", "decision", "order entry", "answer entry", "fill entry", "order stop_loss", "order take_profit"),
    *("answer stop_loss", "answer take_profit", "protected", "order exit", "answer", "fill", "correction"),
    *("order_end", "closed"),
)
"""Of what happened in the same millisecond: causes before effects."""


def _rank(step: Step) -> int:
    with_purpose = f"{step['kind']} {step['purpose']}"
    return _ORDER.index(with_purpose if with_purpose in _ORDER else step["kind"])


def _step(at_ms: int, kind: StepKind, title: str, note: str = "") -> Step:
    return {
        "at_ms": at_ms,
        "kind": kind,
        "title": title,
        "purpose": None,
        "client_order_id": None,
        "decision_id": None,
        "side": None,
        "price": None,
        "quantity": None,
        "amount": None,
        "state": None,
        "note": note,
    }


def _of_decision(one: Decision) -> Iterator[Step]:
    by_price = one.inputs.get("trigger") == "price"
    signal = _step(
        one.event_time_ms, "signal", "The price reached a layer's level" if by_price else "A liquidation came"
    )
    signal["decision_id"] = one.id
    signal["amount"] = one.inputs.get("liquidation_notional")
    yield signal
    decided = _step(one.decided_at_ms, "decision", "Decided to enter", f"parameters {one.params_version}")
    decided["decision_id"], decided["client_order_id"] = one.id, one.client_order_id
    decided["side"] = None if one.position_side is None else one.position_side.value
    yield decided


_WORDS: Final = {
    Purpose.ENTRY: "Entry order",
    Purpose.STOP_LOSS: "Stop",
    Purpose.TAKE_PROFIT: "Target",
    Purpose.EXIT: "Exit order",
}


def _of_order(order: Order) -> Iterator[Step]:
    intent = order.intent
    sent = _step(order.created_at_ms, "order", f"{_WORDS[intent.purpose]} sent", _layer_note(order))
    sent["side"] = intent.side.value
    sent["price"] = figure(intent.stop_price if intent.purpose.is_protective else intent.price)
    sent["quantity"] = figure(intent.quantity)
    yield _tied(sent, order)
    if order.answered_at_ms is not None:
        took = f"{max(0, order.answered_at_ms - order.created_at_ms)} ms after it was sent"
        yield _tied(_step(order.answered_at_ms, "answer", f"{_WORDS[intent.purpose]}: the venue answered", took), order)
    if order.state in _ENDED_UNFILLED:
        ended = _step(order.updated_at_ms, "order_end", f"{_WORDS[intent.purpose]} {order.state.value}", order.reason)
        yield _tied(ended, order)


def _tied(step: Step, order: Order) -> Step:
    step["purpose"], step["state"] = order.intent.purpose, order.state
    step["client_order_id"] = order.client_order_id
    return step


def _layer_note(order: Order) -> str:
    return f"layer {order.intent.layer}" if order.intent.ladder is not None else ""


def _of_fill(fill: Fill, orders: Sequence[Order]) -> Step:
    order = next((one for one in orders if one.client_order_id == fill.client_order_id), None)
    words = _WORDS[order.intent.purpose] if order is not None else "An order"
    step = _step(fill.time_ms, "fill", f"{words} filled", "maker" if fill.maker else "taker")
    step["purpose"] = None if order is None else order.intent.purpose
    step["client_order_id"] = fill.client_order_id
    step["side"], step["price"], step["quantity"] = fill.side.value, plain(fill.price), plain(fill.quantity)
    step["amount"] = plain(fill.realized_pnl)
    return step


def _of_correction(one: Correction) -> Step:
    note = f"{one.reason.value}: from {plain(one.before)} to {plain(one.after)}"
    step = _step(one.time_ms, "correction", "Quantity corrected", note)
    step["quantity"] = plain(one.change)
    return step


def _of_position(position: Position) -> Iterator[Step]:
    if position.protected_at_ms is not None:
        took_ms = position.protected_at_ms - position.opened_at_ms
        note = f"{took_ms} ms after the first fill" if took_ms >= 0 else ""
        protected = _step(position.protected_at_ms, "protected", "Stop confirmed by the venue", note)
        protected["price"] = figure(position.stop_price)
        yield protected
    if position.closed_at_ms is not None:
        closed = _step(position.closed_at_ms, "closed", "Position closed")
        closed["amount"] = plain(position.realized_pnl - position.commission)
        yield closed

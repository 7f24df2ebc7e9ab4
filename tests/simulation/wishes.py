"""What people asked for is done once or not at all, as it was asked, and nothing makes a position riskier unasked.

asked      an audit row is there before the request is; its wish never changes
begun      once, within a minute, with figures that stay; nothing of it is sent before, nor minutes after it was asked
done       with evidence: its exits are at the venue, the stop is where it was wanted, the layers are frozen
refused    with a reason, and nothing of it has happened
stops      are loosened by a confirmed request that is under way, and by nothing else
layers     of a frozen ladder are not claimed, and it is let go by a younger, confirmed request only
at rest    every request has ended, and no layer of a frozen ladder waits at the venue
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from tests.simulation.journal import Written
from tests.simulation.universe import Universe
from tests.simulation.violation import Violation

from undertow.adapters.paper.events import Status
from undertow.domain.ids import AccountId, ClientOrderId, PositionId, Symbol, client_order_id
from undertow.domain.ladder import Ladder
from undertow.domain.market import PositionSide
from undertow.domain.numbers import ZERO
from undertow.domain.order import Order, OrderState, Purpose
from undertow.domain.position import Position, Slot
from undertow.domain.request import LONGEST_WAIT_MS, OperatorRequest, RequestId, RequestKind, RequestState
from undertow.ports import AuditRow
from undertow.risk.protection import tighter
from undertow.services.close_position import MAX_PIECES

CLOCKS_APART_MS: Final = 6_000
"""Two functions whose clocks are wrong in both directions."""
LATEST_MS: Final = LONGEST_WAIT_MS + 60_000
"""A function that saw the request in time may be held up on its way to the venue for as long as it lives."""
_FIGURES: Final = ("begun_at_ms", "quantity", "stop_price", "stop_before")
OrderKey = tuple[AccountId, ClientOrderId]
SlotKey = tuple[AccountId, Symbol, PositionSide]


@dataclass(slots=True)
class Wishes:
    universe: Universe
    _audited: set[str] = field(default_factory=set)
    _known: dict[RequestId, OperatorRequest] = field(default_factory=dict)
    _slots: dict[SlotKey, Slot] = field(default_factory=dict)
    """As of the write that is looked at: the store may be ahead of it."""
    _sent_for: dict[OrderKey, OperatorRequest] = field(default_factory=dict)
    """The ids of the exits that a request may send, by the request as it was asked."""
    _sent: defaultdict[RequestId, dict[ClientOrderId, Decimal]] = field(default_factory=lambda: defaultdict(dict))
    _of_position: defaultdict[PositionId, list[RequestId]] = field(default_factory=lambda: defaultdict(list))
    """In the order in which they were asked."""
    _frozen_by: dict[PositionId, RequestId] = field(default_factory=dict)
    _loosened: defaultdict[PositionId, int] = field(default_factory=lambda: defaultdict(int))
    _loosened_before: dict[RequestId, int] = field(default_factory=dict)

    # --- what is written --------------------------------------------------------------------------------------------

    def note(self, written: Written) -> list[Violation]:
        match written.table:
            case "audit":
                self._audit(written.after)
            case "requests":
                self._known[written.key] = written.after
                look = self._asked(written.after) if written.before is None else None
                return list(look or self._moved_on(written.before, written.after))
            case "orders" if written.after.intent.purpose is Purpose.EXIT and _goes_out(written):
                late = self._late(written.after)
                return [*late, *self._sends(written.after)] if written.before is None else list(late)
            case "slots":
                self._slots[written.key] = written.after
                return list(self._slot(written.before, written.after)) if written.before is not None else []
        return []

    def _audit(self, row: AuditRow) -> None:
        if row.action.startswith("request:"):
            self._audited.add(json.loads(row.after)["request"])

    def _asked(self, request: OperatorRequest) -> Iterator[Violation]:
        if request.id not in self._audited:
            yield _broken(request, "was taken down without an audit row")
        if request.state is not RequestState.ASKED or request.begun_at_ms is not None:
            yield _broken(request, "was not new when it was taken down")
        self._of_position[request.position].append(request.id)
        if request.kind is RequestKind.CLOSE:
            for piece in range(MAX_PIECES):
                parts = (request.account, request.position, "asked", request.id, piece)
                self._sent_for[request.account, client_order_id(Purpose.EXIT.letter, *parts)] = request

    def _moved_on(self, before: OperatorRequest, after: OperatorRequest) -> Iterator[Violation]:
        if before.state.is_final:
            yield _broken(after, f"had ended {before.state} and was written again as {after.state}")
        if not before.asks_the_same_as(after) or before.asked_at_ms != after.asked_at_ms:
            yield _broken(after, "is not the wish that was asked")
        if before.begun_at_ms is not None:
            changed = [name for name in _FIGURES if getattr(before, name) != getattr(after, name)]
            if changed:
                yield _broken(after, f"was begun, and then {', '.join(changed)} changed")
        elif after.begun_at_ms is not None:
            yield from self._begun(after)
        if after.state.is_final:
            yield from self._ended(after)

    def _begun(self, request: OperatorRequest) -> Iterator[Violation]:
        self._loosened_before[request.id] = self._loosened[request.position]
        waited_ms = (request.begun_at_ms or 0) - request.asked_at_ms
        if waited_ms > LONGEST_WAIT_MS + CLOCKS_APART_MS:
            yield _broken(request, f"was begun {waited_ms} ms after it was asked")
        position = self._slot_of(request).position
        held = position.quantity if position is not None and position.id == request.position else None
        if request.kind is RequestKind.CLOSE and (request.quantity is None or request.quantity <= 0):
            yield _broken(request, f"was begun for {request.quantity}")
        if request.kind is RequestKind.CLOSE and held is not None and request.percent != 100:
            most = held * (request.percent or ZERO) / 100
            if (request.quantity or ZERO) > most and not self._changed_of_late(request):
                yield _broken(request, f"takes {request.quantity} off {held}, asked for were {request.percent} %")

    def _changed_of_late(self, request: OperatorRequest) -> bool:
        """Between the look at the position and the write a fill may have come."""
        position = self._slot_of(request).position
        fills = self.universe.store.fills[request.account].values()
        return position is None or any(
            fill.symbol == request.symbol and fill.time_ms >= (request.begun_at_ms or 0) - 60_000 for fill in fills
        )

    # --- what is sent -----------------------------------------------------------------------------------------------

    def _late(self, order: Order) -> Iterator[Violation]:
        asked = self._sent_for.get((order.intent.account, order.client_order_id))
        waited_ms = 0 if asked is None else self.universe.now_ms - asked.asked_at_ms
        if asked is not None and waited_ms > LATEST_MS:
            yield _broken(asked, f"sends {order.client_order_id} {waited_ms} ms after it was asked")

    def _sends(self, order: Order) -> Iterator[Violation]:
        asked = self._sent_for.get((order.intent.account, order.client_order_id))
        if asked is None:
            return
        request = self._known[asked.id]
        if request.begun_at_ms is None or request.quantity is None:
            yield _broken(request, f"sends {order.client_order_id} before it is begun")
            return
        if request.state.is_final:
            yield _broken(request, f"sends {order.client_order_id} after it ended {request.state}")
        if order.intent.position_id != request.position:
            yield _broken(request, f"closes position {order.intent.position_id}, asked for was {request.position}")
        sent = self._sent[request.id]
        sent[order.client_order_id] = order.intent.quantity or ZERO
        if sum(sent.values()) > request.quantity:
            yield _broken(request, f"sends exits for {sum(sent.values())}, it was begun for {request.quantity}")

    # --- how it ends ------------------------------------------------------------------------------------------------

    def _ended(self, request: OperatorRequest) -> Iterator[Violation]:
        if not request.reason:
            yield _broken(request, f"ended {request.state} and does not say why")
        unknown = [name for name in request.orders if (request.account, name) not in self._sent_for]
        if unknown:
            yield _broken(request, f"names orders that are not its own: {', '.join(unknown)}")
        if request.state is RequestState.REFUSED:
            yield from self._refused(request)
        elif request.begun_at_ms is None:
            yield _broken(request, "is done and was never begun")
        else:
            yield from self._done(request)

    def _refused(self, request: OperatorRequest) -> Iterator[Violation]:
        """What nobody knows of may yet arrive; the person is told so."""
        for name in self._sent[request.id]:
            known = self.universe.store.orders[request.account][name]
            filled = self._filled(request.account, name)
            if filled > 0 and known.state is not OrderState.LOST:
                yield _broken(request, f"was refused ({request.reason}), and {name} took {filled} off")

    def _done(self, request: OperatorRequest) -> Iterator[Violation]:
        slot = self._slot_of(request)
        position = slot.position
        if position is None or position.id != request.position:
            return
        match request.kind:
            case RequestKind.CLOSE:
                if not any(self._arrived(request.account, name) for name in request.orders):
                    yield _broken(request, f"is done ({request.reason}), and none of its exits is at the venue")
            case RequestKind.STOP | RequestKind.BREAK_EVEN:
                yield from self._stop_is_there(request, position)
            case RequestKind.FREEZE_LAYERS:
                if slot.ladder is not None and not _is_frozen(slot.ladder) and not self._younger(request):
                    yield _broken(request, "is done, and layers may be added")

    def _stop_is_there(self, request: OperatorRequest, position: Position) -> Iterator[Violation]:
        """Unless somebody loosened it meanwhile, which takes a request of its own."""
        wanted, stop = request.stop_price, position.trailed_stop
        if wanted is None or self._loosened[position.id] != self._loosened_before[request.id]:
            return
        if stop is None or tighter(position.side, stop, wanted) != stop:
            yield _broken(request, f"is done ({request.reason}), and the stop belongs at {stop} instead of {wanted}")

    def _younger(self, request: OperatorRequest) -> bool:
        asked = self._of_position[request.position]
        younger = asked[asked.index(request.id) + 1 :]
        return any(self._known[other].kind is RequestKind.UNFREEZE_LAYERS for other in younger)

    # --- what becomes of the position -------------------------------------------------------------------------------

    def _slot(self, before: Slot, after: Slot) -> Iterator[Violation]:
        was, now = before.position, after.position
        if was is not None and now is not None and was.id == now.id:
            if was.trailed_stop is not None and was.trailed_stop != now.trailed_stop:
                yield from self._stop_moved(was, now)
            yield from self._layers(was, before, after)

    def _stop_moved(self, was: Position, now: Position) -> Iterator[Violation]:
        before, after = was.trailed_stop, now.trailed_stop
        if before is not None and after is not None and tighter(now.side, before, after) == after:
            return
        self._loosened[now.id] += 1
        asked = [one for one in self._under_way(now) if one.kind is RequestKind.STOP and one.stop_price == after]
        if not any(one.confirmed for one in asked):
            told = "and the request was not confirmed" if asked else "and nobody asked for that"
            yield Violation("request", f"the stop of {now.symbol} {now.side} went from {before} to {after}, {told}")

    def _layers(self, position: Position, before: Slot, after: Slot) -> Iterator[Violation]:
        was, now = before.ladder, after.ladder
        if was is None or now is None or was.plan.id != now.plan.id:
            return
        if was.held_at_ms is None and now.held_at_ms is not None:
            frozen = [one.id for one in self._under_way(position) if one.kind is RequestKind.FREEZE_LAYERS]
            if not frozen:
                yield Violation("request", f"the layers of {after.symbol} {after.side} froze and nobody asked for it")
            else:
                self._frozen_by[position.id] = frozen[-1]
        elif was.held_at_ms is not None and now.held_at_ms is None:
            yield from self._let_go(position, after)
        if _is_frozen(was):
            known = {entry.client_order_id for entry in before.entries}
            for entry in after.entries:
                if entry.ladder == was.plan.id and entry.client_order_id not in known:
                    yield Violation("request", f"{entry.client_order_id} adds a layer to a frozen ladder")

    def _let_go(self, position: Position, slot: Slot) -> Iterator[Violation]:
        asked = self._of_position[position.id]
        letting = [one for one in self._under_way(position) if one.kind is RequestKind.UNFREEZE_LAYERS]
        where = f"the layers of {slot.symbol} {slot.side}"
        adds = slot.ladder is not None and any(one.number not in slot.ladder.filled for one in slot.ladder.plan.layers)
        if not letting or (adds and not any(one.confirmed for one in letting)):
            yield Violation("request", f"{where} were let go on, and nobody confirmed that")
            return
        frozen_by = self._frozen_by.get(position.id)
        if frozen_by is not None and all(asked.index(one.id) < asked.index(frozen_by) for one in letting):
            yield Violation("request", f"{where} were let go on by a wish that is older than the freeze {frozen_by}")

    def _under_way(self, position: Position) -> list[OperatorRequest]:
        found = [self._known[request] for request in self._of_position[position.id]]
        return [one for one in found if one.begun_at_ms is not None and not one.state.is_final]

    # --- at rest ----------------------------------------------------------------------------------------------------

    def at_rest(self) -> Iterator[Violation]:
        for account in self.universe.accounts:
            for request in self.universe.store.requests[account.id].values():
                if not request.state.is_final:
                    yield _broken(request, "has not ended")
            for slot in self.universe.kept.ledger.slots_in_use(account.id):
                if slot.ladder is None or slot.ladder.held_at_ms is None:
                    continue
                for entry in slot.entries:
                    if entry.ladder == slot.ladder.plan.id and self._stands(account.id, entry.client_order_id):
                        yield Violation("request", f"{entry.client_order_id} waits, and its ladder is frozen")

    # --- what is true -----------------------------------------------------------------------------------------------

    def _slot_of(self, request: OperatorRequest) -> Slot:
        key = (request.account, request.symbol, request.side)
        return self._slots.get(key) or self.universe.store.slot(*key)

    def _arrived(self, account: AccountId, name: ClientOrderId) -> bool:
        found = self.universe.house.exchange.floor.orders.by_client_id(account, name)
        return any(one.status is not Status.REJECTED for one in found)

    def _filled(self, account: AccountId, name: ClientOrderId) -> Decimal:
        found = self.universe.house.exchange.floor.orders.by_client_id(account, name)
        return sum((one.filled for one in found), ZERO)

    def _stands(self, account: AccountId, name: ClientOrderId) -> bool:
        found = self.universe.house.exchange.floor.orders.by_client_id(account, name)
        return any(one.status.is_open for one in found)


def _is_frozen(ladder: Ladder) -> bool:
    """Said here once more: the property of the product's may be what is broken."""
    return ladder.held_at_ms is not None or ladder.frozen_at_ms is not None


def _goes_out(written: Written) -> bool:
    """The order's row says that it is being sent: for the first time, or again after it never was."""
    before, after = written.before, written.after
    return before is None or (before.was_never_sent and after.state is OrderState.IN_FLIGHT)


def _broken(request: OperatorRequest, what: str) -> Violation:
    return Violation("request", f"{request.kind} {request.id} of {request.account} {what}")

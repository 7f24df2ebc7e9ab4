"""What a request comes to by the position as it stands: read when a person asks, and again when it is begun."""

from dataclasses import dataclass, replace
from decimal import Decimal

from undertow.domain.account import Account
from undertow.domain.instrument import Instrument
from undertow.domain.numbers import HUNDRED, ZERO, plain
from undertow.domain.position import Position, Slot
from undertow.domain.request import OperatorRequest, RequestKind
from undertow.ports import Instruments, ParamsSource
from undertow.risk.approval import Refusal
from undertow.risk.moved_stop import MovedStop, StopQuestion, moved_to, moved_to_break_even
from undertow.services.protect import protection_of


@dataclass(frozen=True, slots=True)
class Meant:
    """``quantity`` (base units) is what a close takes off, ``stop`` where a stop goes.

    ``more_notional`` is what layers may add again when they are let go on, quote units.
    """

    quantity: Decimal | None = None
    stop: MovedStop | None = None
    more_notional: Decimal = ZERO

    @property
    def grows_by(self) -> Decimal:
        """What may be lost or held more than now, quote units: such a request needs a confirmation."""
        if self.stop is not None and self.stop.loosens:
            return self.stop.added_loss
        return self.more_notional


@dataclass(frozen=True, slots=True)
class ReadRequest:
    instruments: Instruments
    params: ParamsSource

    def __call__(self, account: Account, request: OperatorRequest, slot: Slot, mark: Decimal | None) -> Meant | Refusal:
        """``mark`` is needed for stops only. The slot holds the position that the request is about."""
        position = slot.position
        instrument = self.instruments.get(account.venue, request.symbol)
        if position is None or position.id != request.position:
            return Refusal("position_gone", "the position that was meant is closed")
        if instrument is None:
            return Refusal("no_instrument", "the symbol's trading rules are not known")
        if request.kind is RequestKind.CLOSE:
            return _part(request, position, instrument)
        if request.kind.moves_the_stop:
            return self._stop(request, slot, position, instrument, mark)
        return _layers(request, slot)

    def _stop(
        self, request: OperatorRequest, slot: Slot, position: Position, instrument: Instrument, mark: Decimal | None
    ) -> Meant | Refusal:
        params = self.params.current()
        protection = protection_of(position, params)
        if protection is None:
            return Refusal("watched_only", "what others opened is only watched: the globals give it no stop")
        if mark is None:
            return Refusal("no_mark", "the mark price is not known, so a stop cannot be judged by it")
        question = StopQuestion(position, slot.ladder, protection, instrument, mark)
        if request.kind is RequestKind.BREAK_EVEN:
            moved = moved_to_break_even(question, params.globals.limits[position.account].risk)
        elif request.stop_price is None:
            return Refusal("no_price", "the request names no stop price")
        else:
            moved = moved_to(request.stop_price, question)
        return moved if isinstance(moved, Refusal) else Meant(stop=moved)


def _part(request: OperatorRequest, position: Position, instrument: Instrument) -> Meant | Refusal:
    """The whole is closed as it is, dust included; a part is rounded down to what the venue trades."""
    if request.percent is None or not 0 < request.percent <= HUNDRED:
        return Refusal("no_percent", "the request names no part of the position")
    if request.percent == HUNDRED:
        return Meant(quantity=position.quantity)
    wanted = position.quantity * request.percent / HUNDRED
    # Above the venue's largest order it is sent in pieces: only the grid counts here.
    quantity = replace(instrument, market_max_quantity=ZERO).market_quantity_below(wanted)
    if quantity <= 0:
        return Refusal(
            "too_small",
            f"{plain(request.percent)} % is less than the smallest order of {plain(instrument.market_min_quantity)}",
        )
    return Meant(quantity=quantity)


def _layers(request: OperatorRequest, slot: Slot) -> Meant | Refusal:
    ladder = slot.ladder
    if ladder is None:
        return Refusal("no_ladder", "the position has no ladder: nothing adds layers to it")
    if ladder.frozen_at_ms is not None:
        return Refusal("nothing_to_change", "the ladder gets no more layers in any case: they were given up")
    if request.kind is RequestKind.FREEZE_LAYERS:
        held = ladder.held_at_ms is not None
        return Refusal("nothing_to_change", "the layers are frozen already") if held else Meant()
    if ladder.held_at_ms is None:
        return Refusal("nothing_to_change", "the layers are not frozen")
    # Those that still wait at the venue are being taken back, and are free to be added again by then.
    unfilled = [layer for layer in ladder.plan.layers if layer.number not in ladder.filled]
    return Meant(more_notional=sum((layer.notional for layer in unfilled), ZERO))

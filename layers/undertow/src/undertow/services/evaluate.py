"""Decide on liquidations: one message in, one why record for each strategy and event out, orders where one is due."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from undertow.domain.decision import Decision, Outcome, decision_id
from undertow.domain.instrument import Instrument
from undertow.domain.market import LiquidationBatch, MeasuredLiquidation
from undertow.domain.numbers import plain
from undertow.domain.order import OrderIntent, OrderState, Purpose
from undertow.domain.position import Position
from undertow.ports import Clock, Decisions, Instruments, Meter, Orders, Parameters, ParamsSource
from undertow.risk.approval import Refusal
from undertow.risk.exposure import AccountSnapshot
from undertow.risk.limits import HARD_MAX_PARAMS_AGE_MS, HARD_MAX_SIGNAL_AGE_MS
from undertow.services.close_position import ClosePosition
from undertow.services.enter import Enter, Occasion, Proposal, Trigger, decision_on, with_tiers
from undertow.services.propose import detect, propose
from undertow.strategies.signal import OppositePolicy, Signal

logger = logging.getLogger(__name__)

NO_RULES: Final = Refusal("instrument", "the symbol's trading rules are not known")


@dataclass(frozen=True, slots=True)
class _Look:
    """One strategy looking at one liquidation."""

    occasion: Occasion
    batch: LiquidationBatch
    measured: MeasuredLiquidation


@dataclass(frozen=True, slots=True)
class Evaluate:
    params: ParamsSource
    orders: Orders
    decisions: Decisions
    instruments: Instruments
    enter: Enter
    close: ClosePosition
    clock: Clock
    meter: Meter

    def __call__(self, batch: LiquidationBatch, redelivered: bool = False) -> tuple[Decision, ...]:
        """Decide on every liquidation of ``batch`` for every strategy that watches its symbol.

        ``redelivered`` says that the message was delivered before: an order that it had claimed then is asked about
        at the venue, never sent again.
        """
        made = []
        for look in self._looks(batch):
            if redelivered and self._was_claimed(look):
                continue
            made.append(self._decide(look))
        self.decisions.record(decision for decision in made if decision.outcome is not Outcome.TAKEN)
        for decision in made:
            self.meter.count(f"decisions_{decision.outcome.value}")
        return tuple(made)

    def _looks(self, batch: LiquidationBatch) -> Iterator[_Look]:
        params: Parameters = self.params.current()
        for strategy in params.strategies.values():
            account = params.globals.accounts.get(strategy.account)
            settings = strategy.symbols.get(batch.symbol)
            if account is None or account.venue is not batch.venue or settings is None:
                continue
            if not strategy.enabled:
                settings = replace(settings, enabled=False)
            for measured in batch.liquidations:
                liquidation, now_ms = measured.liquidation, self.clock.now_ms()
                occasion = Occasion(
                    strategy=strategy,
                    params=settings,
                    account=account,
                    limits=params.globals.limits[strategy.account],
                    symbol=batch.symbol,
                    cause=liquidation.id,
                    event_time_ms=liquidation.event_time_ms,
                    received_at_ms=measured.received_at_ms,
                    book=batch.book,
                    mark=batch.mark,
                    params_version=f"{params.globals.version}/{strategy.version}",
                    params_age_ms=params.age_ms(now_ms),
                    now_ms=now_ms,
                    inputs={
                        "liquidated_side": liquidation.side.value,
                        "liquidation_notional": plain(liquidation.notional),
                    },
                )
                yield _Look(occasion, batch, measured)

    def _was_claimed(self, look: _Look) -> bool:
        """Whether an earlier delivery of this message claimed an order for this signal; if so, ask about it."""
        occasion = look.occasion
        late = replace(occasion, limits=replace(occasion.limits, max_signal_age_ms=HARD_MAX_SIGNAL_AGE_MS))
        if isinstance(detect(late, look.batch, look.measured, longest_age_ms=HARD_MAX_SIGNAL_AGE_MS * 1_000), Refusal):
            return False
        account = occasion.account
        decision = self.decisions.get(account.id, decision_id(occasion.strategy.id, occasion.cause))
        if decision is None or decision.client_order_id is None:
            return False
        order = self.orders.get(account.id, decision.client_order_id)
        if order is None:
            return False
        logger.info(
            "redelivered_entry",
            extra={"client_order_id": order.client_order_id, "order_state": order.state.value},
        )
        if order.state is OrderState.IN_FLIGHT and order.intent.purpose is Purpose.ENTRY:
            self.enter.find(account, order)
        return True

    def _decide(self, look: _Look) -> Decision:
        occasion = look.occasion
        signal = detect(occasion, look.batch, look.measured)
        if isinstance(signal, Refusal):
            return decision_on(occasion, None, signal)
        self.meter.count("signals")
        trigger = Trigger(signal.side, signal.inputs, signal.thresholds)
        if occasion.params_age_ms > HARD_MAX_PARAMS_AGE_MS:
            refusal = Refusal(
                "parameters_age",
                "the parameters could not be read for too long",
                {"parameters_age_ms": str(occasion.params_age_ms)},
                {"max_parameters_age_ms": str(HARD_MAX_PARAMS_AGE_MS)},
            )
            return decision_on(occasion, trigger, refusal)
        instrument = self.instruments.get(look.batch.venue, look.batch.symbol)
        if instrument is None:
            return decision_on(occasion, trigger, NO_RULES)
        snapshot = self.enter.ready_snapshot(occasion)
        if isinstance(snapshot, Refusal):
            return decision_on(occasion, trigger, snapshot)
        return self._act(look, signal, trigger, with_tiers(instrument, occasion.account), snapshot)

    def _act(
        self, look: _Look, signal: Signal, trigger: Trigger, instrument: Instrument, snapshot: AccountSnapshot
    ) -> Decision:
        occasion = look.occasion
        slot = snapshot.slot(signal.side)
        cooldown_ms = slot.cooldown_left_ms(occasion.strategy.id, occasion.now_ms)
        # The cooldown is between openings; a ladder's layers have a delay of their own.
        if cooldown_ms > 0 and (slot.ladder is None or slot.position is None):
            refusal = Refusal(
                "cooldown",
                "the strategy entered this side a moment ago",
                {"left_ms": str(cooldown_ms)},
                {"cooldown_s": str(occasion.params.cooldown_s)},
            )
            return decision_on(occasion, trigger, refusal)
        proposal = propose(occasion, signal, look.batch, instrument, snapshot)
        if isinstance(proposal, Refusal):
            return decision_on(occasion, trigger, proposal)
        opposite = snapshot.slot(signal.side.opposite).position
        if opposite is not None and opposite.strategy == occasion.strategy.id:
            if occasion.params.opposite is OppositePolicy.IGNORE:
                refusal = Refusal("opposite_position", "the strategy holds the other side and ignores such signals")
                return decision_on(occasion, trigger, refusal, proposal.intent)
            if occasion.params.opposite is OppositePolicy.REDUCE:
                return self._reduce(occasion, trigger, proposal, opposite, snapshot)
        return self.enter(occasion, trigger, proposal, instrument, snapshot)

    def _reduce(
        self, occasion: Occasion, trigger: Trigger, proposal: Proposal, held: Position, snapshot: AccountSnapshot
    ) -> Decision:
        """Take off the held side what the signal would have opened on the other. An exit is not held back by a pause,
        yet a paused account starts nothing by itself either.

        The decision is on record before the order is sent: delivered again, the same signal finds it, and neither
        takes off more nor opens the other side once the held one is closed.
        """
        known = self.decisions.get(occasion.account.id, decision_id(occasion.strategy.id, occasion.cause))
        if known is not None and self._has_its_order(known):
            return known
        if not snapshot.control.admits_entries:
            refusal = Refusal("paused", f"trading is {snapshot.control.switch.replace('_', ' ')}")
            return decision_on(occasion, trigger, refusal, proposal.intent)
        wanted = min(proposal.intent.quantity or held.quantity, held.quantity)
        if occasion.params.simulate:
            return decision_on(occasion, trigger, None, proposal.intent, Outcome.SIMULATED)

        def taken(intent: OrderIntent) -> Decision:
            return decision_on(occasion, trigger, None, intent, Outcome.TAKEN)

        order = self.close.reduce(
            occasion.account,
            held,
            wanted,
            occasion.cause,
            "a signal against the position",
            before=lambda intent: self.decisions.record([taken(intent)]),
        )
        if order is None:
            return decision_on(occasion, trigger, Refusal("reduce", "the held side could not be reduced"))
        return taken(order.intent)

    def _has_its_order(self, decision: Decision) -> bool:
        order_id = decision.client_order_id
        return order_id is not None and self.orders.get(decision.account, order_id) is not None

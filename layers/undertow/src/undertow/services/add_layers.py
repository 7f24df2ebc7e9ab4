"""Add the layer of a ladder whose level the price has reached, without waiting for another liquidation."""

from dataclasses import dataclass, replace

from undertow.domain.account import Account
from undertow.domain.decision import Decision, Outcome, decision_id
from undertow.domain.ids import LiquidationId, digest_of
from undertow.domain.instrument import Instrument
from undertow.domain.ladder import Ladder
from undertow.domain.market import MarkPrice
from undertow.domain.numbers import plain
from undertow.domain.position import Position, Slot
from undertow.ports import Clock, Decisions, Instruments, LadderStrategy, Meter, ParamsSource
from undertow.risk.approval import Refusal
from undertow.risk.limits import HARD_MAX_PARAMS_AGE_MS, MAX_CLOCK_LEAD_MS, MAX_QUOTE_AGE_MS
from undertow.services.enter import Enter, Occasion, Proposal, Trigger, decision_on
from undertow.services.propose_layer import add_layer
from undertow.strategies.ladder.entry import Cause
from undertow.strategies.ladder.params import LadderParams, LayerTrigger
from undertow.strategies.pricing import PriceTerms, entry_price


@dataclass(frozen=True, slots=True)
class AddLayers:
    params: ParamsSource
    decisions: Decisions
    instruments: Instruments
    enter: Enter
    clock: Clock
    meter: Meter

    def __call__(self, account: Account, slot: Slot, mark: MarkPrice) -> Decision | None:
        """Decide on the next layer if ``mark`` has reached it; None where there was nothing to decide.

        Most looks find a price that has reached nothing: they are not put on record. A layer is decided on once a
        minute at most, so that one that the gate refuses is tried again while the price stays.
        """
        ladder, position, now_ms = slot.ladder, slot.position, self.clock.now_ms()
        instrument = self.instruments.get(account.venue, slot.symbol)
        if ladder is None or position is None or instrument is None:
            return None
        if not -MAX_CLOCK_LEAD_MS <= now_ms - mark.time_ms <= MAX_QUOTE_AGE_MS:
            return None
        occasion = self._occasion(account, slot, ladder, mark, now_ms)
        if occasion is None or not isinstance(_proposed(occasion, ladder, position, mark, instrument), Proposal):
            return None
        if self.decisions.get(account.id, decision_id(occasion.strategy.id, occasion.cause)) is not None:
            return None
        decision = self._decide(occasion, slot, mark, instrument)
        if decision is not None:
            if decision.outcome is not Outcome.TAKEN:
                self.decisions.record([decision])
            self.meter.count(f"decisions_{decision.outcome.value}")
        return decision

    def _decide(self, occasion: Occasion, slot: Slot, mark: MarkPrice, instrument: Instrument) -> Decision | None:
        """By the account as it stands now, which may have moved since the slot was read."""
        snapshot = self.enter.ready_snapshot(occasion)
        trigger = Trigger(slot.side, {"mark_price": plain(mark.price)}, {})
        if isinstance(snapshot, Refusal):
            return decision_on(occasion, trigger, snapshot)
        found = snapshot.slot(slot.side)
        if found.ladder is None or found.position is None or slot.ladder is None:
            return None
        if found.ladder.plan.id != slot.ladder.plan.id or found.ladder.next_layer != slot.ladder.next_layer:
            return None
        proposal = _proposed(occasion, found.ladder, found.position, mark, instrument)
        if not isinstance(proposal, Proposal):
            return None
        return self.enter(occasion, trigger, proposal, instrument, snapshot)

    def _occasion(self, account: Account, slot: Slot, ladder: Ladder, mark: MarkPrice, now_ms: int) -> Occasion | None:
        """None unless the ladder's strategy still trades the symbol by prices, and its settings are not too old."""
        params, layer = self.params.current(), ladder.next_layer
        strategy = params.strategies.get(ladder.plan.strategy)
        if layer is None or not isinstance(strategy, LadderStrategy) or strategy.account != account.id:
            return None
        settings, age_ms = strategy.symbols.get(slot.symbol), params.age_ms(now_ms)
        if settings is None or settings.layer_trigger is not LayerTrigger.PRICE or age_ms > HARD_MAX_PARAMS_AGE_MS:
            return None
        return Occasion(
            strategy=strategy,
            params=settings if strategy.enabled else replace(settings, enabled=False),
            account=account,
            limits=params.globals.limits[account.id],
            symbol=slot.symbol,
            cause=LiquidationId(digest_of("price", ladder.plan.id, layer.number, now_ms // 60_000)),
            event_time_ms=mark.time_ms,
            received_at_ms=mark.time_ms,
            book=None,
            mark=mark,
            params_version=f"{params.globals.version}/{strategy.version}",
            params_age_ms=age_ms,
            now_ms=now_ms,
            inputs={"trigger": "price", "layer": str(layer.number), "level": plain(layer.price)},
        )


def _proposed(
    occasion: Occasion, ladder: Ladder, position: Position, mark: MarkPrice, instrument: Instrument
) -> Proposal | Refusal | None:
    params = occasion.params
    if not isinstance(params, LadderParams):
        return None
    terms = PriceTerms(params.time_in_force, params.price_offset_pct)
    price = entry_price(ladder.plan.side.entry_side, None, mark, terms, instrument)
    if price is None or price <= 0:
        return None
    cause = Cause(occasion.cause, False, occasion.event_time_ms, occasion.max_age_ms)
    return add_layer(ladder, position, price, cause, params, instrument, occasion.now_ms)

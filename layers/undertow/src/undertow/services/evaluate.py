"""Decide on liquidations: one message in, one why record for each strategy and event out, orders where one is due."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from undertow.domain.account import Account, Balance, Mode, Readiness
from undertow.domain.decision import Decision, Outcome, decision_id
from undertow.domain.ids import ClientOrderId
from undertow.domain.instrument import Instrument
from undertow.domain.market import LiquidationBatch, MeasuredLiquidation, PositionSide
from undertow.domain.numbers import ZERO, plain
from undertow.domain.order import Order, OrderIntent, OrderState
from undertow.domain.outcome import VenueReadFailed, VenueUnreachable
from undertow.ports import (
    ClaimOutcome,
    Clock,
    Decisions,
    HunterStrategy,
    Instruments,
    Ledger,
    Meter,
    Orders,
    Parameters,
    ParamsSource,
    Readinesses,
    Venues,
)
from undertow.risk.approval import ApprovedOrder, Refusal
from undertow.risk.exposure import AccountSnapshot, Exposure
from undertow.risk.gate import Case, review
from undertow.risk.limits import HARD_MAX_PARAMS_AGE_MS, HARD_MAX_SIGNAL_AGE_MS, AccountLimits
from undertow.risk.readiness import unready
from undertow.services.place_order import PlaceOrder
from undertow.services.protect import Protect
from undertow.services.resolve_unconfirmed import ResolveUnconfirmed
from undertow.strategies.hunter import HunterParams, detect, entry
from undertow.strategies.signal import Signal

logger = logging.getLogger(__name__)

PRETEND_BALANCE: Final = 10_000
"""Accounts in simulate mode have no credentials and so no balance: sizes are judged against this many USDT."""

LOST_CLAIMS: Final = {
    ClaimOutcome.PAUSED: Refusal("paused", "trading was switched off while the entry was being claimed"),
    ClaimOutcome.CAP_REACHED: Refusal("max_total", "another entry took what was left of the account's cap"),
    ClaimOutcome.SLOT_MOVED: Refusal("slot", "another entry or fill changed this symbol at the same moment"),
}


@dataclass(frozen=True, slots=True)
class _Look:
    """One strategy looking at one liquidation."""

    strategy: HunterStrategy
    params: HunterParams
    account: Account
    limits: AccountLimits
    batch: LiquidationBatch
    measured: MeasuredLiquidation
    params_version: str
    params_age_ms: int
    now_ms: int

    @property
    def max_age_ms(self) -> int:
        return min(self.limits.max_signal_age_ms, HARD_MAX_SIGNAL_AGE_MS)


@dataclass(frozen=True, slots=True)
class Evaluate:
    params: ParamsSource
    ledger: Ledger
    orders: Orders
    decisions: Decisions
    instruments: Instruments
    readinesses: Readinesses
    venues: Venues
    place: PlaceOrder
    resolve: ResolveUnconfirmed
    protect: Protect
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
            symbol_params = strategy.symbols.get(batch.symbol)
            if account is None or account.venue is not batch.venue or symbol_params is None:
                continue
            if not strategy.enabled:
                symbol_params = replace(symbol_params, enabled=False)
            limits = params.globals.limits[strategy.account]
            version = f"{params.globals.version}/{strategy.version}"
            for measured in batch.liquidations:
                now_ms = self.clock.now_ms()
                age_ms = params.age_ms(now_ms)
                yield _Look(strategy, symbol_params, account, limits, batch, measured, version, age_ms, now_ms)

    def _was_claimed(self, look: _Look) -> bool:
        """Whether an earlier delivery of this message claimed an order for this signal; if so, ask about it."""
        signal = detect(look.measured, look.batch, look.params, HARD_MAX_SIGNAL_AGE_MS * 1_000, look.now_ms)
        instrument = self.instruments.get(look.batch.venue, look.batch.symbol)
        if isinstance(signal, Refusal) or instrument is None:
            return False
        intent = self._intent(look, signal, instrument, layer=0)
        order = self.orders.get(look.account.id, intent.client_order_id) if isinstance(intent, OrderIntent) else None
        if order is None:
            return False
        logger.info(
            "redelivered_entry",
            extra={"client_order_id": order.client_order_id, "order_state": order.state.value},
        )
        if order.state is OrderState.IN_FLIGHT:
            self._find(look, order)
        return True

    def _decide(self, look: _Look) -> Decision:
        signal = detect(look.measured, look.batch, look.params, look.max_age_ms, look.now_ms)
        if isinstance(signal, Refusal):
            return _decision(look, None, signal)
        self.meter.count("signals")
        if look.params_age_ms > HARD_MAX_PARAMS_AGE_MS:
            refusal = Refusal(
                "parameters_age",
                "the parameters could not be read for too long",
                {"parameters_age_ms": str(look.params_age_ms)},
                {"max_parameters_age_ms": str(HARD_MAX_PARAMS_AGE_MS)},
            )
            return _decision(look, signal, refusal)
        return self._act(look, signal)

    def _act(self, look: _Look, signal: Signal) -> Decision:
        instrument = self.instruments.get(look.batch.venue, look.batch.symbol)
        if instrument is None:
            return _decision(look, signal, Refusal("instrument", "the symbol's trading rules are not known"))
        snapshot = self._ready_snapshot(look)
        if isinstance(snapshot, Refusal):
            return _decision(look, signal, snapshot)
        slot = snapshot.slot(signal.side)
        cooldown_ms = slot.cooldown_left_ms(look.strategy.id, look.now_ms)
        if cooldown_ms > 0:
            refusal = Refusal(
                "cooldown",
                "the strategy entered this side a moment ago",
                {"left_ms": str(cooldown_ms)},
                {"cooldown_s": str(look.params.cooldown_s)},
            )
            return _decision(look, signal, refusal)
        intent = self._intent(look, signal, instrument, slot.free_layer(look.strategy.id))
        if isinstance(intent, Refusal):
            return _decision(look, signal, intent)
        reviewed = review(self._case(look, intent, instrument, snapshot))
        if isinstance(reviewed, Refusal):
            return _decision(look, signal, reviewed, intent)
        return self._enter(look, signal, reviewed, snapshot)

    def _enter(self, look: _Look, signal: Signal, approved: ApprovedOrder, snapshot: AccountSnapshot) -> Decision:
        if look.params.simulate or look.account.mode is Mode.SIMULATE:
            return _decision(look, signal, None, approved.intent, Outcome.SIMULATED)
        taken = _decision(look, signal, None, approved.intent, Outcome.TAKEN)
        placement = self.place.entry(
            approved, look.account, snapshot.slot(signal.side), taken, look.params.cooldown_s, look.limits
        )
        if placement.claim is ClaimOutcome.CLAIMED:
            age_ms = self.clock.now_ms() - look.measured.received_at_ms
            self.meter.observe("signal_to_order", max(0, age_ms))
            return taken
        if placement.claim is ClaimOutcome.ALREADY_CLAIMED:
            self._ask_about(look, placement.order.client_order_id)
            return taken
        return _decision(look, signal, LOST_CLAIMS[placement.claim], approved.intent)

    def _ask_about(self, look: _Look, order_id: ClientOrderId) -> None:
        """The same signal came before, by a redelivery or a second worker. Its order is asked about, not repeated."""
        order = self.orders.get(look.account.id, order_id)
        stale_ms = look.now_ms - order.updated_at_ms if order is not None else 0
        if order is not None and order.state is OrderState.IN_FLIGHT and stale_ms > look.max_age_ms:
            self._find(look, order)

    def _find(self, look: _Look, order: Order) -> None:
        """Ask the venue about an order of which nothing more is known. It may have filled by now."""
        self.resolve(look.account, order.client_order_id, attempt=0)
        self.protect(look.account, order.intent.symbol, order.intent.position_side)

    def _ready_snapshot(self, look: _Look) -> AccountSnapshot | Refusal:
        """The account as it stands, with mode, margin type and leverage verified at the venue before a first entry."""
        symbol, account = look.batch.symbol, look.account
        snapshot = self.ledger.snapshot(account.id, account.venue, symbol)
        if account.mode is Mode.SIMULATE:
            return _pretend(snapshot, look)
        if unready(snapshot.readiness, account, look.params.leverage, look.params.margin_type, look.now_ms) is None:
            return snapshot
        if not snapshot.control.admits_entries or snapshot.health.blocks(look.now_ms):
            return snapshot  # the gate refuses anyway, and says why
        try:
            readiness = self.venues.trading(account).make_ready(
                symbol, look.params.leverage, look.params.margin_type, account
            )
        except (VenueUnreachable, VenueReadFailed) as failure:
            return Refusal("readiness", f"mode and leverage could not be verified at the venue: {failure}")
        self.readinesses.save(readiness)
        refusal = unready(readiness, account, look.params.leverage, look.params.margin_type, look.now_ms)
        return refusal if refusal is not None else replace(snapshot, readiness=readiness)

    def _intent(self, look: _Look, signal: Signal, instrument: Instrument, layer: int) -> OrderIntent | Refusal:
        return entry(
            signal, look.batch, look.params, instrument, look.strategy.id, look.account.id, layer, look.max_age_ms
        )

    def _case(self, look: _Look, intent: OrderIntent, instrument: Instrument, snapshot: AccountSnapshot) -> Case:
        book, mark = look.batch.book, look.batch.mark
        # A book is pushed when it changes and a mark price every second, over one connection: a fresh mark price
        # proves that a silent book still stands.
        quote_time_ms = max(book.time_ms if book else 0, mark.time_ms if mark else 0)
        exposure = Exposure(snapshot, look.account.position_mode, mark, quote_time_ms, self.clock.now_ms())
        return Case(intent, instrument, exposure, look.limits, look.params.limits)


def _pretend(snapshot: AccountSnapshot, look: _Look) -> AccountSnapshot:
    """Simulate mode sends nothing: what only the venue could tell is taken to be as configured."""
    account, params = look.account, look.params
    balance = Balance(account.id, ZERO + PRETEND_BALANCE, ZERO + PRETEND_BALANCE, ZERO, look.now_ms)
    readiness = Readiness(
        account.id,
        look.batch.symbol,
        params.leverage,
        params.margin_type,
        account.position_mode,
        account.multi_assets,
        look.now_ms,
    )
    return replace(snapshot, balance=snapshot.balance or balance, readiness=readiness)


def _decision(
    look: _Look,
    signal: Signal | None,
    refusal: Refusal | None,
    intent: OrderIntent | None = None,
    outcome: Outcome = Outcome.REFUSED,
) -> Decision:
    liquidation = look.measured.liquidation
    inputs = {"liquidated_side": liquidation.side.value, "liquidation_notional": plain(liquidation.notional)}
    thresholds: dict[str, str] = {}
    side: PositionSide | None = None
    if signal is not None:
        side = signal.side
        inputs |= signal.inputs
        thresholds |= signal.thresholds
    if intent is not None:
        inputs |= _of_intent(intent)
    if refusal is not None:
        inputs |= refusal.inputs
        thresholds |= refusal.thresholds
    return Decision(
        id=decision_id(look.strategy.id, liquidation.id),
        strategy=look.strategy.id,
        account=look.account.id,
        symbol=liquidation.symbol,
        liquidation=liquidation.id,
        outcome=outcome,
        gate=refusal.gate if refusal is not None else "",
        reason=refusal.reason if refusal is not None else "",
        position_side=side,
        inputs=inputs,
        thresholds=thresholds,
        params_version=look.params_version,
        event_time_ms=liquidation.event_time_ms,
        decided_at_ms=look.now_ms,
        client_order_id=intent.client_order_id if intent is not None and outcome is Outcome.TAKEN else None,
    )


def _of_intent(intent: OrderIntent) -> dict[str, str]:
    return {
        "price": plain(intent.price) if intent.price is not None else "",
        "quantity": plain(intent.quantity) if intent.quantity is not None else "",
        "margin": plain(intent.margin),
        "notional": plain(intent.notional),
        "leverage": str(intent.leverage),
    }

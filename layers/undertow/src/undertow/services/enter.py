"""From a proposed entry to its decision: review, claim with everything it reserves, send once, record why."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from undertow.domain.account import Account, Balance, Mode, Readiness
from undertow.domain.booking import in_use
from undertow.domain.decision import Decision, LayerReading, Outcome, decision_id
from undertow.domain.guard import AccountGuard
from undertow.domain.ids import ClientOrderId, LiquidationId, Symbol
from undertow.domain.instrument import Instrument, LeverageBracket
from undertow.domain.ladder import LadderPlan
from undertow.domain.market import BestPrices, MarkPrice, PositionSide
from undertow.domain.numbers import ZERO, plain
from undertow.domain.order import Order, OrderIntent, OrderState
from undertow.domain.outcome import VenueReadFailed, VenueUnreachable
from undertow.domain.reconciliation import Proof
from undertow.ports import ClaimOutcome, Clock, Ledger, Meter, Orders, Readinesses, Strategy, Venues
from undertow.risk.approval import Refusal
from undertow.risk.budget import portfolio_cap
from undertow.risk.exposure import AccountSnapshot, Exposure
from undertow.risk.gate import Case, review
from undertow.risk.limits import (
    HARD_MAX_LEVERAGE,
    HARD_MAX_ORDER_NOTIONAL,
    HARD_MAX_SIGNAL_AGE_MS,
    AccountLimits,
)
from undertow.risk.proof import unproven
from undertow.risk.readiness import unready
from undertow.services.place_order import EntryTerms, PlaceOrder
from undertow.services.protect import Protect
from undertow.services.resolve_unconfirmed import ResolveUnconfirmed
from undertow.strategies.hunter import HunterParams
from undertow.strategies.ladder.params import LadderParams

PRETEND_BALANCE: Final = 10_000
"""Accounts in simulate mode have no credentials and so no balance: sizes are judged against this many USDT."""

PRETEND_TIERS: Final = (
    LeverageBracket(1, HARD_MAX_LEVERAGE, ZERO, HARD_MAX_ORDER_NOTIONAL * 1_000, Decimal("0.01"), ZERO),
)
"""The venue tells leverage tiers to accounts with credentials only. A maintenance margin of 1 % is on the safe side of
what the usual symbols have in their first tier."""

LOST_CLAIMS: Final = {
    ClaimOutcome.PAUSED: Refusal("paused", "trading was switched off while the entry was being claimed"),
    ClaimOutcome.CAP_REACHED: Refusal("max_total", "another entry took what was left of the account's cap"),
    ClaimOutcome.SLOT_MOVED: Refusal("slot", "another entry or fill changed this symbol at the same moment"),
}


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why an entry is considered, by whose settings, and the market beside it.

    ``cause`` names the liquidation, or the price that reached a layer: one strategy decides on one cause once.
    ``inputs`` are what is on record of it in any case.
    """

    strategy: Strategy
    params: HunterParams | LadderParams
    account: Account
    limits: AccountLimits
    symbol: Symbol
    cause: LiquidationId
    event_time_ms: int
    received_at_ms: int
    book: BestPrices | None
    mark: MarkPrice | None
    params_version: str
    params_age_ms: int
    now_ms: int
    inputs: Mapping[str, str] = field(default_factory=dict)

    @property
    def max_age_ms(self) -> int:
        return min(self.limits.max_signal_age_ms, HARD_MAX_SIGNAL_AGE_MS)


@dataclass(frozen=True, slots=True)
class Trigger:
    """Which side an occasion speaks for, and by what figures."""

    side: PositionSide
    inputs: Mapping[str, str]
    thresholds: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Proposal:
    """An entry as a strategy wants it. ``reserve`` is the risk that it adds to the book, quote units: that of a whole
    ladder for its first layer, nothing for a later one. ``plan`` is the ladder that it opens."""

    intent: OrderIntent
    stop_price: Decimal
    target_price: Decimal
    reserve: Decimal
    plan: LadderPlan | None = None


@dataclass(frozen=True, slots=True)
class Enter:
    ledger: Ledger
    orders: Orders
    readinesses: Readinesses
    venues: Venues
    place: PlaceOrder
    resolve: ResolveUnconfirmed
    protect: Protect
    clock: Clock
    meter: Meter

    def ready_snapshot(self, occasion: Occasion) -> AccountSnapshot | Refusal:
        """The account as it stands, with mode, margin type and leverage verified at the venue before a first entry."""
        account, params = occasion.account, occasion.params
        snapshot = self.ledger.snapshot(account.id, account.venue, occasion.symbol)
        if account.mode is Mode.SIMULATE:
            return _pretend(snapshot, occasion)
        if params.simulate:
            # Nothing is sent: leverage and margin type may be those of a position that another strategy holds.
            return replace(snapshot, readiness=_as_wanted(occasion))
        if unready(snapshot.readiness, account, params.leverage, params.margin_type, occasion.now_ms) is None:
            return snapshot
        if not snapshot.control.admits_entries or snapshot.health.blocks(occasion.now_ms):
            return snapshot  # the gate refuses anyway, and says why
        if unproven(snapshot.guard, occasion.symbol, occasion.now_ms) is not None:
            return snapshot
        try:
            readiness = self.venues.trading(account).make_ready(
                occasion.symbol, params.leverage, params.margin_type, account
            )
        except (VenueUnreachable, VenueReadFailed) as failure:
            return Refusal("readiness", f"mode and leverage could not be verified at the venue: {failure}")
        self.readinesses.save(readiness)
        refusal = unready(readiness, account, params.leverage, params.margin_type, occasion.now_ms)
        return refusal if refusal is not None else replace(snapshot, readiness=readiness)

    def __call__(
        self,
        occasion: Occasion,
        trigger: Trigger,
        proposal: Proposal,
        instrument: Instrument,
        snapshot: AccountSnapshot,
    ) -> Decision:
        """Review ``proposal`` and carry it out. The decision says what became of it; a taken one is stored already."""
        reviewed = review(self._case(occasion, proposal, instrument, snapshot))
        if isinstance(reviewed, Refusal):
            return decision_on(occasion, trigger, reviewed, proposal.intent)
        layers = reviewed.layers
        if occasion.params.simulate or occasion.account.mode is Mode.SIMULATE:
            return decision_on(occasion, trigger, None, proposal.intent, Outcome.SIMULATED, layers)
        taken = decision_on(occasion, trigger, None, proposal.intent, Outcome.TAKEN, layers)
        placement = self.place.entry(reviewed, occasion.account, taken, _terms(occasion, proposal, snapshot))
        if placement.claim is ClaimOutcome.CLAIMED:
            age_ms = self.clock.now_ms() - occasion.received_at_ms
            self.meter.observe("signal_to_order", max(0, age_ms))
            return taken
        if placement.claim is ClaimOutcome.ALREADY_CLAIMED:
            self._ask_about(occasion, placement.order.client_order_id)
            return taken
        return decision_on(occasion, trigger, LOST_CLAIMS[placement.claim], proposal.intent)

    def find(self, account: Account, order: Order) -> None:
        """Ask the venue about an order of which nothing more is known. It may have filled by now."""
        self.resolve(account, order.client_order_id, attempt=0)
        self.protect(account, order.intent.symbol, order.intent.position_side)

    def _ask_about(self, occasion: Occasion, order_id: ClientOrderId) -> None:
        """The same signal came before, by a redelivery or a second worker. Its order is asked about, not repeated."""
        order = self.orders.get(occasion.account.id, order_id)
        stale_ms = occasion.now_ms - order.updated_at_ms if order is not None else 0
        if order is not None and order.state is OrderState.IN_FLIGHT and stale_ms > occasion.max_age_ms:
            self.find(occasion.account, order)

    def _case(self, occasion: Occasion, proposal: Proposal, instrument: Instrument, snapshot: AccountSnapshot) -> Case:
        book, mark, params = occasion.book, occasion.mark, occasion.params
        # A book is pushed when it changes and a mark price every second, over one connection: a fresh mark price
        # proves that a silent book still stands.
        quote_time_ms = max(book.time_ms if book else 0, mark.time_ms if mark else 0)
        return Case(
            intent=proposal.intent,
            instrument=instrument,
            exposure=Exposure(snapshot, occasion.account.position_mode, mark, quote_time_ms, self.clock.now_ms()),
            account_limits=occasion.limits,
            symbol_limits=params.limits,
            stop_price=proposal.stop_price,
            target_price=proposal.target_price,
            margin_type=params.margin_type,
            min_reward_risk=params.protection.min_reward_risk,
            reserve=proposal.reserve,
        )


def _terms(occasion: Occasion, proposal: Proposal, snapshot: AccountSnapshot) -> EntryTerms:
    params = occasion.params
    later_layer = proposal.intent.ladder is not None and proposal.plan is None
    pause_s = params.layer_delay_s if later_layer and isinstance(params, LadderParams) else params.cooldown_s
    equity = snapshot.balance.equity if snapshot.balance is not None else ZERO
    return EntryTerms(
        slot=snapshot.slot(proposal.intent.position_side),
        opposite_in_use=in_use(snapshot.slot(proposal.intent.position_side.opposite)),
        cooldown_s=pause_s,
        limits=occasion.limits,
        max_total_risk=portfolio_cap(occasion.limits.risk, equity),
        plan=proposal.plan,
    )


def _pretend(snapshot: AccountSnapshot, occasion: Occasion) -> AccountSnapshot:
    """Simulate mode sends nothing: what only the venue could tell, equality too, is taken to be as configured."""
    account = occasion.account
    pretended = ZERO + PRETEND_BALANCE
    balance = Balance(account.id, pretended, pretended, ZERO, occasion.now_ms, ZERO, ZERO)
    guard = replace(snapshot.guard or AccountGuard(account.id), proof=Proof(0, occasion.now_ms), doubted_at_ms=0)
    return replace(snapshot, balance=snapshot.balance or balance, readiness=_as_wanted(occasion), guard=guard)


def _as_wanted(occasion: Occasion) -> Readiness:
    account, params = occasion.account, occasion.params
    return Readiness(
        account.id,
        occasion.symbol,
        params.leverage,
        params.margin_type,
        account.position_mode,
        account.multi_assets,
        occasion.now_ms,
    )


def with_tiers(instrument: Instrument, account: Account) -> Instrument:
    """``instrument``, with pretended leverage tiers where nothing is sent and none could be read."""
    if account.mode is not Mode.SIMULATE or instrument.brackets:
        return instrument
    return replace(instrument, brackets=PRETEND_TIERS)


def decision_on(
    occasion: Occasion,
    trigger: Trigger | None,
    refusal: Refusal | None,
    intent: OrderIntent | None = None,
    outcome: Outcome = Outcome.REFUSED,
    layers: tuple[LayerReading, ...] = (),
) -> Decision:
    """The why record of ``occasion``. What was looked at last, the refusal, has the last word on equal names."""
    inputs, thresholds = dict(occasion.inputs), dict[str, str]()
    if trigger is not None:
        inputs |= trigger.inputs
        thresholds |= trigger.thresholds
    if intent is not None:
        inputs |= _of_intent(intent)
    if refusal is not None:
        inputs |= refusal.inputs
        thresholds |= refusal.thresholds
    return Decision(
        id=decision_id(occasion.strategy.id, occasion.cause),
        strategy=occasion.strategy.id,
        account=occasion.account.id,
        symbol=occasion.symbol,
        liquidation=occasion.cause,
        outcome=outcome,
        gate=refusal.gate if refusal is not None else "",
        reason=refusal.reason if refusal is not None else "",
        position_side=trigger.side if trigger is not None else None,
        inputs=inputs,
        thresholds=thresholds,
        params_version=occasion.params_version,
        event_time_ms=occasion.event_time_ms,
        decided_at_ms=occasion.now_ms,
        client_order_id=intent.client_order_id if intent is not None and outcome is Outcome.TAKEN else None,
        layers=refusal.layers if refusal is not None else layers,
    )


def _of_intent(intent: OrderIntent) -> dict[str, str]:
    described = {
        "price": plain(intent.price) if intent.price is not None else "",
        "quantity": plain(intent.quantity) if intent.quantity is not None else "",
        "margin": plain(intent.margin),
        "notional": plain(intent.notional),
        "leverage": str(intent.leverage),
        "risk": plain(intent.risk),
    }
    return described | {"layer": str(intent.layer)} if intent.ladder is not None else described

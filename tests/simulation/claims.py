"""Entries as they are claimed: under the switch, within the caps, once per layer, on a fresh signal."""

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from tests.simulation.journal import Written
from tests.simulation.market_truth import MarketTruth
from tests.simulation.universe import Universe
from tests.simulation.violation import Violation

from undertow.domain.account import Control, Switch, never_switched
from undertow.domain.decision import Decision, Outcome
from undertow.domain.ids import AccountId, ClientOrderId
from undertow.domain.numbers import HUNDRED
from undertow.domain.order import Order, Purpose
from undertow.domain.position import Slot
from undertow.ports import Parameters
from undertow.risk.limits import AccountLimits

IN_FORCE_MS: Final = 11 * 60_000
"""A function may trade on a copy of the parameters that is ten minutes old, and needs some time to do so."""
BALANCE_MS: Final = 5 * 60_000
CLOCKS_APART_MS: Final = 6_000
"""Two functions whose clocks are wrong in both directions."""
ON_THE_WAY_MS: Final = 15_000
"""From the look at the signal's age to the claim: a few outside calls, and clocks that are somewhat off."""

LayerKey = tuple[object, ...]


@dataclass(slots=True)
class Claims:
    universe: Universe
    truth: MarketTruth
    _controls: dict[AccountId, Control] = field(default_factory=dict)
    _given: "deque[tuple[int, Parameters]]" = field(default_factory=deque)
    _equity: defaultdict[AccountId, "deque[tuple[int, Decimal]]"] = field(default_factory=lambda: defaultdict(deque))
    _living: dict[LayerKey, ClientOrderId] = field(default_factory=dict)
    _layers: dict[LayerKey, ClientOrderId] = field(default_factory=dict)
    """The last order of each layer."""
    _strategies: frozenset[str] | None = None

    def __post_init__(self) -> None:
        self._controls.update(self.universe.store.controls)
        for account, balance in self.universe.store.balances.items():
            self._equity[account].append((0, balance.equity))

    def note_parameters(self, now_ms: int) -> list[Violation]:
        parameters = self.universe.params.parameters
        if parameters is None or (self._given and self._given[-1][1] is parameters):
            return []
        self._given.append((now_ms, parameters))
        while len(self._given) > 1 and self._given[1][0] < now_ms - IN_FORCE_MS:
            self._given.popleft()
        names = frozenset(parameters.strategies)
        added = names - self._strategies if self._strategies is not None else frozenset()
        self._strategies = names if self._strategies is None else self._strategies | names
        return [Violation("I10", f"strategy {name} came from nowhere") for name in sorted(added)]

    def note(self, written: Written, now_ms: int) -> list[Violation]:
        """Writes come in order, so the switch is the one under which the next claim was committed."""
        match written.table:
            case "controls":
                self._controls[written.key] = written.after
            case "balances":
                known = self._equity[written.key]
                known.append((now_ms, written.after.equity))
                while len(known) > 1 and known[1][0] < now_ms - BALANCE_MS:
                    known.popleft()
            case "slots":
                return list(_cooldowns(written.before, written.after, now_ms))
            case "orders" if written.after is not None and written.after.intent.purpose is Purpose.ENTRY:
                return self._entry(written.before, written.after)
        return []

    def _entry(self, before: Order | None, order: Order) -> list[Violation]:
        key, found = _layer_of(order), list[Violation]()
        if before is None:
            control = self._controls.get(order.intent.account) or never_switched(order.intent.account)
            if control.switch is not Switch.RUNNING:
                found.append(Violation("I9", f"entry {order.client_order_id} was claimed while {control.switch}"))
            other = self._living.get(key)
            if other is not None:
                found.append(Violation("I3", f"entries {other} and {order.client_order_id} live in one layer: {key}"))
            self._living[key] = order.client_order_id
            if order.intent.ladder is not None:
                found += self._layer(key, order)
        if order.state.is_final and self._living.get(key) == order.client_order_id:
            del self._living[key]
        return found

    def _layer(self, key: LayerKey, order: Order) -> list[Violation]:
        """A layer of a ladder is claimed again only if nothing of it filled."""
        before, self._layers[key] = self._layers.get(key), order.client_order_id
        filled = self.truth.ours.get((order.intent.account, before)) if before is not None else None
        if filled is not None and filled.filled > 0:
            what = f"{order.client_order_id} repeats a layer of which {filled.filled} had filled by {before}"
            return [Violation("I3", what)]
        return []

    def judge(self, order: Order, decisions: list[Decision], now_ms: int) -> list[Violation]:
        """A new claim, once its whole transaction is written."""
        intent = order.intent
        found = list(self._freshness(order, decisions, now_ms))
        limits = list(self._limits(intent.account))
        if not limits:
            return [*found, Violation("I11", f"entry {order.client_order_id} was claimed under no known limits")]
        notional, margin = self._exposure(intent.account)
        most = max(one.max_total_notional for one in limits)
        if notional > most:
            found.append(Violation("I1", f"exposure {notional} after {order.client_order_id}, at most {most}"))
        most = max(one.max_total_margin for one in limits)
        if margin > most:
            found.append(Violation("I1", f"margin {margin} after {order.client_order_id}, at most {most}"))
        if intent.leverage > max(one.max_leverage for one in limits):
            found.append(Violation("I1", f"entry {order.client_order_id} at leverage {intent.leverage}"))
        totals = self.universe.store.totals_of(intent.account)
        positions = [one.max_positions for one in limits]
        # A layer, or the other side, of a symbol that is in use already opens no position.
        if self._is_first_of_symbol(order) and all(positions) and totals.slots > max(positions):
            found.append(Violation("I2", f"{intent.account}: {totals.slots} symbols in use, at most {max(positions)}"))
        if intent.ladder is None or intent.layer <= 1:
            found += self._risk(intent.account, totals.risk, limits)
        return found

    def _risk(self, account: AccountId, risk: Decimal, limits: list[AccountLimits]) -> list[Violation]:
        equity = max((amount for _, amount in self._equity[account]), default=None)
        if equity is None:
            return [Violation("I11", f"{account}: an entry was claimed before any balance was known")]
        most = max(one.risk.max_portfolio_risk_pct for one in limits) / HUNDRED * equity
        if risk > most:
            return [Violation("I2", f"{account}: {risk} at risk after a claim, at most {most}")]
        return []

    def _freshness(self, order: Order, decisions: list[Decision], now_ms: int) -> Iterator[Violation]:
        decision = next((one for one in decisions if one.client_order_id == order.client_order_id), None)
        if decision is None or decision.outcome is not Outcome.TAKEN:
            yield Violation("I15", f"entry {order.client_order_id} was claimed without the decision to take it")
            return
        oldest = max((one.max_signal_age_ms for one in self._limits(order.intent.account)), default=0)
        age_ms = now_ms - decision.event_time_ms
        if age_ms > oldest + ON_THE_WAY_MS:
            yield Violation("I11", f"entry {order.client_order_id} on a signal {age_ms} ms old, at most {oldest}")

    def _limits(self, account: AccountId) -> Iterator[AccountLimits]:
        """All that may be in force somewhere."""
        for _, parameters in self._given:
            limits = parameters.globals.limits.get(account)
            if limits is not None:
                yield limits

    def _exposure(self, account: AccountId) -> tuple[Decimal, Decimal]:
        """At the orders' own prices: what our entries hold at the venue, what may still fill there, and what may yet
        get there. Not what the books say of it."""
        notional, margin = self.truth.held(account)
        for order in self._open_entries(account):
            intent = order.intent
            if intent.quantity is None or intent.price is None:
                continue
            left = self.truth.may_still_fill(account, order)
            notional += left * intent.price
            margin += left * intent.price / intent.leverage
        return notional, margin

    def _open_entries(self, account: AccountId) -> Iterator[Order]:
        """Those that we count on, and those that live at the venue though we may have given them up."""
        store = self.universe.store
        living = dict.fromkeys(one for one in store.unfinished[account])
        living |= dict.fromkeys(self.truth.standing_entries(account))
        for order_id in living:
            order = store.orders[account].get(order_id)
            if order is not None and order.intent.purpose is Purpose.ENTRY:
                yield order

    def _is_first_of_symbol(self, order: Order) -> bool:
        store, intent = self.universe.store, order.intent
        slot = store.slot(intent.account, intent.symbol, intent.position_side)
        others = [entry for entry in slot.entries if entry.client_order_id != order.client_order_id]
        return slot.position is None and not others and not store.opposite_in_use(slot)


def _layer_of(order: Order) -> LayerKey:
    intent = order.intent
    return intent.strategy, intent.account, intent.symbol, intent.position_side, intent.ladder, intent.layer


def _cooldowns(before: Slot | None, after: Slot, now_ms: int) -> Iterator[Violation]:
    """A strategy opens again after its pause only. Layers of a ladder with a position have a pause of their own."""
    if before is None or (before.ladder is not None and before.position is not None):
        return
    known = {entry.client_order_id for entry in before.entries}
    for entry in after.entries:
        left_ms = before.cooldown_left_ms(entry.strategy, now_ms)
        if entry.client_order_id not in known and left_ms > CLOCKS_APART_MS:
            yield Violation(
                "I3", f"{entry.client_order_id} was claimed {left_ms} ms before {entry.strategy} may enter again"
            )

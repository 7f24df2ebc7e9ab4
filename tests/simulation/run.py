"""One seed from beginning to rest: a number of steps with faults, then calm, then what must hold at rest."""

import logging
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from tests.simulation.acts import Acts
from tests.simulation.simulation import Simulation

REST_MS: Final = 190_000
"""Two passes of reconciliation, and the longest time for which a queue hides what a dead function was reading."""
SETTLING_MS: Final = 60_000
"""What is under way at that moment may take so much longer: the market has not stopped."""
LEAD_STEPS: Final = 400_000
"""A run that has not come to rest after so many steps never will."""


@dataclass(frozen=True, slots=True)
class Violation:
    seed: int
    step: int
    what: str


@dataclass(slots=True)
class Result:
    seed: int
    steps: int
    trace_hash: str
    faults: Counter[str] = field(default_factory=Counter)
    violations: list[Violation] = field(default_factory=list)
    events: Counter[str] = field(default_factory=Counter)
    tail: list[str] = field(default_factory=list)
    recovery_ms: list[int] = field(default_factory=list)
    unprotected_ms: list[int] = field(default_factory=list)


def run_seed(seed: int, steps: int) -> Result:
    """Run ``steps`` steps with the seed's faults, then let the system come to rest and judge it."""
    logging.disable(logging.CRITICAL)
    simulation = Simulation(seed)
    simulation.start()
    Acts(simulation).start()
    violations: list[Violation] = []
    loop = simulation.loop
    while loop.steps < steps and not violations:
        loop.step()
    if not violations:
        _rest(simulation)
        violations += [Violation(seed, loop.steps, what) for what in unequal(simulation)]
    result = Result(seed, loop.steps, loop.trace_hash, simulation.swarm.hits, violations, events(simulation))
    result.tail = list(loop.tail)
    simulation.lambdas.kill_all()
    return result


def _rest(simulation: Simulation) -> None:
    simulation.calm()
    loop, until_ms = simulation.loop, simulation.clock.at_ms + REST_MS
    most = loop.steps + LEAD_STEPS
    while simulation.clock.at_ms < until_ms and loop.steps < most:
        loop.step()
    until_ms += SETTLING_MS
    while simulation.clock.at_ms < until_ms and loop.steps < most and not simulation.is_still:
        loop.step()


def unequal(simulation: Simulation) -> list[str]:
    """Where the ledger and the venue differ."""
    universe = simulation.universe
    found = []
    for account in universe.accounts:
        held: dict[tuple[str, str], object] = {}
        floor = universe.house.exchange.floor.accounts[account.id]
        for position in floor.open_positions():
            side = "LONG" if position.amount > 0 else "SHORT"
            held[position.symbol, side] = abs(position.amount)
        booked = {
            (slot.symbol, slot.side.value): slot.position.quantity
            for slot in universe.kept.ledger.slots_in_use(account.id)
            if slot.position is not None
        }
        if held != booked:
            found.append(f"at rest {account.id} holds {held} at the venue and {booked} in the ledger")
    return found


def events(simulation: Simulation) -> Counter[str]:
    """What of interest happened: for the report."""
    counted: Counter[str] = Counter()
    store = simulation.universe.store
    for account in simulation.universe.accounts:
        for order in store.orders[account.id].values():
            counted[f"order_{order.intent.purpose.value}_{order.state.value}"] += 1
        counted["fills"] += len(store.fills[account.id])
        for position in store.closed[account.id].values():
            counted[f"closed_{position.strategy or 'external'}"] += 1
        for decision in store.decisions[account.id].values():
            counted[f"decision_{decision.outcome.value}_{decision.gate}"] += 1
    for alert in simulation.universe.notifier.alerts:
        counted[f"alert_{alert.key.split(':')[0]}"] += 1
    for error in simulation.lambdas.errors:
        counted[f"error_{error.split('#')[0]}_{error.split(': ', 1)[1][:60]}"] += 1
    for queue in simulation.queues.all():
        counted[f"dead_{queue.name}"] += len(queue.dead)
    return counted

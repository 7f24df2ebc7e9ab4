"""One seed from beginning to rest: a number of steps with faults, then calm, then what must hold at rest."""

import logging
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from tests.simulation.acts import Acts
from tests.simulation.books import check_books
from tests.simulation.canary import canary_of, is_watched, listening
from tests.simulation.decided import Decided
from tests.simulation.history import check_history
from tests.simulation.identity import check_identity
from tests.simulation.invariants import Invariants
from tests.simulation.last_blow import last_blow
from tests.simulation.recovery import Unprotected, unprotected
from tests.simulation.simulation import Simulation
from tests.simulation.told import Told

REST_MS: Final = 190_000
"""Two passes of reconciliation, and the longest time for which a queue hides what a dead function was reading."""
SETTLING_MS: Final = 60_000
"""What is under way at that moment may take so much longer: the market has not stopped."""
LOOK_AGAIN_MS: Final = 3_000


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
    unprotected: Unprotected = field(default_factory=Unprotected)


def run_seed(seed: int, steps: int) -> Result:
    """Run ``steps`` steps with the seed's faults, then let the system come to rest and judge it.

    Nothing is logged meanwhile but in the few seeds in which all that is said is read: it would cost more than all the
    rest.
    """
    disabled, is_read = logging.root.manager.disable, is_watched(seed)
    logging.disable(logging.NOTSET if is_read else logging.CRITICAL)
    try:
        simulation = Simulation(seed)
        return _read(simulation, steps) if is_read else _run(simulation, steps)
    finally:
        logging.disable(disabled)


def _read(simulation: Simulation, steps: int) -> Result:
    canary = canary_of(simulation)
    with listening(canary):
        result = _run(simulation, steps)
    told = canary.look_at_all(simulation)
    result.violations += [Violation(result.seed, result.steps, str(one)) for one in told]
    return result


def _run(simulation: Simulation, steps: int) -> Result:
    seed = simulation.seed
    invariants = Invariants(simulation.universe, simulation.alarms)
    simulation.queues.liquidations.done = []
    simulation.queues.user_events.done = []
    simulation.start()
    Acts(simulation).start()
    violations: list[Violation] = []
    loop = simulation.loop
    while loop.steps < steps and not violations:
        violations += _step(simulation, invariants)
    if not violations:
        violations += _rest(simulation, invariants)
    result = Result(seed, loop.steps, loop.trace_hash, simulation.hits, violations, events(simulation))
    result.tail = list(loop.tail)
    result.recovery_ms = invariants.recovery.all_ms(simulation.clock.at_ms, simulation.impossible.down, simulation.deaf)
    result.unprotected = unprotected(simulation.universe, simulation.impossible)
    simulation.lambdas.kill_all()
    if not violations:
        result.violations += [Violation(seed, loop.steps, str(one)) for one in check_books(simulation)]
    return result


def _step(simulation: Simulation, invariants: Invariants) -> list[Violation]:
    loop = simulation.loop
    loop.step()
    found = [*simulation.blunders.taken(), *invariants.after_step(simulation.clock.at_ms)]
    done = simulation.queues.liquidations.done
    while done:
        found += Decided(simulation.universe).check(done.pop())
    told = simulation.queues.user_events.done
    while told:
        found += Told(simulation.universe).check(told.pop())
    return [Violation(simulation.seed, loop.steps, str(one)) for one in found]


def _rest(simulation: Simulation, invariants: Invariants) -> list[Violation]:
    """Nothing goes wrong any more. What must hold at rest does so at some moment soon: the market has not stopped."""
    simulation.calm()
    last_blow(simulation.universe)
    found = _until(simulation, invariants, simulation.clock.at_ms + REST_MS)
    last_ms = simulation.clock.at_ms + SETTLING_MS
    while not found:
        left = invariants.at_rest(simulation.clock.at_ms)
        if not left or simulation.clock.at_ms >= last_ms:
            found += [Violation(simulation.seed, simulation.loop.steps, str(one)) for one in left]
            break
        found += _until(simulation, invariants, simulation.clock.at_ms + LOOK_AGAIN_MS)
    return found or _history(simulation)


def _until(simulation: Simulation, invariants: Invariants, until_ms: int) -> list[Violation]:
    found: list[Violation] = []
    while simulation.clock.at_ms < until_ms and not found:
        found += _step(simulation, invariants)
    return found


def _history(simulation: Simulation) -> list[Violation]:
    """What was said of every request, and every cent, against the venue's own books."""
    universe = simulation.universe
    found = check_history(universe.history, universe.house)
    for account in universe.accounts:
        found += check_identity(universe.house, account.id)
    return [Violation(simulation.seed, simulation.loop.steps, str(one)) for one in found]


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
        for request in store.requests[account.id].values():
            counted[f"request_{request.kind.value}_{request.state.value}"] += 1
        for decision in store.decisions[account.id].values():
            counted[f"decision_{decision.outcome.value}_{decision.gate}"] += 1
    if simulation.person is not None:
        for answer in simulation.person.heard.values():
            counted[f"heard_{answer}"] += 1
    if simulation.alarms is not None:
        counted["people_told"] += len(simulation.alarms.people.tellings)
        counted["dead_notifications"] += len(simulation.alarms.queue.dead)
    for alert in simulation.universe.notifier.alerts:
        counted[f"alert_{alert.key.split(':')[0]}"] += 1
    for error in simulation.lambdas.errors:
        counted[f"error_{error.split('#')[0]}_{error.split(': ', 1)[1][:60]}"] += 1
    for queue in simulation.queues.all():
        counted[f"dead_{queue.name}"] += len(queue.dead)
    return counted

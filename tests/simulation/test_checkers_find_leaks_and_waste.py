"""Checkers of secrets that leak, of requests beyond our share, and of money that nobody imported."""

import logging
from random import Random

from tests.simulation.books import check_books
from tests.simulation.canary import canary_of, listening
from tests.simulation.identity import check_imported
from tests.simulation.invariants import Invariants
from tests.simulation.simulation import Simulation
from tests.simulation.swarm import Swarm

from undertow.domain.account import VenueHealth
from undertow.domain.alert import AlertLevel
from undertow.domain.market import Venue


def test_a_secret_that_is_logged_or_kept_is_found() -> None:
    simulation = Simulation(1)
    canary = canary_of(simulation)
    (secret, *_) = canary.secrets
    logger = logging.getLogger("undertow.adapters.aster.rest")
    with listening(canary):
        logger.info("order_sent", extra={"api_secret": secret, "symbol": "BTCUSDT"})
        assert canary.found == []
        logger.info("order_sent", extra={"body": secret})
    logger.info("nobody listens any more", extra={"body": secret})
    assert [one.invariant for one in canary.found] == ["I18"]
    simulation.universe.notifier.alert(AlertLevel.INFO, "clock", f"refused: {secret}", {})
    assert [one.invariant for one in canary.look_at_all(simulation)] == ["I18", "I18"]


def test_asking_under_a_ban_that_is_known_is_found() -> None:
    simulation = Simulation(1)
    universe = simulation.universe
    invariants = Invariants(universe)
    ban = VenueHealth(Venue.ASTER, universe.now_ms + 120_000, "banned")
    universe.kept.healths.set(ban)
    for later_ms in (0, 9_000):
        invariants.rations.hear(1, universe.now_ms + later_ms)
    assert invariants.after_step(universe.now_ms) == []
    invariants.rations.hear(1, universe.now_ms + 11_000)
    assert [one.invariant for one in invariants.after_step(universe.now_ms)] == ["I16"]


def test_a_minute_with_too_much_weight_is_found() -> None:
    simulation = Simulation(1)
    invariants = Invariants(simulation.universe)
    limits = simulation.universe.house.limits
    limits.enter("somewhere", 1_920, 0)
    assert invariants.after_step(0) == []
    limits.enter("somewhere", 1, 59_999)
    assert [one.invariant for one in invariants.after_step(0)] == ["I16"]
    limits.enter("somewhere", 1_920, 60_000)
    assert invariants.after_step(0) == []


def test_money_that_was_not_imported_is_found() -> None:
    simulation = Simulation(1, swarm=Swarm(Random(1), {}))
    simulation.start()
    while simulation.loop.steps < 600:
        simulation.loop.step()
    simulation.lambdas.kill_all()
    assert check_books(simulation) == []
    account = simulation.universe.account.id
    incomes = simulation.universe.store.incomes[account]
    del incomes[next(iter(incomes))]
    assert [one.invariant for one in check_imported(simulation.universe.house, simulation.universe.store, account)] == [
        "I12"
    ]

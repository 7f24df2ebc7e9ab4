"""`undertow reconcile`, and a resume at the terminal that waits for its proof."""

from tests.commands.conftest import CommandLine
from tests.services.test_reconcile import leg
from tests.services.world import ACCOUNT, World

from undertow.domain.account import Switch


def test_the_last_pass_is_a_table_of_legs(undertow: CommandLine, world: World) -> None:
    world.holding()
    world.venue.positions = [leg("0.009")]
    world.clock.advance(10_000)
    world.desk.reconcile(ACCOUNT)
    assert undertow("reconcile", "--check") == 0
    assert "main (live): ledger and venue are equal" in undertow.out
    assert "BTCUSDT" in undertow.out


def test_a_difference_is_named_and_fails_the_check(undertow: CommandLine, world: World) -> None:
    world.holding()
    world.venue.positions = [leg("0.004")]
    world.clock.advance(60_000)
    world.desk.reconcile(ACCOUNT)
    assert undertow("reconcile") == 0
    assert "BTCUSDT waits: the ledger has 0.009 and the venue 0.004" in undertow.out
    assert undertow("reconcile", "--check") == 1
    world.clock.advance(60_000)
    world.desk.reconcile(ACCOUNT)
    assert undertow("reconcile") == 0
    assert "quantities set by the venue's word" in undertow.out


def test_without_any_pass_it_says_that_nothing_was_ever_proven(undertow: CommandLine, world: World) -> None:
    world.store.guards.clear()
    assert undertow("reconcile", "--check") == 1
    assert "never proven" in undertow.out
    assert undertow("reconcile", "--json") == 0
    assert '"admits_entries": false' in undertow.out


def test_a_resume_without_a_fresh_proof_is_refused_and_says_what_to_do(undertow: CommandLine, world: World) -> None:
    world.switch(Switch.PAUSED)
    world.clock.advance(120_001)
    assert undertow("resume", answers=["main"]) == 3
    assert "undertow reconcile" in undertow.err
    assert world.desk.repositories.controls.get(ACCOUNT.id).switch is Switch.PAUSED
    world.desk.reconcile(ACCOUNT)
    assert undertow("resume", answers=["main"]) == 0

"""What reconciliation found, over the API, and a resume that waits for its proof."""

import pytest
from tests.functions.api_caller import ApiCaller
from tests.services.test_reconcile import leg
from tests.services.world import ACCOUNT, World
from tests.unit.builders import BTC

from undertow.domain.account import Switch
from undertow.domain.market import PositionSide
from undertow.domain.reconciliation import Proof


def resume(api: ApiCaller, world: World) -> tuple[int, str, str]:
    version = world.desk.repositories.controls.get(ACCOUNT.id).version
    answer = api.post("/api/resume", {"account": "main", "version": version})
    return answer.status, str(answer.json.get("code", "")), str(answer.json.get("detail", ""))


@pytest.fixture
def paused(world: World) -> World:
    world.switch(Switch.PAUSED)
    return world


def test_the_last_pass_is_shown_leg_by_leg(api: ApiCaller, world: World) -> None:
    world.holding()
    world.clock.advance(10_000)
    world.venue.positions = [leg("0.009"), leg("0.5", PositionSide.SHORT)]
    world.desk.reconcile(ACCOUNT)
    (account,) = api.get("/api/reconciliation").json["accounts"]
    assert account["proof"]["admits_entries"]
    assert (account["proof"]["unproven"], account["latest"]["adopted"]) == ({}, 1)
    long, short = account["latest"]["legs"]
    assert (long["symbol"], long["side"], long["ledger_quantity"], long["venue_quantity"]) == (
        "BTCUSDT",
        "LONG",
        "0.009",
        "0.009",
    )
    assert (long["equal"], long["protected"], long["ledger_orders"], long["venue_orders"]) == (True, True, 2, 2)
    assert (short["side"], short["equal"], short["protected"]) == ("SHORT", True, True)


def test_a_leg_that_differs_and_what_was_corrected_are_shown(api: ApiCaller, world: World) -> None:
    world.holding()
    world.venue.positions = [leg("0.004")]
    world.clock.advance(60_000)
    world.desk.reconcile(ACCOUNT)
    (account,) = api.get("/api/reconciliation").json["accounts"]
    assert account["proof"]["unproven"] == {"BTCUSDT": "the ledger has 0.009 and the venue 0.004"}
    assert (account["latest"]["proven"], account["latest"]["differences"]) == (False, 1)
    world.clock.advance(60_000)
    world.desk.reconcile(ACCOUNT)
    (account,) = api.get("/api/reconciliation").json["accounts"]
    (row,) = account["corrections"]
    assert (row["kind"], row["reason"], row["before"], row["after"]) == ("RECON", "quantity", "0.009", "0.004")
    assert [one["proven"] for one in account["history"]] == [True, False]


def test_an_account_that_was_never_reconciled_says_so(api: ApiCaller, world: World) -> None:
    world.store.guards.clear()
    (account,) = api.get("/api/reconciliation").json["accounts"]
    assert (account["latest"], account["history"], account["corrections"]) == (None, [], [])
    assert account["proof"]["reason"] == "the ledger was never proven to equal the venue"


def test_a_proof_of_less_than_two_minutes_lets_an_account_resume(api: ApiCaller, paused: World) -> None:
    paused.clock.advance(120_000)
    assert resume(api, paused)[0] == 200


def test_an_older_proof_does_not(api: ApiCaller, paused: World) -> None:
    paused.clock.advance(120_001)
    status, code, detail = resume(api, paused)
    assert (status, code) == (409, "not_reconciled")
    assert "too old" in detail
    assert "undertow reconcile" in detail
    assert paused.desk.repositories.controls.get(ACCOUNT.id).switch is Switch.PAUSED
    paused.desk.reconcile(ACCOUNT)
    assert resume(api, paused)[0] == 200


def test_a_symbol_that_differs_keeps_an_account_from_resuming_and_is_named(api: ApiCaller, paused: World) -> None:
    paused.venue.positions = [leg("0.5")]
    paused.venue.read_failure = None
    paused.remember(proof=None)
    assert resume(api, paused)[1] == "not_reconciled"
    paused.desk.reconcile.record_proof(ACCOUNT.id, paused_proof(paused))
    assert f"{BTC}: differs" in resume(api, paused)[2]


def paused_proof(world: World) -> Proof:
    return Proof(9, world.clock.now_ms(), {BTC: "differs"})


def test_missed_events_keep_an_account_from_resuming_until_the_next_pass(api: ApiCaller, paused: World) -> None:
    paused.clock.advance(1_000)
    paused.desk.reconcile.doubt(ACCOUNT)
    assert "events of the account were missed" in resume(api, paused)[2]
    paused.desk.reconcile(ACCOUNT)
    assert resume(api, paused)[0] == 200

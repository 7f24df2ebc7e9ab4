"""What the monitor remembers, trade sessions, and the cascade state of a venue."""

from dataclasses import replace

from tests.contract.repositories.make import ACCOUNT, BTC, HUNTER, NOW_MS, OTHER, d

from undertow.domain.cascade import CascadeState
from undertow.domain.conditions import AggregateCascade, CascadeFormula, CascadeReading, Colour, ReversalQuality
from undertow.domain.guard import AccountGuard, Block, BlockKind
from undertow.domain.ids import StrategyId
from undertow.domain.market import Venue
from undertow.domain.session import SessionId, TradeSession
from undertow.ports import Repositories

BLOCK = Block("drawdown", NOW_MS, "equity fell by 21 %", "a person resets it", {"peak": "1000.50"})
GUARD = AccountGuard(
    ACCOUNT, {BlockKind.DRAWDOWN: BLOCK}, "2026-11-21", d("1000.25"), d("1100.125"), NOW_MS - 5, NOW_MS, version=1
)


def test_a_guard_that_was_never_set_is_empty_and_not_in_the_snapshot(kept: Repositories) -> None:
    assert kept.guards.get(ACCOUNT) == AccountGuard(ACCOUNT)
    assert kept.ledger.snapshot(ACCOUNT, Venue.ASTER, BTC).guard is None


def test_a_guard_comes_back_as_it_was_set_and_with_the_snapshot(kept: Repositories) -> None:
    assert kept.guards.set(GUARD)
    assert kept.guards.get(ACCOUNT) == GUARD
    assert kept.ledger.snapshot(ACCOUNT, Venue.ASTER, BTC).guard == GUARD
    assert kept.guards.get(OTHER) == AccountGuard(OTHER)


def test_a_guard_is_set_over_the_version_before_it_and_no_other(kept: Repositories) -> None:
    assert not kept.guards.set(replace(GUARD, version=2))
    assert kept.guards.set(GUARD)
    assert not kept.guards.set(replace(GUARD, day="2026-11-22"))
    assert not kept.guards.set(replace(GUARD, day="2026-11-22", version=3))
    cleared = replace(GUARD.without(BlockKind.DRAWDOWN), version=2)
    assert kept.guards.set(cleared)
    assert kept.guards.get(ACCOUNT) == cleared


# --- sessions


def session(started_ms: int = NOW_MS, strategy: StrategyId = HUNTER) -> TradeSession:
    name = SessionId(f"{strategy}-{started_ms}")
    return TradeSession(name, ACCOUNT, strategy, started_ms, "anna", "币安 & co", version=1)


def test_sessions_come_back_newest_first_archived_ones_too(kept: Repositories) -> None:
    old, new, other = session(NOW_MS), session(NOW_MS + 9), session(NOW_MS + 5, StrategyId("other"))
    for one in (old, new, other):
        assert kept.sessions.add(one)
    archived = old.archived("ben", NOW_MS + 8)
    assert kept.sessions.update(archived)
    assert kept.sessions.of_account(ACCOUNT) == [new, other, archived]
    assert kept.sessions.of_account(OTHER) == []


def test_a_session_is_added_once(kept: Repositories) -> None:
    assert kept.sessions.add(session())
    assert not kept.sessions.add(replace(session(), note="another"))
    assert kept.sessions.of_account(ACCOUNT) == [session()]


def test_a_session_is_updated_over_the_version_before_it_and_no_other(kept: Repositories) -> None:
    archived = session().archived("ben", NOW_MS + 8)
    assert not kept.sessions.update(archived)
    assert kept.sessions.add(session())
    assert not kept.sessions.update(replace(archived, version=3))
    assert kept.sessions.update(archived)
    assert not kept.sessions.update(archived)
    assert kept.sessions.of_account(ACCOUNT) == [archived]


# --- cascades


def cascade(measured_at_ms: int = NOW_MS, colour: Colour = Colour.ORANGE) -> CascadeState:
    reading = CascadeReading(
        CascadeFormula.MAGNITUDE,
        colour,
        d("3.25"),
        d("2"),
        d("1.25"),
        None,
        ("liquidations", "returns"),
        ReversalQuality.GOOD,
        NOW_MS - 50,
        measured_at_ms,
    )
    aggregate = AggregateCascade(True, 6, 10, 12, NOW_MS - 50, measured_at_ms)
    return CascadeState(
        Venue.ASTER,
        measured_at_ms,
        False,
        {CascadeFormula.MAGNITUDE: aggregate},
        {BTC: {CascadeFormula.MAGNITUDE: reading}},
    )


def test_a_venue_of_which_nothing_was_measured_has_no_cascade_state(kept: Repositories) -> None:
    assert kept.cascades.latest(Venue.ASTER) is None


def test_an_older_cascade_state_never_replaces_a_newer_one(kept: Repositories) -> None:
    kept.cascades.put(cascade())
    assert kept.cascades.latest(Venue.ASTER) == cascade()
    for late in (cascade(NOW_MS - 1, Colour.GREEN), cascade(NOW_MS, Colour.GREEN)):
        kept.cascades.put(late)
        assert kept.cascades.latest(Venue.ASTER) == cascade()
    kept.cascades.put(cascade(NOW_MS + 1, Colour.GREEN))
    assert kept.cascades.latest(Venue.ASTER) == cascade(NOW_MS + 1, Colour.GREEN)
    assert kept.cascades.latest(Venue.HYPERLIQUID) is None

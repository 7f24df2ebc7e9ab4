"""A session opens with its strategy; to start fresh archives it and opens the next; nothing is deleted."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from tests.functions.console_world import GLOBALS, STRATEGY, MarksOfATest, new_console
from tests.services.world import World, new_world

from undertow.adapters.memory.parameters import MemoryParameters
from undertow.adapters.ssm.layout import Paths
from undertow.adapters.ssm.store import SsmDocuments
from undertow.domain.ids import AccountId, StrategyId
from undertow.domain.session import TradeSession
from undertow.ports import DocumentMissing, Sessions
from undertow.services.configure import Configure
from undertow.services.sessions import SessionMoved, TradeSessions

HUNTER = StrategyId("hunter")
MAIN = AccountId("main")


@pytest.fixture
def world() -> World:
    return new_world()


@pytest.fixture
def documents() -> SsmDocuments:
    stored = SsmDocuments(MemoryParameters(), Paths("/undertow/test"))
    stored.store_globals(json.dumps(GLOBALS), expected=0)
    return stored


@pytest.fixture
def configure(world: World, documents: SsmDocuments) -> Configure:
    return new_console(world, documents, MarksOfATest()).configure


@pytest.fixture
def sessions(configure: Configure) -> TradeSessions:
    return configure.sessions


def apply(configure: Configure, expected: int = 0, **changes: Any) -> None:
    configure.apply(json.dumps({**STRATEGY, **changes}), expected, "anna")


def test_a_new_strategy_opens_its_first_session(configure: Configure, sessions: TradeSessions, world: World) -> None:
    assert sessions.of(MAIN) == []
    apply(configure)
    (session,) = sessions.of(MAIN)
    assert (session.strategy, session.opened_at_ms, session.opened_by) == (HUNTER, world.clock.now_ms(), "anna")
    assert session.is_open


def test_a_change_of_the_strategy_keeps_its_session(configure: Configure, sessions: TradeSessions) -> None:
    apply(configure)
    before = sessions.of(MAIN)
    apply(configure, 1, enabled=False)
    configure.remove(HUNTER, 2, "anna")
    apply(configure)
    assert sessions.of(MAIN) == before


def test_a_refused_strategy_opens_no_session(configure: Configure, sessions: TradeSessions) -> None:
    with pytest.raises(Exception, match="account"):
        apply(configure, account="nowhere")
    assert sessions.of(MAIN) == []


def test_starting_fresh_archives_the_open_session_and_opens_the_next(
    configure: Configure, sessions: TradeSessions, world: World
) -> None:
    apply(configure)
    world.clock.advance(5_000)
    archived, opened = sessions.start_fresh(MAIN, HUNTER, "ben", "new settings")
    assert archived is not None
    assert (archived.archived_at_ms, archived.archived_by) == (world.clock.now_ms(), "ben")
    assert (opened.opened_at_ms, opened.opened_by, opened.note) == (world.clock.now_ms(), "ben", "new settings")
    assert list(sessions.of(MAIN)) == [opened, archived], "nothing is deleted"
    row = world.desk.repositories.audit.recent(0, 10**14, 1)[0]
    assert (row.by, row.action, row.subject) == ("ben", "session:start-fresh", "hunter")
    assert json.loads(row.after) == {"session": opened.id, "note": "new settings"}


def test_a_moment_belongs_to_one_session_and_none_falls_between(
    configure: Configure, sessions: TradeSessions, world: World
) -> None:
    apply(configure)
    start_ms = world.clock.now_ms()
    for _ in range(3):
        world.clock.advance(1_000)
        sessions.start_fresh(MAIN, HUNTER, "anna")
    for moment_ms in range(start_ms, start_ms + 4_000, 250):
        holding = [session for session in sessions.of(MAIN) if session.holds(moment_ms)]
        assert holding == [sessions.session_at(MAIN, HUNTER, moment_ms)]
    assert sessions.session_at(MAIN, HUNTER, start_ms - 1) is None
    assert sessions.session_at(MAIN, StrategyId("other"), start_ms) is None


def test_each_strategy_has_sessions_of_its_own(configure: Configure, sessions: TradeSessions) -> None:
    apply(configure)
    apply(configure, id="other")
    sessions.start_fresh(MAIN, HUNTER, "anna")
    open_ones = {session.strategy: session for session in sessions.of(MAIN) if session.is_open}
    assert set(open_ones) == {"hunter", "other"}
    assert len(sessions.of(MAIN)) == 3


def test_a_session_needs_a_strategy_that_trades_on_the_account(configure: Configure, sessions: TradeSessions) -> None:
    with pytest.raises(DocumentMissing, match="undertow strategy apply FILE"):
        sessions.start_fresh(MAIN, HUNTER, "anna")
    apply(configure)
    with pytest.raises(DocumentMissing, match="trades on main, not on other"):
        sessions.start_fresh(AccountId("other"), HUNTER, "anna")


@dataclass
class Meanwhile:
    """Sessions to which something happens just before the next write."""

    inner: Sessions
    happens: Callable[[], object] | None = None

    def _first(self) -> None:
        happens, self.happens = self.happens, None
        if happens is not None:
            happens()

    def add(self, session: TradeSession) -> bool:
        self._first()
        return self.inner.add(session)

    def update(self, session: TradeSession) -> bool:
        self._first()
        return self.inner.update(session)

    def of_account(self, account: AccountId) -> Sequence[TradeSession]:
        return self.inner.of_account(account)


def test_of_two_who_start_fresh_at_once_one_wins_and_the_other_is_told(
    configure: Configure, sessions: TradeSessions, world: World
) -> None:
    apply(configure)
    world.clock.advance(1_000)
    slow = TradeSessions(
        Meanwhile(sessions.sessions, lambda: sessions.start_fresh(MAIN, HUNTER, "fast")),
        sessions.documents,
        sessions.audit,
        sessions.clock,
    )
    with pytest.raises(SessionMoved, match="at the same moment"):
        slow.start_fresh(MAIN, HUNTER, "slow")
    opened, archived = sessions.of(MAIN)
    assert (opened.opened_by, archived.archived_by) == ("fast", "fast")


def test_of_two_who_open_a_first_session_at_once_there_is_one(
    configure: Configure, sessions: TradeSessions, documents: SsmDocuments, world: World
) -> None:
    documents.store_strategy(json.dumps(STRATEGY), expected=0)

    def fast() -> None:
        sessions.start_fresh(MAIN, HUNTER, "fast")
        world.clock.advance(7)

    slow = TradeSessions(Meanwhile(sessions.sessions, fast), sessions.documents, sessions.audit, sessions.clock)
    with pytest.raises(SessionMoved):
        slow.start_fresh(MAIN, HUNTER, "slow")
    assert [session.opened_by for session in sessions.of(MAIN)] == ["fast"]


def test_a_start_that_broke_off_half_way_is_completed_by_the_next_without_a_gap(
    configure: Configure, sessions: TradeSessions, world: World
) -> None:
    apply(configure)
    (session,) = sessions.of(MAIN)
    world.clock.advance(1_000)
    broke_off_ms = world.clock.now_ms()
    assert sessions.sessions.update(session.archived("anna", broke_off_ms))
    world.clock.advance(60_000)
    apply(configure, 1, enabled=False)
    opened = sessions.session_at(MAIN, HUNTER, broke_off_ms)
    assert opened is not None
    assert (opened.is_open, opened.opened_at_ms) == (True, broke_off_ms)

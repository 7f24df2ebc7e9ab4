"""Who changed a strategy, when and what; any version can be put in force again, and nothing comes to be by itself."""

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from tests.functions.console_world import GLOBALS, STRATEGY, MarksOfATest, new_console
from tests.services.world import World, new_world

from undertow.adapters.memory.parameters import MemoryParameters
from undertow.adapters.ssm.layout import Paths
from undertow.adapters.ssm.store import SsmDocuments
from undertow.domain.ids import AccountId, StrategyId
from undertow.ports import BadDocument, Document, DocumentMissing, DocumentMoved, DocumentsUnavailable
from undertow.services.configure import Configure
from undertow.services.console import Console

HUNTER = StrategyId("hunter")
SOURCE = Path(__file__).parents[2] / "layers" / "undertow" / "src" / "undertow"


@pytest.fixture
def world() -> World:
    return new_world()


@pytest.fixture
def documents() -> SsmDocuments:
    stored = SsmDocuments(MemoryParameters(), Paths("/undertow/test"))
    stored.store_globals(json.dumps(GLOBALS), expected=0)
    return stored


@pytest.fixture
def console(world: World, documents: SsmDocuments) -> Console:
    return new_console(world, documents, MarksOfATest())


@pytest.fixture
def configure(console: Console) -> Configure:
    return console.configure


def hunter(leverage: int, **changes: Any) -> str:
    return json.dumps({**STRATEGY, "base": {**STRATEGY["base"], "leverage": leverage}, **changes})  # type: ignore[dict-item]


def leverage(document: Document | None) -> int:
    assert document is not None
    return int(json.loads(document.text)["base"]["leverage"])


# --- changes --------------------------------------------------------------------------------------------------------


def test_every_change_is_told_newest_first_with_who_when_and_what(configure: Configure, world: World) -> None:
    configure.apply(hunter(10), 0, "anna")
    world.clock.advance(60_000)
    configure.apply(hunter(5), 1, "ben")
    world.clock.advance(60_000)
    configure.remove(HUNTER, 2, "carla")
    removed, changed, created = configure.changes(HUNTER)
    assert [(one.version, one.by, one.action) for one in (created, changed, removed)] == [
        (1, "anna", "strategy:apply"),
        (2, "ben", "strategy:apply"),
        (3, "carla", "strategy:remove"),
    ]
    assert changed.time_ms - created.time_ms == 60_000
    assert '-    "leverage": 10,' in changed.difference
    assert '+    "leverage": 5,' in changed.difference
    assert (created.before, removed.after) == ("", "")
    assert removed.before == changed.after


def test_a_strategy_that_never_was_has_no_changes_and_the_error_says_how_to_create_one(configure: Configure) -> None:
    with pytest.raises(DocumentMissing, match="undertow strategy apply FILE"):
        configure.changes(HUNTER)


def test_versions_go_on_when_a_removed_strategy_comes_back(configure: Configure) -> None:
    configure.apply(hunter(10), 0, "anna")
    configure.remove(HUNTER, 1, "anna")
    assert configure.apply(hunter(7), 0, "anna").document.version == 3
    assert [one.version for one in configure.changes(HUNTER)] == [3, 2, 1]


def test_changes_of_other_strategies_and_other_actions_are_not_among_them(configure: Configure) -> None:
    configure.apply(hunter(10), 0, "anna")
    configure.apply(hunter(10, id="other"), 0, "anna")
    configure.set_globals(json.dumps({**GLOBALS, "rate_limit_buffer_pct": 20}), 1, "anna")
    assert [one.version for one in configure.changes(HUNTER)] == [1]


@dataclass
class Failing:
    """Documents whose next write of a strategy does not get through."""

    inner: SsmDocuments
    fails: bool = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def store_strategy(self, text: str, expected: int) -> Document:
        if self.fails:
            raise DocumentsUnavailable("no answer")
        return self.inner.store_strategy(text, expected)


def test_an_attempt_that_did_not_get_through_is_no_change(world: World, documents: SsmDocuments) -> None:
    failing = Failing(documents)
    configure = new_console(world, failing, MarksOfATest()).configure  # type: ignore[arg-type]
    configure.apply(hunter(10), 0, "anna")
    failing.fails = True
    with pytest.raises(DocumentsUnavailable):
        configure.apply(hunter(9), 1, "ben")
    assert [one.by for one in configure.changes(HUNTER)] == ["anna"]
    failing.fails = False
    world.clock.advance(1)
    configure.apply(hunter(8), 1, "carla")
    newest, oldest = configure.changes(HUNTER)
    assert (newest.by, newest.before) == ("carla", oldest.after)


def test_of_two_who_change_at_once_only_the_one_who_got_through_is_told_of(configure: Configure, world: World) -> None:
    configure.apply(hunter(10), 0, "anna")
    configure.apply(hunter(7), 1, "fast")
    audit = world.desk.repositories.audit
    (row,) = [row for row in audit.recent(0, 10**14, 10) if row.by == "fast"]
    audit.append(replace(row, time_ms=row.time_ms + 1, by="slow", after='{"other":1}'))
    assert [one.by for one in configure.changes(HUNTER)] == ["fast", "anna"]


def test_a_long_history_is_read_to_its_beginning(configure: Configure, world: World) -> None:
    configure.apply(hunter(10), 0, "anna")
    audit = world.desk.repositories.audit
    (row,) = audit.recent(0, 10**14, 1)
    for number in range(1_200):
        audit.append(type(row)(row.time_ms + 1 + number // 3, "noise", "switch:paused", "main", str(number), ""))
    world.clock.advance(10_000)
    assert [one.by for one in configure.changes(HUNTER)] == ["anna"]


# --- restore --------------------------------------------------------------------------------------------------------


def test_an_earlier_version_comes_into_force_again_as_a_new_one(configure: Configure, documents: SsmDocuments) -> None:
    configure.apply(hunter(10), 0, "anna")
    configure.apply(hunter(5), 1, "anna")
    restored = configure.restore(HUNTER, 1, 2, "ben")
    assert (restored.document.version, leverage(documents.strategy(HUNTER))) == (3, 10)
    newest = configure.changes(HUNTER)[0]
    assert (newest.version, newest.by, newest.action) == (3, "ben", "strategy:restore")


def test_a_removed_strategy_can_be_restored(configure: Configure, documents: SsmDocuments) -> None:
    configure.apply(hunter(10), 0, "anna")
    configure.remove(HUNTER, 1, "anna")
    configure.restore(HUNTER, 1, 0, "ben")
    assert leverage(documents.strategy(HUNTER)) == 10
    assert documents.latest_version(HUNTER) == 3


def test_whoever_has_not_seen_the_present_version_restores_nothing(
    configure: Configure, documents: SsmDocuments
) -> None:
    configure.apply(hunter(10), 0, "anna")
    configure.apply(hunter(5), 1, "anna")
    for expected in (0, 1, 3):
        with pytest.raises(DocumentMoved):
            configure.restore(HUNTER, 1, expected, "ben")
    assert (documents.latest_version(HUNTER), leverage(documents.strategy(HUNTER))) == (2, 5)


def test_a_version_that_is_none_or_a_removal_cannot_be_restored(configure: Configure) -> None:
    configure.apply(hunter(10), 0, "anna")
    configure.remove(HUNTER, 1, "anna")
    with pytest.raises(DocumentMissing, match="no version 9"):
        configure.restore(HUNTER, 9, 0, "ben")
    with pytest.raises(DocumentMissing, match="is its removal"):
        configure.restore(HUNTER, 2, 0, "ben")


def test_what_is_no_longer_admissible_is_not_restored(configure: Configure, documents: SsmDocuments) -> None:
    both = {**GLOBALS["accounts"], "second": GLOBALS["accounts"]["main"]}
    configure.set_globals(json.dumps({**GLOBALS, "accounts": both}), 1, "anna")
    configure.apply(hunter(10, account="second"), 0, "anna")
    configure.apply(hunter(10), 1, "anna")
    configure.set_globals(json.dumps(GLOBALS), 2, "anna")
    with pytest.raises(BadDocument, match="an account of the globals"):
        configure.restore(HUNTER, 1, 2, "anna")
    assert documents.latest_version(HUNTER) == 2


# --- nothing comes to be by itself ----------------------------------------------------------------------------------


def calls_of(method: str) -> Iterator[tuple[str, str]]:
    """Where in the product something calls ``method``: file, and the function it is in."""
    for path in sorted(SOURCE.rglob("*.py")):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef):
                for node in ast.walk(function):
                    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method:
                        yield path.relative_to(SOURCE).as_posix(), function.name


def test_only_an_explicit_action_of_a_person_stores_a_strategy() -> None:
    assert set(calls_of("store_strategy")) == {("services/configure.py", "_apply")}
    assert set(calls_of("_apply")) == {("services/configure.py", "apply"), ("services/configure.py", "restore")}
    doors = {file.split("/")[0] for file, _ in calls_of("apply")}
    assert doors <= {"services", "api", "commands"}
    assert {place for place in calls_of("apply") if place[0].startswith("services")} == {
        ("services/configure.py", name) for name in ("set_base", "set_symbol", "add_symbol", "remove_symbol")
    }


def test_changing_a_part_of_a_strategy_that_is_not_there_creates_nothing(
    configure: Configure, documents: SsmDocuments
) -> None:
    symbol: Any = "BTCUSDT"
    attempts = (
        lambda: configure.set_base(HUNTER, {}, 0, "anna"),
        lambda: configure.set_symbol(HUNTER, symbol, {}, 0, "anna"),
        lambda: configure.add_symbol(HUNTER, symbol, {}, 0, "anna"),
        lambda: configure.remove_symbol(HUNTER, symbol, 0, "anna"),
        lambda: configure.remove(HUNTER, 0, "anna"),
        lambda: configure.restore(HUNTER, 1, 0, "anna"),
    )
    for attempt in attempts:
        with pytest.raises(
            DocumentMissing, match=r"there is no strategy hunter: create one with `undertow strategy apply"
        ):
            attempt()
    assert documents.strategies() == []


def test_reading_parameters_without_a_strategy_creates_none(console: Console, documents: SsmDocuments) -> None:
    assert console.sources.params.current().strategies == {}
    assert console.sources.params.refreshed().strategies == {}
    assert documents.strategies() == []
    assert console.sessions.of(AccountId("main")) == []

"""Decisions are made by parameters that were read whole, and by nothing when there are none."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from undertow.adapters.memory import RecordingNotifier, SettableClock
from undertow.adapters.memory.parameters import MemoryParameters
from undertow.adapters.ssm.layout import Paths
from undertow.adapters.ssm.parameters import Parameters, Pin, Stored
from undertow.adapters.ssm.source import SsmParamsSource
from undertow.adapters.ssm.store import SsmDocuments
from undertow.domain.ids import StrategyId, Symbol
from undertow.domain.market import Venue
from undertow.ports import DocumentsUnavailable, NoParameters

PATHS = Paths("/undertow/test")
HUNTER = StrategyId("hunter")


@dataclass
class Counted:
    """A store that counts its calls and can be cut off."""

    inner: Parameters
    answers: bool = True
    calls: int = 0

    def _call(self) -> None:
        self.calls += 1
        if not self.answers:
            raise DocumentsUnavailable("cut off")

    def read(self, name: str) -> Stored | None:
        self._call()
        return self.inner.read(name)

    def pinned(self, pins: Sequence[Pin]) -> Mapping[Pin, str]:
        self._call()
        return self.inner.pinned(pins)

    def below(self, path: str) -> Sequence[Stored]:
        self._call()
        return self.inner.below(path)

    def write(self, name: str, value: str) -> int:
        return self.inner.write(name, value)

    def write_secret(self, name: str, value: str) -> int:
        return self.inner.write_secret(name, value)


@dataclass
class Forgets:
    """A store in which the globals were deleted."""

    inner: MemoryParameters
    forgotten: bool = False

    def read(self, name: str) -> Stored | None:
        return None if self.forgotten else self.inner.read(name)

    def pinned(self, pins: Sequence[Pin]) -> Mapping[Pin, str]:
        return self.inner.pinned(pins)

    def below(self, path: str) -> Sequence[Stored]:
        return self.inner.below(path)


@pytest.fixture
def store(parameters: Parameters) -> Counted:
    return Counted(parameters)


@pytest.fixture
def documents(store: Counted, globals_file: dict[str, Any], strategy_file: dict[str, Any]) -> SsmDocuments:
    found = SsmDocuments(store, PATHS)
    found.store_globals(json.dumps(globals_file), expected=0)
    found.store_strategy(json.dumps(strategy_file), expected=0)
    store.calls = 0
    return found


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(1_000_000)


@pytest.fixture
def notifier() -> RecordingNotifier:
    return RecordingNotifier()


@pytest.fixture
def source(store: Counted, clock: SettableClock, notifier: RecordingNotifier) -> SsmParamsSource:
    return SsmParamsSource(store, PATHS, clock, notifier)


def keys(notifier: RecordingNotifier) -> list[str]:
    return [alert.key for alert in notifier.alerts]


@pytest.mark.usefixtures("documents")
def test_parameters_come_with_the_base_laid_under_each_symbol(source: SsmParamsSource) -> None:
    current = source.current()
    hunter = current.strategies[HUNTER]
    assert (hunter.version, current.globals.version) == ("1", "1")
    assert hunter.symbols[Symbol("BTCUSDT")].long.lower == 100_000
    assert hunter.symbols[Symbol("ETHUSDT")].long.lower == 5_000
    assert current.watched_symbols(Venue.ASTER) == {"BTCUSDT", "ETHUSDT"}


@pytest.mark.usefixtures("documents")
def test_they_are_asked_for_once_in_thirty_seconds(
    source: SsmParamsSource, store: Counted, clock: SettableClock
) -> None:
    source.current()
    asked = store.calls
    clock.advance(29_999)
    source.current()
    assert store.calls == asked
    clock.advance(1)
    source.current()
    assert store.calls == asked + 2, "globals and manifests; what did not change is not fetched again"


def test_a_change_is_in_force_after_thirty_seconds(
    source: SsmParamsSource, documents: SsmDocuments, clock: SettableClock, strategy_file: dict[str, Any]
) -> None:
    source.current()
    strategy_file["base"]["leverage"] = 3
    documents.store_strategy(json.dumps(strategy_file), expected=1)
    clock.advance(30_000)
    hunter = source.current().strategies[HUNTER]
    assert (hunter.version, hunter.symbols[Symbol("ETHUSDT")].leverage) == ("2", 3)


def test_a_removed_strategy_is_no_longer_traded(
    source: SsmParamsSource, documents: SsmDocuments, clock: SettableClock
) -> None:
    source.current()
    documents.remove_strategy(HUNTER, expected=1)
    clock.advance(30_000)
    assert source.current().strategies == {}


def test_the_switch_to_simulation_reaches_strategies_that_did_not_change(
    source: SsmParamsSource, documents: SsmDocuments, clock: SettableClock, globals_file: dict[str, Any]
) -> None:
    source.current()
    documents.store_globals(json.dumps({**globals_file, "simulate_only": True}), expected=1)
    clock.advance(30_000)
    assert all(params.simulate for params in source.current().strategies[HUNTER].symbols.values())


@pytest.mark.usefixtures("documents")
def test_a_strategy_that_became_unreadable_keeps_its_last_good_form_and_alerts(
    source: SsmParamsSource, store: Counted, clock: SettableClock, notifier: RecordingNotifier
) -> None:
    good = source.current().strategies[HUNTER]
    store.write(PATHS.strategy(HUNTER), "edited by hand")
    clock.advance(30_000)
    assert source.current().strategies[HUNTER] == good
    assert keys(notifier) == ["bad_strategy:hunter"]


@pytest.mark.usefixtures("documents")
def test_a_strategy_that_was_never_readable_is_not_traded(
    source: SsmParamsSource, store: Counted, notifier: RecordingNotifier
) -> None:
    store.write(PATHS.strategy(StrategyId("other")), "edited by hand")
    assert set(source.current().strategies) == {HUNTER}
    assert keys(notifier) == ["bad_strategy:other"]


@pytest.mark.usefixtures("documents")
def test_bad_globals_leave_the_last_good_ones_in_force(
    source: SsmParamsSource, store: Counted, clock: SettableClock, notifier: RecordingNotifier
) -> None:
    source.current()
    store.write(PATHS.globals, '{"accounts": {}}')
    clock.advance(30_000)
    assert source.current().globals.version == "1"
    assert keys(notifier) == ["bad_globals"]


@pytest.mark.usefixtures("documents")
def test_a_process_that_starts_on_bad_globals_goes_back_to_the_last_good_version(
    source: SsmParamsSource, store: Counted, notifier: RecordingNotifier
) -> None:
    store.write(PATHS.globals, "{")
    store.write(PATHS.globals, '{"accounts": {}}')
    assert source.current().globals.version == "1"
    assert keys(notifier) == ["bad_globals"]


def test_with_no_good_version_at_all_nothing_trades(source: SsmParamsSource, store: Counted) -> None:
    store.write(PATHS.globals, "{")
    store.write(PATHS.globals, "[]")
    with pytest.raises(NoParameters):
        source.current()


def test_where_no_globals_were_ever_stored_nothing_trades(source: SsmParamsSource) -> None:
    with pytest.raises(NoParameters, match="no globals were ever stored"):
        source.current()


@pytest.mark.usefixtures("documents")
def test_a_silent_store_leaves_the_last_parameters_in_force_and_they_age(
    source: SsmParamsSource, store: Counted, clock: SettableClock, notifier: RecordingNotifier
) -> None:
    good = source.current()
    store.answers = False
    clock.advance(3_600_000)
    assert source.current() == good
    assert source.current().age_ms(clock.now_ms()) == 3_600_000
    assert "parameters_unreachable" in keys(notifier)
    store.answers = True
    clock.advance(30_000)
    assert source.current().age_ms(clock.now_ms()) == 0


def test_globals_that_are_gone_leave_the_last_ones_in_force(
    globals_file: dict[str, Any], clock: SettableClock, notifier: RecordingNotifier
) -> None:
    parameters = MemoryParameters()
    SsmDocuments(parameters, PATHS).store_globals(json.dumps(globals_file), expected=0)
    source = SsmParamsSource(Forgets(parameters), PATHS, clock, notifier)
    good = source.current()
    assert isinstance(source.parameters, Forgets)
    source.parameters.forgotten = True
    clock.advance(30_000)
    assert source.current() == good
    assert keys(notifier) == ["parameters_unreachable"]


def test_a_store_that_never_answered_gives_no_parameters(source: SsmParamsSource, store: Counted) -> None:
    store.answers = False
    with pytest.raises(NoParameters, match="not be read even once"):
        source.current()


def test_a_strategy_whose_account_is_not_there_is_left_out(
    globals_file: dict[str, Any], strategy_file: dict[str, Any], clock: SettableClock, notifier: RecordingNotifier
) -> None:
    parameters = MemoryParameters()
    documents = SsmDocuments(parameters, PATHS)
    documents.store_globals(json.dumps(globals_file), expected=0)
    documents.store_strategy(json.dumps(strategy_file), expected=0)
    globals_file["accounts"]["other"] = globals_file["accounts"].pop("main")
    parameters.write(PATHS.globals, json.dumps(globals_file))
    assert SsmParamsSource(parameters, PATHS, clock, notifier).current().strategies == {}
    assert keys(notifier) == ["strategy_without_account:hunter"]

"""Documents are stored as a whole or not at all, nothing is created by accident, and nothing is lost."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from undertow.adapters.memory.parameters import MemoryParameters
from undertow.adapters.ssm.layout import Paths, parameter_name
from undertow.adapters.ssm.parameters import Parameters, Pin, Stored
from undertow.adapters.ssm.store import SsmDocuments
from undertow.domain.ids import StrategyId, Symbol
from undertow.ports import BadDocument, DocumentMissing, DocumentMoved, DocumentsUnavailable

PATHS = Paths("/undertow/test")
HUNTER = StrategyId("hunter")


@pytest.fixture
def documents(parameters: Parameters, globals_file: dict[str, Any]) -> SsmDocuments:
    store = SsmDocuments(parameters, PATHS)
    store.store_globals(json.dumps(globals_file), expected=0)
    return store


def test_a_stored_strategy_reads_back_as_it_was_given(documents: SsmDocuments, strategy_file: dict[str, Any]) -> None:
    strategy_file["symbols"]["币安人生USDT"] = {"leverage": 3}
    stored = documents.store_strategy(json.dumps(strategy_file), expected=0)
    assert stored.version == 1
    read = documents.strategy(HUNTER)
    assert read == stored
    assert json.loads(read.text)["symbols"] == {
        "BTCUSDT": {"volume_threshold_long": "100000"},
        "ETHUSDT": {},
        "币安人生USDT": {"leverage": 3},
    }
    assert [document.name for document in documents.strategies()] == ["hunter"]


def test_a_change_writes_only_the_parts_that_changed(
    documents: SsmDocuments, parameters: Parameters, strategy_file: dict[str, Any]
) -> None:
    strategy_file["symbols"]["SOLUSDT"] = {"leverage": 5}
    documents.store_strategy(json.dumps(strategy_file), expected=0)
    strategy_file["symbols"]["SOLUSDT"] = {"leverage": 6}
    changed = documents.store_strategy(json.dumps(strategy_file), expected=1)
    assert changed.version == 2

    def version(name: str) -> int:
        found = parameters.read(name)
        assert found is not None
        return found.version

    assert version(PATHS.base(HUNTER)) == 1
    assert version(PATHS.symbol(HUNTER, Symbol("BTCUSDT"))) == 1
    assert version(PATHS.symbol(HUNTER, Symbol("SOLUSDT"))) == 2
    assert version(PATHS.strategy(HUNTER)) == 2


def test_a_bad_file_changes_nothing(documents: SsmDocuments, strategy_file: dict[str, Any]) -> None:
    before = documents.store_strategy(json.dumps(strategy_file), expected=0)
    strategy_file["symbols"]["SOLUSDT"] = {"leverage": 600}
    with pytest.raises(BadDocument):
        documents.store_strategy(json.dumps(strategy_file), expected=1)
    assert documents.strategy(HUNTER) == before


def test_a_write_that_breaks_off_half_way_changes_nothing(
    globals_file: dict[str, Any], strategy_file: dict[str, Any]
) -> None:
    parameters = BreaksOff(MemoryParameters())
    documents = SsmDocuments(parameters, PATHS)
    documents.store_globals(json.dumps(globals_file), expected=0)
    before = documents.store_strategy(json.dumps(strategy_file), expected=0)
    strategy_file["base"]["leverage"] = 5
    strategy_file["symbols"] = {name: {"leverage": 4} for name in ("AUSDT", "BUSDT", "CUSDT")}
    parameters.writes_left = 3
    with pytest.raises(DocumentsUnavailable):
        documents.store_strategy(json.dumps(strategy_file), expected=1)
    assert documents.strategy(HUNTER) == before
    parameters.writes_left = 100
    assert documents.store_strategy(json.dumps(strategy_file), expected=1).version == 2


@dataclass
class BreaksOff:
    """A store that stops answering writes after so many."""

    inner: MemoryParameters
    writes_left: int = 100
    calls: list[str] = field(default_factory=list)

    def read(self, name: str) -> Stored | None:
        return self.inner.read(name)

    def pinned(self, pins: Sequence[Pin]) -> Mapping[Pin, str]:
        return self.inner.pinned(pins)

    def below(self, path: str) -> Sequence[Stored]:
        return self.inner.below(path)

    def write(self, name: str, value: str) -> int:
        if self.writes_left == 0:
            raise DocumentsUnavailable("broken off")
        self.writes_left -= 1
        return self.inner.write(name, value)

    def write_secret(self, name: str, value: str) -> int:
        return self.write(name, value)


def test_whoever_has_not_seen_the_present_version_changes_nothing(
    documents: SsmDocuments, strategy_file: dict[str, Any], globals_file: dict[str, Any]
) -> None:
    documents.store_strategy(json.dumps(strategy_file), expected=0)
    strategy_file["enabled"] = False
    for expected in (0, 2):
        with pytest.raises(DocumentMoved) as refused:
            documents.store_strategy(json.dumps(strategy_file), expected)
        assert refused.value.stored == 1
        with pytest.raises(DocumentMoved):
            documents.store_globals(json.dumps(globals_file), expected)


def test_a_strategy_needs_globals_that_name_its_account(
    parameters: Parameters, globals_file: dict[str, Any], strategy_file: dict[str, Any]
) -> None:
    documents = SsmDocuments(parameters, PATHS)
    with pytest.raises(DocumentMissing, match="globals"):
        documents.store_strategy(json.dumps(strategy_file), expected=0)
    documents.store_globals(json.dumps(globals_file), expected=0)
    strategy_file["account"] = "other"
    with pytest.raises(BadDocument, match=r"account: \"other\"; allowed: an account of the globals: main"):
        documents.store_strategy(json.dumps(strategy_file), expected=0)


def test_an_account_that_a_strategy_trades_on_cannot_be_taken_out(
    documents: SsmDocuments, globals_file: dict[str, Any], strategy_file: dict[str, Any]
) -> None:
    documents.store_strategy(json.dumps(strategy_file), expected=0)
    globals_file["accounts"]["other"] = globals_file["accounts"].pop("main")
    with pytest.raises(BadDocument, match="strategy hunter trades on it"):
        documents.store_globals(json.dumps(globals_file), expected=1)


def test_a_removed_strategy_is_gone_its_content_is_returned_and_its_parameters_stay(
    documents: SsmDocuments, parameters: Parameters, strategy_file: dict[str, Any]
) -> None:
    stored = documents.store_strategy(json.dumps(strategy_file), expected=0)
    removed = documents.remove_strategy(HUNTER, expected=1)
    assert removed == stored
    assert documents.strategy(HUNTER) is None
    assert documents.strategies() == []
    assert parameters.read(PATHS.base(HUNTER)) is not None
    with pytest.raises(DocumentMissing):
        documents.remove_strategy(HUNTER, expected=2)


def test_a_strategy_may_come_back_and_its_versions_go_on(
    documents: SsmDocuments, strategy_file: dict[str, Any]
) -> None:
    documents.store_strategy(json.dumps(strategy_file), expected=0)
    documents.remove_strategy(HUNTER, expected=1)
    assert documents.store_strategy(json.dumps(strategy_file), expected=0).version == 3


def test_a_symbol_that_was_taken_out_and_added_again_has_its_new_settings(
    documents: SsmDocuments, strategy_file: dict[str, Any]
) -> None:
    documents.store_strategy(json.dumps(strategy_file), expected=0)
    without = {**strategy_file, "symbols": {"ETHUSDT": {}}}
    documents.store_strategy(json.dumps(without), expected=1)
    strategy_file["symbols"]["BTCUSDT"] = {"leverage": 2}
    documents.store_strategy(json.dumps(strategy_file), expected=2)
    read = documents.strategy(HUNTER)
    assert read is not None
    assert json.loads(read.text)["symbols"]["BTCUSDT"] == {"leverage": 2}


def test_checking_a_file_stores_nothing(documents: SsmDocuments, strategy_file: dict[str, Any]) -> None:
    strategy_file["base"]["leverage"] = 25
    checked = documents.check_strategy(json.dumps(strategy_file))
    assert checked.name == "hunter"
    assert any("max_leverage 20" in warning for warning in checked.warnings)
    assert documents.strategies() == []


def test_a_document_larger_than_a_parameter_is_refused_before_anything_is_written(
    documents: SsmDocuments, parameters: Parameters, globals_file: dict[str, Any]
) -> None:
    globals_file["extra_symbols"] = [f"COIN{number:04}USDT" for number in range(400)]
    with pytest.raises(BadDocument, match="at most 4096 bytes"):
        documents.store_globals(json.dumps(globals_file), expected=1)
    stored = parameters.read(PATHS.globals)
    assert stored is not None
    assert stored.version == 1


def test_more_symbols_than_a_list_holds_are_refused_before_anything_is_written(
    documents: SsmDocuments, parameters: Parameters, many: Callable[[int], dict[str, Any]]
) -> None:
    with pytest.raises(BadDocument, match="250 symbols"):
        documents.store_strategy(json.dumps(many(250)), expected=0)
    assert parameters.read(PATHS.base(HUNTER)) is None
    assert documents.store_strategy(json.dumps(many(120)), expected=0).version == 1


def test_names_of_parameters_hold_only_what_they_may() -> None:
    assert parameter_name(Symbol("BTCUSDT")) == "BTCUSDT"
    assert parameter_name(Symbol("BTCUSDT_260327")) == "BTCUSDT_260327"
    assert parameter_name(Symbol("币USDT")) == "-e5-b8-81USDT"
    assert parameter_name(Symbol("A-B")) != parameter_name(Symbol("A2dB"))


def test_a_manifest_that_somebody_else_wrote_is_told_apart(documents: SsmDocuments, parameters: Parameters) -> None:
    for text in ("hello", "{}", '{"version": 1, "removed": false, "base": 1}'):
        parameters.write(PATHS.strategy(HUNTER), text)
        with pytest.raises(BadDocument, match="not written by this program"):
            documents.strategy(HUNTER)

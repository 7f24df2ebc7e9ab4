"""docs/parameters.md and the examples say what the documents say."""

from pathlib import Path

import pytest

from undertow.adapters.memory.parameters import MemoryParameters
from undertow.adapters.ssm import globals_file, strategy_file
from undertow.adapters.ssm.catalogue import CATALOGUE, Entry, Section
from undertow.adapters.ssm.layout import Paths
from undertow.adapters.ssm.store import SsmDocuments
from undertow.domain.ids import AccountId

PROJECT = Path(__file__).parents[3]
EXAMPLES = PROJECT / "examples"


def documented() -> dict[str, list[Entry]]:
    """The rows of each table, by the heading above it."""
    tables: dict[str, list[Entry]] = {}
    heading = ""
    for line in (PROJECT / "docs" / "parameters.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            heading = line.removeprefix("## ")
        elif heading and line.startswith("| `"):
            name, unit, allowed, default, meaning = (cell.strip() for cell in line.strip("|").split("|"))
            tables.setdefault(heading, []).append(Entry(name.strip("`"), unit, allowed, default, meaning))
    return tables


@pytest.mark.parametrize("section", CATALOGUE, ids=lambda section: section.title)
def test_every_parameter_is_documented_as_it_is(section: Section) -> None:
    assert documented()[section.title] == list(section.entries)


def test_nothing_else_is_documented() -> None:
    assert set(documented()) == {section.title for section in CATALOGUE}


def test_the_examples_can_be_stored_as_they_are_and_nothing_about_them_is_unwise() -> None:
    documents = SsmDocuments(MemoryParameters(), Paths("/undertow/test"))
    documents.store_globals((EXAMPLES / "globals.json").read_text(encoding="utf-8"), expected=0)
    checked = documents.check_strategy((EXAMPLES / "hunter.json").read_text(encoding="utf-8"))
    assert checked.warnings == ()
    documents.store_strategy(checked.text, expected=0)


def test_the_example_hunter_trades_many_symbols_within_the_caps_of_its_account() -> None:
    current = globals_file.to_domain(globals_file.parse((EXAMPLES / "globals.json").read_text(encoding="utf-8")), 1)
    strategy = strategy_file.parse((EXAMPLES / "hunter.json").read_text(encoding="utf-8"))
    hunter = strategy_file.to_domain(strategy, 1, simulate_only=False)
    limits = current.limits[AccountId(strategy.account)]
    assert len(hunter.symbols) == 25
    assert len(hunter.symbols) <= limits.max_positions
    assert all(params.leverage <= limits.max_leverage for params in hunter.symbols.values())
    assert all(params.long.lower <= params.short.lower for params in hunter.symbols.values())

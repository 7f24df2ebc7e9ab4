"""docs/parameters.md and the examples say what the documents say."""

from decimal import Decimal
from pathlib import Path

import pytest

from undertow.adapters.memory.parameters import MemoryParameters
from undertow.adapters.ssm import globals_file, strategy_file
from undertow.adapters.ssm.catalogue import CATALOGUE, Entry, Section
from undertow.adapters.ssm.layout import Paths
from undertow.adapters.ssm.store import SsmDocuments
from undertow.ports import HunterStrategy, LadderStrategy
from undertow.strategies.ladder.params import PercentileTrigger

PROJECT = Path(__file__).parents[3]
EXAMPLES = PROJECT / "examples"
DEMO_BALANCE = Decimal(10_000)


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


def example(name: str) -> str:
    return (EXAMPLES / f"{name}.json").read_text(encoding="utf-8")


def test_the_examples_can_be_stored_as_they_are_and_nothing_about_them_is_unwise() -> None:
    documents = SsmDocuments(MemoryParameters(), Paths("/undertow/test"))
    documents.store_globals(example("globals"), expected=0)
    for name in ("hunter", "ladder"):
        checked = documents.check_strategy(example(name))
        assert checked.warnings == ()
        documents.store_strategy(checked.text, expected=0)


@pytest.mark.parametrize("name", ["hunter", "ladder"])
def test_an_example_trades_many_symbols_within_the_caps_of_its_account(name: str) -> None:
    current = globals_file.to_domain(globals_file.parse(example("globals")), 1)
    strategy = strategy_file.to_domain(strategy_file.parse(example(name)), 1, simulate_only=False)
    limits = current.limits[strategy.account]
    assert len(strategy.symbols) == 25
    assert len(strategy.symbols) <= limits.max_positions
    assert all(params.leverage <= limits.max_leverage for params in strategy.symbols.values())


def test_the_example_hunter_asks_more_of_liquidated_shorts() -> None:
    strategy = strategy_file.to_domain(strategy_file.parse(example("hunter")), 1, simulate_only=False)
    assert isinstance(strategy, HunterStrategy)
    assert all(params.long.lower <= params.short.lower for params in strategy.symbols.values())


def test_the_example_ladder_lies_before_its_nearest_stop_and_has_room_for_a_whole_one_on_a_demo_account() -> None:
    strategy = strategy_file.to_domain(strategy_file.parse(example("ladder")), 1, simulate_only=False)
    assert isinstance(strategy, LadderStrategy)
    for params in strategy.symbols.values():
        shape, adaptive = params.shape, params.protection.adaptive
        assert adaptive is not None
        farthest = shape.first_step_pct * Decimal(shape.max_layers - 1) ** shape.spacing_power
        assert farthest + shape.min_gap_pct < adaptive.stop_min_pct
        first = DEMO_BALANCE * shape.margin_pct * shape.layer1_size_pct * params.leverage / 10_000
        whole = first * sum(shape.growth**layer for layer in range(shape.max_layers))
        assert first > 5
        assert whole <= params.limits.max_position_notional
        assert whole / params.leverage <= params.limits.max_position_margin
        assert params.trigger.min_history < PercentileTrigger().min_history, "the tape is short, and the docs say so"


def test_the_documentation_says_what_the_example_lowers_for_the_tape() -> None:
    text = (PROJECT / "docs" / "parameters.md").read_text(encoding="utf-8")
    assert "`min_history` is 10 in `examples/ladder.json`" in " ".join(text.split())

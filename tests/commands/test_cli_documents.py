"""Strategies and globals from the terminal: a bad file is refused whole, a good one is confirmed and on record."""

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.commands.conftest import CommandLine
from tests.functions.console_world import GLOBALS, MarksOfATest, new_console
from tests.services.world import World

from undertow.adapters.memory.parameters import MemoryParameters
from undertow.adapters.ssm.layout import Paths
from undertow.adapters.ssm.store import SsmDocuments
from undertow.domain.ids import StrategyId

HUNTER = StrategyId("hunter")


def version(documents: SsmDocuments) -> int:
    found = documents.strategy(HUNTER)
    return 0 if found is None else found.version


def audit(world: World) -> list[str]:
    return [row.action for row in world.desk.repositories.audit.recent(0, 10**13, 100)]


# --- strategy -------------------------------------------------------------------------------------------------------


def test_applying_a_new_file_creates_the_strategy(
    undertow: CommandLine, documents: SsmDocuments, world: World, strategy: dict[str, Any]
) -> None:
    strategy["id"] = "second"
    assert undertow("strategy", "apply", undertow.file(strategy)) == 0
    assert undertow.out == "created second: version 1, 1 symbols on main; in force within 30 s"
    assert [document.name for document in documents.strategies()] == ["hunter", "second"]
    (row,) = world.desk.repositories.audit.recent(0, 10**13, 10)
    assert (row.by, row.action, row.subject, row.before) == ("terminal anna", "strategy:apply", "second", "")


def test_applying_a_changed_file_makes_the_next_version(
    undertow: CommandLine, documents: SsmDocuments, strategy: dict[str, Any]
) -> None:
    strategy["base"]["leverage"] = 5
    assert undertow("strategy", "apply", undertow.file(strategy)) == 0
    assert version(documents) == 2
    assert "changed hunter: version 2" in undertow.out


def test_applying_the_same_file_again_changes_nothing(
    undertow: CommandLine, documents: SsmDocuments, world: World, strategy: dict[str, Any]
) -> None:
    assert undertow("strategy", "apply", undertow.file(strategy)) == 0
    assert "nothing changed" in undertow.out
    assert (version(documents), audit(world)) == (1, [])


def test_a_bad_file_is_refused_with_every_field_value_and_range_and_nothing_changes(
    undertow: CommandLine, documents: SsmDocuments, world: World, strategy: dict[str, Any]
) -> None:
    strategy["base"] |= {"leverage": 99, "stop_los_pct": 1}
    strategy["symbols"]["ETHUSDT"] = {"take_profit_pct": "-2"}
    assert undertow("strategy", "apply", undertow.file(strategy)) == 3
    assert undertow.err == (
        "refused, nothing changed:\n"
        "  base.leverage: 99\n"
        "      allowed: a whole number from 1 to 50 (x)\n"
        "  base.stop_los_pct: there is no such field\n"
        "      allowed: did you mean stop_loss_pct?\n"
        '  symbols.ETHUSDT.take_profit_pct: "-2"\n'
        "      allowed: a number above 0, at most 90 (% of entry price)"
    )
    assert (version(documents), audit(world)) == (1, [])


@pytest.mark.parametrize(
    ("content", "code", "told"),
    [
        ("{", 3, "line 1, column 2"),
        ('{"id": "hunter", "id": "other"}', 3, 'the key "id" is there twice'),
        ("", 3, "line 1"),
        ("[1]", 3, "must be an object"),
    ],
)
def test_a_file_that_is_no_json_is_refused_where_it_breaks(
    undertow: CommandLine, content: str, code: int, told: str
) -> None:
    assert undertow("strategy", "apply", undertow.file(content)) == code
    assert told in undertow.err


def test_a_file_that_is_not_there_or_no_text_is_said_so(undertow: CommandLine) -> None:
    assert undertow("strategy", "apply", str(undertow.folder / "missing.json")) == 4
    assert "cannot be read: No such file" in undertow.err
    assert undertow("strategy", "apply", str(undertow.folder)) == 4
    (undertow.folder / "binary").write_bytes(b"\xff\xfe\x00")
    assert undertow("strategy", "apply", str(undertow.folder / "binary")) == 3
    assert "not UTF-8" in undertow.err


def test_whoever_sits_at_the_terminal_names_the_live_account(
    undertow: CommandLine, documents: SsmDocuments, strategy: dict[str, Any]
) -> None:
    strategy["base"]["leverage"] = 5
    path = undertow.file(strategy)
    assert undertow("strategy", "apply", path, answers=["yes"]) == 1
    assert version(documents) == 1
    assert undertow("strategy", "apply", path, answers=["main"]) == 0
    assert version(documents) == 2
    assert undertow("strategy", "apply", undertow.file({**strategy, "enabled": False}), answers=[]) == 1
    assert "no answer was given" in undertow.err


def test_unwise_and_unknown_things_are_warned_about(undertow: CommandLine, strategy: dict[str, Any]) -> None:
    strategy["symbols"]["BTCUSD"] = {}
    strategy["base"]["leverage"] = 30
    strategy["base"] |= {"max_position_notional_usdt": 50_000}
    assert undertow("strategy", "apply", undertow.file(strategy)) == 0
    assert '"BTCUSD" is not traded at the venue; did you mean BTCUSDT?' in undertow.err
    assert "above the account's max_leverage 20" in undertow.err


def test_a_diff_shows_what_the_file_would_change(undertow: CommandLine, strategy: dict[str, Any]) -> None:
    assert undertow("strategy", "diff", undertow.file(strategy)) == 0
    assert undertow.out == "hunter: the file is what is stored"
    strategy["base"]["leverage"] = 5
    assert undertow("strategy", "diff", undertow.file(strategy)) == 0
    assert '-    "leverage": 10,' in undertow.out
    assert '+    "leverage": 5,' in undertow.out


def test_an_export_can_be_applied_and_imported_under_another_name(
    undertow: CommandLine, documents: SsmDocuments
) -> None:
    assert undertow("strategy", "export", "hunter") == 0
    exported = undertow.file(undertow.out, "exported.json")
    assert undertow("strategy", "apply", exported) == 0
    assert "nothing changed" in undertow.out
    assert undertow("strategy", "import", exported) == 5
    assert "is there already" in undertow.err
    assert undertow("strategy", "import", exported, "--as", "copy") == 0
    assert [document.name for document in documents.strategies()] == ["copy", "hunter"]


def test_strategies_are_listed_and_shown(undertow: CommandLine) -> None:
    assert undertow("strategy", "list") == 0
    assert undertow.out.splitlines()[0].split() == ["name", "kind", "account", "state", "symbols", "version"]
    assert undertow.out.splitlines()[1].split() == ["hunter", "hunter", "main", "on", "1", "1"]
    assert undertow("strategy", "show", "hunter") == 0
    assert "trade_value_usdt             100" in undertow.out
    assert "BTCUSDT: as the base" in undertow.out


def test_a_removed_strategy_is_on_record_with_its_content(
    undertow: CommandLine, documents: SsmDocuments, world: World
) -> None:
    assert undertow("strategy", "remove", "hunter") == 1
    assert "--yes" in undertow.err
    assert undertow("strategy", "remove", "hunter", answers=["other"]) == 1
    assert version(documents) == 1
    assert undertow("strategy", "remove", "hunter", answers=["hunter"]) == 0
    assert version(documents) == 0
    (row,) = world.desk.repositories.audit.recent(0, 10**13, 10)
    assert (row.action, json.loads(row.before)["base"]["leverage"], row.after) == ("strategy:remove", 10, "")
    assert undertow("strategy", "list") == 0
    assert undertow.out.startswith("no strategy is stored")


@pytest.mark.parametrize("command", [("show",), ("export",), ("remove",)])
def test_a_strategy_that_is_not_there_is_said_so_with_those_that_are(
    undertow: CommandLine, command: tuple[str, ...]
) -> None:
    assert undertow("strategy", *command, "hunted") == 4
    assert undertow.err == (
        "there is no strategy hunted; there are: hunter. `undertow strategy apply FILE` creates one"
    )


# --- globals --------------------------------------------------------------------------------------------------------


def test_globals_come_back_as_the_file_they_were_set_from(undertow: CommandLine) -> None:
    assert undertow("params", "get") == 0
    assert json.loads(undertow.out) == GLOBALS
    assert undertow("params", "set-globals", undertow.file(undertow.out)) == 0
    assert "nothing changed" in undertow.out


def test_globals_are_changed_after_the_account_is_named(undertow: CommandLine, world: World) -> None:
    changed = {**GLOBALS, "rate_limit_buffer_pct": 20}
    assert undertow("params", "set-globals", undertow.file(changed), answers=["no"]) == 1
    assert audit(world) == []
    assert undertow("params", "set-globals", undertow.file(changed), answers=["main"]) == 0
    assert undertow.out.endswith("globals stored: version 2, in force within 30 s")
    assert audit(world) == ["globals:set"]


def test_bad_globals_are_refused_and_nothing_changes(undertow: CommandLine, documents: SsmDocuments) -> None:
    before = documents.globals()
    assert undertow("params", "set-globals", undertow.file({**GLOBALS, "unprotected_close_s": 3})) == 3
    assert "above unprotected_alert_s, which is 5" in undertow.err
    assert documents.globals() == before


def test_what_is_in_force_is_told_in_words(undertow: CommandLine) -> None:
    assert undertow("params", "show") == 0
    assert "account main: aster, live, hedge" in undertow.out
    assert "exposure at most 1000 USDT margin, 10000 USDT notional" in undertow.out
    assert "strategy hunter, version 1: 1 symbols on main, on" in undertow.out


def test_every_parameter_is_described_with_unit_range_and_default(undertow: CommandLine) -> None:
    assert undertow("params", "describe") == 0
    assert "  cooldown_sec (s)\n" in undertow.out
    assert "a whole number from 0 to 86400; default: 30" in undertow.out


def test_a_store_without_globals_says_what_to_do_first(
    undertow: CommandLine, world: World, strategy: dict[str, Any]
) -> None:
    empty = SsmDocuments(MemoryParameters(), Paths("/undertow/test"))
    undertow.operator = replace(undertow.operator, console=new_console(world, empty, MarksOfATest()))
    assert undertow("params", "get") == 4
    assert undertow("params", "show") == 1
    assert "undertow params set-globals FILE" in undertow.err
    assert undertow("strategy", "apply", undertow.file(strategy)) == 4
    assert "store them first" in undertow.err

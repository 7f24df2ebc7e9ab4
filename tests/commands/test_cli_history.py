"""History, restore and sessions from the terminal, for a ladder as for any strategy."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.commands.conftest import CommandLine
from tests.services.world import World

from undertow.adapters.ssm.store import SsmDocuments
from undertow.domain.ids import StrategyId

EXAMPLES = Path(__file__).parents[2] / "examples"
LADDER = StrategyId("ladder")


@pytest.fixture
def ladder(undertow: CommandLine) -> dict[str, Any]:
    """The example as a file, applied."""
    assert undertow("params", "set-globals", str(EXAMPLES / "globals.json")) == 0
    assert undertow("strategy", "apply", str(EXAMPLES / "ladder.json")) == 0
    assert "created ladder: version 1, 25 symbols on main" in undertow.out
    found: dict[str, Any] = json.loads((EXAMPLES / "ladder.json").read_text(encoding="utf-8"))
    return found


def test_a_ladder_is_exported_and_imported_under_another_name(
    undertow: CommandLine, documents: SsmDocuments, ladder: dict[str, Any]
) -> None:
    assert undertow("strategy", "export", "ladder") == 0
    assert json.loads(undertow.out) == ladder
    exported = undertow.file(undertow.out, "exported.json")
    assert undertow("strategy", "import", exported, "--as", "second") == 0
    second = documents.strategy(StrategyId("second"))
    assert second is not None
    assert json.loads(second.text) == {**ladder, "id": "second"}
    assert undertow("strategy", "list") == 0
    assert "ladder  ladder  main" in undertow.out


def test_an_import_of_an_older_ladder_says_what_it_filled_in(undertow: CommandLine, ladder: dict[str, Any]) -> None:
    del ladder["base"]["layer1_size_pct"]
    assert undertow("strategy", "import", undertow.file(ladder), "--as", "old") == 0
    assert (
        "warning: base: layer1_size_pct is not given and takes the value of first_step_pct: older files have one "
        "setting for both"
    ) in undertow.err
    assert undertow("strategy", "export", "old") == 0
    assert json.loads(undertow.out)["base"]["layer1_size_pct"] == "0.12"


def test_changes_are_told_with_who_when_and_the_lines_that_changed(
    undertow: CommandLine, ladder: dict[str, Any]
) -> None:
    ladder["base"]["max_layers"] = 4
    assert undertow("strategy", "apply", undertow.file(ladder)) == 0
    assert undertow("strategy", "changes", "ladder") == 0
    first, second = undertow.out.index("version 2, 20"), undertow.out.index("version 1, 20")
    assert first < second
    assert "UTC, terminal anna: applied" in undertow.out
    assert '    -    "max_layers": 5,' in undertow.out
    assert '    +    "max_layers": 4,' in undertow.out
    assert undertow("strategy", "changes", "ladder", "--last", "1") == 0
    assert "version 1," not in undertow.out


def test_an_earlier_version_is_restored_after_the_live_account_is_named(
    undertow: CommandLine, documents: SsmDocuments, ladder: dict[str, Any]
) -> None:
    ladder["base"]["max_layers"] = 4
    assert undertow("strategy", "apply", undertow.file(ladder)) == 0
    assert undertow("strategy", "restore", "ladder", "1", answers=["no"]) == 1
    assert documents.latest_version(LADDER) == 2
    assert undertow("strategy", "restore", "ladder", "1", answers=["main"]) == 0
    assert undertow.out == "restored version 1 of ladder: version 3, 25 symbols on main; in force within 30 s"
    assert undertow("strategy", "restore", "ladder", "1") == 0
    assert "nothing changed" in undertow.out
    assert documents.latest_version(LADDER) == 3


def test_a_removed_ladder_comes_back_as_it_was(
    undertow: CommandLine, documents: SsmDocuments, ladder: dict[str, Any]
) -> None:
    assert undertow("strategy", "remove", "ladder", "--yes") == 0
    assert undertow("strategy", "show", "ladder") == 4
    assert undertow("strategy", "restore", "ladder", "1") == 0
    found = documents.strategy(LADDER)
    assert found is not None
    assert (found.version, json.loads(found.text)) == (3, ladder)


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("strategy", "changes", "nobody"), "create one with `undertow strategy apply FILE`"),
        (("strategy", "restore", "nobody", "1"), "create one with `undertow strategy apply FILE`"),
        (("strategy", "restore", "hunter", "9"), "no version 9 of strategy hunter is on record"),
        (("session", "start-fresh", "nobody"), "create one with `undertow strategy apply FILE`"),
        (("session", "list", "--account", "nowhere"), "there is no account nowhere"),
    ],
)
def test_what_is_not_there_is_said_so(undertow: CommandLine, command: tuple[str, ...], told: str) -> None:
    assert undertow(*command) == 4
    assert told in undertow.err


def test_sessions_are_listed_and_started_fresh(undertow: CommandLine, world: World, ladder: dict[str, Any]) -> None:
    assert undertow("session", "list") == 0
    assert undertow.out.splitlines()[0].split() == [
        "session",
        "account",
        "strategy",
        "opened",
        "by",
        "archived",
        "note",
    ]
    world.clock.advance(60_000)
    assert undertow("session", "start-fresh", "ladder", "--note", "smaller steps") == 0
    assert "nothing was deleted" in undertow.out
    assert undertow("session", "list", "--strategy", "ladder") == 0
    newest, oldest = undertow.out.splitlines()[1:]
    assert newest.endswith("smaller steps")
    assert oldest.count("UTC") == 2, "opened and archived"
    assert undertow("session", "list", "--strategy", "hunter") == 0
    assert "there are no sessions" in undertow.out


def test_no_command_but_apply_import_and_restore_makes_a_strategy(
    undertow: CommandLine, documents: SsmDocuments
) -> None:
    assert undertow("strategy", "remove", "hunter", "--yes") == 0
    for command in (
        ("strategy", "list"),
        ("strategy", "show", "hunter"),
        ("strategy", "export", "hunter"),
        ("strategy", "changes", "hunter"),
        ("strategy", "diff", str(EXAMPLES / "hunter.json")),
        ("session", "list"),
        ("session", "start-fresh", "hunter"),
        ("params", "show"),
        ("params", "describe"),
        ("pause",),
        ("resume", "--account", "main", "--yes"),
        ("status",),
    ):
        undertow(*command)
        assert documents.strategies() == [], command

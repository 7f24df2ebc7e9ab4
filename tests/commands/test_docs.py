"""Commands in the README and in docs/ exist, with the variables and arguments that are shown; so do files they name.

The runbook has a test of its own.
"""

import re
import shlex
from pathlib import Path
from typing import Final

import pytest

from undertow.cli import parser

PROJECT: Final = Path(__file__).resolve().parents[2]
MAKEFILE: Final = (PROJECT / "Makefile").read_text(encoding="utf-8")
PAGES: Final = sorted({PROJECT / "README.md", *(PROJECT / "docs").rglob("*.md")} - {PROJECT / "docs" / "runbook.md"})


def shown(page: Path) -> list[str]:
    """Commands in indented blocks and between backticks, without what stands before them and the comment behind."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"^    (.+)$", text, flags=re.MULTILINE)
    spans = re.findall(r"`([^`\n]+)`", text)
    found = [re.sub(r"^env \$\(cat \S+\) \.venv/bin/", "", line.split("  #")[0]).strip() for line in blocks + spans]
    return [line for line in found if re.match(r"(make|undertow) \S", line)]


SHOWN: Final = sorted({(page.name, line) for page in PAGES for line in shown(page)})


def test_commands_are_found_where_they_are_shown() -> None:
    assert {
        ("README.md", "make run"),
        ("README.md", "undertow status"),
        ("api.md", "make fuzz-api CASES=20000"),
    } <= set(SHOWN)


@pytest.mark.parametrize(("page", "line"), [one for one in SHOWN if one[1].startswith("make ")])
def test_every_make_command_is_one_and_knows_its_variables(page: str, line: str) -> None:
    _, target, *settings = shlex.split(line)
    assert re.search(rf"^{re.escape(target)}:", MAKEFILE, flags=re.MULTILINE), target
    for setting in settings:
        assert re.search(rf"\$[({{]{re.escape(setting.split('=')[0])}\b", MAKEFILE), setting


@pytest.mark.parametrize(("page", "line"), [one for one in SHOWN if one[1].startswith("undertow ")])
def test_every_undertow_command_is_one(page: str, line: str) -> None:
    _, *arguments = shlex.split(line)
    arguments = ["3" if one == "VERSION" else one for one in arguments]
    if "--help" in arguments:
        with pytest.raises(SystemExit, match="0"):
            parser().parse_args(arguments)
        return
    assert callable(parser().parse_args(arguments).command)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_is_named_is_there(page: Path) -> None:
    named = re.findall(
        r"`((?:docs|examples|infra|layers|local|stream_worker|tests)/[\w./-]+)`", page.read_text(encoding="utf-8")
    )
    assert [name for name in named if not (PROJECT / name).exists()] == []

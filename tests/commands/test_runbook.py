"""The runbook is true: entries as the alerts number them, five parts each, and every command in it exists."""

import re
import shlex
from pathlib import Path
from typing import Final

import botocore.session
import pytest
from botocore import xform_name

from undertow.cli import parser
from undertow.domain.runbook import ANYTHING_ELSE, RUNBOOK, entry_for

PROJECT: Final = Path(__file__).resolve().parents[2]
TEXT: Final = (PROJECT / "docs" / "runbook.md").read_text(encoding="utf-8")
MAKEFILE: Final = (PROJECT / "Makefile").read_text(encoding="utf-8")
PARTS: Final = ("**When**", "**Look**", "**Expect**", "**Do**", "**Roll back**")
NUMBERS: Final = {"VERSION": "3"}


def sections() -> dict[str, str]:
    """The text of each entry by its heading."""
    _, *found = re.split(r"^## ", TEXT, flags=re.MULTILINE)
    return {section.split("\n", 1)[0]: section for section in found}


def commands() -> list[str]:
    blocks = "\n".join(re.findall(r"^```sh\n(.*?)^```", TEXT, flags=re.MULTILINE | re.DOTALL)).splitlines()
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", TEXT, flags=re.MULTILINE | re.DOTALL))
    meant = [span for span in spans if re.match(r"(undertow|make|aws) \S", span)]
    return sorted({re.sub(r"^[A-Z_]+=\S+ (?=undertow )", "", line) for line in blocks + meant if line})


def of(program: str) -> list[str]:
    return [line for line in commands() if line.startswith(f"{program} ")]


def test_there_is_nothing_else_among_the_commands() -> None:
    others = [line for line in commands() if line.split()[0] not in ("undertow", "make", "aws")]
    assert others == ["export UNDERTOW_STAGE=live AWS_REGION=ap-northeast-1 AWS_DEFAULT_REGION=ap-northeast-1"]


def test_entries_are_those_that_alerts_name() -> None:
    assert list(sections()) == [f"{entry.number}. {entry.title}" for entry in RUNBOOK]
    assert len(RUNBOOK) >= 16
    assert [entry.number for entry in RUNBOOK] == list(range(1, len(RUNBOOK) + 1))


@pytest.mark.parametrize("heading", sections())
def test_every_entry_says_when_where_to_look_what_to_expect_what_to_do_and_the_way_back(heading: str) -> None:
    section = sections()[heading]
    places = [section.find(f"\n{part}") for part in PARTS]
    assert -1 not in places, PARTS[places.index(-1)]
    assert places == sorted(places)
    assert "```sh" in section


@pytest.mark.parametrize("entry", RUNBOOK, ids=lambda entry: str(entry.number))
def test_every_entry_names_the_keys_of_its_alerts(entry: object) -> None:
    for number, known in enumerate(RUNBOOK):
        if known is entry:
            section = list(sections().values())[number]
            assert all(key in section for key in known.keys if key != "test#"), known.keys


def keys_in_the_code() -> set[str]:
    """What keys of alerts begin with, wherever the code raises one."""
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("layers/undertow/src", "stream_worker", "functions")
        for path in (PROJECT / folder).rglob("*.py")
    )
    raised = re.findall(r"""notifier\.alert\(\s*[^,]+,\s*f?"([a-z_]+[#:]?)""", code)
    found = re.findall(r"""Finding\(\s*f?"([a-z_]+#?)""", code) + re.findall(
        r"""\bkey(?:, \w+)? = f"([a-z_]+#)""", code
    )
    return set(raised) | set(found) | set(re.findall(r"""self\._alert\(\s*f?"([a-z_]+:?)""", code))


def test_every_alert_that_the_code_raises_has_its_entry() -> None:
    known = [key for entry in RUNBOOK for key in entry.keys]
    missing = {key for key in keys_in_the_code() if not any(key.startswith(begin) for begin in known)}
    assert len(keys_in_the_code()) > 20
    assert missing == set()


def test_an_alert_of_an_unknown_kind_leads_to_the_pause() -> None:
    assert entry_for("something#new") is ANYTHING_ELSE
    assert entry_for("unprotected#main#BTCUSDT#LONG").number == 5
    assert entry_for("unprotected_for_long#main#BTCUSDT#LONG").number == 5


@pytest.mark.parametrize("line", of("undertow"))
def test_every_undertow_command_is_one(line: str) -> None:
    _, *arguments = shlex.split(line.split(" > ")[0])
    if arguments[-1] == "--help":
        with pytest.raises(SystemExit) as ended:
            parser().parse_args(arguments)
        assert ended.value.code == 0
        return
    assert callable(parser().parse_args([NUMBERS.get(word, word) for word in arguments]).command)


@pytest.mark.parametrize("line", of("make"))
def test_every_make_command_is_one_and_knows_its_variables(line: str) -> None:
    _, target, *settings = shlex.split(line)
    assert re.search(rf"^{re.escape(target)}:.*## ", MAKEFILE, flags=re.MULTILINE), target
    for setting in settings:
        assert f"$({setting.split('=')[0]})" in MAKEFILE, setting


@pytest.mark.parametrize("line", of("aws"))
def test_every_aws_command_is_one_and_takes_its_options(line: str) -> None:
    _, service, operation, *options = shlex.split(line)
    model = botocore.session.Session().get_service_model(service)
    names = {xform_name(name, "-"): name for name in model.operation_names}
    assert operation in names, operation
    shape = model.operation_model(names[operation]).input_shape
    members = {xform_name(name, "-") for name in shape.members} if shape is not None else set()
    for option in options:
        if option.startswith("--"):
            assert option[2:] in members, option

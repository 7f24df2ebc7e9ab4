"""Every field of every document, spoilt in every way: refused with field, value and range, and nothing changes."""

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, get_origin

import pytest
from annotated_types import Ge, Gt, Le
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from tests.commands.conftest import CommandLine
from tests.services.world import World

from undertow.adapters.ssm.documents import (
    AccountSettings,
    ExternalSettings,
    GlobalsFile,
    LimitSettings,
    RiskSettings,
    StrategyFile,
)
from undertow.adapters.ssm.fields import details, is_exact
from undertow.adapters.ssm.hunter_settings import HunterSettings
from undertow.adapters.ssm.ladder_settings import LadderSettings
from undertow.adapters.ssm.store import SsmDocuments
from undertow.domain.ids import StrategyId

EXAMPLES = Path(__file__).parents[2] / "examples"
GLOBALS = "globals"
PLACES: Mapping[str, tuple[tuple[str, type[BaseModel]], ...]] = {
    "hunter": (("", StrategyFile), ("base", HunterSettings), ("symbols.BTCUSDT", HunterSettings)),
    "ladder": (("", StrategyFile), ("base", LadderSettings), ("symbols.BTCUSDT", LadderSettings)),
    GLOBALS: (
        ("", GlobalsFile),
        ("accounts.main", AccountSettings),
        ("accounts.main.limits", LimitSettings),
        ("accounts.main.risk", RiskSettings),
        ("external_positions", ExternalSettings),
    ),
}
NO_FIGURES: tuple[object, ...] = ("NaN", "Infinity", "1e3", "１２", "1,000", " 1", "", True, [], {}, None)
NO_WHOLES: tuple[object, ...] = (1.5, "10", "１２", "NaN", True, [], {}, None)
NO_SWITCHES: tuple[object, ...] = (1, 0, "true", "yes", [], None)
NO_CHOICES: tuple[object, ...] = ("nonsense", "", 1, True, [], {}, None)
NO_NAMES: tuple[object, ...] = ("", "Ａnna", "two words", "-x", 1, True, [], None)
NO_OBJECTS: tuple[object, ...] = ("x", 1, True, [], None)
NO_LISTS: tuple[object, ...] = ("BTCUSDT", 1, True, {})


@dataclass(frozen=True, slots=True)
class Spoilt:
    document: str
    place: str
    name: str
    value: object
    allowed: str

    @property
    def path(self) -> str:
        return f"{self.place}.{self.name}" if self.place else self.name

    def __str__(self) -> str:
        return f"{self.document} {self.path} {json.dumps(self.value, ensure_ascii=False)}"


def fields() -> Iterator[tuple[str, str, str, FieldInfo]]:
    for document, places in PLACES.items():
        for place, model in places:
            for name, field in model.model_fields.items():
                yield document, place, name, field


def out_of_range(field: FieldInfo) -> Iterator[object]:
    """A value just below the range, and one just above it."""
    near: Any = (lambda value: str(value)) if is_exact(field) else (lambda value: value)
    little = Decimal("0.000001") if is_exact(field) else 1
    for bound in field.metadata:
        match bound:
            case Ge(ge=low):
                yield near(low - little)  # type: ignore[operator]
            case Gt(gt=low):
                yield near(low)
            case Le(le=high):
                yield near(high + little)  # type: ignore[operator]


def wrong_types(field: FieldInfo) -> tuple[object, ...]:
    allowed = details(field)["allowed"]
    if is_exact(field):
        return NO_FIGURES if "null" not in allowed else tuple(value for value in NO_FIGURES if value is not None)
    if allowed.startswith("a whole number"):
        return NO_WHOLES
    if allowed == "true or false":
        return NO_SWITCHES
    if allowed.startswith("one of"):
        return NO_CHOICES
    if allowed.startswith("an object"):
        return NO_OBJECTS
    if allowed.startswith("a list"):
        return NO_LISTS
    assert get_origin(field.annotation) is None, "a name"
    return NO_NAMES


def spoilt() -> Iterator[Spoilt]:
    for document, place, name, field in fields():
        for value in (*out_of_range(field), *wrong_types(field)):
            yield Spoilt(document, place, name, value, details(field)["allowed"])


SPOILT = tuple(spoilt())


def example(document: str) -> dict[str, Any]:
    """Of a strategy two symbols only: that is as good for spoiling, and checked faster."""
    found: dict[str, Any] = json.loads((EXAMPLES / f"{document}.json").read_text(encoding="utf-8"))
    if "symbols" in found:
        found["symbols"] = dict(list(found["symbols"].items())[:2])
    return found


EXAMPLE = {document: example(document) for document in PLACES}


def at(document: dict[str, Any], place: str) -> dict[str, Any]:
    for step in place.split(".") if place else ():
        document = document.setdefault(step, {})
    return document


@dataclass
class Running:
    """The command line over a store in which the three examples are in force."""

    undertow: CommandLine
    documents: SsmDocuments
    world: World

    def state(self) -> tuple[object, ...]:
        """What is stored, and what decisions are made by."""
        names = (StrategyId("hunter"), StrategyId("ladder"))
        self.world.clock.advance(31_000)
        current = self.undertow.operator.console.sources.params.current()
        return (
            self.documents.globals(),
            *(self.documents.strategy(name) for name in names),
            current.globals,
            dict(current.strategies),
            tuple(self.world.desk.repositories.audit.recent(0, 10**14, 1_000)),
        )

    def versions(self) -> tuple[object, ...]:
        """Every write, and every attempt at one, would change these."""
        return (
            self.documents.globals(),
            self.documents.latest_version(StrategyId("hunter")),
            self.documents.latest_version(StrategyId("ladder")),
            len(self.world.desk.repositories.audit.recent(0, 10**14, 1_000)),
        )

    def refused(self, document: str, content: dict[str, Any]) -> str:
        """What the command says. It must be refused, and change nothing."""
        before = self.versions()
        command = ("params", "set-globals") if document == GLOBALS else ("strategy", "apply")
        assert self.undertow(*command, self.undertow.file(content)) == 3, self.undertow.out
        assert self.undertow.err.startswith("refused, nothing changed:\n")
        assert self.versions() == before
        return self.undertow.err


@pytest.fixture
def running(undertow: CommandLine, documents: SsmDocuments, world: World) -> Iterator[Running]:
    """Whatever a test does, what is in force after it is what was in force before."""
    assert undertow("params", "set-globals", str(EXAMPLES / "globals.json")) == 0
    assert undertow("strategy", "apply", str(EXAMPLES / "hunter.json")) == 0
    assert undertow("strategy", "apply", str(EXAMPLES / "ladder.json")) == 0
    found = Running(undertow, documents, world)
    before = found.state()
    yield found
    assert found.state() == before


def test_the_examples_are_in_force_as_they_are(running: Running) -> None:
    current = running.undertow.operator.console.sources.params
    running.world.clock.advance(31_000)
    assert set(current.current().strategies) == {"hunter", "ladder"}
    assert {len(strategy.symbols) for strategy in current.current().strategies.values()} == {25}


def test_both_ends_of_every_range_are_tried() -> None:
    figures = [field for *_, field in fields() if details(field)["allowed"].startswith(("a number", "a whole"))]
    assert figures
    assert all(len(list(out_of_range(field))) == 2 for field in figures)


@pytest.mark.parametrize("document", PLACES)
def test_every_field_out_of_range_or_of_a_wrong_type_is_refused_with_field_value_and_range(
    running: Running, document: str
) -> None:
    cases = [case for case in SPOILT if case.document == document]
    assert len(cases) > 200
    for case in cases:
        content = copy.deepcopy(EXAMPLE[document])
        at(content, case.place)[case.name] = case.value
        told = running.refused(document, content)
        value = json.dumps(case.value, ensure_ascii=False, separators=(",", ":"))
        assert f"  {case.path}: {value}\n      allowed: {case.allowed}" in told, str(case)


@pytest.mark.parametrize("document", PLACES)
def test_an_unknown_field_is_refused_wherever_it_stands(running: Running, document: str) -> None:
    for place, _ in PLACES[document]:
        content = copy.deepcopy(EXAMPLE[document])
        at(content, place)["no_such_field"] = 1
        path = f"{place}.no_such_field" if place else "no_such_field"
        assert f"  {path}: there is no such field\n      allowed: " in running.refused(document, content)


@pytest.mark.parametrize("document", PLACES)
def test_a_missing_required_field_is_refused_with_what_it_may_be(running: Running, document: str) -> None:
    required = [(place, name, field) for where, place, name, field in fields() if where == document]
    for place, name, field in required:
        if not field.is_required():
            continue
        content = copy.deepcopy(EXAMPLE[document])
        for symbol in content.get("symbols", {}).values() if place in ("base", "symbols.BTCUSDT") else ():
            symbol.pop(name, None)
        at(content, "base" if place.startswith("symbols") else place).pop(name, None)
        told = running.refused(document, content)
        path = (
            f"symbols.BTCUSDT.{name}" if place in ("base", "symbols.BTCUSDT") else ".".join(filter(None, (place, name)))
        )
        assert f"  {path}: it is missing" in told
        assert f"allowed: {details(field)['allowed']}" in told


@pytest.mark.parametrize(
    ("document", "place", "given", "path"),
    [
        ("hunter", "symbols.BTCUSDT", {"volume_upper_bound_long": "1"}, "symbols.BTCUSDT.volume_upper_bound_long"),
        ("hunter", "base", {"max_position_margin_usdt": "1"}, "base.max_position_margin_usdt"),
        ("ladder", "base", {"stop_loss_min_pct": "6"}, "base.stop_loss_max_pct"),
        ("ladder", "base", {"take_profit_max_pct": "0.4"}, "base.take_profit_max_pct"),
        ("ladder", "symbols.BTCUSDT", {"take_profit_min_pct": "6"}, "symbols.BTCUSDT.take_profit_max_pct"),
        (GLOBALS, "accounts.main.risk", {"margin_resume_pct": 80}, "accounts.main.risk.margin_resume_pct"),
        (GLOBALS, "accounts.main.risk", {"margin_usage_warn_pct": 91}, "accounts.main.risk.margin_usage_reject_pct"),
        (GLOBALS, "accounts.main.risk", {"emergency_reduce_pct": 79}, "accounts.main.risk.emergency_reduce_pct"),
        (GLOBALS, "accounts.main.risk", {"allowed_symbols": ["A1", "A1"]}, "accounts.main.risk.allowed_symbols"),
        (GLOBALS, "", {"unprotected_close_s": 5}, "unprotected_close_s"),
    ],
)
def test_fields_that_cannot_go_together_are_refused_as_one_that_is_out_of_range(
    running: Running, document: str, place: str, given: dict[str, Any], path: str
) -> None:
    content = copy.deepcopy(EXAMPLE[document])
    for symbol in content.get("symbols", {}).values() if place == "base" else ():
        for name in given:
            symbol.pop(name, None)
    at(content, place).update(given)
    told = running.refused(document, content)
    assert f"  {path}: " in told
    assert "allowed: " in told


def test_a_confidence_on_the_scale_of_one_is_refused(running: Running) -> None:
    for value in (0, 1, 0.6, "60"):
        content = copy.deepcopy(EXAMPLE[GLOBALS])
        content["accounts"]["main"]["risk"]["min_confidence"] = value
        assert "a whole number from 2 to 100" in running.refused(GLOBALS, content)

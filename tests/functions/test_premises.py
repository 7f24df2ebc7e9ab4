"""What a function works with is built once, and what it asked of venues is kept when the work of an event is over."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from undertow.premises import TIME_TO_LEAVE_MS, Premises, leaving

FUNCTIONS = Path(__file__).parents[2] / "functions"


@dataclass
class Desk:
    done: list[str] = field(default_factory=list)

    @property
    def keep_contacts(self) -> Callable[[], None]:
        return lambda: self.done.append("kept")


@dataclass
class Left:
    ms: int

    def get_remaining_time_in_millis(self) -> int:
        return self.ms


PLENTY = Left(60_000)


def test_a_desk_is_built_at_the_first_event_and_only_once() -> None:
    built: list[Desk] = []

    def make() -> Desk:
        built.append(Desk())
        return built[-1]

    premises = Premises(make)
    premises.leave()
    assert built == []
    assert premises() is premises()
    assert len(built) == 1


def test_contacts_are_kept_after_the_work_and_its_answer_stands() -> None:
    desk = Desk()
    premises = Premises(lambda: desk)

    def work(event: Mapping[str, Any], _: Any) -> str:
        premises().done.append(f"work on {event['id']}")
        return "answer"

    handler = leaving(work, premises.leave)

    assert handler({"id": 1}, PLENTY) == "answer"
    assert handler({"id": 2}, PLENTY) == "answer"
    assert desk.done == ["work on 1", "kept", "work on 2", "kept"]


def test_contacts_are_kept_of_work_that_failed_too() -> None:
    desk = Desk()
    premises = Premises(lambda: desk)

    def fail(_: Mapping[str, Any], __: Any) -> None:
        premises()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        leaving(fail, premises.leave)({}, PLENTY)
    assert desk.done == ["kept"]


@pytest.mark.parametrize(("left_ms", "kept"), [(TIME_TO_LEAVE_MS, ["kept"]), (TIME_TO_LEAVE_MS - 1, [])])
def test_a_function_that_is_about_to_be_cut_off_keeps_nothing(left_ms: int, kept: list[str]) -> None:
    desk = Desk()
    premises = Premises(lambda: desk)
    premises()
    leaving(lambda _event, _context: None, premises.leave)({}, Left(left_ms))
    assert desk.done == kept


@pytest.mark.parametrize("handler", sorted(FUNCTIONS.glob("*/handler.py")), ids=lambda path: path.parent.name)
def test_every_function_that_may_ask_a_venue_keeps_what_it_asked(handler: Path) -> None:
    source = handler.read_text(encoding="utf-8")
    asks = "desk_from_env" in source or "console_from_env" in source
    assert asks == ("leaving(" in source and "desk.leave" in source.replace("console.leave", "desk.leave"))

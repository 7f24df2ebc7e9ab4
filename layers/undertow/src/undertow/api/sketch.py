"""What a route reads of its request, learned from the code that reads it.

An answer reads its whole request before anything else and then calls ``done``. A ``Sketch`` stands in for what was
given: it notes every field that is asked for, with kind and bounds, and ends there. Nothing is read from any store.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, TypeVar, cast

from undertow.api.call import Answer, Call
from undertow.api.given import NAME, SESSION, SYMBOL, Choice, Given
from undertow.api.problems import Problem
from undertow.domain.ids import AccountId, StrategyId, Symbol
from undertow.domain.json_text import Json
from undertow.domain.session import SessionId
from undertow.domain.times import ALLOWED
from undertow.services.console import Console
from undertow.services.views.paging import LONGEST_CURSOR, Marks

Schema = dict[str, Json]
PLACE: Final = "#/components/schemas/"
FIGURE: Final = r"^-?[0-9]{1,15}(\.[0-9]{1,12})?$"
_PRINTABLE: Final = r"^[^\u0000-\u001f\u007f-\u00a0\u00ad]*$"
_NOW_MS: Final = 1_767_225_600_000
_PATH: Final = {
    "strategy_id": "hunter",
    "order_id": "u-1",
    "adjustment_id": "a-1",
    "decision_id": "d-1",
    "position_id": "p-1",
}

One = TypeVar("One")


class _Understood(Exception):
    """The answer has read its request: what comes next would read a store."""


class _StandingClock:
    def now_ms(self) -> int:
        return _NOW_MS


class _NoSources:
    clock: Final = _StandingClock()


class _NoConsole:
    """A clock and nothing else: an answer that reads a store before it has understood its request fails here."""

    sources: Final = _NoSources()


@dataclass(slots=True)
class Field:
    """``told`` says what a schema cannot: where a default comes from, what goes with what."""

    schema: Schema
    required: bool = False
    told: list[str] = field(default_factory=list)


class Sketch(Given):
    """Notes what is asked for. A field that base methods would take unnoticed is an error, not a gap."""

    def __init__(self) -> None:
        super().__init__({})
        self.fields: dict[str, Field] = {}
        self.document: Schema | None = None

    def _note(self, name: str, schema: Schema, told: str = "", *, required: bool = False) -> None:
        self.fields.setdefault(name, Field(schema, required, [told] if told else []))

    def _take(self, name: str) -> Json:
        raise TypeError(f"the field {name} is read in a way that the document cannot describe")

    def whole(self, name: str, default: int | None, low: int, high: int, told: str = "") -> int:
        schema: Schema = {"type": "integer", "minimum": low, "maximum": high}
        if default is not None and not told:
            schema["default"] = default
        self._note(name, schema, told, required=default is None)
        return low if default is None else default

    def figure(self, name: str, default: Decimal) -> Decimal:
        self._note(name, {"type": "string", "pattern": FIGURE.replace("-?", ""), "default": str(default)})
        return default

    def positive(self, name: str, most: Decimal | None = None) -> Decimal:
        told = "above 0" + ("" if most is None else f", at most {most}")
        self._note(name, {"type": "string", "pattern": FIGURE.replace("-?", "")}, told, required=True)
        return Decimal(1)

    def flag(self, name: str, default: bool | None) -> bool:
        schema: Schema = {"type": "boolean"}
        if default is not None:
            schema["default"] = default
        self._note(name, schema, required=default is None)
        return bool(default)

    def sum(self, name: str) -> Decimal:
        self._note(name, {"type": "string", "pattern": FIGURE}, "not zero; negative for what went out", required=True)
        return Decimal(1)

    def moment(self, name: str, default: int | None, *, last: bool = False) -> int | None:
        """Days count in UTC."""
        whole = f"{ALLOWED}. A day counts {'to its end' if last else 'from its beginning'}, UTC"
        self._note(name, {"type": "string", "minLength": 1, "maxLength": 40}, whole)
        return default

    def choice(self, name: str, choices: type[Choice]) -> Choice | None:
        self._note(name, {"type": "string", "enum": [one.value for one in choices]})
        return None

    def chosen(self, name: str, choices: type[Choice]) -> Choice:
        self._note(name, {"type": "string", "enum": [one.value for one in choices]}, required=True)
        return next(iter(choices))

    def account(self, required: bool = False) -> AccountId | None:
        self._matching("account", NAME, "the name of an account", required)
        return AccountId("main") if required else None

    def strategy(self, required: bool = False) -> StrategyId | None:
        self._matching("strategy", NAME, "the name of a strategy", required)
        return StrategyId("hunter") if required else None

    def alert_route(self) -> str | None:
        self._matching("route", NAME, "the name of an alert route", required=False)
        return None

    def symbol(self, required: bool = False) -> Symbol | None:
        self._matching("symbol", SYMBOL, "the venue's symbol, for example BTCUSDT", required)
        return Symbol("BTCUSDT") if required else None

    def session(self) -> SessionId | None:
        self._matching("session", SESSION, "the id of a session, as /api/sessions lists it", required=False)
        return None

    def _matching(self, name: str, pattern: re.Pattern[str], allowed: str, required: bool) -> str | None:
        self._note(name, text_schema(pattern), allowed, required=required)
        return None

    def words(self, name: str, default: str | None, longest: int) -> str:
        schema: Schema = {"type": "string", "minLength": 1, "maxLength": longest, "pattern": _PRINTABLE}
        if default:
            schema["default"] = default
        self._note(name, schema, "printable characters", required=default is None)
        return default or ""

    def cursor(self, of: str) -> Marks | None:
        schema: Schema = {"type": "string", "pattern": "^[A-Za-z0-9_-]+$", "minLength": 16, "maxLength": LONGEST_CURSOR}
        self._note("cursor", schema, f"the next_cursor that a page of the {of} before ended with")
        return None

    def settings(self, name: str, of: str = "") -> Mapping[str, Json] | None:
        self._note(name, _shape(of))
        return None

    def everything(self, of: str = "") -> Mapping[str, Json]:
        self.document = _shape(of)
        return {}

    def complain(self, name: str, allowed: str) -> None:
        """Of a request in which nothing is given: a rule between fields."""
        if name in self.fields:
            self.fields[name].told.append(allowed)

    def done(self) -> None:
        raise _Understood


def _shape(of: str) -> Schema:
    return {"$ref": PLACE + of} if of else {"type": "object", "additionalProperties": True}


def text_schema(pattern: re.Pattern[str]) -> Schema:
    return {"type": "string", "pattern": f"^(?:{pattern.pattern})$"}


@dataclass(frozen=True, slots=True)
class Request:
    """What one route reads. ``document`` is the whole body, where that is one."""

    fields: Mapping[str, Field]
    document: Schema | None
    needs_version: bool


NOTHING: Final = Request({}, None, needs_version=False)


def request_of(answer: Answer, path: Sequence[str]) -> Request:
    """Raises TypeError for an answer that does not read its request first, and to its end."""
    refused = _read(answer, path, None)
    found = refused if isinstance(refused, Sketch) else _read(answer, path, '"1"')
    if isinstance(found, Problem):
        raise TypeError(f"{answer.__name__} refuses before it has read its request: {found}")
    return Request(found.fields, found.document, needs_version=isinstance(refused, Problem))


def _read(answer: Answer, path: Sequence[str], if_match: str | None) -> Sketch | Problem:
    given = Sketch()
    try:
        answer(cast(Console, _NoConsole()), Call("nobody", given, {name: _PATH[name] for name in path}, if_match))
    except _Understood:
        return given
    except Problem as problem:
        return problem
    raise TypeError(f"{answer.__name__} never says that it has read its request")

"""Reading what a caller gave: query parameters and JSON bodies. Every flaw is told, not only the first."""

import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Final, TypeVar

from undertow.api.problems import bad_request
from undertow.domain.ids import AccountId, StrategyId, Symbol
from undertow.domain.json_text import Json, NotJson, read_object, write_json
from undertow.domain.numbers import NotADecimal, parse_decimal
from undertow.domain.session import SessionId
from undertow.domain.times import ALLOWED, NotAMoment, read_moment
from undertow.ports import Flaw
from undertow.services.views.paging import BadCursor, Marks, read_cursor

_DIGITS: Final = re.compile(r"[0-9]{1,15}", re.ASCII)
NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}", re.ASCII)
SYMBOL: Final = re.compile(r"[^\s/\x00-\x1f\x7f]{2,40}")
SESSION: Final = re.compile(r"[a-z2-7]{26}", re.ASCII)
_SHOWN: Final = 80

Choice = TypeVar("Choice", bound=StrEnum)


class Given:
    """Fields by name. Reading a field marks it as known; ``done`` raises a Problem for flaws and unknown fields."""

    def __init__(self, values: Mapping[str, Json]) -> None:
        self._values = values
        self._known: set[str] = set()
        self._flaws: list[Flaw] = []

    def _take(self, name: str) -> Json:
        self._known.add(name)
        return self._values.get(name)

    def _flaw(self, name: str, allowed: str) -> None:
        value = self._values.get(name)
        shown = "it is missing" if value is None else write_json(value)[:_SHOWN]
        self._flaws.append(Flaw(name, shown, allowed))

    def whole(
        self,
        name: str,
        default: int | None,
        low: int,
        high: int,
        told: str = "",  # noqa: ARG002 - says in the API's document what a default is that is another one each time
    ) -> int:
        """A whole number, as digits in a query; required when there is no ``default``."""
        value = self._take(name)
        if value is None and default is not None:
            return default
        number = int(value) if isinstance(value, str) and _DIGITS.fullmatch(value) else value
        if type(number) is int and low <= number <= high:
            return number
        self._flaw(name, f"a whole number from {low} to {high}")
        return low

    def figure(self, name: str, default: Decimal) -> Decimal:
        value = self._take(name)
        if value is None:
            return default
        try:
            number = parse_decimal(value if isinstance(value, str) else str(value), name)
        except NotADecimal:
            number = Decimal(-1)
        if number < 0:
            self._flaw(name, "a plain number, 0 or above")
        return number

    def positive(self, name: str, most: Decimal | None = None) -> Decimal:
        """A price or a share: above zero, at most ``most``; required."""
        value = self._take(name)
        try:
            number = parse_decimal(value if isinstance(value, str) else str(value), name)
        except NotADecimal:
            number = Decimal(0)
        if number <= 0 or (most is not None and number > most):
            self._flaw(name, "a plain number above 0" + ("" if most is None else f", at most {most}"))
        return number

    def flag(self, name: str, default: bool | None) -> bool:
        """True or false; required when there is no ``default``."""
        value = self._take(name)
        if isinstance(value, bool):
            return value
        if value is None and default is not None:
            return default
        self._flaw(name, "true or false")
        return False

    def sum(self, name: str) -> Decimal:
        """An amount of money that comes in (positive) or goes out; required, and not zero."""
        value = self._take(name)
        try:
            amount = parse_decimal(value if isinstance(value, str) else str(value), name)
        except NotADecimal:
            amount = Decimal(0)
        if amount == 0:
            self._flaw(name, "a plain number other than 0, negative for what went out")
        return amount

    def moment(self, name: str, default: int | None, *, last: bool = False) -> int | None:
        """A day, a moment or epoch milliseconds; ``last`` makes a day its last millisecond."""
        value = self._take(name)
        if value is None:
            return default
        try:
            return read_moment(str(value) if type(value) is int else value if isinstance(value, str) else "", last=last)
        except NotAMoment:
            self._flaw(name, ALLOWED)
            return default

    def choice(self, name: str, choices: type[Choice]) -> Choice | None:
        value = self._take(name)
        if value is None:
            return None
        for choice in choices:
            if isinstance(value, str) and value.lower() == choice.value.lower():
                return choice
        self._flaw(name, "one of " + ", ".join(choice.value for choice in choices))
        return None

    def chosen(self, name: str, choices: type[Choice]) -> Choice:
        """As ``choice``, and required."""
        found = self.choice(name, choices)
        if found is not None:
            return found
        self.complain(name, "one of " + ", ".join(choice.value for choice in choices))
        return next(iter(choices))

    def _matching(self, name: str, pattern: re.Pattern[str], allowed: str, required: bool) -> str | None:
        value = self._take(name)
        if value is None and not required:
            return None
        if isinstance(value, str) and pattern.fullmatch(value):
            return value
        self._flaw(name, allowed)
        return None

    def account(self, required: bool = False) -> AccountId | None:
        found = self._matching("account", NAME, "the name of an account", required)
        return None if found is None else AccountId(found)

    def strategy(self, required: bool = False) -> StrategyId | None:
        found = self._matching("strategy", NAME, "the name of a strategy", required)
        return None if found is None else StrategyId(found)

    def alert_route(self) -> str | None:
        return self._matching("route", NAME, "the name of an alert route", required=False)

    def symbol(self, required: bool = False) -> Symbol | None:
        found = self._matching("symbol", SYMBOL, "the venue's symbol, for example BTCUSDT", required)
        return None if found is None else Symbol(found)

    def session(self) -> SessionId | None:
        found = self._matching("session", SESSION, "the id of a session, as /api/sessions lists it", required=False)
        return None if found is None else SessionId(found)

    def words(self, name: str, default: str | None, longest: int) -> str:
        """Required when there is no ``default``."""
        value = self._take(name)
        if value is None and default is not None:
            return default
        if isinstance(value, str) and 0 < len(value) <= longest and value.isprintable():
            return value
        self._flaw(name, f"a text of 1 to {longest} printable characters")
        return default or ""

    def cursor(self, of: str) -> Marks | None:
        """Where the page before ended, as it said itself in ``next_cursor``. ``of`` is the name of the list."""
        value = self._take("cursor")
        if value is None:
            return None
        try:
            return read_cursor(of, value if isinstance(value, str) else "")
        except BadCursor:
            self._flaw("cursor", "the next_cursor that the page before ended with")
            return None

    def settings(self, name: str, of: str = "") -> Mapping[str, Json] | None:  # noqa: ARG002 - see ``everything``
        value = self._take(name)
        if value is None or isinstance(value, Mapping):
            return value
        self._flaw(name, "an object")
        return None

    def everything(self, of: str = "") -> Mapping[str, Json]:  # noqa: ARG002 - for the API's document
        """The whole body, where it is a document of its own and is checked elsewhere. ``of`` names its schema."""
        self._known.update(self._values)
        return self._values

    def complain(self, name: str, allowed: str) -> None:
        """Add a flaw that only the reader can see; a field that is not even understood has its flaw already."""
        if all(flaw.field != name for flaw in self._flaws):
            self._flaw(name, allowed)

    def done(self) -> None:
        """Raises Problem when anything given was not understood."""
        unknown = [name for name in self._values if name not in self._known]
        allowed = "one of " + ", ".join(sorted(self._known)) if self._known else "no fields"
        flaws = [*self._flaws, *(Flaw(name, "there is no such field", allowed) for name in unknown)]
        if flaws:
            raise bad_request(flaws)


def from_body(text: str) -> Given:
    """Raises Problem for what is no JSON object."""
    try:
        return Given(read_object(text))
    except NotJson as error:
        raise bad_request([Flaw("body", str(error), "a JSON object")]) from error

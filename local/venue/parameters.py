"""Reads parameters as strictly as the venue, with its codes."""

import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Final, TypeVar
from urllib.parse import parse_qsl

from undertow.adapters.paper.admission import missing
from undertow.adapters.paper.errors import ExchangeError
from undertow.domain.ids import Symbol

_DECIMAL: Final = re.compile(r"-?[0-9]{1,20}(?:\.[0-9]{1,20})?", re.ASCII)
_INTEGER: Final = re.compile(r"-?[0-9]{1,19}", re.ASCII)
_MAX_PARAMETERS: Final = 60
DAY_MS: Final = 24 * 60 * 60 * 1000

E = TypeVar("E", bound=StrEnum)


def parse_parameters(query: str, body: str) -> dict[str, str]:
    """Both parts together; a name in both has the query's value, a name twice in one part is refused."""
    parts = []
    for text in (body, query):
        pairs = parse_qsl(text, keep_blank_values=True)
        names = dict(pairs)
        if len(names) != len(pairs) or len(pairs) > _MAX_PARAMETERS:
            raise ExchangeError(-1101, "Too many parameters sent for this endpoint.")
        parts.append(names)
    return {**parts[0], **parts[1]}


class Parameters:
    """Accessors raise ExchangeError. Parameters nobody asks for are ignored, as clients send many."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def has(self, name: str) -> bool:
        return name in self._values

    def optional(self, name: str) -> str | None:
        """None when absent; an empty value is refused."""
        value = self._values.get(name)
        if value is None:
            return None
        if value == "":
            raise ExchangeError(-1105, f"Parameter '{name}' was empty.")
        return value

    def text(self, name: str) -> str:
        value = self._values.get(name)
        if not value:
            raise missing(name)
        return value

    def symbol(self) -> Symbol:
        return Symbol(self.text("symbol"))

    def optional_symbol(self) -> Symbol | None:
        value = self.optional("symbol")
        return None if value is None else Symbol(value)

    def optional_decimal(self, name: str) -> Decimal | None:
        value = self.optional(name)
        if value is None:
            return None
        if _DECIMAL.fullmatch(value) is None:
            raise _illegal(name, "^([0-9]{1,20})(\\.[0-9]{1,20})?$")
        return Decimal(value)

    def decimal(self, name: str) -> Decimal:
        value = self.optional_decimal(name)
        if value is None:
            raise missing(name)
        return value

    def optional_integer(self, name: str) -> int | None:
        value = self.optional(name)
        if value is None:
            return None
        if _INTEGER.fullmatch(value) is None:
            raise _illegal(name, "^[0-9]{1,19}$")
        return int(value)

    def integer(self, name: str) -> int:
        value = self.optional_integer(name)
        if value is None:
            raise missing(name)
        return value

    def optional_flag(self, name: str) -> bool | None:
        value = self.optional(name)
        if value is None:
            return None
        if value.lower() not in ("true", "false"):
            raise missing(name)
        return value.lower() == "true"

    def flag(self, name: str) -> bool:
        value = self.optional_flag(name)
        if value is None:
            raise missing(name)
        return value

    def optional_choice(self, name: str, kind: type[E], code: int, text: str) -> E | None:
        """A member of ``kind``; other values are refused with ``code`` and ``text``."""
        value = self.optional(name)
        if value is None:
            return None
        if value not in set(kind):
            raise ExchangeError(code, text)
        return kind(value)

    def choice(self, name: str, kind: type[E], code: int, text: str) -> E:
        value = self.optional_choice(name, kind, code, text)
        if value is None:
            raise missing(name)
        return value

    def limit(self, default: int, largest: int) -> int:
        value = self.optional_integer("limit")
        if value is None:
            return default
        if not 1 <= value <= largest:
            raise ExchangeError(-1130, "Data sent for parameter 'limit' is not valid.")
        return value

    def window(self, now_ms: int, longest_days: int | None) -> tuple[int, int]:
        """startTime and endTime, both inclusive. Without them the last days; a wider window is refused."""
        start, end = self.optional_integer("startTime"), self.optional_integer("endTime")
        if start is not None and end is not None and start > end:
            raise ExchangeError(-1023, "Start time is greater than end time.")
        if longest_days is None:
            return start or 0, now_ms if end is None else end
        longest_ms = longest_days * DAY_MS
        if start is None:
            end = now_ms if end is None else end
            return end - longest_ms, end
        if end is not None and end - start > longest_ms:
            raise ExchangeError(-4165, f"Maximum time interval is {longest_days} days.")
        return start, min(now_ms, start + longest_ms) if end is None else end


def _illegal(name: str, legal: str) -> ExchangeError:
    return ExchangeError(-1100, f"Illegal characters found in parameter '{name}'; legal range is '{legal}'.")

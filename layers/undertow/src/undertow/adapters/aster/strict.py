"""Reading values that others wrote. Everything that is not exactly as documented raises BadFrame and nothing else."""

import json
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, TypeVar

from undertow.domain.ids import Symbol
from undertow.domain.numbers import NotADecimal, parse_decimal, shown

LATEST_MS: Final = 10**13 - 1
"""Times have at most 13 digits of milliseconds (until the year 2286)."""
LARGEST_ID: Final = 2**63 - 1

_SYMBOL_PUNCTUATION: Final = str.maketrans("", "", "_-.")

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")


class BadFrame(ValueError):
    """Something from the venue is not as documented. ``field`` and ``value`` say what; ``value`` is cut short."""

    def __init__(self, reason: str, field: str, value: object = None) -> None:
        self.reason = reason
        self.field = field
        self.value = shown(value)
        super().__init__(f"{field}: {self.value!r} {reason}")


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


_decode: Final = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse_constant).decode


def decode(body: str | bytes) -> Any:
    """The JSON value of a body or frame. Numbers with a point become Decimal; NaN and Infinity are refused."""
    try:
        return _decode(body if isinstance(body, str) else body.decode())
    except ValueError:
        raise BadFrame("is not JSON", "frame", body if isinstance(body, str) else None) from None
    except (RecursionError, ArithmeticError):
        # Nested without end, or an exponent that no Decimal can hold.
        raise BadFrame("is not JSON that can be read", "frame") from None


def member(holder: Any, field: str) -> Any:
    """``holder[field]`` where ``holder`` is an object that has it."""
    if type(holder) is not dict:
        raise BadFrame("is not an object", field, holder)
    if field not in holder:
        raise BadFrame("is missing", field)
    return holder[field]


def has(holder: Any, field: str) -> bool:
    """Whether an object has an optional ``field``."""
    if type(holder) is not dict:
        raise BadFrame("is not an object", field, holder)
    return field in holder


def decimal(holder: Any, field: str) -> Decimal:
    """A plain decimal text, of any sign."""
    try:
        return parse_decimal(member(holder, field), field)
    except NotADecimal as error:
        raise BadFrame("is not a plain decimal number", field, error.value) from None


def positive(holder: Any, field: str) -> Decimal:
    value = decimal(holder, field)
    if value <= 0:
        raise BadFrame("is not positive", field, value)
    return value


def not_negative(holder: Any, field: str) -> Decimal:
    value = decimal(holder, field)
    if value < 0:
        raise BadFrame("is negative", field, value)
    return value


def number(holder: Any, field: str) -> Decimal:
    """A JSON number, where the venue writes one instead of a text."""
    value = member(holder, field)
    if type(value) is int and abs(value) < 10**15:
        return Decimal(value)
    # Checked before it is written out: 1E+999999999 would be a text of a gigabyte.
    if type(value) is Decimal and value.is_finite() and int(value.as_tuple().exponent) >= -12 and value.adjusted() < 15:
        return value
    raise BadFrame("is not a plain number", field, value)


def integer(holder: Any, field: str) -> int:
    """A non-negative JSON integer that fits a Java long; a boolean is none."""
    value = member(holder, field)
    if type(value) is not int or not 0 <= value <= LARGEST_ID:
        raise BadFrame("is not an integer from 0 to 2^63-1", field, value)
    return value


def time_ms(holder: Any, field: str) -> int:
    value = member(holder, field)
    if type(value) is not int or not 0 < value <= LATEST_MS:
        raise BadFrame("is not a time in milliseconds", field, value)
    return value


def flag(holder: Any, field: str) -> bool:
    value = member(holder, field)
    if type(value) is not bool:
        raise BadFrame("is not true or false", field, value)
    return value


def text(holder: Any, field: str, longest: int = 64) -> str:
    """A printable text; the surrogates that JSON admits and no database does are not printable."""
    value = member(holder, field)
    if type(value) is not str or len(value) > longest or not value.isprintable():
        raise BadFrame(f"is not a printable text of at most {longest} letters", field, value)
    return value


def symbol(holder: Any, field: str) -> Symbol:
    """Letters and digits of any script: listed symbols are not all ASCII."""
    value = member(holder, field)
    if not is_symbol(value):
        raise BadFrame("is not a symbol", field, value)
    return Symbol(value)


def is_symbol(value: object) -> bool:
    return (
        type(value) is str and len(value) <= 40 and (value.isalnum() or value.translate(_SYMBOL_PUNCTUATION).isalnum())
    )


def choice(holder: Any, field: str, kind: type[E]) -> E:
    """One of the values of ``kind``; a value nobody told us about is an error, never a default."""
    value = member(holder, field)
    try:
        return kind(value)
    except ValueError:
        raise BadFrame(f"is not a {kind.__name__}", field, value) from None


def named(holder: Any, field: str, names: Mapping[str, T]) -> T:
    """The value that the venue's word stands for in ``names``."""
    value = member(holder, field)
    if type(value) is not str or value not in names:
        raise BadFrame(f"is not one of {', '.join(names)}", field, value)
    return names[value]


def rows(holder: Any, field: str) -> list[Any]:
    value = member(holder, field)
    if type(value) is not list:
        raise BadFrame("is not an array", field, value)
    return value

"""JSON as people write it: numbers stay exact, and what is ambiguous is refused instead of guessed."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Final

from typing_extensions import TypeAliasType

from undertow.domain.numbers import plain

Json = TypeAliasType("Json", "bool | int | Decimal | str | Sequence[Json] | Mapping[str, Json] | None")
"""What a JSON text may hold here. A float never occurs: a number with a point is read as a Decimal."""

_LONGEST_EXPONENT: Final = 1_000
"""Written out in full, a number such as 1e999999999 takes a gigabyte."""


class NotJson(ValueError):
    """A text is no JSON, or JSON that two readers could understand differently."""


def read_json(text: str) -> Json:
    """Read ``text`` with exact decimals. Raises NotJson for NaN, Infinity and a key that is there twice as well."""
    try:
        value: Json = json.loads(
            text, parse_float=_decimal, parse_constant=_no_constant, object_pairs_hook=_without_twins
        )
    except RecursionError as error:
        raise NotJson("it is nested too deeply") from error
    except json.JSONDecodeError as error:
        raise NotJson(f"line {error.lineno}, column {error.colno}: {error.msg}") from error
    except NotJson:
        raise
    except ValueError as error:  # an integer of thousands of digits
        raise NotJson(str(error)) from error
    try:
        write_json(value).encode()
    except UnicodeEncodeError as error:  # an escaped half of a surrogate pair is legal JSON and no text
        raise NotJson("a text in it holds half of a character") from error
    return value


def read_object(text: str) -> Mapping[str, Json]:
    """Read ``text``, which must be one JSON object."""
    value = read_json(text)
    if not isinstance(value, Mapping):
        raise NotJson("it must be an object: { ... }")
    return value


def write_json(value: Json, indent: int | None = None) -> str:
    """``value`` as JSON; a Decimal becomes a text, so that no reader makes a float of it."""
    return json.dumps(
        value, ensure_ascii=False, indent=indent, default=_plain_decimal, separators=None if indent else (",", ":")
    )


def _plain_decimal(value: object) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def _decimal(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation as error:  # an exponent of twenty digits
        raise NotJson(f"{text[:64]} is beyond what a number can be") from error
    if abs(value.adjusted()) > _LONGEST_EXPONENT:
        raise NotJson(f"{text[:64]} is beyond what a number can be")
    return value


def _no_constant(name: str) -> Json:
    raise NotJson(f"{name} is not a number")


def _without_twins(pairs: Sequence[tuple[str, Json]]) -> Mapping[str, Json]:
    found: dict[str, Json] = {}
    for key, value in pairs:
        if key in found:
            raise NotJson(f"the key {json.dumps(key)} is there twice")
        found[key] = value
    return found

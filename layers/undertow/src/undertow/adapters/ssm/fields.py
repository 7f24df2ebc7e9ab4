"""Fields of parameter documents: each knows its range, unit and meaning, so that errors and documents can say them."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Final, get_args

from pydantic import BaseModel, BeforeValidator, Field
from pydantic.fields import FieldInfo

from undertow.domain.json_text import Json
from undertow.domain.numbers import parse_decimal, plain

REQUIRED: Final = ...


def exact(value: object) -> Decimal:
    """A figure given as a text or as a JSON number, which is never a float on its way. Raises NotADecimal."""
    if type(value) is int:
        return parse_decimal(str(value), "figure")
    if isinstance(value, Decimal) and abs(value.adjusted()) < 40:  # a larger one would be written out in full
        return parse_decimal(format(value, "f"), "figure")
    return parse_decimal(value, "figure")


Exact = Annotated[Decimal, BeforeValidator(exact)]
"""A decimal that was written as one: a text such as "12.5", or a number."""


def _field(default: Any, unit: str, allowed: str, meaning: str, **constraints: Any) -> Any:
    return Field(default, description=meaning, json_schema_extra={"unit": unit, "allowed": allowed}, **constraints)


def whole(default: Any, low: int, high: int, unit: str, meaning: str) -> Any:
    return _field(default, unit, f"a whole number from {low} to {high}", meaning, ge=low, le=high)


def above_zero(default: Any, high: str, unit: str, meaning: str) -> Any:
    most = Decimal(high)
    return _field(default, unit, f"a number above 0, at most {plain(most)}", meaning, gt=0, le=most)


def from_zero(default: Any, high: str, unit: str, meaning: str) -> Any:
    most = Decimal(high)
    return _field(default, unit, f"a number from 0 to {plain(most)}", meaning, ge=0, le=most)


def between(default: Any, low: str, high: str, unit: str, meaning: str) -> Any:
    least, most = Decimal(low), Decimal(high)
    return _field(default, unit, f"a number from {plain(least)} to {plain(most)}", meaning, ge=least, le=most)


def bound(high: str, unit: str, meaning: str, default: Decimal | None = None) -> Any:
    """A number that may be left out: null means that there is no bound."""
    most = Decimal(high)
    allowed = f"a number above 0, at most {plain(most)}, or null for no bound"
    return _field(default, unit, allowed, meaning, gt=0, le=most)


def yes_no(default: Any, meaning: str) -> Any:
    return _field(default, "", "true or false", meaning)


def one_of(default: Any, choices: type[StrEnum] | tuple[str, ...], meaning: str) -> Any:
    names = choices if isinstance(choices, tuple) else tuple(choice.value for choice in choices)
    return _field(default, "", f"one of {', '.join(names)}", meaning)


def text(default: Any, pattern: str, allowed: str, meaning: str) -> Any:
    return _field(default, "", allowed, meaning, pattern=pattern)


def structure(default: Any, allowed: str, meaning: str, **constraints: Any) -> Any:
    return _field(default, "", allowed, meaning, **constraints)


def details(field: FieldInfo) -> Mapping[str, str]:
    """The ``unit`` and ``allowed`` that the field was declared with."""
    extra = field.json_schema_extra
    if not isinstance(extra, dict):
        raise TypeError(f"the field {field.description!r} was not declared with its range")
    return {key: str(value) for key, value in extra.items()}


def is_exact(field: FieldInfo) -> bool:
    """Whether the field holds a decimal figure."""
    return field.annotation is Decimal or any(
        part is Decimal or Decimal in get_args(part) for part in get_args(field.annotation)
    )


def as_json(value: object) -> Json:
    """``value`` as JSON; of a model, only what was given."""
    match value:
        case BaseModel():
            return {
                name: as_json(getattr(value, name))
                for name in type(value).model_fields
                if name in value.model_fields_set
            }
        case dict():
            return {str(key): as_json(item) for key, item in value.items()}
        case list():
            return [as_json(item) for item in value]
        case None | bool() | int() | Decimal():
            return value
        case _:
            return str(value)

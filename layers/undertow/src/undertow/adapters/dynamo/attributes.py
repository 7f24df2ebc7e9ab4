"""How single values are stored. pynamodb's own number type goes through float, so money has a type of its own."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow, Subnormal, Underflow
from enum import StrEnum
from typing import Any, Final, Generic, Protocol, TypeVar

from pynamodb.attributes import Attribute

LONGEST: Final = 38
"""Significant digits of a DynamoDB number. Exponents reach from -130 to 125."""

_AS_STORED: Final = Context(
    prec=LONGEST,
    Emax=125,
    Emin=-130,
    clamp=0,
    traps=[DivisionByZero, Inexact, InvalidOperation, Overflow, Subnormal, Underflow],
)


class NotStorable(ValueError):
    """A number that the table would round, or refuse. It is never stored as something else."""


def number_text(value: Decimal) -> str:
    """``value`` as the table holds it: without exponent and trailing zeros, so that equal numbers are equal texts."""
    if value == 0:
        return "0"
    try:
        return format(_AS_STORED.normalize(value), "f")
    except (Inexact, InvalidOperation, Overflow, Subnormal, Underflow) as e:
        raise NotStorable(f"{value!r} does not fit a number of {LONGEST} digits") from e


class DecimalAttribute(Attribute[Decimal]):
    attr_type = "N"

    def serialize(self, value: Decimal) -> str:
        if type(value) is not Decimal or not value.is_finite():
            raise NotStorable(f"{value!r} is not a finite Decimal")
        return number_text(value)

    def deserialize(self, value: str) -> Decimal:
        return Decimal(value)


class IntegerAttribute(Attribute[int]):
    attr_type = "N"

    def serialize(self, value: int) -> str:
        if type(value) is not int:
            raise NotStorable(f"{value!r} is not an int")
        return str(value)

    def deserialize(self, value: str) -> int:
        return int(value)


E = TypeVar("E", bound=StrEnum)


class EnumAttribute(Attribute[E], Generic[E]):
    """A value of an enumeration, by its value. Reading one that does not exist raises: unknown states are loud."""

    attr_type = "S"

    def __init__(self, kind: type[E], **options: Any) -> None:
        super().__init__(**options)
        self.kind = kind

    def serialize(self, value: E) -> str:
        return self.kind(value).value

    def deserialize(self, value: str) -> E:
        return self.kind(value)


class TextsAttribute(Attribute[Mapping[str, str]]):
    """Texts by name."""

    attr_type = "M"

    def serialize(self, value: Mapping[str, str]) -> dict[str, dict[str, str]]:
        return {name: {"S": text} for name, text in value.items()}

    def deserialize(self, value: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
        return {name: stored["S"] for name, stored in value.items()}


class IntegersAttribute(Attribute[Mapping[str, int]]):
    """Integers by name."""

    attr_type = "M"

    def serialize(self, value: Mapping[str, int]) -> dict[str, dict[str, str]]:
        return {name: {"N": str(number)} for name, number in value.items()}

    def deserialize(self, value: Mapping[str, Mapping[str, str]]) -> dict[str, int]:
        return {name: int(stored["N"]) for name, stored in value.items()}


T = TypeVar("T")
Item = dict[str, dict[str, Any]]


class Part(Protocol[T]):
    """A record that is stored inside another one."""

    @classmethod
    def from_domain(cls, value: T, /) -> "Part[T]": ...

    @classmethod
    def from_raw_data(cls, data: Item) -> "Part[T]": ...

    def serialize(self) -> Item: ...

    def to_domain(self) -> T: ...


class PartAttribute(Attribute[T], Generic[T]):
    """A domain object as a map. pynamodb's own maps are attribute and value in one, which no type checker follows."""

    attr_type = "M"

    def __init__(self, kind: type[Part[T]], **options: Any) -> None:
        super().__init__(**options)
        self.kind = kind

    def serialize(self, value: T) -> Item:
        return self.kind.from_domain(value).serialize()

    def deserialize(self, value: Item) -> T:
        return self.kind.from_raw_data(value).to_domain()


class PartsAttribute(Attribute[Iterable[T]], Generic[T]):
    """Domain objects as a list of maps, in their order."""

    attr_type = "L"

    def __init__(self, kind: type[Part[T]], **options: Any) -> None:
        super().__init__(**options)
        self.kind = kind

    def serialize(self, value: Iterable[T]) -> list[dict[str, Item]]:
        return [{"M": self.kind.from_domain(one).serialize()} for one in value]

    def deserialize(self, value: list[dict[str, Item]]) -> list[T]:
        return [self.kind.from_raw_data(stored["M"]).to_domain() for stored in value]


class WrittenAttribute(Attribute[T], Generic[T]):
    """A domain object as one text. Maps would repeat every name in every element, and items are paid for by size."""

    attr_type = "S"

    def __init__(self, write: Callable[[T], str], read: Callable[[str], T], **options: Any) -> None:
        super().__init__(**options)
        self.write = write
        self.read = read

    def serialize(self, value: T) -> str:
        return self.write(value)

    def deserialize(self, value: str) -> T:
        return self.read(value)

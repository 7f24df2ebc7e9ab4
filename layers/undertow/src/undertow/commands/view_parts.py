"""How commands read what a view answered: the same JSON that the API sends."""

from collections.abc import Mapping, Sequence
from decimal import Context, Decimal
from typing import Final

from undertow.domain.json_text import Json
from undertow.domain.numbers import plain

Row = Mapping[str, Json]

_CENT: Final = Decimal("0.01")
_DIGITS: Final = Context(prec=8)


def rows_of(value: Json) -> Sequence[Row]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return ()
    return [row for row in value if isinstance(row, Mapping)]


def part_of(value: Json) -> Row:
    """Empty where there is none."""
    return value if isinstance(value, Mapping) else {}


def money(value: Json) -> str:
    """To the cent; the exact figure is in --json."""
    return plain(Decimal(value).quantize(_CENT)) if isinstance(value, str) else "not known"


def price(value: Json) -> str:
    """To eight digits: an average over several fills has no end. The exact figure is in --json."""
    return plain(_DIGITS.create_decimal(value)) if isinstance(value, str) else "not known"


def ms_of(value: Json) -> int:
    return value if isinstance(value, int) else 0

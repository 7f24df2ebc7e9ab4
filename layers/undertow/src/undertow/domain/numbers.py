"""Numbers that arrive from outside, and rounding that never grows risk."""

import re
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import Final

ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)
HUNDRED: Final = Decimal(100)

PLACES: Final = Decimal("1E-12")
"""To which sums of money are kept that must come out even again: totals and what they are made of."""
EXACT: Final = Context(prec=38, rounding=ROUND_CEILING)
"""The digits that a table can hold."""

# A quotient of 28 digits, rounded to the nearest, can land on a multiple that the value did not reach.
_DOWN: Final = Context(prec=60, rounding=ROUND_FLOOR)
_UP: Final = Context(prec=60, rounding=ROUND_CEILING)

_PLAIN: Final = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,12})?", re.ASCII)


def shown(value: object) -> str:
    """``value`` for a message, at most 64 letters. A container is shown by its type only: its text may be megabytes,
    or nested too deeply to be written at all.
    """
    if isinstance(value, str):
        return value[:64]
    if isinstance(value, float | Decimal | None) or (isinstance(value, int) and abs(value) < 10**63):
        return str(value)[:64]
    return type(value).__name__


class NotADecimal(ValueError):
    """A value from outside is not a plain decimal text. The message names the field and the value."""

    def __init__(self, field: str, value: object) -> None:
        super().__init__(f"{field}: {shown(value)!r} is not a plain decimal number")
        self.field = field
        self.value = value


def parse_decimal(value: object, field: str) -> Decimal:
    """Read ``value`` as a decimal text of at most 15 digits before and 12 after the point.

    Raises NotADecimal for everything else: floats, booleans, exponents, NaN, Infinity, underscores, spaces and
    full-width digits, all of which ``Decimal`` itself would accept.
    """
    if type(value) is not str or _PLAIN.fullmatch(value) is None:
        raise NotADecimal(field, value)
    return Decimal(value)


def floor_to(value: Decimal, step: Decimal) -> Decimal:
    """The largest multiple of ``step`` not above ``value``; a step of zero means no grid."""
    if step == 0:
        return value
    return _DOWN.multiply(_DOWN.divide(value, step).to_integral_value(ROUND_FLOOR), step)


def ceil_to(value: Decimal, step: Decimal) -> Decimal:
    """The smallest multiple of ``step`` not below ``value``; a step of zero means no grid."""
    if step == 0:
        return value
    return _UP.multiply(_UP.divide(value, step).to_integral_value(ROUND_CEILING), step)


def counted(amount: Decimal) -> Decimal:
    """What ``amount`` counts for in a sum: rounded up to 12 places.

    Thus every sum is exact in 38 digits, and what is taken out of it is what was put in, to the digit.
    """
    return amount.quantize(PLACES, context=EXACT)


def plain(value: Decimal) -> str:
    """``value`` without exponent and without trailing zeros, as venues and people read it."""
    if value == 0:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def figure(value: Decimal) -> str:
    """``value`` as people read it: to eight digits, without exponent. Nothing is ever computed from it."""
    return plain(Decimal(f"{value:.8g}"))

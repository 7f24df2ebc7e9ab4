"""From a statistic, which is a float, to the figure that is recorded and compared: rounded once, never an exponent."""

from decimal import Decimal
from math import isfinite
from typing import Final

PLACES: Final = 6
LARGEST: Final = 1e9
"""Beyond it a ratio says nothing more; readers of the figure take at most 15 digits before the point."""


def figure_of(value: float, places: int = PLACES) -> Decimal:
    """``value`` to ``places`` decimals, cut off at one billion either way. Raises ValueError for what is no number."""
    if not isfinite(value):
        raise ValueError(f"{value} is not a figure")
    return Decimal(f"{min(LARGEST, max(-LARGEST, value)):.{places}f}") + 0

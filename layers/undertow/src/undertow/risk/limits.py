"""Limits from the parameters, under hard caps in code: the tightest wins."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

HARD_MAX_LEVERAGE: Final = 50
HARD_MAX_ORDER_NOTIONAL: Final = Decimal(1_000_000)
HARD_MAX_SIGNAL_AGE_MS: Final = 30_000
HARD_MAX_PARAMS_AGE_MS: Final = 10 * 60_000
"""When the parameters could not be read for this long nothing is opened: old limits are no limits."""
HARD_MAX_BALANCE_AGE_MS: Final = 150_000
"""Two passes of reconciliation, which reads it every minute, and some more."""
MAX_DISTANCE_FROM_MARK: Final = Decimal("0.20")
MAX_QUOTE_AGE_MS: Final = 2_000
MAX_SILENT_BOOK_MS: Final = 30_000
"""A book that stayed the same for this long while mark prices came is not believed any more."""
MAX_CLOCK_LEAD_MS: Final = 1_000
"""How far the venue's clock may be ahead of ours. Beyond it no age can be told, so nothing counts as fresh."""
MAX_INSTRUMENT_AGE_MS: Final = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class AccountLimits:
    """Caps over all strategies of one account, quote units. Margin is notional divided by leverage.

    ``max_positions`` counts sides: a symbol held long and short is two. Zero means no limit.
    """

    max_total_margin: Decimal
    max_total_notional: Decimal
    max_positions: int
    max_leverage: int
    max_signal_age_ms: int


@dataclass(frozen=True, slots=True)
class SymbolLimits:
    """Caps of one symbol over both sides, quote units."""

    max_position_margin: Decimal
    max_position_notional: Decimal
    max_open_orders: int

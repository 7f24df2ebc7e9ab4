"""Limits from the parameters, under hard caps in code: the tightest wins."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from undertow.domain.ids import Symbol

HARD_MAX_LEVERAGE: Final = 50
HARD_MAX_ORDER_NOTIONAL: Final = Decimal(1_000_000)
HARD_MAX_SIGNAL_AGE_MS: Final = 30_000
HARD_MAX_PARAMS_AGE_MS: Final = 10 * 60_000
"""When the parameters could not be read for this long nothing is opened: old limits are no limits."""
HARD_MAX_BALANCE_AGE_MS: Final = 150_000
"""Two passes of reconciliation, which reads it every minute, and some more."""
MAX_PROOF_AGE_MS: Final = 5 * 60_000
"""For so long after a reading of the venue that the ledger was equal to, entries trust the ledger."""
FORCED_PAUSE_MS: Final = 3_600_000
"""For so long nothing is opened in a symbol after the venue closed a position there by force: its price has just run
further than every stop of ours, and a person should look first."""
MAX_DISTANCE_FROM_MARK: Final = Decimal("0.20")
MAX_QUOTE_AGE_MS: Final = 2_000
MAX_SILENT_BOOK_MS: Final = 30_000
"""A book that stayed the same for this long while mark prices came is not believed any more."""
MAX_SILENT_MARK_MS: Final = 30_000
"""Nor does a fresh book make up for a mark price that has been silent for longer: price band and liquidation distance
are reckoned from it."""
MAX_CLOCK_LEAD_MS: Final = 1_000
"""How far the venue's clock may be ahead of ours. Beyond it no age can be told, so nothing counts as fresh."""
MAX_INSTRUMENT_AGE_MS: Final = 24 * 3_600_000
HARD_MAX_LAYERS: Final = 20
HARD_MAX_GROWTH: Final = Decimal(5)
HARD_MAX_PORTFOLIO_RISK_PCT: Final = Decimal(50)
HARD_MAX_EFFECTIVE_LEVERAGE: Final = Decimal(20)
HARD_MAX_MARGIN_USAGE_PCT: Final = Decimal(95)
HARD_MAX_STOP_PCT: Final = Decimal(90)


@dataclass(frozen=True, slots=True)
class RiskLimits:
    """What the eight layers and the monitor of one account compare with. Percentages are whole numbers (2 is 2 %).

    ``max_portfolio_risk_pct`` bounds the reserved risk of the whole book against equity. ``margin_usage`` is
    maintenance margin, and initial margin, against equity. ``min_liquidation_distance_pct`` is of the mark price;
    ``stop_buffer_pct`` of the distance from entry to liquidation must lie between stop and liquidation.
    ``allowed_symbols`` of None admits what the strategies name; an empty set admits nothing. ``max_daily_loss_pct`` and
    ``max_drawdown_pct`` of None are off. Fees and slippage are of a price, for every loss that is computed ahead.
    """

    max_portfolio_risk_pct: Decimal = Decimal("14.5")
    max_effective_leverage: Decimal = Decimal(10)
    margin_usage_reject_pct: Decimal = Decimal(90)
    margin_usage_warn_pct: Decimal = Decimal(80)
    margin_pause_pct: Decimal = Decimal(80)
    margin_resume_pct: Decimal = Decimal(70)
    emergency_reduce_pct: Decimal = Decimal(90)
    min_liquidation_distance_pct: Decimal = Decimal(5)
    stop_buffer_pct: Decimal = Decimal(15)
    min_confidence: int = 60
    allowed_symbols: frozenset[Symbol] | None = None
    max_daily_loss_pct: Decimal | None = Decimal(5)
    max_drawdown_pct: Decimal | None = Decimal(20)
    taker_fee_pct: Decimal = Decimal("0.04")
    stop_slippage_pct: Decimal = Decimal("0.1")


USUAL_RISK: Final = RiskLimits()


@dataclass(frozen=True, slots=True)
class AccountLimits:
    """Caps over all strategies of one account, quote units. Margin is notional divided by leverage.

    ``max_positions`` counts symbols: one held long and short counts once. Zero means no limit.
    """

    max_total_margin: Decimal
    max_total_notional: Decimal
    max_positions: int
    max_leverage: int
    max_signal_age_ms: int
    risk: RiskLimits = USUAL_RISK


@dataclass(frozen=True, slots=True)
class SymbolLimits:
    """Caps of one symbol over both sides, quote units."""

    max_position_margin: Decimal
    max_position_notional: Decimal
    max_open_orders: int

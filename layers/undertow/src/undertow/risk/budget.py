"""What is lost when a stop is hit, and how much of that the whole book may risk. Quote units throughout.

A loss counts the way from fill to stop, the taker fee at both ends, and the slippage of a stop that runs at market.
"""

from decimal import Decimal

from undertow.domain.market import PositionSide
from undertow.domain.numbers import HUNDRED, ZERO
from undertow.domain.position import Position
from undertow.risk.limits import HARD_MAX_PORTFOLIO_RISK_PCT, RiskLimits


def loss_at_stop(side: PositionSide, quantity: Decimal, price: Decimal, stop: Decimal, limits: RiskLimits) -> Decimal:
    """The loss of ``quantity`` that was filled at ``price``; zero when even with its costs it would gain."""
    costs = price * limits.taker_fee_pct + stop * (limits.taker_fee_pct + limits.stop_slippage_pct)
    return max(ZERO, quantity * (side.sign * (price - stop) + costs / HUNDRED))


def filled_risk(position: Position, stop: Decimal | None, liquidation: Decimal | None, limits: RiskLimits) -> Decimal:
    """What ``position`` loses at ``stop``; without a stop at the liquidation price, and without that all of it."""
    worst = stop if stop is not None else liquidation
    if worst is None:
        worst = ZERO if position.side is PositionSide.LONG else position.entry_price * 2
    return loss_at_stop(position.side, position.quantity, position.entry_price, worst, limits)


def portfolio_cap(limits: RiskLimits, equity: Decimal) -> Decimal:
    """How much risk the whole book may reserve."""
    return max(ZERO, equity) * min(limits.max_portfolio_risk_pct, HARD_MAX_PORTFOLIO_RISK_PCT) / HUNDRED

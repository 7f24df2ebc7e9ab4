"""How much of an account's equity its positions tie up, in percent."""

from decimal import Decimal

from undertow.domain.account import Balance
from undertow.domain.numbers import HUNDRED, ZERO


def usage_pct(margin: Decimal, equity: Decimal) -> Decimal:
    """``margin`` against ``equity``. Where nothing is left to compare with, any margin is all of it."""
    if equity <= 0:
        return HUNDRED if margin > 0 else ZERO
    return margin / equity * HUNDRED


def maintenance_usage_pct(balance: Balance) -> Decimal | None:
    """What the monitor watches; at 100 the venue liquidates. None while the venue's figure was not read."""
    if balance.maintenance_margin is None:
        return None
    return usage_pct(balance.maintenance_margin, balance.equity)

"""Small histories for the accounting: a trade, an income, an adjustment."""

from dataclasses import replace
from itertools import count
from typing import Any

from tests.unit.builders import ACCOUNT, BTC, LONG, NOW_MS, d, fill

from undertow.domain.adjustment import Adjustment
from undertow.domain.fill import Fill
from undertow.domain.ids import TradeId
from undertow.domain.income import Income, IncomeKind
from undertow.domain.market import PositionSide, Side

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
MIDNIGHT_MS = NOW_MS // DAY_MS * DAY_MS
_ids = count(1_000_000)
"""Apart from those that a venue of the tests gives."""


def traded(
    side: Side,
    quantity: str,
    price: str = "1000",
    *,
    realized: str = "0",
    fee: str = "0.1",
    of: PositionSide | None = LONG,
    at_ms: int = NOW_MS,
    **changes: Any,
) -> Fill:
    """``of`` is the position side of a hedged account, None on a one-way one. Each trade has an id of its own."""
    usual = fill(
        quantity,
        price,
        side=side,
        position_side=of,
        realized_pnl=d(realized),
        commission=d(fee),
        time_ms=at_ms,
        trade_id=TradeId(next(_ids)),
        client_order_id=None,
    )
    return replace(usual, **changes)


def received(kind: IncomeKind, amount: str, at_ms: int = NOW_MS, **changes: Any) -> Income:
    symbol = None if kind is IncomeKind.TRANSFER else BTC
    usual = Income(ACCOUNT, str(next(_ids)), kind, kind.value.upper(), "USDT", d(amount), at_ms, symbol)
    return replace(usual, **changes)


def entered(kind: IncomeKind, amount: str, at_ms: int | None = None, **changes: Any) -> Adjustment:
    usual = Adjustment(f"a{next(_ids)}", ACCOUNT, kind, d(amount), at_ms, "from a statement", "anna", NOW_MS)
    return replace(usual, **changes)

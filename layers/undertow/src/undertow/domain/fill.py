"""Executions. A fill is identified by its venue, account, symbol and trade id, wherever it was seen."""

from dataclasses import dataclass
from decimal import Decimal

from undertow.domain.ids import AccountId, ClientOrderId, Symbol, TradeId, VenueOrderId
from undertow.domain.market import PositionSide, Side
from undertow.domain.numbers import ZERO


@dataclass(frozen=True, slots=True)
class Fill:
    """One trade of ours. ``commission`` is a cost: positive when paid, negative when rebated.

    ``position_side`` is None on one-way accounts, where the venue says BOTH. ``client_order_id`` is None when the
    trade came from the trade history, which does not carry it.
    """

    account: AccountId
    symbol: Symbol
    trade_id: TradeId
    venue_order_id: VenueOrderId
    client_order_id: ClientOrderId | None
    side: Side
    position_side: PositionSide | None
    price: Decimal
    quantity: Decimal
    commission: Decimal
    commission_asset: str
    realized_pnl: Decimal
    maker: bool
    time_ms: int

    @property
    def notional(self) -> Decimal:
        return self.price * self.quantity

    @property
    def fee(self) -> Decimal:
        """The commission where it was paid in what the symbol is quoted in, as profit is.

        In another asset, such as the venue's own token, it cannot be set off against profit without its rate: zero.
        """
        return self.commission if self.symbol.endswith(self.commission_asset) else ZERO

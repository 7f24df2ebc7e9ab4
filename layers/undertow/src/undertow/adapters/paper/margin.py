"""What an account must hold against its positions and orders, and where it ends.

The venue publishes the brackets and no formula; these are the usual ones of its family (aster.md section 19).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from undertow.adapters.paper.accounts import Position, TradingAccount
from undertow.adapters.paper.events import Leg
from undertow.adapters.paper.floor import Floor
from undertow.adapters.paper.orders import EngineOrder
from undertow.domain.ids import Symbol
from undertow.domain.market import Side
from undertow.domain.numbers import ZERO


@dataclass(frozen=True, slots=True)
class Claim:
    """An order's claim on margin: what it may still open, at the price it may pay."""

    side: Side
    leg: Leg
    notional: Decimal


@dataclass(frozen=True, slots=True)
class Standing:
    """Sums over one account, in quote units, at the current marks."""

    wallet: Decimal
    cross_wallet: Decimal
    unrealized: Decimal
    cross_unrealized: Decimal
    position_margin: Decimal
    cross_position_margin: Decimal
    order_margin: Decimal
    maintenance: Decimal
    cross_maintenance: Decimal

    @property
    def balance(self) -> Decimal:
        return self.wallet + self.unrealized

    @property
    def available(self) -> Decimal:
        """What may still be used as margin."""
        left = self.cross_wallet + self.cross_unrealized - self.cross_position_margin - self.order_margin
        return max(ZERO, left)

    @property
    def withdrawable(self) -> Decimal:
        """Unrealized profit cannot be taken out."""
        return max(ZERO, min(self.available, self.cross_wallet))


def standing(floor: Floor, account: TradingAccount) -> Standing:
    unrealized = cross_unrealized = margin = cross_margin = maintenance = cross_maintenance = ZERO
    for position in account.open_positions():
        mark = floor.mark(position.symbol)
        profit, held, least = position.unrealized(mark), position_margin(floor, account, position), ZERO
        least = floor.contract(position.symbol).maintenance(position.notional(mark))
        unrealized, margin, maintenance = unrealized + profit, margin + held, maintenance + least
        if not account.is_isolated(position.symbol):
            cross_unrealized, cross_margin = cross_unrealized + profit, cross_margin + held
            cross_maintenance += least
    symbols = {order.symbol for order in floor.orders.open_of_account(account.id)}
    return Standing(
        wallet=account.wallet,
        cross_wallet=account.cross_wallet,
        unrealized=unrealized,
        cross_unrealized=cross_unrealized,
        position_margin=margin,
        cross_position_margin=cross_margin,
        order_margin=sum((order_margin(floor, account, symbol) for symbol in symbols), ZERO),
        maintenance=maintenance,
        cross_maintenance=cross_maintenance,
    )


def position_margin(floor: Floor, account: TradingAccount, position: Position) -> Decimal:
    """Initial margin of ``position`` at the mark."""
    return position.notional(floor.mark(position.symbol)) / floor.settings(account, position.symbol).leverage


def claim_of(order: EngineOrder, price: Decimal) -> Claim:
    return Claim(order.side, order.leg, order.remaining * price)


def resting_claims(floor: Floor, account: TradingAccount, symbol: Symbol, without: int = 0) -> list[Claim]:
    """Claims of the account's orders in the book. Untriggered and closing orders claim nothing."""
    return [
        claim_of(order, order.price)
        for order in floor.orders.open_of_account(account.id, symbol)
        if not order.is_conditional and not order.closes_only and order.id != without
    ]


def order_margin(
    floor: Floor, account: TradingAccount, symbol: Symbol, more: Iterable[Claim] = (), without: int = 0
) -> Decimal:
    """Initial margin of the symbol's open orders beyond what its position holds already.

    ``more`` are claims of orders still to come; the order with the id ``without`` is left out, as if it were gone.
    """
    leverage = floor.settings(account, symbol).leverage
    claims = [*resting_claims(floor, account, symbol, without), *more]
    if account.hedge:
        return sum((claim.notional for claim in claims), ZERO) / leverage
    held = account.position(symbol, Leg.BOTH)
    position = held.amount * floor.mark(symbol) if held.is_open else ZERO
    buys = sum((claim.notional for claim in claims if claim.side is Side.BUY), ZERO)
    sells = sum((claim.notional for claim in claims if claim.side is Side.SELL), ZERO)
    worst = max(abs(position + buys), abs(position - sells), abs(position))
    return (worst - abs(position)) / leverage


def open_loss(side: Side, quantity: Decimal, price: Decimal, mark: Decimal) -> Decimal:
    """What an order that fills at ``price`` would lose at once against the mark."""
    gap = price - mark if side is Side.BUY else mark - price
    return quantity * max(ZERO, gap)


def liquidation_price(floor: Floor, account: TradingAccount, position: Position) -> Decimal:
    """Mark at which the venue takes ``position``; zero when there is none."""
    mark = floor.mark(position.symbol)
    bracket = floor.contract(position.symbol).bracket_for(position.notional(mark))
    margin = margin_behind(floor, account, position)
    quantity, sign = abs(position.amount), 1 if position.amount > 0 else -1
    divisor = quantity * bracket.maintenance_ratio - sign * quantity
    price = (margin + bracket.cumulative - position.cost) / divisor
    return max(ZERO, price)


def bankruptcy_price(floor: Floor, account: TradingAccount, position: Position) -> Decimal:
    """Price at which closing ``position`` uses up exactly what stands behind it, on the tick grid, at least a tick."""
    margin = margin_behind(floor, account, position, keep_maintenance=False)
    price = (position.cost - margin) / position.amount
    instrument = floor.contract(position.symbol).instrument
    rounded = instrument.price_above(price) if position.amount > 0 else instrument.price_below(price)
    return max(rounded, instrument.tick_size)


def margin_behind(
    floor: Floor, account: TradingAccount, position: Position, *, keep_maintenance: bool = True
) -> Decimal:
    """The isolated wallet, or the cross wallet after what the other cross positions make and need."""
    if account.is_isolated(position.symbol):
        return position.isolated_wallet
    margin = account.cross_wallet
    for other in account.open_positions():
        if other is position or account.is_isolated(other.symbol):
            continue
        mark = floor.mark(other.symbol)
        margin += other.unrealized(mark)
        if keep_maintenance:
            margin -= floor.contract(other.symbol).maintenance(other.notional(mark))
    return margin

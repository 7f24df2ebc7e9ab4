"""The position as it will stand once an entry, and all that is under way beside it, has filled."""

from dataclasses import dataclass
from decimal import Decimal

from undertow.domain.account import Balance, MarginType
from undertow.domain.instrument import LeverageBracket
from undertow.domain.market import PositionSide
from undertow.domain.numbers import ZERO
from undertow.domain.position import Slot
from undertow.risk.case import Case
from undertow.risk.liquidation import (
    Leg,
    cross_liquidation_price,
    hedge_liquidation_prices,
    is_solvent,
    isolated_liquidation_price,
    maintenance_margin,
)


@dataclass(frozen=True, slots=True)
class Projection:
    """``leg`` is the side of the symbol after the entry.

    ``liquidation`` is the nearest liquidation price in the direction of a loss, ``nearest`` the nearest in any
    direction (a hedged pair can be liquidated at both ends); None: at no price above zero.
    """

    leg: Leg
    mark: Decimal
    liquidation: Decimal | None
    nearest: Decimal | None

    @property
    def notional(self) -> Decimal:
        return self.leg.quantity * self.mark


def projected(case: Case) -> Projection | None:
    """None while mark price, order size, balance or leverage tiers are not known."""
    mark, balance, intent = case.exposure.mark, case.exposure.snapshot.balance, case.intent
    if mark is None or mark.price <= 0 or balance is None or not case.instrument.brackets:
        return None
    if intent.price is None or intent.price <= 0 or intent.quantity is None or intent.quantity <= 0:
        return None
    waiting, waiting_margin = _waiting(case.slot, intent.price)
    held = _position(case.slot)
    cost = held.quantity * held.entry_price if held is not None else ZERO
    quantity = waiting + (held.quantity if held is not None else ZERO) + intent.quantity
    average = (cost + (waiting + intent.quantity) * intent.price) / quantity
    leg = Leg(intent.position_side, quantity, average)
    if _margin_type(case) is MarginType.ISOLATED:
        margin = _isolated_margin(case.slot) + waiting_margin + intent.margin
        found = isolated_liquidation_price(leg.side, quantity, average, margin, case.instrument.brackets)
        return Projection(leg, mark.price, found, found)
    return _cross(case, leg, mark.price, balance)


def _cross(case: Case, leg: Leg, mark: Decimal, balance: Balance) -> Projection | None:
    """The symbol's own part is taken out of the account's figures, and put back as it will be.

    The wallet counts as shared by all positions: margin that is locked in another symbol's isolated position is not
    told apart, so keep the symbols of one account on one margin type.
    """
    if balance.maintenance_margin is None:
        return None
    brackets = case.instrument.brackets
    present = [leg_of for slot in _slots(case) if (leg_of := _position(slot)) is not None]
    own_maintenance = sum((maintenance_margin(one.quantity * mark, brackets) for one in present), ZERO)
    others_maintenance = max(ZERO, balance.maintenance_margin - own_maintenance)
    others_unrealized = balance.unrealized - sum((one.unrealized(mark) for one in present), ZERO)
    opposite = _position(case.exposure.snapshot.slot(leg.side.opposite))
    if opposite is not None:
        shared = balance.wallet - others_maintenance + others_unrealized
        return _hedged(leg, opposite, mark, shared, brackets)
    found = cross_liquidation_price(
        leg.side, leg.quantity, leg.entry_price, balance.wallet, brackets, others_maintenance, others_unrealized
    )
    return Projection(leg, mark, found, found)


def _hedged(
    leg: Leg,
    opposite: Leg,
    mark: Decimal,
    shared: Decimal,
    brackets: tuple[LeverageBracket, ...],
) -> Projection:
    long, short = (leg, opposite) if leg.side is PositionSide.LONG else (opposite, leg)
    if not is_solvent((long, short), mark, shared, brackets):
        return Projection(leg, mark, mark, mark)  # due where it stands
    ends = hedge_liquidation_prices(long, short, shared, brackets)
    nearest = min(ends, key=lambda price: abs(price - mark), default=None)
    losing = [price for price in ends if leg.side.sign * (mark - price) >= 0]
    liquidation = min(losing, key=lambda price: abs(price - mark), default=None)
    return Projection(leg, mark, liquidation, nearest)


def _margin_type(case: Case) -> MarginType:
    """As read back from the venue: a multi-assets account holds everything cross, whatever a strategy says."""
    readiness = case.exposure.snapshot.readiness
    return readiness.margin_type if readiness is not None else case.margin_type


def _slots(case: Case) -> tuple[Slot, Slot]:
    return case.exposure.snapshot.long, case.exposure.snapshot.short


def _position(slot: Slot) -> Leg | None:
    held = slot.position
    if held is None or held.quantity <= 0 or held.entry_price <= 0:
        return None
    return Leg(held.side, held.quantity, held.entry_price)


def _waiting(slot: Slot, price: Decimal) -> tuple[Decimal, Decimal]:
    """Quantity and margin of the entries under way, as if what is left of each filled at ``price``."""
    quantity = margin = ZERO
    for entry in slot.entries:
        left = max(ZERO, entry.notional / price - entry.booked)
        quantity += left
        margin += left * price * entry.margin / entry.notional if left else ZERO
    return quantity, margin


def _isolated_margin(slot: Slot) -> Decimal:
    """Initial margin of what is held. What funding took of it since then is not known here."""
    held = slot.position
    return held.notional / held.leverage if held is not None else ZERO

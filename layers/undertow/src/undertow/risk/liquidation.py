"""At which price a venue liquidates a position: where its margin balance meets its maintenance margin.

Maintenance margin is ``notional * ratio - deduction`` by the tier of the notional, so the solution is a straight line
within every tier; the one whose notional at the price lies in its own tier is the answer. Prices and margins are quote
units, quantities base units and positive on both sides. Tiers of a venue that gives no deductions are built by
``hyperliquid_tiers``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from undertow.domain.instrument import LeverageBracket
from undertow.domain.market import PositionSide
from undertow.domain.numbers import HUNDRED, ZERO

NO_CAP: Final = Decimal(10) ** 15
"""Where the highest tier ends when the venue names no end."""
ALERT_PCT: Final = Decimal("0.5")
"""Beyond this a venue's own liquidation price and ours speak of different positions or different tiers."""


class UnknownTiers(ValueError):
    """The leverage tiers were not read. No liquidation price can be told, which is not the same as there being none."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One side of a position: ``quantity`` in base units and the average ``entry_price``."""

    side: PositionSide
    quantity: Decimal
    entry_price: Decimal

    def unrealized(self, price: Decimal) -> Decimal:
        return self.side.sign * self.quantity * (price - self.entry_price)


def bracket_of(notional: Decimal, brackets: Sequence[LeverageBracket]) -> LeverageBracket:
    """The tier of ``notional``; a notional beyond all of them is in the last. Raises UnknownTiers without tiers."""
    if not brackets:
        raise UnknownTiers("the leverage tiers are not known")
    return next((tier for tier in brackets if notional <= tier.notional_cap), brackets[-1])


def maintenance_margin(notional: Decimal, brackets: Sequence[LeverageBracket]) -> Decimal:
    """What must be left of the margin to keep a position of ``notional``. Raises UnknownTiers without tiers."""
    tier = bracket_of(notional, brackets)
    return max(ZERO, notional * tier.maintenance_ratio - tier.cumulative)


def isolated_liquidation_price(
    side: PositionSide, quantity: Decimal, entry_price: Decimal, margin: Decimal, brackets: Sequence[LeverageBracket]
) -> Decimal | None:
    """For a position with a margin of its own: the isolated wallet, which funding erodes. None: at no price above zero.

    Raises UnknownTiers without tiers and ValueError for a quantity or price that is not positive.
    """
    return _of_one(Leg(side, quantity, entry_price), margin, brackets)


def cross_liquidation_price(
    side: PositionSide,
    quantity: Decimal,
    entry_price: Decimal,
    wallet: Decimal,
    brackets: Sequence[LeverageBracket],
    other_maintenance: Decimal = ZERO,
    other_unrealized: Decimal = ZERO,
) -> Decimal | None:
    """For the only position of its symbol that shares ``wallet`` with others, whose maintenance margin and unrealized
    profit are taken as they stand now. None and errors as above.
    """
    return _of_one(Leg(side, quantity, entry_price), wallet - other_maintenance + other_unrealized, brackets)


def hedge_liquidation_prices(
    long: Leg,
    short: Leg,
    wallet: Decimal,
    brackets: Sequence[LeverageBracket],
    other_maintenance: Decimal = ZERO,
    other_unrealized: Decimal = ZERO,
) -> tuple[Decimal, ...]:
    """For a cross symbol held on both sides: the prices, rising, at which the pair turns from safe to liquidated or
    back. A pair can be liquidated at either end: as a net position by the way against it, and as a balanced one by the
    maintenance margin that grows with the price. Empty: at no price, or at every price (see ``is_solvent``).
    """
    for leg in (long, short):
        _require_positive(leg)
    return tuple(_crossings((long, short), wallet - other_maintenance + other_unrealized, brackets))


def is_solvent(legs: Sequence[Leg], price: Decimal, balance: Decimal, brackets: Sequence[LeverageBracket]) -> bool:
    """Whether at ``price`` the margin balance still covers the maintenance margin of ``legs``."""
    needed = sum((maintenance_margin(leg.quantity * price, brackets) for leg in legs), ZERO)
    return balance + sum((leg.unrealized(price) for leg in legs), ZERO) >= needed


def hyperliquid_tiers(tiers: Iterable[tuple[Decimal, int]]) -> tuple[LeverageBracket, ...]:
    """Tiers from each one's lowest notional and maximum leverage, in rising order.

    Hyperliquid asks half the initial margin at the tier's maximum leverage, and deducts what a rate that jumps at the
    tier's floor would ask too much: deduction_n = deduction_(n-1) + floor_n * (rate_n - rate_(n-1)).
    """
    listed = list(tiers)
    caps = [floor for floor, _ in listed[1:]] + [NO_CAP]
    made: list[LeverageBracket] = []
    rate = deduction = ZERO
    for (floor, leverage), cap in zip(listed, caps, strict=True):
        tier_rate = 1 / Decimal(2 * leverage)
        deduction += floor * (tier_rate - rate)
        rate = tier_rate
        made.append(LeverageBracket(len(made) + 1, leverage, floor, cap, rate, deduction))
    return tuple(made)


def hyperliquid_liquidation_price(
    side: PositionSide,
    size: Decimal,
    price: Decimal,
    margin: Decimal,
    tiers: Sequence[LeverageBracket],
    other_maintenance: Decimal = ZERO,
) -> Decimal | None:
    """By Hyperliquid's formula: ``price - s * margin_available / size / (1 - l * s)``.

    ``price`` is the present one and ``margin`` what the position is worth with it: the account value when cross, the
    isolated margin with its profit when isolated. ``margin_available`` is what of it the maintenance margin leaves
    free, by the tier that holds at the liquidation price. None and errors as above.
    """
    leg = Leg(side, size, price)
    _require_positive(leg)
    if not tiers:
        raise UnknownTiers("the margin tiers are not known")
    sign = side.sign
    for tier in tiers:
        required = size * price * tier.maintenance_ratio - tier.cumulative
        available = margin - other_maintenance - required
        found = price - sign * available / size / (1 - tier.maintenance_ratio * sign)
        last = tier is tiers[-1]
        if found > 0 and tier.notional_floor <= found * size and (last or found * size <= tier.notional_cap):
            return found
    # Between two tiers by the last of 28 digits, or nowhere: the search over tiers decides without such a gap.
    return _of_one(leg, margin - other_maintenance, tiers)


def disagreement_pct(ours: Decimal | None, venues: Decimal | None) -> Decimal | None:
    """By how much our figure and the venue's own differ, in percent of the venue's. None: they cannot be compared.

    One of them saying that there is no liquidation price while the other names one is a difference of 100.
    """
    if ours is None and venues is None:
        return None
    if ours is None or venues is None or venues <= 0:
        return HUNDRED
    return abs(ours - venues) / venues * HUNDRED


def disagrees(ours: Decimal | None, venues: Decimal | None) -> bool:
    difference = disagreement_pct(ours, venues)
    return difference is not None and difference > ALERT_PCT


def _of_one(leg: Leg, balance: Decimal, brackets: Sequence[LeverageBracket]) -> Decimal | None:
    _require_positive(leg)
    found = next(iter(_crossings((leg,), balance, brackets)), None)
    if found is None and not is_solvent((leg,), leg.entry_price, balance, brackets):
        return leg.entry_price  # no price rescues it: liquidation is due where it stands
    return found


def _crossings(legs: Sequence[Leg], balance: Decimal, brackets: Sequence[LeverageBracket]) -> list[Decimal]:
    """Where ``legs`` turn from solvent to insolvent or back, by rising price.

    The caps of the tiers cut the prices into spans. Within a span each leg is in one tier and what is left of the
    margin is the line ``constant + slope * price``. Signs are compared, not prices, so that neither rounding at a cap
    nor a venue's inexact deduction, a jump there, hides a crossing.
    """
    if not brackets:
        raise UnknownTiers("the leverage tiers are not known")
    ends = sorted({tier.notional_cap / leg.quantity for leg in legs for tier in brackets[:-1]})
    found: list[Decimal] = []
    solvent_before: bool | None = None
    for low, high in zip((ZERO, *ends), (*ends, None), strict=True):
        constant, slope = _line(legs, balance, brackets, low + 1 if high is None else (low + high) / 2)
        solvent_low = constant + slope * low >= 0
        solvent_high = (slope or constant) >= 0 if high is None else constant + slope * high >= 0
        if solvent_before is not None and solvent_before is not solvent_low:
            found.append(low)
        if solvent_low is not solvent_high:
            found.append(-constant / slope)
        solvent_before = solvent_high
    return found


def _line(
    legs: Sequence[Leg], balance: Decimal, brackets: Sequence[LeverageBracket], within: Decimal
) -> tuple[Decimal, Decimal]:
    """What is left of the margin around the price ``within``: ``constant + slope * price``."""
    constant, slope = balance, ZERO
    for leg in legs:
        tier = bracket_of(leg.quantity * within, brackets)
        constant += tier.cumulative - leg.side.sign * leg.quantity * leg.entry_price
        slope += leg.quantity * (leg.side.sign - tier.maintenance_ratio)
    return constant, slope


def _require_positive(leg: Leg) -> None:
    if leg.quantity <= 0 or leg.entry_price <= 0:
        raise ValueError(f"a position of {leg.quantity} at {leg.entry_price} has no liquidation price")

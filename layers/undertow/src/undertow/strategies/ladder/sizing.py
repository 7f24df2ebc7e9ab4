"""Sizes of a ladder's layers: the formula of layer 1, the venue's minimum, and growth reduced until the risk fits.

All solving is in decimals and by bisection, so that the same request makes the same plan on every machine.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final

from undertow.domain.instrument import Instrument
from undertow.domain.ladder import PlannedLayer
from undertow.domain.numbers import ONE, ZERO, ceil_to, figure, plain
from undertow.risk.approval import Refusal
from undertow.strategies.ladder.levels import Level
from undertow.strategies.ladder.params import Shape
from undertow.strategies.ladder.request import PlanRequest

DRIFT: Final = Decimal("1.05")
"""A layer raised to the venue's minimum gets 5 % more: steps are coarse, and deeper levels are worth less."""
STEPS: Final = 32
EXACTNESS: Final = Decimal("1E-9")
CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Sizes:
    """``first`` is layer 1's quantity in base units, the k-th is ``growth`` to the k-1 times that, before rounding."""

    first: Decimal
    growth: Decimal
    count: int


def first_quantity(base: Decimal, price: Decimal, leverage: int, shape: Shape) -> Decimal:
    """Layer 1 before any rounding: base * margin % * size % * leverage / 10,000 in quote units, over the price."""
    return base * shape.margin_pct * shape.layer1_size_pct * leverage / 10_000 / price


def sized(request: PlanRequest, levels: Sequence[Level]) -> Sizes | Refusal:
    """Sizes whose risk is at most that of the wanted schedule.

    Where the venue's minimum lifts layer 1, growth is reduced until the ladder risks no more than it would have; with
    no such growth it gets fewer layers; and with none left it is refused, with the balance that it would need.
    """
    shape, instrument = request.params.shape, request.instrument
    wanted = first_quantity(request.base, request.signal_price, request.params.leverage, shape)
    if wanted <= 0:
        return Refusal("sizing_base", "the settings give layer 1 no size", {"sizing_base": plain(request.base)})
    cheapest = min(request.signal_price, levels[0].price)
    if _is_admissible(instrument.quantity_below(wanted), cheapest, instrument):
        return Sizes(wanted, request.growth, len(levels))
    minimum = max(instrument.min_quantity, instrument.min_notional / cheapest)
    lifted = _quantity_above(minimum * DRIFT, instrument)
    if instrument.quantity_below(lifted) < lifted:
        return Refusal("missing_limits", "the venue's largest order is below its smallest", {"smallest": plain(lifted)})
    unit_risks = [level.unit_risk for level in levels]
    cap = risk_of(unit_risks, wanted, request.growth)
    fitting = next((n for n in range(len(levels), 0, -1) if risk_of(unit_risks[:n], lifted, ONE) <= cap), 0)
    if lifted > wanted * shape.max_upsize or fitting == 0:
        enough = _quantity_above(minimum, instrument) / wanted
        return _too_small(request, lifted / wanted, lifted * unit_risks[0], cap, enough)
    growth = largest_growth(request.growth, lambda tried: risk_of(unit_risks[:fitting], lifted, tried) <= cap)
    return Sizes(lifted, growth, fitting)


def layers_of(request: PlanRequest, levels: Sequence[Level], sizes: Sizes) -> tuple[PlannedLayer, ...]:
    """Quantities rounded down; the ladder ends before the first layer that the venue would find too small."""
    layers: list[PlannedLayer] = []
    wanted = sizes.first
    for number, level in enumerate(levels[: sizes.count], start=1):
        quantity = request.instrument.quantity_below(wanted)
        cheapest = min(level.price, request.signal_price) if number == 1 else level.price
        if not _is_admissible(quantity, cheapest, request.instrument):
            break
        layers.append(PlannedLayer(number, level.price, quantity, quantity * level.unit_risk))
        wanted *= sizes.growth
    return tuple(layers)


def risk_of(unit_risks: Sequence[Decimal], first: Decimal, growth: Decimal) -> Decimal:
    """The loss at the stop of layers of ``first``, ``first`` * growth, ... quote units."""
    total = ZERO
    for unit_risk in reversed(unit_risks):
        total = total * growth + unit_risk
    return total * first


def largest_growth(growth: Decimal, fits: Callable[[Decimal], bool]) -> Decimal:
    """The largest growth in [1, ``growth``] that ``fits``, to a billionth and never above; 1 is known to fit."""
    if fits(growth):
        return growth
    low, high = ONE, growth
    for _ in range(STEPS):
        middle = ((low + high) / 2).quantize(EXACTNESS, ROUND_FLOOR)
        if fits(middle):
            low = middle
        else:
            high = middle
    return low


def _is_admissible(quantity: Decimal, price: Decimal, instrument: Instrument) -> bool:
    return quantity > 0 and quantity * price >= instrument.min_notional


def _quantity_above(quantity: Decimal, instrument: Instrument) -> Decimal:
    """The smallest quantity on the venue's grid, which starts at its minimum, that is not below ``quantity``."""
    beyond = max(ZERO, quantity - instrument.min_quantity)
    return instrument.min_quantity + ceil_to(beyond, instrument.lot_size)


def _too_small(request: PlanRequest, times: Decimal, risk: Decimal, cap: Decimal, enough: Decimal) -> Refusal:
    """Says with which balance there would be a ladder: where layer 1 may be lifted as far and its risk fits, both of
    which grow with the balance, or where it needs no lifting, at ``enough`` times this balance.
    """
    allowed = request.params.shape.max_upsize
    exact = request.base * min(max(times / allowed, risk / cap), enough)
    needed = exact.quantize(CENT, ROUND_CEILING) + CENT  # a cent more: the last digit of a quotient is rounded
    return Refusal(
        "minimum_size_risk",
        f"the venue's smallest order risks more than the ladder may: it needs a balance of {plain(needed)}",
        {
            "sizing_base": plain(request.base),
            "balance_needed": plain(needed),
            "times_larger_than_wanted": figure(times),
            "risk_of_smallest": figure(risk),
        },
        {"max_upsize": plain(allowed), "risk_of_wanted_ladder": figure(cap)},
    )

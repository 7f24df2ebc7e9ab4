"""The least balance a ladder needs: to be placed at all, and to be placed as its settings want it.

Sizes grow with the balance, and the venue's smallest order does not: below the first figure nothing is placed, between
the two the venue's minimum costs layers or growth. Found by planning for other balances, on the same prices.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal
from typing import Final

from typing_extensions import TypedDict

from undertow.domain.ladder import LadderPlan
from undertow.domain.numbers import HUNDRED, ZERO, plain
from undertow.risk.approval import Refusal
from undertow.risk.limits import HARD_MAX_PORTFOLIO_RISK_PCT
from undertow.services.views import render
from undertow.services.views.render import Figure
from undertow.strategies.ladder.schedule import PlanRequest, plan

LEAST: Final = Decimal("0.01")
MOST: Final = Decimal(1_000_000_000)
"""No balance beyond this is looked for."""
_DOUBLINGS: Final = 40
_HALVINGS: Final = 24
_EXACT: Final = Decimal("1.0001")
"""Near enough: prices move more than that while somebody reads it."""


class NeededBalance(TypedDict):
    """``within_limits`` is whether the account's limit on risk lets such a ladder be placed."""

    balance: Figure
    layers: int
    margin: Figure
    risk: Figure
    risk_pct: Figure
    within_limits: bool


class LeastBalance(TypedDict):
    """Both are null where no balance helps; ``reason`` says why then."""

    to_trade: NeededBalance | None
    as_wanted: NeededBalance | None
    reason: str


@dataclass(frozen=True, slots=True)
class _Found:
    balance: Decimal
    plan: LadderPlan


def least_balance(request: PlanRequest) -> LeastBalance:
    """``request`` says everything but the balance."""
    first = _least(lambda balance: _planned(request, balance), LEAST)
    if first is None:
        refused = plan(replace(request, base=MOST))
        reason = refused.reason if isinstance(refused, Refusal) else "no balance was found"
        return {"to_trade": None, "as_wanted": None, "reason": reason}
    whole = _least(lambda balance: _untrimmed(request, balance), first.balance)
    return {
        "to_trade": _row(request, first),
        "as_wanted": None if whole is None else _row(request, whole),
        "reason": "" if whole is not None else "the venue's limits trim the ladder at every balance",
    }


def _row(request: PlanRequest, found: _Found) -> NeededBalance:
    reserve, layers = found.plan.reserve, found.plan.layers
    margin = sum((layer.notional for layer in layers), ZERO) / found.plan.leverage
    allowed_pct = min(request.limits.max_portfolio_risk_pct, HARD_MAX_PORTFOLIO_RISK_PCT)
    return {
        "balance": plain(found.balance),
        "layers": len(layers),
        "margin": plain(margin.quantize(LEAST)),
        "risk": plain(reserve.quantize(LEAST)),
        "risk_pct": render.percent(reserve / found.balance),
        "within_limits": reserve * HUNDRED <= found.balance * allowed_pct,
    }


def _planned(request: PlanRequest, balance: Decimal) -> LadderPlan | None:
    found = plan(replace(request, base=balance))
    return None if isinstance(found, Refusal) else found


def _untrimmed(request: PlanRequest, balance: Decimal) -> LadderPlan | None:
    """As many layers and as much growth as there ever are at this price: what is trimmed for the stop stays trimmed."""
    most, found = _planned(request, _large(request)), _planned(request, balance)
    if most is None or found is None or len(found.layers) < len(most.layers) or found.growth < most.growth:
        return None
    return found


def _large(request: PlanRequest) -> Decimal:
    """A balance at which the venue's smallest order plays no part any more, and its largest hardly."""
    shape, instrument = request.params.shape, request.instrument
    smallest = max(instrument.min_notional, instrument.min_quantity * request.signal_price)
    share = shape.margin_pct * shape.layer1_size_pct * request.params.leverage / 10_000
    return min(MOST, 100 * smallest / share)


def _least(plans: Callable[[Decimal], LadderPlan | None], start: Decimal) -> _Found | None:
    """The smallest balance from ``start`` on for which there is a plan, rounded up to a cent."""
    low, high = start, start
    for _ in range(_DOUBLINGS):
        if plans(high) is not None:
            break
        low, high = high, high * 2
    else:
        return None
    for _ in range(_HALVINGS):
        if high <= low * _EXACT:
            break
        middle = (low + high) / 2
        low, high = (low, middle) if plans(middle) is not None else (middle, high)
    balance = high.quantize(LEAST, ROUND_CEILING)
    found = plans(balance)
    return None if found is None else _Found(balance, found)

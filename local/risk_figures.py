"""What a run risked: ladders and their layers from the orders, reserved risk from the slots against the totals."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

Row = dict[str, Any]

SLOTS = "slot#"
TOTALS = "totals"
CENT = Decimal("0.01")
DUST = Decimal("0.000001")
"""Each reservation is rounded up to 12 places before it is counted."""


def filled_layers(orders: Sequence[Row]) -> dict[str, set[int]]:
    """The layers of which something filled, by ladder. A ladder of which nothing filled has an empty set."""
    found: dict[str, set[int]] = {}
    for order in orders:
        if order.get("ladder") is not None:
            layers = found.setdefault(order["ladder"], set())
            if order["filled_quantity"] > 0:
                layers.add(int(order["layer"]))
    return found


def layers_filled_by_position(orders: Sequence[Row]) -> dict[str, int]:
    """How many positions had how many layers filled, by the number of layers as text."""
    counted = Counter(len(layers) for layers in filled_layers(orders).values() if layers)
    return {str(layers): counted[layers] for layers in sorted(counted)}


def risk_figures(orders: Sequence[Row], positions: Sequence[Row], balances: Sequence[Row]) -> dict[str, Any]:
    """Amounts are quote units, as texts. The reserved risk is the sum over the slots."""
    open_slots = [row for row in positions if _is_slot(row) and row.get("position")]
    equity = equity_of(balances)
    return {
        "ladders_opened": len(filled_layers(orders)),
        "layers_filled_by_position": layers_filled_by_position(orders),
        "positions_now": len(open_slots),
        "filled_risk": _amount(sum((_filled_risk(row) for row in open_slots), Decimal(0)), equity),
        "reserved_risk": _amount(_reserved(positions), equity),
    }


def equity_of(balances: Sequence[Row]) -> Decimal:
    """Of all accounts together, each as last read from the venue."""
    latest: dict[str, Row] = {}
    for row in balances:
        known = latest.get(row["pk"])
        if known is None or row["time_ms"] > known["time_ms"]:
            latest[row["pk"]] = row
    return sum((row["wallet"] + row["unrealized"] for row in latest.values()), Decimal(0))


def broken_risk_promises(orders: Sequence[Row], positions: Sequence[Row]) -> list[str]:
    return [*_totals_apart(positions), *_too_little_reserved(positions), *_beyond_the_plan(orders, positions)]


def _totals_apart(positions: Sequence[Row]) -> Iterator[str]:
    totals = sum((row["risk"] for row in positions if row["sk"] == TOTALS), Decimal(0))
    reserved = _reserved(positions)
    if abs(totals - reserved) > DUST:
        yield f"the slots reserve a risk of {reserved}, the account's totals say {totals}"


def _too_little_reserved(positions: Sequence[Row]) -> Iterator[str]:
    for row in positions:
        if _is_slot(row) and row.get("position") and _filled_risk(row) > _reserved([row]) + CENT:
            yield f"{row['sk']} risks {_filled_risk(row)} with what has filled, and reserves {_reserved([row])}"


def _beyond_the_plan(orders: Sequence[Row], positions: Sequence[Row]) -> Iterator[str]:
    """A layer fills once, with what its order asked for; and a ladder that still stands has no layer but its plan's."""
    filled: dict[tuple[str, int], Decimal] = {}
    for order in orders:
        if order.get("ladder") is not None and order["filled_quantity"] > 0:
            key = order["ladder"], int(order["layer"])
            filled[key] = filled.get(key, Decimal(0)) + order["filled_quantity"]
            if filled[key] > order["quantity"]:
                yield f"layer {key[1]} of ladder {key[0]} filled more than was planned"
    layers = filled_layers(orders)
    for row in positions:
        if not _is_slot(row) or not row.get("ladder"):
            continue
        plan = json.loads(row["ladder"])
        planned = {int(number): Decimal(quantity) for number, _, quantity, _ in plan["layers"]}
        if extra := layers.get(plan["id"], set()) - planned.keys():
            yield f"ladder {plan['id']} of {row['sk']} has {len(planned)} layers and filled {sorted(extra)} as well"
        for number, quantity in planned.items():
            if filled.get((plan["id"], number), Decimal(0)) > quantity:
                yield f"layer {number} of {row['sk']} filled more than its plan's {quantity}"


def _amount(amount: Decimal, equity: Decimal) -> dict[str, str]:
    share = str((amount / equity * 100).quantize(CENT)) if equity > 0 else ""
    return {"quote": str(amount.quantize(CENT)), "equity_pct": share}


def _is_slot(row: Mapping[str, Any]) -> bool:
    return str(row["sk"]).startswith(SLOTS)


def _reserved(positions: Sequence[Row]) -> Decimal:
    return sum(
        (part.get("risk", Decimal(0)) for row in positions if _is_slot(row) for part in row["reserved"]), Decimal(0)
    )


def _filled_risk(row: Row) -> Decimal:
    """From the average entry to the stop that stands; costs are not counted, so it is a lower bound."""
    position = row["position"]
    stop = position.get("stop_price")
    if stop is None:
        return Decimal(0)
    sign = 1 if row["side"] == "LONG" else -1
    lost: Decimal = sign * (position["entry_price"] - stop) * position["quantity"]
    return max(Decimal(0), lost)

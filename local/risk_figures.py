"""What a run risked: ladders and their layers from the orders, reserved risk from the slots against the totals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

Row = dict[str, Any]

SLOTS = "slot#"
TOTALS = "totals"
CENT = Decimal("0.01")
DUST = Decimal("0.000001")
"""Each reservation is rounded up to 12 places before it is counted."""


def layers_filled(orders: Sequence[Row]) -> dict[str, int]:
    """How many ladders had how many layers filled, by the number of layers as text."""
    by_ladder: dict[str, set[int]] = {}
    for order in orders:
        if order.get("ladder") is not None:
            filled = by_ladder.setdefault(order["ladder"], set())
            if order["filled_quantity"] > 0:
                filled.add(int(order["layer"]))
    counted = Counter(str(len(filled)) for filled in by_ladder.values())
    return dict(sorted(counted.items()))


def risk_figures(orders: Sequence[Row], positions: Sequence[Row]) -> dict[str, Any]:
    """Amounts are quote units, as texts. The reserved risk is the sum over the slots."""
    open_slots = [row for row in positions if _is_slot(row) and row.get("position")]
    return {
        "layers_filled": layers_filled(orders),
        "positions_now": len(open_slots),
        "filled_risk": str(sum((_filled_risk(row) for row in open_slots), Decimal(0)).quantize(CENT)),
        "reserved_risk": str(_reserved(positions).quantize(CENT)),
    }


def broken_risk_promises(orders: Sequence[Row], positions: Sequence[Row]) -> list[str]:
    totals = sum((row["risk"] for row in positions if row["sk"] == TOTALS), Decimal(0))
    reserved = _reserved(positions)
    apart = abs(totals - reserved) > DUST
    broken = [f"the slots reserve a risk of {reserved}, the account's totals say {totals}"] if apart else []
    broken += [
        f"{row['sk']} risks {_filled_risk(row)} with what has filled, and reserves {_reserved([row])}"
        for row in positions
        if _is_slot(row) and row.get("position") and _filled_risk(row) > _reserved([row]) + CENT
    ]
    filled: dict[tuple[str, int], Decimal] = {}
    for order in orders:
        if order.get("ladder") is not None and order["filled_quantity"] > 0:
            key = order["ladder"], int(order["layer"])
            filled[key] = filled.get(key, Decimal(0)) + order["filled_quantity"]
            if filled[key] > order["quantity"]:
                broken.append(f"layer {key[1]} of ladder {key[0]} filled more than was planned")
    return broken


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

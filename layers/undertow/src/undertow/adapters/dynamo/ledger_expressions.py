"""What the ledger's transactions ask of totals and of the other side, and what they change, as expressions."""

from typing import Final

from undertow.adapters.dynamo.attributes import number_text
from undertow.adapters.dynamo.conditions import Condition, Update
from undertow.domain.booking import ReservationChange, ReservationState, TotalsChange, room
from undertow.domain.position import Slot
from undertow.ports import EntryClaim

IN_USE: Final = Condition("#in_use = :true", {"#in_use": "in_use"}, {":true": {"BOOL": True}})
NOT_IN_USE: Final = Condition(
    "attribute_not_exists(#pk) OR #in_use = :false", {"#pk": "pk", "#in_use": "in_use"}, {":false": {"BOOL": False}}
)


def added(change: TotalsChange) -> Update:
    return Update(
        "ADD #notional :notional, #margin :margin, #risk :risk, #slots :slots, #version :one",
        {"#notional": "notional", "#margin": "margin", "#risk": "risk", "#slots": "slots", "#version": "version"},
        {
            ":notional": {"N": number_text(change.notional)},
            ":margin": {"N": number_text(change.margin)},
            ":risk": {"N": number_text(change.risk)},
            ":slots": {"N": str(change.slots)},
            ":one": {"N": "1"},
        },
    )


def fits(change: TotalsChange, claim: EntryClaim) -> Condition:
    """The totals after ``change`` stay within the caps, whatever they are by the time of the write."""
    margin, notional = room(claim.max_total_margin, change.margin), room(claim.max_total_notional, change.notional)
    within = ["#margin <= :margin_room", "#notional <= :notional_room"]
    names = {"#pk": "pk", "#margin": "margin", "#notional": "notional"}
    values = {":margin_room": {"N": number_text(margin)}, ":notional_room": {"N": number_text(notional)}}
    never_fits = margin < 0 or notional < 0
    if change.risk > 0:
        risk = room(claim.max_total_risk, change.risk)
        # A row from before risk was reserved holds none, which is zero.
        within.append("#risk <= :risk_room" if risk < 0 else "(attribute_not_exists(#risk) OR #risk <= :risk_room)")
        names["#risk"] = "risk"
        values[":risk_room"] = {"N": number_text(risk)}
        never_fits = never_fits or risk < 0
    if claim.max_positions and change.slots > 0:
        within.append("#slots < :max_slots")
        names["#slots"] = "slots"
        values[":max_slots"] = {"N": str(claim.max_positions)}
    # A missing row counts as zero, and zero does not fit a cap that the change alone exceeds.
    all_within = " AND ".join(within)
    either = f"attribute_exists(#pk) AND {all_within}" if never_fits else f"attribute_not_exists(#pk) OR ({all_within})"
    return Condition(either, names, values)


def reservation_update(slot: Slot, change: ReservationChange, now_ms: int) -> Update:
    sets = [
        "#symbol = :symbol",
        "#side = :side",
        "#notional = :notional",
        "#margin = :margin",
        "#risk = :risk",
        "#state = :state",
        "#reserved_at = if_not_exists(#reserved_at, :now)",
    ]
    names = {
        "#symbol": "symbol",
        "#side": "side",
        "#notional": "notional",
        "#margin": "margin",
        "#risk": "risk",
        "#state": "state",
        "#reserved_at": "reserved_at_ms",
    }
    if change.state is ReservationState.FILLED:
        sets.append("#filled_at = if_not_exists(#filled_at, :now)")
        names["#filled_at"] = "filled_at_ms"
    if change.state is ReservationState.RELEASED:
        sets.append("#released_at = :now")
        names["#released_at"] = "released_at_ms"
    values = {
        ":symbol": {"S": slot.symbol},
        ":side": {"S": slot.side.value},
        ":notional": {"N": number_text(change.notional)},
        ":margin": {"N": number_text(change.margin)},
        ":risk": {"N": number_text(change.risk)},
        ":state": {"S": change.state.value},
        ":now": {"N": str(now_ms)},
    }
    return Update("SET " + ", ".join(sets), names, values)

"""The figures of a run about risk, and what breaks its promises, over rows as the tables hold them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from local.risk_figures import broken_risk_promises, equity_of, risk_figures
from local.summary import Tables, refusals, refusals_by_strategy, rejections
from tests.unit.builders import NOW_MS, d
from tests.unit.ladders import planned, request

from undertow.adapters.dynamo.written import write_ladder
from undertow.domain.ladder import Ladder

Row = dict[str, Any]
PLAN = planned(request())


def order(ladder: str | None, layer: int, filled: str, quantity: str = "0.001") -> Row:
    return {"ladder": ladder, "layer": Decimal(layer), "filled_quantity": d(filled), "quantity": d(quantity)}


def slot(*, risk: str = "0", quantity: str = "0", side: str = "LONG", ladder: Ladder | None = None) -> Row:
    """A position at 100 with its stop at 98 (a long's) beside what the slot reserves."""
    position = {"entry_price": d("100"), "stop_price": d("98"), "quantity": d(quantity)} if d(quantity) else None
    return {
        "sk": f"slot#BTCUSDT#{side}",
        "side": side,
        "position": position,
        "reserved": [{"order": "o", "risk": d(risk)}],
        "ladder": None if ladder is None else write_ladder(ladder),
    }


def totals(risk: str) -> Row:
    return {"sk": "totals", "risk": d(risk)}


def balance(account: str, wallet: str, unrealized: str, time_ms: int) -> Row:
    return {"pk": account, "wallet": d(wallet), "unrealized": d(unrealized), "time_ms": time_ms}


def test_positions_are_counted_by_their_filled_layers_and_ladders_without_a_fill_only_as_opened() -> None:
    orders = [
        order("a", 1, "0.001"),
        order("a", 2, "0.0005"),
        order("a", 2, "0"),
        order("b", 1, "0.001"),
        order("c", 1, "0"),
        order(None, 0, "1"),
    ]
    figures = risk_figures(orders, [], [])
    assert figures["ladders_opened"] == 3
    assert figures["layers_filled_by_position"] == {"1": 1, "2": 1}


def test_risk_is_told_in_quote_units_and_in_percent_of_the_equity_last_read() -> None:
    rows = [balance("main", "1", "0", 1), balance("main", "900", "100", 2), balance("other", "1000", "0", 1)]
    assert equity_of(rows) == 2000
    figures = risk_figures([], [slot(risk="7", quantity="2"), totals("7")], rows)
    assert figures["filled_risk"] == {"quote": "4.00", "equity_pct": "0.20"}
    assert figures["reserved_risk"] == {"quote": "7.00", "equity_pct": "0.35"}
    assert figures["positions_now"] == 1


def test_totals_that_are_the_sum_over_the_slots_keep_the_promise() -> None:
    assert broken_risk_promises([], [slot(risk="7", quantity="2"), slot(side="SHORT"), totals("7")]) == []


def test_totals_apart_from_the_slots_break_it() -> None:
    (broken,) = broken_risk_promises([], [slot(risk="7"), totals("6.99")])
    assert broken == "the slots reserve a risk of 7, the account's totals say 6.99"


def test_a_position_that_risks_more_than_it_reserves_breaks_it() -> None:
    (broken,) = broken_risk_promises([], [slot(risk="3", quantity="2"), totals("3")])
    assert broken == "slot#BTCUSDT#LONG risks 4 with what has filled, and reserves 3"


def test_a_layer_that_filled_more_than_its_order_asked_for_breaks_it() -> None:
    (broken,) = broken_risk_promises([order("a", 2, "0.002")], [totals("0")])
    assert broken == "layer 2 of ladder a filled more than was planned"


def test_a_ladder_that_filled_its_plan_keeps_it_and_a_layer_beyond_the_plan_breaks_it() -> None:
    whole = [order(PLAN.id, one.number, str(one.quantity), str(one.quantity)) for one in PLAN.layers]
    rows = [slot(ladder=Ladder(PLAN).frozen(NOW_MS)), totals("0")]
    assert broken_risk_promises(whole, rows) == []
    extra = len(PLAN.layers) + 1
    (broken,) = broken_risk_promises([*whole, order(PLAN.id, extra, "0.001")], rows)
    assert broken.endswith(f"has {len(PLAN.layers)} layers and filled [{extra}] as well")


def test_two_orders_that_fill_one_layer_together_beyond_its_plan_break_it() -> None:
    first = PLAN.layers[0].quantity
    orders = [order(PLAN.id, 1, str(first), str(first)), order(PLAN.id, 1, str(first), str(first * 3))]
    (broken,) = broken_risk_promises(orders, [slot(ladder=Ladder(PLAN)), totals("0")])
    assert broken.startswith("layer 1 of slot#BTCUSDT#LONG filled more than its plan's")


def test_refusals_are_told_by_gate_for_every_strategy() -> None:
    decisions = [
        {"strategy": "ladder", "outcome": "refused", "gate": "percentile"},
        {"strategy": "ladder", "outcome": "taken", "gate": ""},
        {"strategy": "hunter", "outcome": "refused", "gate": "volume"},
        {"strategy": "hunter", "outcome": "refused", "gate": "volume"},
    ]
    tables = Tables([], [], [], decisions, [], [], [])
    assert refusals(decisions) == {"percentile": 1, "volume": 2}
    assert refusals_by_strategy(tables) == {"hunter": {"volume": 2}, "ladder": {"percentile": 1}}


def test_rejections_are_told_by_purpose_and_the_venues_code() -> None:
    orders = [
        {"state": "rejected", "purpose": "take_profit", "reason": "-2021: Order would immediately trigger."},
        {"state": "rejected", "purpose": "take_profit", "reason": "-2021: Order would immediately trigger."},
        {"state": "filled", "purpose": "entry", "reason": ""},
    ]
    assert rejections(orders) == {"take_profit -2021": 2}

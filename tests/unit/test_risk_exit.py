"""The review of exits: an order that can only shrink its position is never held back."""

from typing import Any

import pytest
from tests.unit.builders import ACCOUNT, BTC, LONG, SHORT, d, instrument, intent, position

from undertow.domain.account import PositionMode
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.order import OrderIntent, OrderType, Purpose
from undertow.risk.approval import ApprovedOrder, Refusal
from undertow.risk.gate import review_exit


def exit_intent(**changes: Any) -> OrderIntent:
    return intent(
        **{"purpose": Purpose.EXIT, "type": OrderType.MARKET, "price": None, "expires_at_ms": None, **changes}
    )


def reviewed(wanted: OrderIntent, **held: Any) -> ApprovedOrder | Refusal:
    return review_exit(wanted, instrument(), position(**held), PositionMode.HEDGE)


@pytest.mark.parametrize("purpose", [purpose for purpose in Purpose if purpose is not Purpose.ENTRY])
@pytest.mark.parametrize(
    ("sentence", "changes"),
    [
        ("the whole position", {}),
        ("a part of it", {"quantity": d("0.1")}),
        ("dust below the venue's minimum", {"quantity": d("0.0000001")}),
        ("whatever is there by then", {"quantity": None, "close_position": True}),
        ("leverage that no entry may have", {"leverage": 125}),
    ],
)
def test_an_order_that_shrinks_its_position_is_approved(
    purpose: Purpose, sentence: str, changes: dict[str, Any]
) -> None:
    wanted = exit_intent(purpose=purpose, **changes)
    assert reviewed(wanted) == ApprovedOrder(wanted, instrument(), PositionMode.HEDGE)


def test_a_symbol_that_does_not_trade_and_external_positions_can_be_left() -> None:
    wanted = exit_intent()
    closed = instrument(status="SETTLING", fetched_at_ms=0)
    assert isinstance(review_exit(wanted, closed, position(strategy=None), PositionMode.ONE_WAY), ApprovedOrder)


@pytest.mark.parametrize("quantity", ["0.300000001", "1", "0", "-0.1"])
def test_an_order_that_is_no_part_of_the_position_is_refused_with_both_quantities(quantity: str) -> None:
    refusal = reviewed(exit_intent(quantity=d(quantity)))
    assert isinstance(refusal, Refusal)
    assert refusal.gate == "exit_only"
    assert (refusal.inputs, refusal.thresholds) == ({"quantity": quantity}, {"position_quantity": "0.3"})


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        (intent(), "an entry was passed off as an exit"),
        (exit_intent(quantity=None), "the order is not a part of the position"),
        (exit_intent(quantity=d("0.300000001")), "the order is not a part of the position"),
        (exit_intent(position_side=SHORT), "the order does not belong to this position"),
        (exit_intent(symbol=Symbol("ETHUSDT")), "the order does not belong to this position"),
        (exit_intent(account=AccountId("other")), "the order does not belong to this position"),
        (
            exit_intent(account=AccountId("other"), quantity=None, close_position=True),
            "the order does not belong to this position",
        ),
    ],
)
def test_what_is_not_an_exit_of_this_position_is_refused_in_so_many_words(wanted: OrderIntent, says: str) -> None:
    refusal = reviewed(wanted, account=ACCOUNT, symbol=BTC, side=LONG)
    assert isinstance(refusal, Refusal)
    assert (refusal.gate, refusal.reason) == ("exit_only", says)

"""What an entry costs once the function is warm: requests to the venue and to the tables, counted where they go out."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from tests.contract.counted_desk import Counted, counted_desk, smaller
from tests.services.world import ACCOUNT

from undertow.domain.decision import Outcome
from undertow.domain.order import OrderState


@pytest.fixture
def counted() -> Iterator[Counted]:
    with counted_desk() as made:
        yield made


ONE_ORDER = {"POST /fapi/v3/order": 1}
SNAPSHOT_AND_CLAIM = {"TransactGetItems": 1, "TransactWriteItems": 1}


def test_an_entry_that_rests_costs_one_call_and_three_requests(counted: Counted) -> None:
    decision = counted.decide(counted.signal(1))
    assert counted.rest_requests == ONE_ORDER
    assert counted.tables.by_operation == {**SNAPSHOT_AND_CLAIM, "PutItem": 1}
    assert counted.state_of(decision) is OrderState.OPEN


@pytest.mark.parametrize(("away", "state"), [("0.005", OrderState.FILLED), ("-0.02", OrderState.EXPIRED)])
def test_an_entry_that_ends_at_once_costs_one_call_and_three_requests(
    counted: Counted, away: str, state: OrderState
) -> None:
    counted.trade_at_once_or_not_at_all()
    decision = counted.decide(counted.signal(1, away=away))
    assert counted.rest_requests == ONE_ORDER
    assert counted.tables.by_operation == {"TransactGetItems": 1, "TransactWriteItems": 2}
    assert counted.state_of(decision) is state


def test_an_entry_that_the_venue_rejects_costs_one_call_and_three_requests(counted: Counted) -> None:
    account = counted.at_venue.house.exchange.account(ACCOUNT.id)
    account.wallet = Decimal(1)
    decision = counted.decide(counted.signal(1))
    assert counted.rest_requests == ONE_ORDER
    assert counted.tables.by_operation == {"TransactGetItems": 1, "TransactWriteItems": 2}
    assert counted.state_of(decision) is OrderState.REJECTED


def test_a_liquidation_below_the_threshold_reads_nothing_and_is_recorded_with_one_request(counted: Counted) -> None:
    decision = counted.decide(smaller(counted.signal(1)))
    assert (decision.outcome, decision.gate) == (Outcome.REFUSED, "volume")
    assert counted.rest_requests == {}
    assert counted.tables.by_operation == {"PutItem": 1}


def test_a_message_of_many_liquidations_below_the_threshold_is_recorded_with_one_request(counted: Counted) -> None:
    batch = smaller(counted.signal(1))
    many = tuple(
        replace(batch.liquidations[0], liquidation=counted.signal(number).liquidations[0].liquidation)
        for number in range(2, 12)
    )
    decisions = counted.at_venue.desk.evaluate(replace(batch, liquidations=many))
    assert [decision.outcome for decision in decisions] == [Outcome.REFUSED] * 10
    assert counted.tables.by_operation == {"TransactWriteItems": 1}


def test_a_signal_that_the_account_refuses_costs_one_read_and_one_record(counted: Counted) -> None:
    counted.decide(counted.signal(1))
    counted.reset()
    decision = counted.decide(counted.signal(2))
    assert decision.gate == "cooldown"
    assert counted.rest_requests == {}
    assert counted.tables.by_operation == {"TransactGetItems": 1, "PutItem": 1}

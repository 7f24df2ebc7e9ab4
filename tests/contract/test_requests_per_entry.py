"""What an entry costs once the function is warm: requests to the venue and to the tables, counted where they go out."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from tests.contract.counted_desk import Counted, counted_desk, smaller
from tests.services.world import ACCOUNT
from tests.unit.builders import HUNTER
from tests.unit.ladders import LADDER, ladder_params

from undertow.domain.conditions import Atr, Conditions, PercentileRank
from undertow.domain.decision import Outcome
from undertow.domain.market import LiquidationBatch, Side
from undertow.domain.order import OrderState
from undertow.ports import LadderStrategy


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


# --- the ladder -------------------------------------------------------------------------------------------------------


def ladder_signal(counted: Counted, number: int, rank: str = "90") -> LiquidationBatch:
    """Shorts were liquidated: an entry against them rests 2 % above the market, away from the hunter's long."""
    batch = counted.signal(number, away="0.02")
    (measured,) = batch.liquidations
    moment = measured.liquidation.event_time_ms
    short = replace(measured.liquidation, side=Side.BUY)
    ranked = replace(measured, liquidation=short, percentile=PercentileRank(Decimal(rank), 500, Decimal(20), True))
    atr = Atr(Decimal("0.5"), Decimal("0.5"), 300, moment - 1_000)
    return replace(batch, liquidations=(ranked,), conditions=Conditions({300: atr}, {}, {}, {}, None))


@pytest.fixture
def laddered(counted: Counted) -> Counted:
    params = counted.at_venue.params.current()
    leverage = params.strategies[HUNTER].symbols[counted.symbol].leverage
    settings = ladder_params({"layer1_size_pct": Decimal(2)}, cascade_formula=None, leverage=leverage)
    ladder = LadderStrategy(LADDER, ACCOUNT.id, True, {counted.symbol: settings}, "l1")
    counted.at_venue.params.replace(replace(params, strategies={LADDER: ladder}))
    return counted


def test_the_first_layer_of_a_ladder_reserves_all_of_it_and_costs_no_more_than_any_entry(laddered: Counted) -> None:
    decision = laddered.decide(ladder_signal(laddered, 1))
    assert laddered.rest_requests == ONE_ORDER
    assert laddered.tables.by_operation == {**SNAPSHOT_AND_CLAIM, "PutItem": 1}
    assert laddered.state_of(decision) is OrderState.OPEN


def test_a_liquidation_that_does_not_rank_high_enough_reads_nothing(laddered: Counted) -> None:
    decision = laddered.decide(ladder_signal(laddered, 1, rank="10"))
    assert (decision.outcome, decision.gate) == (Outcome.REFUSED, "percentile")
    assert laddered.rest_requests == {}
    assert laddered.tables.by_operation == {"PutItem": 1}

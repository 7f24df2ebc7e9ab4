"""What goes over the wire: how many requests, and what happens when they fail, or seem to."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)
from tests.contract.repositories.make import (
    ACCOUNT,
    BTC,
    LONG,
    NOW_MS,
    balance,
    claim,
    control,
    d,
    decision,
    instrument,
    opening,
    order,
    readiness,
)
from tests.contract.request_counter import RequestCounter

from undertow.adapters.dynamo.store import ATTEMPTS, DynamoStore
from undertow.adapters.dynamo.wiring import dynamo_repositories
from undertow.adapters.memory import SettableClock
from undertow.adapters.sdk import Aws
from undertow.domain.account import Switch
from undertow.domain.ids import Symbol
from undertow.domain.market import Venue
from undertow.domain.order import OrderState
from undertow.domain.position import Reserved
from undertow.ports import ClaimOutcome, LedgerEntry, Repositories, StoreBusy, WriteOutcome


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def kept(aws: Aws, prefix: str, clock: SettableClock, pauses: list[float]) -> Repositories:
    repositories = dynamo_repositories(DynamoStore(aws.dynamodb, prefix, sleep=pauses.append), clock)
    assert repositories.controls.set(control())
    return repositories


@pytest.fixture
def requests(aws: Aws, kept: Repositories) -> RequestCounter:
    return RequestCounter(aws.dynamodb)


class Fault:
    """Fails an operation through the SDK's own hooks: before it is sent, or after it took effect."""

    def __init__(self, aws: Aws, operation: str) -> None:
        self._events: Any = aws.dynamodb.meta.events
        self._operation = operation

    def answers(self, times: int, **error: Any) -> None:
        """The service says no ``times`` times, and has done nothing."""
        left = [times]

        def refuse(**_: Any) -> tuple[Any, dict[str, Any]] | None:
            if left[0] == 0:
                return None
            left[0] -= 1
            return _Http(), error

        self._events.register(f"before-call.dynamodb.{self._operation}", refuse)

    def finds_no_connection(self, times: int, failure: BotoCoreError) -> None:
        left = [times]

        def refuse(**_: Any) -> None:
            if left[0]:
                left[0] -= 1
                raise failure

        self._events.register(f"before-call.dynamodb.{self._operation}", refuse)

    def times_out_after_it_took_effect(self, times: int = 1) -> None:
        left = [times]

        def lose(**_: Any) -> None:
            if left[0]:
                left[0] -= 1
                raise ReadTimeoutError(endpoint_url="http://dynamodb")

        self._events.register(f"after-call.dynamodb.{self._operation}", lose)


class _Http:
    status_code = 400


def cancelled(*codes: str) -> dict[str, Any]:
    return {
        "Error": {"Code": "TransactionCanceledException", "Message": ""},
        "CancellationReasons": [{"Code": code} for code in codes],
    }


FaultOf = Callable[[str], Fault]


@pytest.fixture
def fault(aws: Aws) -> FaultOf:
    return lambda operation: Fault(aws, operation)


# --- how many


def test_an_entry_costs_three_requests(kept: Repositories, requests: RequestCounter) -> None:
    kept.balances.save(balance())
    kept.readinesses.save(readiness())
    requests.reset()
    snapshot = kept.ledger.snapshot(ACCOUNT, Venue.ASTER, BTC)
    wanted = claim(snapshot.long)
    assert kept.ledger.claim(wanted) is ClaimOutcome.CLAIMED
    assert kept.orders.update(wanted.order.revised(OrderState.OPEN, NOW_MS + 9))
    assert requests.by_operation == {"TransactGetItems": 1, "TransactWriteItems": 1, "PutItem": 1}


def test_a_booked_fill_costs_one_request(kept: Repositories, requests: RequestCounter) -> None:
    slot = kept.ledger.slot(ACCOUNT, BTC, LONG)
    kept.ledger.claim(claim(slot))
    slot = kept.ledger.slot(ACCOUNT, BTC, LONG)
    requests.reset()
    assert kept.ledger.write(opening(slot, order())) is WriteOutcome.WRITTEN
    assert requests.by_operation == {"TransactWriteItems": 1}


def test_the_decisions_on_one_message_cost_one_request(kept: Repositories, requests: RequestCounter) -> None:
    kept.decisions.record([decision("1")])
    kept.decisions.record([decision(str(number)) for number in range(2, 90)])
    assert requests.by_operation == {"PutItem": 1, "TransactWriteItems": 1}


def test_two_hundred_instruments_cost_two_requests(kept: Repositories, requests: RequestCounter) -> None:
    kept.instruments.save([instrument(Symbol(f"T{number}")) for number in range(200)])
    assert requests.total == 2


def test_a_read_of_two_megabytes_takes_three_pages(kept: Repositories, requests: RequestCounter) -> None:
    for number in range(40):
        kept.orders.add(order(str(number), reason="x" * 60_000, created_at_ms=NOW_MS + number))
    requests.reset()
    assert len(kept.orders.unfinished(ACCOUNT)) == 40
    assert requests.by_operation == {"Query": 3}


def test_a_refused_claim_is_not_repeated(kept: Repositories, requests: RequestCounter, pauses: list[float]) -> None:
    slot = kept.ledger.slot(ACCOUNT, BTC, LONG)
    requests.reset()
    assert kept.ledger.claim(claim(slot, cap="1")) is ClaimOutcome.CAP_REACHED
    assert requests.total == 1
    assert pauses == []


# --- written, but nobody heard


def test_a_claim_that_timed_out_after_it_took_effect_is_ours_once(kept: Repositories, fault: FaultOf) -> None:
    fault("TransactWriteItems").times_out_after_it_took_effect(times=2)
    wanted = claim(kept.ledger.slot(ACCOUNT, BTC, LONG), cap="901")
    assert kept.ledger.claim(wanted) is ClaimOutcome.CLAIMED
    assert kept.ledger.totals(ACCOUNT).version == 1
    assert kept.ledger.claim(wanted) is ClaimOutcome.ALREADY_CLAIMED


def test_a_claim_is_ours_even_when_trading_was_paused_before_it_could_be_repeated(kept: Repositories, aws: Aws) -> None:
    """The repetition fails on the switch as well, but the claim had been stored before the pause was."""
    paused = [False]

    def pause_and_lose(**_: Any) -> None:
        if not paused[0]:
            paused[0] = True
            assert kept.controls.set(control(Switch.PAUSED, version=2))
            raise ReadTimeoutError(endpoint_url="http://dynamodb")

    aws.dynamodb.meta.events.register("after-call.dynamodb.TransactWriteItems", pause_and_lose)
    assert kept.ledger.claim(claim(kept.ledger.slot(ACCOUNT, BTC, LONG))) is ClaimOutcome.CLAIMED


def test_a_fill_whose_booking_timed_out_is_written_and_not_a_duplicate(kept: Repositories, fault: FaultOf) -> None:
    kept.ledger.claim(claim(kept.ledger.slot(ACCOUNT, BTC, LONG)))
    slot = kept.ledger.slot(ACCOUNT, BTC, LONG)
    fault("TransactWriteItems").times_out_after_it_took_effect()
    assert kept.ledger.write(opening(slot, order())) is WriteOutcome.WRITTEN
    assert kept.ledger.slot(ACCOUNT, BTC, LONG).version == 2


def test_an_update_that_timed_out_after_it_took_effect_has_won(kept: Repositories, fault: FaultOf) -> None:
    kept.orders.add(order())
    fault("PutItem").times_out_after_it_took_effect()
    assert kept.orders.update(order(state=OrderState.OPEN, version=2))
    assert not kept.orders.update(order(state=OrderState.OPEN, version=2))


def test_an_addition_and_a_switch_that_timed_out_after_they_took_effect_have_won(
    kept: Repositories, fault: FaultOf
) -> None:
    fault("PutItem").times_out_after_it_took_effect(times=1)
    assert kept.orders.add(order())
    fault("PutItem").times_out_after_it_took_effect(times=1)
    assert kept.controls.set(control(Switch.PAUSED, version=2))


def test_reservations_that_do_not_fit_the_transaction_never_undo_it(
    kept: Repositories, aws: Aws, caplog: pytest.LogCaptureFixture
) -> None:
    slot = kept.ledger.slot(ACCOUNT, BTC, LONG)
    reserved = {order(str(number)).client_order_id: Reserved(d("1"), d("1")) for number in range(150)}
    sent: list[int] = []

    def refuse_the_second(params: dict[str, Any], **_: Any) -> None:
        sent.append(len(params["TransactItems"]))
        if len(sent) > 1:
            raise ReadTimeoutError(endpoint_url="http://dynamodb")

    events: Any = aws.dynamodb.meta.events
    events.register("provide-client-params.dynamodb.TransactWriteItems", refuse_the_second)
    assert kept.ledger.write(LedgerEntry(slot, replace(slot, reserved=reserved))) is WriteOutcome.WRITTEN
    assert sent == [100] + [52] * ATTEMPTS
    assert kept.ledger.totals(ACCOUNT).notional == d("150")
    assert "reservations_not_recorded" in caplog.text


# --- not now


@pytest.mark.parametrize(
    "error",
    [
        cancelled("None", "TransactionConflict", "None"),
        cancelled("ThrottlingError"),
        cancelled("ProvisionedThroughputExceeded", "TransactionConflict"),
        {"Error": {"Code": "ThrottlingException", "Message": ""}},
        {"Error": {"Code": "InternalServerError", "Message": ""}},
        {"Error": {"Code": "TransactionInProgressException", "Message": ""}},
        # What stands in front of the service, and answers with a page.
        {"Error": {"Code": "503", "Message": "<html>"}, "ResponseMetadata": {"HTTPStatusCode": 503}},
    ],
)
def test_what_passes_is_waited_out(
    kept: Repositories, fault: FaultOf, pauses: list[float], error: dict[str, Any]
) -> None:
    fault("TransactWriteItems").answers(3, **error)
    assert kept.ledger.claim(claim(kept.ledger.slot(ACCOUNT, BTC, LONG))) is ClaimOutcome.CLAIMED
    assert len(pauses) == 3
    assert kept.ledger.totals(ACCOUNT).version == 1


@pytest.mark.parametrize("kind", [ConnectTimeoutError, EndpointConnectionError])
def test_a_connection_that_cannot_be_made_is_waited_for_and_then_given_up_as_busy(
    kept: Repositories, fault: FaultOf, pauses: list[float], kind: type[BotoCoreError]
) -> None:
    """The SDK tells of it apart from a connection that breaks."""
    fault("TransactWriteItems").finds_no_connection(3, kind(endpoint_url="http://dynamodb"))
    assert kept.ledger.claim(claim(kept.ledger.slot(ACCOUNT, BTC, LONG))) is ClaimOutcome.CLAIMED
    assert len(pauses) == 3
    fault("GetItem").finds_no_connection(ATTEMPTS, kind(endpoint_url="http://dynamodb"))
    with pytest.raises(StoreBusy):
        kept.orders.get(ACCOUNT, order().client_order_id)


def test_a_read_beside_a_running_transaction_is_repeated(kept: Repositories, fault: FaultOf) -> None:
    fault("TransactGetItems").answers(1, **cancelled("None", "TransactionConflict"))
    assert kept.ledger.snapshot(ACCOUNT, Venue.ASTER, BTC).control == control()


def test_a_single_write_beside_a_running_transaction_is_repeated(kept: Repositories, fault: FaultOf) -> None:
    fault("PutItem").answers(2, Error={"Code": "TransactionConflictException", "Message": ""})
    assert kept.orders.add(order())


def test_patience_ends(kept: Repositories, fault: FaultOf, pauses: list[float]) -> None:
    fault("TransactWriteItems").answers(99, **cancelled("TransactionConflict"))
    with pytest.raises(StoreBusy):
        kept.ledger.claim(claim(kept.ledger.slot(ACCOUNT, BTC, LONG)))
    assert len(pauses) == ATTEMPTS - 1
    assert sum(pauses) < 2


def test_a_failed_condition_decides_also_beside_a_conflict(
    kept: Repositories, fault: FaultOf, requests: RequestCounter
) -> None:
    slot = kept.ledger.slot(ACCOUNT, BTC, LONG)
    requests.reset()
    fault("TransactWriteItems").answers(1, **cancelled("ConditionalCheckFailed", "TransactionConflict"))
    assert kept.ledger.claim(claim(slot)) is ClaimOutcome.PAUSED


@pytest.mark.parametrize("code", ["ValidationError", "ItemCollectionSizeLimitExceeded"])
def test_any_other_reason_is_loud(kept: Repositories, fault: FaultOf, code: str) -> None:
    fault("TransactWriteItems").answers(9, **cancelled("None", code))
    with pytest.raises(ClientError):
        kept.ledger.claim(claim(kept.ledger.slot(ACCOUNT, BTC, LONG)))


def test_a_refusal_by_the_service_is_loud(kept: Repositories, fault: FaultOf) -> None:
    fault("PutItem").answers(9, Error={"Code": "AccessDeniedException", "Message": ""})
    with pytest.raises(ClientError):
        kept.orders.add(order())
    fault("GetItem").answers(9, Error={"Code": "ResourceNotFoundException", "Message": ""})
    with pytest.raises(ClientError):
        kept.orders.get(ACCOUNT, order().client_order_id)


def test_every_attempt_of_a_transaction_carries_the_same_token(kept: Repositories, aws: Aws, fault: FaultOf) -> None:
    tokens: list[str] = []

    def note(params: dict[str, Any], **_: Any) -> None:
        tokens.append(params["ClientRequestToken"])

    aws.dynamodb.meta.events.register("provide-client-params.dynamodb.TransactWriteItems", note)
    fault("TransactWriteItems").answers(2, **cancelled("TransactionConflict"))
    slot = kept.ledger.slot(ACCOUNT, BTC, LONG)
    assert kept.ledger.claim(claim(slot)) is ClaimOutcome.CLAIMED
    assert kept.ledger.write(LedgerEntry(slot, slot)) is WriteOutcome.CONFLICT
    assert [tokens.count(token) for token in dict.fromkeys(tokens)] == [3, 1]
    assert all(1 <= len(token) <= 36 for token in tokens)


def test_every_read_that_is_not_from_an_index_is_consistent(kept: Repositories, aws: Aws) -> None:
    reads: list[tuple[bool, bool]] = []

    def note(params: dict[str, Any], **_: Any) -> None:
        reads.append(("IndexName" in params, params.get("ConsistentRead", False)))

    for operation in ("GetItem", "Query"):
        aws.dynamodb.meta.events.register(f"provide-client-params.dynamodb.{operation}", note)
    kept.ledger.slot(ACCOUNT, BTC, LONG)
    kept.ledger.slots_in_use(ACCOUNT)
    kept.ledger.totals(ACCOUNT)
    kept.orders.get(ACCOUNT, order().client_order_id)
    kept.orders.unfinished(ACCOUNT)
    kept.controls.get(ACCOUNT)
    kept.readinesses.all(ACCOUNT)
    assert len(reads) == 7
    assert all(consistent != from_index for from_index, consistent in reads)


# --- the risk of the book, and the other side of a symbol


@pytest.mark.parametrize(("cap", "outcome"), [("10", ClaimOutcome.CLAIMED), ("9.9", ClaimOutcome.CAP_REACHED)])
def test_a_row_of_totals_from_before_risk_was_reserved_holds_none(
    aws: Aws, prefix: str, kept: Repositories, cap: str, outcome: ClaimOutcome
) -> None:
    wanted = replace(claim(kept.ledger.slot(ACCOUNT, BTC, LONG), risk=d("10")), max_total_risk=d(cap))
    old = {"notional": {"N": "5"}, "margin": {"N": "1"}, "slots": {"N": "1"}, "version": {"N": "3"}}
    row = {"pk": {"S": ACCOUNT}, "sk": {"S": "totals"}, **old}
    aws.dynamodb.put_item(TableName=f"{prefix}positions", Item=row)
    assert kept.ledger.claim(wanted) is outcome
    risk = 10 if outcome is ClaimOutcome.CLAIMED else 0
    assert (kept.ledger.totals(ACCOUNT).risk, kept.ledger.totals(ACCOUNT).slots) == (risk, 1 + bool(risk))


def test_an_end_of_one_side_costs_one_request_alone_and_two_beside_the_other(
    kept: Repositories, requests: RequestCounter
) -> None:
    long, short = (kept.ledger.slot(ACCOUNT, BTC, side) for side in (LONG, LONG.opposite))
    assert kept.ledger.claim(claim(long, "long")) is ClaimOutcome.CLAIMED
    assert kept.ledger.claim(claim(short, "short", opposite_in_use=True)) is ClaimOutcome.CLAIMED
    for name, side, cost in (("long", LONG, 2), ("short", LONG.opposite, 1)):
        slot = kept.ledger.slot(ACCOUNT, BTC, side)
        gone = order(name, position_side=side, state=OrderState.EXPIRED, version=2)
        requests.reset()
        assert kept.ledger.write(LedgerEntry(slot, slot.settled(gone), (gone,))) is WriteOutcome.WRITTEN
        assert requests.by_operation == {"TransactWriteItems": cost}

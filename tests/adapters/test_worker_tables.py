"""What the worker writes without the SDK, read by the repositories that use it, and the other way round."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from undertow.adapters.aws.client import AwsJson
from undertow.adapters.aws.credentials import FixedCredentials
from undertow.adapters.aws.parameters import AwsParameters
from undertow.adapters.aws.signing import Credentials
from undertow.adapters.aws.worker_tables import StoreFailed, WorkerTables
from undertow.adapters.dynamo.cascade_item import cascade_key, read_cascade_item
from undertow.adapters.dynamo.contacts import DynamoContacts
from undertow.adapters.dynamo.liquidations import DynamoLiquidations
from undertow.adapters.dynamo.registers import DynamoHeartbeats
from undertow.adapters.dynamo.store import DynamoStore
from undertow.adapters.dynamo.tables import CONTROL, LIQUIDATIONS, definition
from undertow.adapters.memory.clock import SettableClock
from undertow.adapters.ssm.parameters import Pin, SsmParameters, Stored
from undertow.domain.account import Heartbeat
from undertow.domain.cascade import CascadeState
from undertow.domain.contact import KEPT_MINUTES, Asked, Contact, VenueCount
from undertow.domain.ids import LiquidationId, Symbol
from undertow.domain.market import Liquidation, Side, Venue
from undertow.ports import DocumentsUnavailable

NOW_MS = 1_765_416_983_918
PREFIX = "test-"
REGION = "eu-central-1"
METHODS = {
    "PutItem": "put_item",
    "UpdateItem": "update_item",
    "GetItem": "get_item",
    "Query": "query",
    "GetParameter": "get_parameter",
    "GetParameters": "get_parameters",
    "GetParametersByPath": "get_parameters_by_path",
}


def liquidation(number: int, at_ms: int, symbol: str = "币安人生USDT") -> Liquidation:
    return Liquidation(
        LiquidationId(f"id{number:024d}"),
        Venue.ASTER,
        Symbol(symbol),
        Side.BUY if number % 2 else Side.SELL,
        Decimal("0.0000001"),
        Decimal("123456789012345.123456789012"),
        at_ms,
        at_ms - 3,
    )


class Cloud:
    """Moto behind the wire: what comes over HTTP is put to an SDK client, whose JSON it is."""

    def __init__(self) -> None:
        self.dynamodb = boto3.client("dynamodb", region_name=REGION)
        self.ssm = boto3.client("ssm", region_name=REGION)
        for table in (LIQUIDATIONS, CONTROL):
            self.dynamodb.create_table(**definition(table, PREFIX))
        self.store = DynamoStore(self.dynamodb, PREFIX)
        self.clock = SettableClock(NOW_MS)
        self.down = False

    def aws(self) -> AwsJson:
        http = httpx.AsyncClient(transport=httpx.MockTransport(self.answer))
        return AwsJson(http, FixedCredentials(Credentials("a", "b")), REGION, self.clock)

    def tables(self, epoch: int = 7) -> WorkerTables:
        return WorkerTables(self.aws(), PREFIX, Venue.ASTER, epoch)

    def answer(self, request: httpx.Request) -> httpx.Response:
        if self.down:
            return httpx.Response(500)
        target, _, action = request.headers["x-amz-target"].partition(".")
        client = self.ssm if target == "AmazonSSM" else self.dynamodb
        try:
            answer = getattr(client, METHODS[action])(**json.loads(request.content))
        except ClientError as error:
            given = error.response["Error"]
            return httpx.Response(400, json={"__type": f"x#{given['Code']}", "message": given["Message"]})
        del answer["ResponseMetadata"]
        return httpx.Response(200, content=json.dumps(answer, default=str))


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with mock_aws():
        yield Cloud()


def run(wanted: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(wanted)


def test_liquidations_that_the_worker_stored_are_read_by_the_repository(cloud: Cloud) -> None:
    events = [liquidation(number, NOW_MS + number) for number in range(20)]
    run(cloud.tables().append(events[:12]))
    run(cloud.tables(8).append(events[8:]))
    found = DynamoLiquidations(cloud.store, cloud.clock).between(Venue.ASTER, NOW_MS, NOW_MS + 100)
    assert list(found) == events


def test_liquidations_that_the_repository_stored_are_read_by_the_worker(cloud: Cloud) -> None:
    midnight_ms = NOW_MS // 86_400_000 * 86_400_000
    events = [liquidation(number, midnight_ms + (number - 5) * 1_000) for number in range(10)]
    repository = DynamoLiquidations(cloud.store, cloud.clock)
    repository.append(Venue.ASTER, 3, events[:6])
    repository.append(Venue.ASTER, 3, events[4:])
    tables = cloud.tables()
    assert run(tables.between(midnight_ms - 5_000, midnight_ms + 10_000)) == events
    assert run(tables.between(midnight_ms - 1_000, midnight_ms)) == events[4:6]


def test_one_flush_is_one_row(cloud: Cloud) -> None:
    tables = cloud.tables()
    run(tables.append([liquidation(number, NOW_MS) for number in range(500)]))
    assert tables.writes == 1
    assert cloud.dynamodb.scan(TableName=f"{PREFIX}liquidations")["Count"] == 1


def test_more_than_a_page_is_read_to_its_end(cloud: Cloud) -> None:
    tables = cloud.tables()
    for batch in range(12):
        run(tables.append([liquidation(batch * 1_000 + number, NOW_MS + batch) for number in range(1_000)]))
    assert len(run(tables.between(NOW_MS, NOW_MS + 12))) == 12_000


@pytest.mark.parametrize("last_user_event_ms", [None, NOW_MS - 5])
def test_heartbeats_go_both_ways(cloud: Cloud, last_user_event_ms: int | None) -> None:
    beat = Heartbeat("stream-worker", 7, NOW_MS, None, last_user_event_ms, None, 3, 10, 5, 1, 0, 2, window_covered=True)
    tables, repository = cloud.tables(), DynamoHeartbeats(cloud.store)
    assert run(tables.heartbeat("stream-worker")) is None
    run(tables.put_heartbeat(beat))
    assert list(repository.all()) == [beat]
    assert run(tables.heartbeat("stream-worker")) == beat


def test_the_past_is_read_backwards_by_rows_and_only_what_lies_in_it(cloud: Cloud) -> None:
    midnight_ms = NOW_MS // 86_400_000 * 86_400_000
    tables = cloud.tables()
    for number in range(6):
        at_ms = midnight_ms + (number - 3) * 3_600_000
        run(tables.append([liquidation(2 * number, at_ms - 1_000), liquidation(2 * number + 1, at_ms)]))

    async def read(from_ms: int, to_ms: int) -> list[list[str]]:
        return [[one.id for one in row] async for row in tables.backwards(from_ms, to_ms)]

    everything = run(read(midnight_ms - 86_400_000, midnight_ms + 86_400_000))
    assert everything == [[f"id{2 * n:024d}", f"id{2 * n + 1:024d}"] for n in reversed(range(6))]
    assert run(read(midnight_ms - 3_600_000, midnight_ms)) == [[f"id{6:024d}"], [f"id{5:024d}"]]


def test_cascades_are_written_where_the_functions_read_them_and_an_older_state_stays_away(cloud: Cloud) -> None:
    tables, other = cloud.tables(), cloud.tables(8)
    for writer, at_ms in ((tables, 5), (other, 9), (tables, 7)):
        run(writer.put_cascades(CascadeState(Venue.ASTER, at_ms, False, {}, {})))

    found = cloud.dynamodb.get_item(TableName=f"{PREFIX}control", Key=cascade_key(Venue.ASTER))["Item"]
    assert read_cascade_item(found) == CascadeState(Venue.ASTER, 9, False, {}, {})


def test_a_table_that_does_not_answer_says_so(cloud: Cloud) -> None:
    cloud.down = True
    tables = cloud.tables()
    beat = Heartbeat("w", 7, NOW_MS, None, None, None, 3, 10, 5, 1, 0, 2, window_covered=True)
    asked: list[Callable[[], Coroutine[Any, Any, Any]]] = [
        lambda: tables.append([liquidation(1, NOW_MS)]),
        lambda: tables.between(NOW_MS, NOW_MS),
        lambda: tables.put_heartbeat(beat),
        lambda: tables.heartbeat("w"),
        lambda: tables.put_cascades(CascadeState(Venue.ASTER, 5, False, {}, {})),
        lambda: anext(tables.backwards(NOW_MS, NOW_MS + 1)),
    ]
    for ask in asked:
        with pytest.raises(StoreFailed, match="HTTP 500"):
            run(ask())


def in_thread(cloud: Cloud, ask: Callable[[AwsParameters], Any]) -> Any:
    async def main() -> Any:
        parameters = AwsParameters(cloud.aws(), asyncio.get_running_loop())
        return await asyncio.to_thread(ask, parameters)

    return run(main())


def test_parameters_are_read_as_the_sdk_reads_them(cloud: Cloud) -> None:
    sdk = SsmParameters(cloud.ssm)
    pins = [Pin(f"/undertow/test/strategies/{number}", 1) for number in range(25)]
    for pin in pins:
        sdk.write(pin.name, f"text of {pin.name}")
    sdk.write(pins[0].name, "second")
    sdk.write("/undertow/test/strategies/0/base", "deeper")
    missing = Pin("/undertow/test/strategies/none", 1)
    assert in_thread(cloud, lambda ours: ours.read(pins[0].name)) == Stored(pins[0].name, 2, "second")
    assert in_thread(cloud, lambda ours: ours.read(missing.name)) is None
    wanted = [*pins[1:], missing]
    assert in_thread(cloud, lambda ours: ours.pinned(wanted)) == sdk.pinned(wanted)
    below = in_thread(cloud, lambda ours: ours.below("/undertow/test/strategies"))
    assert sorted(below, key=str) == sorted(sdk.below("/undertow/test/strategies"), key=str)
    assert len(below) == 25


def test_a_secret_is_decrypted(cloud: Cloud) -> None:
    SsmParameters(cloud.ssm).write_secret("/undertow/test/stream-secrets/main", "{}")
    read = in_thread(cloud, lambda ours: ours.read("/undertow/test/stream-secrets/main"))
    assert read == Stored("/undertow/test/stream-secrets/main", 1, "{}")


def test_a_parameter_store_that_does_not_answer_says_so(cloud: Cloud) -> None:
    cloud.down = True
    asked: list[Callable[[AwsParameters], Any]] = [
        lambda ours: ours.read("/x"),
        lambda ours: ours.pinned([Pin("/x", 1)]),
        lambda ours: ours.below("/x"),
    ]
    for ask in asked:
        with pytest.raises(DocumentsUnavailable):
            in_thread(cloud, ask)


def test_what_the_worker_asked_of_the_venue_stands_beside_what_the_functions_asked(cloud: Cloud) -> None:
    tables, kept = cloud.tables(), DynamoContacts(cloud.store)
    minute = NOW_MS // 60_000
    klines = {"GET /fapi/v3/klines": Asked(2, 4)}
    mine = Contact(Venue.ASTER, "stream-worker", minute, klines, VenueCount(40, 2400, NOW_MS))
    theirs = Contact(Venue.ASTER, "reconcile", minute, {"GET /fapi/v3/openOrders": Asked(1, 40)})
    kept.add(theirs)

    run(tables.add_contact(mine))
    run(tables.add_contact(mine))

    twice = replace(mine, by_endpoint={"GET /fapi/v3/klines": Asked(4, 8)})
    assert kept.since(Venue.ASTER, minute) == [theirs, twice]


def test_a_new_minute_of_the_worker_takes_the_place_of_the_fifth_before_it(cloud: Cloud) -> None:
    tables, minute = cloud.tables(), NOW_MS // 60_000
    old = Contact(Venue.ASTER, "stream-worker", minute, {"GET /fapi/v3/klines": Asked(1, 1)})
    new = replace(old, minute=minute + KEPT_MINUTES)

    for contact in (old, new, old):
        run(tables.add_contact(contact))

    assert DynamoContacts(cloud.store).since(Venue.ASTER, 0) == [new]

"""The two tables that the stream worker writes, without the SDK. Rows are those of ``adapters.dynamo``."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from undertow.adapters.aws.client import DYNAMODB, AwsFailed, AwsJson, AwsRefused
from undertow.adapters.dynamo import keys
from undertow.adapters.dynamo.cascade_item import MEASURED_AT, cascade_item
from undertow.adapters.dynamo.conditions import expression_request
from undertow.adapters.dynamo.contact_item import adding, contact_item, contact_key, instead_of_older, of_same_minute
from undertow.adapters.dynamo.tables import CONTROL, LIQUIDATIONS, Table
from undertow.adapters.dynamo.worker_rows import (
    SPREAD_MS,
    Item,
    gap_item,
    heartbeat_item,
    heartbeat_of,
    liquidation_items,
    liquidations_of,
)
from undertow.domain.account import Heartbeat
from undertow.domain.cascade import CascadeState
from undertow.domain.contact import Contact
from undertow.domain.ids import LiquidationId
from undertow.domain.market import Liquidation, Venue
from undertow.domain.recording import RecordingGap


class StoreFailed(Exception):
    """The tables did not answer, or refused. The row may be there or not; writing it again is harmless."""


class WorkerTables:
    """As the ports Liquidations and Heartbeats, in a process with one event loop. All methods raise StoreFailed."""

    def __init__(self, aws: AwsJson, prefix: str, venue: Venue, epoch: int) -> None:
        self._aws = aws
        self._prefix = prefix
        self._venue = venue
        self._epoch = epoch
        self.writes = 0

    async def append(self, liquidations: Sequence[Liquidation]) -> None:
        for item in liquidation_items(self._venue, self._epoch, liquidations):
            await self._put(LIQUIDATIONS, item)

    async def between(self, from_ms: int, to_ms: int) -> Sequence[Liquidation]:
        """Each event once, by event time, oldest first."""
        found: dict[LiquidationId, Liquidation] = {}
        first, last = keys.span(from_ms, to_ms + SPREAD_MS)
        for day in keys.liquidation_days(self._venue, from_ms, to_ms + SPREAD_MS):
            async for item in self._query(LIQUIDATIONS, day, (first, last)):
                for liquidation in liquidations_of(self._venue, item):
                    if from_ms <= liquidation.event_time_ms <= to_ms:
                        found.setdefault(liquidation.id, liquidation)
        return sorted(found.values(), key=lambda one: (one.event_time_ms, one.id))

    async def backwards(self, from_ms: int, to_ms: int) -> AsyncIterator[Sequence[Liquidation]]:
        """What was stored of (from, to), by rows, latest first. An event may be in several rows: whoever counts looks
        at its id. Reads need not be consistent here, and cost half.
        """
        first, last = keys.span(from_ms, to_ms + SPREAD_MS)
        for day in reversed(list(keys.liquidation_days(self._venue, from_ms, to_ms + SPREAD_MS))):
            async for item in self._query(LIQUIDATIONS, day, (first, last), backwards=True):
                row = [one for one in liquidations_of(self._venue, item) if from_ms <= one.event_time_ms < to_ms]
                if row:
                    yield row

    async def put_cascades(self, state: CascadeState) -> None:
        """Another worker's newer state stays."""
        await self._put(
            CONTROL,
            cascade_item(state),
            {
                "ConditionExpression": "attribute_not_exists(pk) OR #at < :at",
                "ExpressionAttributeNames": {"#at": MEASURED_AT},
                "ExpressionAttributeValues": {":at": {"N": str(state.measured_at_ms)}},
            },
        )

    async def add_contact(self, contact: Contact) -> None:
        """As ``Contacts.add``: on to what stands there, or in the place of an older minute."""
        pk, sk = contact_key(contact)
        update, same = adding(contact), of_same_minute(contact)
        gone_on = await self._unless_refused(
            "UpdateItem",
            CONTROL,
            {
                "Key": {"pk": {"S": pk}, "sk": {"S": sk}},
                **expression_request(
                    {"UpdateExpression": update.expression, "ConditionExpression": same.expression},
                    {**update.names, **same.names},
                    {**update.values, **same.values},
                ),
            },
        )
        if not gone_on:
            await self._put(CONTROL, contact_item(contact), instead_of_older(contact).request())

    async def record_gap(self, gap: RecordingGap) -> None:
        await self._put(LIQUIDATIONS, gap_item(self._venue, gap))

    async def put_heartbeat(self, heartbeat: Heartbeat) -> None:
        await self._put(CONTROL, heartbeat_item(heartbeat))

    async def heartbeat(self, worker: str) -> Heartbeat | None:
        """The last one that a worker of this name left."""
        key = {"pk": {"S": keys.HEARTBEATS}, "sk": {"S": worker}}
        answer = await self._call("GetItem", CONTROL, {"Key": key, "ConsistentRead": True})
        item = answer.get("Item")
        return heartbeat_of(item) if item else None

    async def _put(self, table: Table, item: Item, condition: Mapping[str, Any] | None = None) -> None:
        """Where ``condition`` does not hold nothing is written, and that is well."""
        await self._unless_refused("PutItem", table, {"Item": item, **(condition or {})})

    async def _unless_refused(self, action: str, table: Table, request: dict[str, Any]) -> bool:
        """False, and nothing written, where the condition of ``request`` does not hold."""
        self.writes += 1
        try:
            await self._call(action, table, request)
        except StoreFailed as failed:
            refused = failed.__cause__
            if not (isinstance(refused, AwsRefused) and refused.code == "ConditionalCheckFailedException"):
                raise
            return False
        return True

    async def _query(
        self, table: Table, pk: str, between: tuple[str, str], *, backwards: bool = False
    ) -> AsyncIterator[Item]:
        request: dict[str, Any] = {
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
            "ExpressionAttributeValues": {
                ":pk": {"S": pk},
                ":first": {"S": between[0]},
                ":last": {"S": between[1]},
            },
            "ConsistentRead": not backwards,
            "ScanIndexForward": not backwards,
        }
        while True:
            page = await self._call("Query", table, request)
            for item in page["Items"]:
                yield item
            if "LastEvaluatedKey" not in page:
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    async def _call(self, action: str, table: Table, request: dict[str, Any]) -> dict[str, Any]:
        try:
            return await self._aws.call(DYNAMODB, action, {"TableName": self._prefix + table.name, **request})
        except AwsFailed as error:
            raise StoreFailed(f"{table.name}: {error}") from error

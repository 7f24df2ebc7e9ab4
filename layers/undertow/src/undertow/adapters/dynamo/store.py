"""Every request to the tables: consistent reads, conditional writes, transactions, and patience with throttling."""

import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection

from undertow.adapters.dynamo.conditions import Condition, Update, expression_request
from undertow.adapters.dynamo.tables import Index, Table
from undertow.ports import StoreBusy

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

T = TypeVar("T")
Item = dict[str, Any]

ATTEMPTS: Final = 6
SHORTEST_PAUSE_S: Final = 0.025
TRANSACTION_LIMIT: Final = 100
WRITTEN_BY: Final = "written_by"
"""Names the write that made a row. A write that timed out but took effect is thus known as ours when it is repeated."""

_PASSING: Final = frozenset(
    {
        "InternalServerError",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ThrottlingException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
_PASSING_REASONS: Final = frozenset({"None", "ProvisionedThroughputExceeded", "ThrottlingError", "TransactionConflict"})
_CONDITION_FAILED: Final = "ConditionalCheckFailed"


@dataclass(frozen=True, slots=True)
class Step:
    """One part of a transaction. ``name`` says which condition failed when it is cancelled."""

    name: str
    action: str
    request: Mapping[str, Any]


class DynamoStore:
    """One client for all tables. The client should not retry by itself: that is done here, once and with jitter."""

    def __init__(self, client: "DynamoDBClient", prefix: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._prefix = prefix
        self._sleep = sleep

    # --- reads

    def get(self, table: Table, pk: str, sk: str) -> Item | None:
        request: dict[str, Any] = {**self._key(table, pk, sk), "ConsistentRead": True}
        return self._patiently(lambda: self._client.get_item(**request)).get("Item")

    def get_together(self, *wanted: tuple[Table, str, str]) -> list[Item | None]:
        """All items as of one moment, in one request, in the order asked for."""
        request: Any = [{"Get": self._key(*key)} for key in wanted]
        answer = self._patiently(lambda: self._client.transact_get_items(TransactItems=request))
        return [response.get("Item") for response in answer["Responses"]]

    def query(
        self,
        table: Table,
        hash_value: str,
        *,
        index: Index | None = None,
        between: tuple[str, str] | None = None,
        prefix: str | None = None,
        only: Condition | None = None,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> Iterator[Item]:
        """Items under one hash key, over as many pages as it takes. Consistent, except from an index."""
        if between is not None and between[0] > between[1]:
            return iter(())
        hash_key, range_key = ("pk", "sk") if index is None else (index.hash_key, index.range_key)
        names, values = {"#hash": hash_key}, {":hash": {"S": hash_value}}
        expressions = {"KeyConditionExpression": "#hash = :hash"}
        if between is not None:
            expressions["KeyConditionExpression"] += " AND #range BETWEEN :first AND :last"
            values |= {":first": {"S": between[0]}, ":last": {"S": between[1]}}
        if prefix is not None:
            expressions["KeyConditionExpression"] += " AND begins_with(#range, :prefix)"
            values |= {":prefix": {"S": prefix}}
        if between is not None or prefix is not None:
            names["#range"] = range_key
        if only is not None:
            expressions["FilterExpression"] = only.expression
            names |= only.names
            values |= only.values
        request: dict[str, Any] = {
            "TableName": self._prefix + table.name,
            "ScanIndexForward": not newest_first,
            **({"ConsistentRead": True} if index is None else {"IndexName": index.name}),
            **expression_request(expressions, names, values),
        }
        return self._pages(request, limit)

    def _pages(self, request: dict[str, Any], limit: int | None) -> Iterator[Item]:
        left = limit
        while left is None or left > 0:
            if left is not None and "FilterExpression" not in request:
                request["Limit"] = left
            page = self._patiently(lambda: self._client.query(**request))
            found = page["Items"] if left is None else page["Items"][:left]
            yield from found
            if left is not None:
                left -= len(found)
            if "LastEvaluatedKey" not in page:
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    # --- writes

    def put(self, table: Table, item: Item) -> None:
        request: Any = {"TableName": self._prefix + table.name, "Item": item}
        self._patiently(lambda: self._client.put_item(**request))

    def delete(self, table: Table, pk: str, sk: str) -> None:
        """Only rows of tables that lose rows anyway; no role may delete from others."""
        request = self._key(table, pk, sk)
        self._patiently(lambda: self._client.delete_item(**request))

    def put_if(self, table: Table, item: Item, condition: Condition) -> bool:
        """False, and nothing written, when ``condition`` does not hold."""
        token = uuid.uuid4().hex
        request: dict[str, Any] = {
            "TableName": self._prefix + table.name,
            "Item": _signed(item, token),
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            **condition.request(),
        }
        try:
            self._patiently(lambda: self._client.put_item(**request))
        except ClientError as e:
            if e.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            return _written_by(e.response, token)
        return True

    def update_if(self, table: Table, pk: str, sk: str, update: Update, condition: Condition) -> bool:
        """False, and nothing written, when ``condition`` does not hold. Repeated after an answer that was lost, it may
        take effect twice: only for what may.
        """
        step = self.updating("update", (table, pk, sk), update, condition)
        try:
            self._patiently(lambda: self._client.update_item(**step.request))
        except ClientError as e:
            if e.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            return False
        return True

    def write(self, steps: Sequence[Step]) -> frozenset[str]:
        """All of ``steps`` or none. Returns the names of the steps whose condition failed: none if it took effect."""
        token = uuid.uuid4().hex
        items: Any = [{step.action: _of_transaction(step, token)} for step in steps]
        try:
            self._patiently(lambda: self._client.transact_write_items(TransactItems=items, ClientRequestToken=token))
        except ClientError as e:
            # Reasons stand in the order of the steps, since the items go out exactly as listed here.
            failed = [
                (step.name, reason)
                for step, reason in zip(steps, _reasons(e), strict=False)
                if reason.get("Code") == _CONDITION_FAILED
            ]
            if not failed:
                raise
            if any(_written_by(reason, token) for _, reason in failed):
                return frozenset()
            return frozenset(name for name, _ in failed)
        return frozenset()

    def putting(self, name: str, table: Table, item: Item, condition: Condition | None = None) -> Step:
        conditional = condition.request() if condition is not None else {}
        return Step(name, "Put", {"TableName": self._prefix + table.name, "Item": item, **conditional})

    def checking(self, name: str, table: Table, pk: str, sk: str, condition: Condition) -> Step:
        return Step(name, "ConditionCheck", {**self._key(table, pk, sk), **condition.request()})

    def updating(
        self,
        name: str,
        key: tuple[Table, str, str],
        update: Update,
        condition: Condition | None = None,
    ) -> Step:
        expressions = {"UpdateExpression": update.expression}
        names, values = dict(update.names), dict(update.values)
        if condition is not None:
            expressions["ConditionExpression"] = condition.expression
            names |= condition.names
            values |= condition.values
        return Step(name, "Update", {**self._key(*key), **expression_request(expressions, names, values)})

    # ---

    def _key(self, table: Table, pk: str, sk: str) -> dict[str, Any]:
        return {"TableName": self._prefix + table.name, "Key": {"pk": {"S": pk}, "sk": {"S": sk}}}

    def _patiently(self, call: Callable[[], T]) -> T:
        """Repeat ``call`` while what stops it passes. The same request, so that it takes effect once at most."""
        failure: Exception | None = None
        for attempt in range(ATTEMPTS):
            if attempt:
                self._sleep(random.uniform(0.5, 1.0) * SHORTEST_PAUSE_S * 2**attempt)
            try:
                return call()
            except (NoConnection, HTTPClientError) as e:  # none could be made, or it broke
                failure = e
            except ClientError as e:
                if not _passes(e):
                    raise
                failure = e
        raise StoreBusy(f"given up after {ATTEMPTS} attempts: {failure}") from failure


def _passes(error: ClientError) -> bool:
    code = error.response["Error"]["Code"]
    if code == "TransactionCanceledException":
        return all(reason.get("Code", "None") in _PASSING_REASONS for reason in _reasons(error))
    # What stands in front of the service answers with a page, of which the SDK can tell nothing but the status.
    return code in _PASSING or error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500


def _reasons(error: ClientError) -> Sequence[Mapping[str, Any]]:
    reasons: Sequence[Mapping[str, Any]] = error.response.get("CancellationReasons", ())
    return reasons


def _signed(item: Item, token: str) -> Item:
    return {**item, WRITTEN_BY: {"S": token}}


def _of_transaction(step: Step, token: str) -> dict[str, Any]:
    request = dict(step.request)
    if step.action == "Put":
        request["Item"] = _signed(request["Item"], token)
    if "ConditionExpression" in request:
        request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    return request


def _written_by(refusal: Mapping[str, Any], token: str) -> bool:
    item: Mapping[str, Any] = refusal.get("Item", {})
    return bool(item.get(WRITTEN_BY) == {"S": token})

"""Every test of this folder runs against both stores."""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from threading import Lock
from typing import Any

import pytest
from moto import mock_aws
from tests.contract.repositories.make import ACCOUNT, NOW_MS, OTHER, control

from undertow.adapters.dynamo.store import DynamoStore
from undertow.adapters.dynamo.tables import TABLES, definition
from undertow.adapters.dynamo.wiring import dynamo_repositories
from undertow.adapters.memory import MemoryStore, SettableClock, memory_repositories
from undertow.adapters.sdk import Aws
from undertow.ports import Repositories

ENDPOINT = os.environ.get("UNDERTOW_TEST_DYNAMODB")
"""Where to find DynamoDB, or something that passes for it: with this set, the tables are made there, not in moto."""


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(NOW_MS)


@pytest.fixture
def prefix() -> str:
    return f"undertow-{uuid.uuid4().hex[:8]}-"


@pytest.fixture
def aws(prefix: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    """With the tables of ``tables.py``."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with nullcontext() if ENDPOINT else mock_aws():
        aws = Aws("eu-west-1", ENDPOINT)
        for table in TABLES:
            aws.dynamodb.create_table(**definition(table, prefix))
        yield aws
        if ENDPOINT:
            for table in TABLES:
                aws.dynamodb.delete_table(TableName=prefix + table.name)


@pytest.fixture
def store(aws: Aws, prefix: str) -> DynamoStore:
    return DynamoStore(aws.dynamodb, prefix, sleep=lambda _: None)


@pytest.fixture(params=["memory", "dynamo"])
def kept(request: pytest.FixtureRequest, clock: SettableClock) -> Repositories:
    if request.param == "memory":
        return memory_repositories(MemoryStore(), clock)
    return dynamo_repositories(request.getfixturevalue("store"), clock)


@pytest.fixture
def running(kept: Repositories) -> Repositories:
    """As ``kept``, with both accounts switched on."""
    for account in (ACCOUNT, OTHER):
        assert kept.controls.set(control(account=account))
    return kept


class OneAtATime:
    """A client whose requests exclude each other, as those of one item and transactions do in DynamoDB. In moto a
    request that adds to a number loses what another thread adds meanwhile, and a transaction that fails puts back a
    copy of all tables, which loses what other threads wrote."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._lock = Lock()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        operation = getattr(self._client, name)

        def call(**request: Any) -> Any:
            with self._lock:
                return operation(**request)

        return call


@pytest.fixture
def shared_store(aws: Aws, prefix: str) -> DynamoStore:
    """For several threads."""
    client: Any = aws.dynamodb if ENDPOINT else OneAtATime(aws.dynamodb)
    return DynamoStore(client, prefix, sleep=lambda _: None)


@pytest.fixture(params=["memory", "dynamo"])
def shared(request: pytest.FixtureRequest, clock: SettableClock) -> Repositories:
    if request.param == "memory":
        kept = memory_repositories(MemoryStore(), clock)
    else:
        kept = dynamo_repositories(request.getfixturevalue("shared_store"), clock)
    assert kept.controls.set(control())
    return kept

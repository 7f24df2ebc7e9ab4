"""Every test of this folder runs against both stores."""

from collections.abc import Iterator

import pytest
from moto import mock_aws
from tests.contract.repositories.make import ACCOUNT, NOW_MS, OTHER, control

from undertow.adapters.dynamo.store import DynamoStore
from undertow.adapters.dynamo.tables import TABLES, definition
from undertow.adapters.dynamo.wiring import dynamo_repositories
from undertow.adapters.memory import MemoryStore, SettableClock, memory_repositories
from undertow.adapters.sdk import Aws
from undertow.ports import Repositories

PREFIX = "undertow-test-"


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(NOW_MS)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    """The tables of ``tables.py`` in moto."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        aws = Aws("eu-west-1")
        for table in TABLES:
            aws.dynamodb.create_table(**definition(table, PREFIX))
        yield aws


@pytest.fixture
def store(aws: Aws) -> DynamoStore:
    return DynamoStore(aws.dynamodb, PREFIX, sleep=lambda _: None)


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

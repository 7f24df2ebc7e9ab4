"""Documents that are right, for tests to spoil."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from undertow.adapters.memory.parameters import MemoryParameters
from undertow.adapters.ssm.parameters import Parameters, SsmParameters

GLOBALS: dict[str, Any] = {
    "accounts": {
        "main": {
            "venue": "aster",
            "mode": "live",
            "hedge_mode": True,
            "limits": {
                "max_total_exposure_margin_usdt": "1000",
                "max_total_exposure_notional_usdt": "10000",
                "max_positions": 10,
                "max_leverage": 20,
            },
        }
    }
}
STRATEGY: dict[str, Any] = {
    "id": "hunter",
    "kind": "hunter",
    "account": "main",
    "base": {
        "leverage": 10,
        "trade_value_usdt": "20",
        "max_position_margin_usdt": "100",
        "max_position_notional_usdt": "1000",
        "volume_threshold_long": 5000,
        "volume_threshold_short": 25000,
    },
    "symbols": {"BTCUSDT": {"volume_threshold_long": "100000"}, "ETHUSDT": {}},
}


@pytest.fixture
def globals_file() -> dict[str, Any]:
    return copy.deepcopy(GLOBALS)


@pytest.fixture
def strategy_file() -> dict[str, Any]:
    return copy.deepcopy(STRATEGY)


@pytest.fixture
def many() -> Callable[[int], dict[str, Any]]:
    """A strategy of so many symbols."""

    def make(count: int) -> dict[str, Any]:
        return {**copy.deepcopy(STRATEGY), "symbols": {f"COIN{number:04}USDT": {} for number in range(count)}}

    return make


@pytest.fixture(scope="session")
def ssm_client() -> Any:
    """Made once, since making it takes longer than most tests; every test sees an empty store through it."""
    return boto3.client("ssm", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")


@pytest.fixture(params=["memory", "moto"])
def parameters(request: pytest.FixtureRequest) -> Iterator[Parameters]:
    """A parameter store, once in memory and once as the emulator knows it."""
    if request.param == "memory":
        yield MemoryParameters()
        return
    with mock_aws():
        yield SsmParameters(request.getfixturevalue("ssm_client"))

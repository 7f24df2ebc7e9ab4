"""The example desk answers what the page asks of the venue: by the API as its gateway calls it, without a browser."""

import json
from threading import Lock
from typing import Any

import pytest
from tests.browser.example import SYMBOLS, Example
from tests.browser.gateway import Gateway
from tests.browser.preview import PAGE

from undertow.api.app import create_app
from undertow.services.views.chart import Interval

NOW_MS = 1_765_414_800_000


@pytest.fixture(scope="module")
def example() -> Example:
    return Example(NOW_MS, minutes=3)


def asked(example: Example, path: str) -> Any:
    gateway = Gateway(create_app(lambda: example.console, PAGE, "ws://nowhere"), example.tokens, Lock())
    _, token = example.tokens.create(frozenset({"read"}), days=1)
    status, _, body = gateway.answer("GET", path, {"authorization": f"Bearer {token}"}, b"")
    assert status == 200, body
    return json.loads(body)


@pytest.mark.parametrize("name", ["hunter", "ladder"])
def test_a_strategy_is_previewed_with_its_worst_day(example: Example, name: str) -> None:
    """The worst day is found among candles of a day, which only this view asks for."""
    preview = asked(example, f"/api/strategies/{name}/preview?symbol={SYMBOLS[2]}")
    assert preview["worst_day"]["days"] > 0


@pytest.mark.parametrize("interval", Interval)
def test_a_chart_has_candles_of_every_length(example: Example, interval: Interval) -> None:
    from_ms = NOW_MS - 10 * interval.seconds * 1000
    chart = asked(
        example,
        f"/api/candles?symbol={SYMBOLS[0]}&interval={interval}&from_ms={from_ms}&to_ms={NOW_MS}",
    )
    assert len(chart["candles"]) >= 9

"""No answer shows a secret, and what strangers named stays what it is: text."""

import json
import re

import pytest
from tests.functions.api_caller import Answer, ApiCaller
from tests.services.world import START_MS, World
from tests.unit.builders import d

from undertow.adapters.ssm.store import SsmDocuments
from undertow.api.routes import ROUTES, Route
from undertow.domain.ids import LiquidationId, Symbol
from undertow.domain.market import Liquidation, Side, Venue
from undertow.services.console import Console

PLANTED = "PLANTED0123456789abcdef"
HOSTILE = Symbol("<img|src=x|onerror=alert(1)>\"';--\u202e")
QUERIES: dict[str, list[dict[str, str]]] = {
    "stats": [{}, {"account": "main"}],
    "export": [{"what": what, "account": "main"} for what in ("trades", "incomes", "adjustments")],
    "candles": [{"symbol": "BTCUSDT"}],
    "windows": [{"symbol": "BTCUSDT"}],
    "preview_strategy": [{"symbol": "BTCUSDT"}],
}
VARIABLES = {"strategy_id": "hunter", "name": "index-B7xq0aZk.js"}


@pytest.fixture
def secrets(documents: SsmDocuments, console: Console) -> list[str]:
    """Everything that must never be shown, stored where it really lies."""
    store, planted = documents.parameters, []
    for place in ("secrets/main", "stream-secrets/main", "route-secrets/phone", "route-secrets/dead-man"):
        value = f"{PLANTED}-{place}"
        store.write_secret(f"/undertow/test/{place}", json.dumps({"agent_key": value, "signer": value, "url": value}))
        planted.append(value)
    token, text = console.tokens.create(frozenset({"read"}), days=1)  # type: ignore[attr-defined]
    stored = store.read(f"/undertow/test/tokens/{token.id}")
    assert stored is not None
    return [*planted, PLANTED, text, text.split("_", 2)[2], str(json.loads(stored.value)["digest"])]


def ask(api: ApiCaller, route: Route, query: dict[str, str]) -> Answer:
    path = re.sub(r"{(\w+)}", lambda found: VARIABLES.get(found[1], "abc"), route.path)
    if route.method == "GET":
        return api.get(path, resource=route.path, **query)
    return api.ask(route.method, path, route.path, json.dumps({"account": "main", "strategy": "hunter"}), '"1"')


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_no_answer_shows_a_secret(api: ApiCaller, world: World, secrets: list[str], route: Route) -> None:
    world.holding()
    for query in QUERIES.get(route.name, [{}]):
        answer = ask(api, route, query)
        told = answer.text + json.dumps(dict(answer.headers))
        assert [secret for secret in secrets if secret in told] == []


def test_what_was_sent_as_a_token_never_comes_back(api: ApiCaller) -> None:
    api.extra = {"headers": {"authorization": f"Bearer {PLANTED}", "content-type": "application/json"}}
    for route in ROUTES:
        path = re.sub(r"{\w+}", "abc", route.path)
        answer = api.ask(route.method, path, route.path)
        assert PLANTED not in answer.text


def test_a_symbol_that_the_exchange_made_up_is_data_and_nothing_a_browser_runs(api: ApiCaller, world: World) -> None:
    event = Liquidation(
        LiquidationId("l1"), Venue.ASTER, HOSTILE, Side.SELL, d("1000"), d("1"), START_MS - 1_000, START_MS - 1_000
    )
    world.desk.repositories.liquidations.append(Venue.ASTER, 1, [event])
    answer = api.get("/api/liquidations")
    assert answer.json["liquidations"][0]["symbol"] == HOSTILE
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_what_is_not_understood_is_told_back_in_an_answer_that_no_browser_takes_for_a_page(api: ApiCaller) -> None:
    answer = api.get("/api/positions", account="<script>alert(1)</script>")
    assert (answer.status, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"

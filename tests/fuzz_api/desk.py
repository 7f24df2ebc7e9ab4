"""A small desk with something of everything, behind the API as its gateway calls it."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from chalice.app import Chalice
from requests import PreparedRequest
from schemathesis import Response
from tests.functions.bookkeeping import kept_books
from tests.functions.conftest import PAGE
from tests.functions.console_world import GLOBALS, LADDER_STRATEGY, STRATEGY, MarksOfATest, new_console, new_documents
from tests.functions.holdings import ETH, hold, plan, store
from tests.services.world import ACCOUNT, START_MS, World, new_world
from tests.unit.builders import LONG, d

from undertow.adapters.ssm.store import SsmDocuments
from undertow.api.app import create_app
from undertow.domain.adjustment import Adjustment
from undertow.domain.alert import Alert, AlertLevel
from undertow.domain.income import IncomeKind
from undertow.domain.json_text import write_json
from undertow.domain.market import Candle
from undertow.domain.position import Slot
from undertow.services.console import Console

DAY_MS: Final = 86_400_000
BOOKKEEPING: Final = frozenset({"lock", "actions", "uses", "feed"})
"""That a key was sent, when a token was last seen, and that somebody watches: it is written down of any request."""


Body = dict[str, Any]


@dataclass
class FuzzedDesk:
    world: World
    documents: SsmDocuments
    console: Console
    app: Chalice
    known: dict[str, list[Any]] = field(default_factory=dict)
    """Values that mean something here, by the names of the fields that they belong in."""
    bodies: dict[str, Body] = field(default_factory=dict)
    """Whole bodies that are admissible here, by operation."""

    def answer(self, resource: str, request: PreparedRequest) -> Response | None:
        """None for a request that the gateway would not take to this route."""
        address = urlsplit(str(request.url))
        variables = _variables(resource, address.path)
        if variables is None:
            return None
        answered = self.app(_event(resource, variables, request, address.query), None)
        return _response(request, answered)

    def state(self) -> dict[str, str]:
        """All that is stored, as texts by the store's name. What was only looked for is not there."""
        store = self.world.store
        found = {one.name: _text(getattr(store, one.name)) for one in fields(store) if one.name not in BOOKKEEPING}
        return {**found, "documents": repr(self.documents.parameters)}


def new_desk(spoilt: Callable[[Console], Console] = lambda console: console) -> FuzzedDesk:
    world, documents, marks = new_world(), new_documents(), MarksOfATest()
    documents.store_strategy(write_json(LADDER_STRATEGY), expected=0)
    console = spoilt(new_console(world, documents, marks))
    kept_books(world)
    entry = world.holding()
    laddered = hold(world, ETH, reserved="1")
    store(world, Slot(ACCOUNT.id, ETH, LONG).with_ladder(plan()).with_position(laddered))
    world.desk.evaluate(world.liquidation_batch(7, before="0", after="500"))
    for number in range(3):
        at_ms = START_MS - number * 60_000
        alert = Alert(f"unprotected#{number}", AlertLevel.HIGH, "no stop", {"symbol": "BTCUSDT"}, at_ms, at_ms, at_ms)
        assert world.desk.repositories.alerts.save(alert)
    marks.candles = [_day(START_MS - (40 - number) * DAY_MS) for number in range(40)]
    kept = world.desk.repositories
    decisions = kept.decisions.recent(ACCOUNT.id, 0, START_MS * 2, 10)
    entered = Adjustment("a1", ACCOUNT.id, IncomeKind.TRANSFER, d("5"), None, "by card", "anna", START_MS, version=1)
    assert kept.adjustments.add(entered)
    held = world.slot.position
    assert held is not None
    positions = [slot.position.id for slot in kept.ledger.slots_in_use(ACCOUNT.id) if slot.position is not None]
    known: dict[str, list[Any]] = {
        "account": ["main"],
        "strategy": ["hunter", "ladder"],
        "strategy_id": ["hunter", "ladder"],
        "symbol": ["BTCUSDT", "币安人生USDT"],
        "order_id": [entry],
        "decision_id": [one.id for one in decisions],
        "position_id": positions,
        "position": positions,
        "adjustment_id": ["a1"],
        "confirm": [True, "main"],
        "If-Match": ["1", '"2"'],
        "key": ["unprotected#0"],
        "episode": [1],
        "version": [0, 1],
        "side": ["LONG"],
        "route": ["topics"],
    }
    app = create_app(lambda: console, PAGE)
    return FuzzedDesk(world, documents, console, app, known, _bodies(held.id, laddered.id))


def _bodies(position: str, laddered: str) -> dict[str, Body]:
    changed = {**STRATEGY["base"], "leverage": 9}
    held = {"account": "main", "symbol": "BTCUSDT", "side": "LONG", "position": position}
    own = {"strategy": "hunter", "symbol": "BTCUSDT"}
    return {
        "PUT /api/strategies/{strategy_id}": {**STRATEGY, "base": changed, "confirm": True},
        "POST /api/strategies/preview": {"document": STRATEGY, "symbol": "BTCUSDT"},
        "POST /api/strategies/validate": STRATEGY,
        "POST /api/config/validate": GLOBALS,
        "POST /api/strategies/{strategy_id}/restore": {"version": 1, "confirm": True},
        "POST /api/config": {"strategy": "hunter", "base": changed, "confirm": True},
        "POST /api/config/symbol": {**own, "settings": {"leverage": 8}, "confirm": True},
        "POST /api/config/symbol/add": {"strategy": "hunter", "symbol": "ETHUSDT", "settings": {}, "confirm": True},
        "POST /api/config/symbol/remove": own,
        "POST /api/flatten": {"account": "main", "confirm": "main"},
        "POST /api/positions/close": {**held, "percent": "50"},
        "POST /api/positions/stop": {**held, "stop_price": "99500", "confirm": True},
        "POST /api/positions/break-even": held,
        "POST /api/positions/layers": {**held, "symbol": "ETHUSDT", "position": laddered, "freeze": True},
        "POST /api/resume": {"account": "main", "version": 1},
    }


def _day(open_ms: int) -> Candle:
    return Candle(open_ms, open_ms + DAY_MS - 1, d("100000"), d("101000"), d("98000"), d("100500"), d("12"))


def _text(value: Any) -> str:
    """Dictionaries that answer a question with an empty part keep that part: it is no change."""
    return repr({key: one for key, one in value.items() if one}) if isinstance(value, dict) else repr(value)


def _variables(resource: str, path: str) -> dict[str, str] | None:
    wanted, parts = resource.split("/"), path.split("/")
    if len(wanted) != len(parts):
        return None
    found = {name[1:-1]: part for name, part in zip(wanted, parts, strict=True) if name.startswith("{")}
    return found if all(found.values()) else None


def _event(resource: str, variables: dict[str, str], request: PreparedRequest, query: str) -> dict[str, Any]:
    body = request.body.encode() if isinstance(request.body, str) else request.body
    text, encoded = _body(body if isinstance(body, bytes) else None)
    return {
        "resource": resource,
        "path": resource,
        "httpMethod": str(request.method),
        "headers": dict(request.headers),
        "multiValueQueryStringParameters": parse_qs(query, keep_blank_values=True) or None,
        "pathParameters": variables or None,
        "body": text,
        "isBase64Encoded": encoded,
        "stageVariables": None,
        "requestContext": {
            "httpMethod": str(request.method),
            "resourcePath": resource,
            "path": resource,
            "authorizer": {"principalId": "abcdefgh", "scopes": "read pause write"},
        },
    }


def _body(body: bytes | None) -> tuple[str | None, bool]:
    if not body:
        return None, False
    try:
        return body.decode(), False
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), True


def _response(request: PreparedRequest, answered: Any) -> Response:
    headers = {name: [str(value)] for name, value in answered["headers"].items()}
    return Response(answered["statusCode"], headers, str(answered["body"]).encode(), request, elapsed=0.0, verify=True)

"""The API's document: made from the code, whole, and kept by every answer."""

import ast
import inspect
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from tests.functions.api_caller import ApiCaller
from tests.functions.conftest import PAGE
from tests.functions.promised import check_promised, promised
from tests.fuzz_api.desk import FuzzedDesk, new_desk

import undertow.api
from undertow.api.answers import ANSWERS
from undertow.api.app import create_app
from undertow.api.codes import CODES, OF_ALL, OF_ROUTE
from undertow.api.given import Given
from undertow.api.public_answers import PUBLIC
from undertow.api.routes import ROUTES, Route
from undertow.api.sketch import Sketch, request_of
from undertow.services.console import Console

API = Path(undertow.api.__file__).parent
DATA = [route for route in ROUTES if route.scope is not None]


def operation(route: Route) -> dict[str, Any]:
    found: dict[str, Any] = promised()["paths"][route.path][route.method.lower()]
    return found


def name(route: Route) -> str:
    return f"{route.method} {route.path}"


def test_anybody_may_read_the_document_and_it_holds_every_route_of_the_table() -> None:
    def no_console() -> Console:
        raise AssertionError("the document needs no data")

    api = ApiCaller(create_app(no_console, PAGE), scopes=None)
    body = api.get("/api/openapi.json").json
    assert body["openapi"] == "3.1.0"
    assert {(method.upper(), path) for path, found in body["paths"].items() for method in found} == {
        (route.method, route.path) for route in ROUTES
    }


def test_it_is_printed_for_the_build_of_the_page() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "undertow.api.openapi"], capture_output=True, text=True, check=True, timeout=120
    )
    assert json.loads(printed.stdout) == promised()


def test_it_has_the_version_of_the_package_which_a_layer_holds_as_plain_files() -> None:
    project = tomllib.loads((API.parents[2] / "pyproject.toml").read_text())
    assert promised()["info"]["version"] == project["project"]["version"]
    sources = [file.read_text() for file in API.parent.rglob("*.py")]
    assert not any("importlib.metadata" in text for text in sources)


LISTS_WITHOUT_CURSOR = {
    "/api/feed": "events go on by their sequence number",
    "/api/stream": "events go on by their sequence number",
    "/api/decisions/counts": "it counts; the limit bounds how much is read",
    "/api/decisions/after": "each row costs a question to the venue; /api/decisions goes on",
}


def test_every_list_with_a_limit_goes_on_by_a_cursor_or_says_why_not() -> None:
    fields = {
        path: {one["name"] for one in methods["get"].get("parameters", [])}
        for path, methods in promised()["paths"].items()
        if "get" in methods
    }
    lists = {path for path, names in fields.items() if "limit" in names}
    assert {path for path in lists if "cursor" not in fields[path]} == LISTS_WITHOUT_CURSOR.keys()
    assert len(lists - LISTS_WITHOUT_CURSOR.keys()) >= 14


@pytest.mark.parametrize("route", DATA, ids=name)
def test_each_route_of_data_says_its_scope_its_answer_and_its_refusals(route: Route) -> None:
    found = operation(route)
    assert route.scope is not None
    assert (found["x-scope"], found["operationId"]) == (route.scope.value, route.name)
    assert f"`{route.scope.value}`" in found["description"]
    contents = found["responses"]["200"]["content"]
    if "text/event-stream" in contents:
        return
    schema = contents["application/json"]["schema"]
    assert schema, "the answer has a type"
    assert {"400", "401", "403", "429"} <= found["responses"].keys()
    for status, response in found["responses"].items():
        if status != "200":
            assert list(response["content"]) == ["application/problem+json"]


def test_every_shape_has_a_name_of_its_own_and_no_field_beside_those_it_names() -> None:
    shapes = promised()["components"]["schemas"]
    assert [name for name in shapes if "__" in name] == []
    for shape in shapes.values():
        if "properties" in shape and shape.get("type") == "object":
            assert "additionalProperties" in shape


def test_a_field_that_nobody_promised_is_found() -> None:
    text = json.dumps({"status": "ok"})
    check_promised("GET", "/api/health", 200, "application/json", text)
    with pytest.raises(AssertionError, match="extra"):
        check_promised("GET", "/api/health", 200, "application/json", json.dumps({"status": "ok", "extra": 1}))
    with pytest.raises(AssertionError, match="not in the document"):
        check_promised("GET", "/api/health", 418, "application/json", text)


@pytest.fixture(scope="module")
def desk() -> FuzzedDesk:
    return new_desk()


VIEWS = [route for route in DATA if route.method == "GET"]


@pytest.mark.parametrize("route", VIEWS, ids=name)
def test_every_view_of_a_desk_with_something_of_everything_is_as_promised(desk: FuzzedDesk, route: Route) -> None:
    """``ApiCaller`` holds the answer against the document."""
    required = {
        one["name"]: desk.known.get(one["name"], ["trades"])[0]
        for one in operation(route).get("parameters", [])
        if one["in"] == "query" and one["required"]
    }
    path = re.sub(r"\{(\w+)\}", lambda found: str(desk.known[found.group(1)][0]), route.path)
    answer = ApiCaller(desk.app).get(path, route.path, **required)
    assert answer.status == 200, answer.text


# --- requests -------------------------------------------------------------------------------------------------------


def parameters(path: str, where: str) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in promised()["paths"][path]["get"]["parameters"] if one["in"] == where}


def test_the_fields_of_a_query_come_with_their_bounds_defaults_and_words() -> None:
    fields = parameters("/api/trades", "query")
    assert fields["limit"]["schema"] == {"type": "integer", "minimum": 1, "maximum": 500, "default": 100}
    assert not fields["limit"]["required"]
    assert "filled" in fields["state"]["schema"]["enum"]
    assert fields["to_ms"]["description"] == "now, when it is not given"
    assert "24 hours before the end" in fields["from_ms"]["description"]
    assert "default" not in fields["from_ms"]["schema"]
    assert parameters("/api/export", "query")["what"]["required"]


def test_a_body_names_its_fields_and_admits_no_other() -> None:
    content = promised()["paths"]["/api/adjustments"]["post"]["requestBody"]["content"]
    schema = content["application/json"]["schema"]
    assert schema["required"] == ["account", "kind", "amount", "note"]
    assert schema["additionalProperties"] is False


def test_a_call_that_needs_a_version_or_a_key_says_so() -> None:
    def headers(path: str, method: str) -> set[str]:
        found = promised()["paths"][path][method].get("parameters", [])
        return {one["name"] for one in found if one["in"] == "header" and one["required"]}

    assert headers("/api/strategies/{strategy_id}", "put") == {"If-Match"}
    assert headers("/api/pause", "post") == {"Idempotency-Key"}
    assert headers("/api/strategies/{strategy_id}", "get") == set()


def test_every_way_to_read_a_field_can_be_described() -> None:
    ways = {name for name, _ in inspect.getmembers(Given, inspect.isfunction) if not name.startswith("_")}
    assert {name for name in ways if name not in vars(Sketch)} == set()


def test_an_answer_that_looks_into_a_store_before_it_has_read_its_request_is_found() -> None:
    def hasty(console: Console, _call: object) -> dict[str, object]:
        return {"found": list(console.sources.accounts(None))}

    with pytest.raises(AttributeError):
        request_of(hasty, [])


# --- codes ----------------------------------------------------------------------------------------------------------


def raised() -> set[tuple[int, str]]:
    """Status and code of every problem that the code makes, where both stand there as such."""
    found = set()
    for file in API.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem":
                status, code = node.args[:2]
                if isinstance(status, ast.Constant) and isinstance(code, ast.Constant):
                    found.add((int(str(status.value)), str(code.value)))
    return found


def test_every_code_that_is_raised_is_in_the_list_with_its_status() -> None:
    assert len(raised()) > 15
    assert {(status, code) for status, code in raised() if CODES[code].status != status} == set()


def test_the_document_lists_every_code_with_what_it_means() -> None:
    listed = promised()["x-codes"]
    assert listed == {code: {"status": meaning.status, "says": meaning.says} for code, meaning in CODES.items()}


def test_the_manual_lists_every_code_too() -> None:
    manual = (API.parents[4] / "docs" / "api.md").read_text()
    rows = [f"| {meaning.status} | `{code}` | {meaning.says} |" for code, meaning in CODES.items()]
    assert [row for row in rows if row not in manual] == []
    assert manual.count("| `") == len(CODES)


def test_what_routes_are_said_to_end_in_are_codes_of_routes_that_there_are() -> None:
    names = {route.name for route in ROUTES}
    assert OF_ROUTE.keys() - names == set()
    assert {code for codes in (*OF_ROUTE.values(), OF_ALL) for code in codes} - CODES.keys() == set()
    assert names >= ANSWERS.keys() | PUBLIC.keys()

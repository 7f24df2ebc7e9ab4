"""The OpenAPI 3.1 document of the API, made from the code that answers: routes, what each reads, what each gives.

``python -m undertow.api.openapi`` prints it; ``GET /api/openapi.json`` answers with it.
"""

import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from inspect import getdoc
from typing import Final, cast

from undertow.api.answers import ANSWERS
from undertow.api.codes import CODES, OF_ALL, OF_ROUTE
from undertow.api.components import (
    COMPONENTS,
    DESCRIPTION,
    HEADERS,
    IDEMPOTENCY_KEY,
    IF_MATCH,
    LAST_EVENT_ID,
    with_fields,
)
from undertow.api.given import NAME
from undertow.api.once import rule_of
from undertow.api.problems import ProblemBody
from undertow.api.public_answers import PUBLIC
from undertow.api.routes import ROUTES, VERSIONED, Route
from undertow.api.schemas import answer_type, closed, gives_events, gives_file, read_types
from undertow.api.sketch import NOTHING, PLACE, Field, Request, Schema, request_of, text_schema
from undertow.domain.json_text import Json, write_json
from undertow.version import VERSION

_VARIABLE: Final = re.compile(r"\{(\w+)\}")
_VARIABLES: Final[Mapping[str, Schema]] = {"strategy_id": text_schema(NAME)}
_ANY_TEXT: Final[Schema] = {"type": "string", "minLength": 1}


@cache
def document() -> Mapping[str, Json]:
    """Raises TypeError for a route whose request or answer cannot be described."""
    types: dict[str, object] = {"problem": ProblemBody}
    answers: dict[str, Callable[..., object]] = {**ANSWERS, **PUBLIC}
    for name, answer in answers.items():
        shape = answer_type(answer)
        if shape is not None:
            types[name] = shape
    shapes, components = read_types(types)
    paths: dict[str, dict[str, Json]] = defaultdict(dict)
    for route in ROUTES:
        paths[route.path][route.method.lower()] = _operation(route, shapes)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Undertow", "version": VERSION, "description": DESCRIPTION},
        "servers": [{"url": "..", "description": "beside this document, under the stage of the gateway"}],
        "security": [{"token": []}],
        "paths": dict(paths),
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "made by `undertow token create`"}
            },
            "headers": HEADERS,
            "schemas": {**components, **{name: closed(schema) for name, schema in COMPONENTS.items()}},
        },
        "x-codes": {code: {"status": meaning.status, "says": meaning.says} for code, meaning in CODES.items()},
    }


def _operation(route: Route, shapes: Mapping[str, Schema]) -> dict[str, Json]:
    if route.scope is None and route.name not in PUBLIC:
        return _page_file(route)
    variables = _VARIABLE.findall(route.path)
    answer = ANSWERS.get(route.name)
    request = NOTHING if answer is None else request_of(answer, variables)
    is_file = answer is not None and gives_file(answer)
    success: dict[str, Json] = {
        "description": "as asked",
        "content": _events()
        if answer is not None and gives_events(answer)
        else {
            "application/json": {"schema": shapes.get(route.name, {})},
            **({"text/csv": {"schema": {"type": "string"}}} if is_file else {}),
        },
    }
    headers = _success_headers(route, is_file)
    if headers:
        success["headers"] = headers
    parameters = [_variable(name) for name in variables] + _headers(route, request)
    if route.method == "GET":
        parameters += [_parameter(name, field) for name, field in request.fields.items()]
    return {
        **_named(route, getdoc(answer or PUBLIC[route.name]) or ""),
        **({"parameters": parameters} if parameters else {}),
        **({} if route.method == "GET" else {"requestBody": _body(request)}),
        "responses": {"200": success, **_problems(route, request)},
        **({"security": []} if route.scope is None else {}),
    }


def _named(route: Route, told: str) -> dict[str, Json]:
    _, _, *parts = route.path.split("/")
    needs = "Anybody may call it." if route.scope is None else f"Needs a token with the scope `{route.scope.value}`."
    return {
        "operationId": route.name,
        "tags": [parts[0] if parts else "page"],
        "description": f"{told}\n\n{needs}".strip(),
        "x-scope": None if route.scope is None else route.scope.value,
    }


def _page_file(route: Route) -> dict[str, Json]:
    parameters = [_variable(name) for name in _VARIABLE.findall(route.path)]
    return {
        **_named(route, "A file of the page, as the build made it."),
        **({"parameters": parameters} if parameters else {}),
        "security": [],
        "responses": {"200": _file(), **_by_status(OF_ROUTE[route.name])},
    }


def _events() -> Json:
    text: Json = {"type": "string"}
    event: Json = {"type": "object", "properties": {"id": text, "event": text, "data": text}}
    return {"text/event-stream": {"schema": event}}


def _file() -> Json:
    kinds = ("text/html", "text/css", "text/javascript")
    return {"description": "a text", "content": {kind: {"schema": {"type": "string"}} for kind in kinds}}


# --- what is asked --------------------------------------------------------------------------------------------------


def _variable(name: str) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": _VARIABLES.get(name, _ANY_TEXT)}


def _headers(route: Route, request: Request) -> list[Json]:
    rule = rule_of(route)
    key: list[Json] = [] if rule is None else [{**IDEMPOTENCY_KEY, "required": rule.needs_key}]
    last: list[Json] = [LAST_EVENT_ID] if route.name == "stream" else []
    return key + last + ([IF_MATCH] if request.needs_version else [])


def _parameter(name: str, field: Field) -> Json:
    told = {"description": "; ".join(field.told)} if field.told else {}
    return {"name": name, "in": "query", "required": field.required, "schema": field.schema, **told}


def _body(request: Request) -> Json:
    own = _fields(request.fields)
    schema = (
        own if request.document is None else with_fields(request.document, cast(dict[str, Json], own["properties"]))
    )
    return {
        "required": request.document is not None or "required" in own,
        "content": {"application/json": {"schema": schema}},
    }


def _fields(fields: Mapping[str, Field]) -> Schema:
    told = {
        name: {**field.schema, **({"description": "; ".join(field.told)} if field.told else {})}
        for name, field in fields.items()
    }
    required = [name for name, field in fields.items() if field.required]
    schema: Schema = {"type": "object", "properties": told, "additionalProperties": False}
    return {**schema, "required": required} if required else schema


# --- what is answered -----------------------------------------------------------------------------------------------


def _success_headers(route: Route, is_file: bool) -> dict[str, Json]:
    names = (["ETag"] if route.name in VERSIONED else []) + (["X-Next-Cursor"] if is_file else [])
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def codes_of(route: Route, request: Request) -> tuple[str, ...]:
    """Every code that the route can end in, in the order of the list of codes."""
    found = {"bad_request", "internal_error", *OF_ROUTE.get(route.name, ())}
    if route.scope is not None:
        found.update(OF_ALL)
    if "account" in request.fields:
        found.add("no_such_account")
    if route.method != "GET":
        found.add("too_large")
    rule = rule_of(route)
    if rule is not None:
        found.update(("key_reused", "in_progress"))
        found.update(() if rule.repeatable else ("outcome_unknown",))
        found.update(("key_missing",) if rule.needs_key else ())
    if request.needs_version:
        found.update(("version_missing", "document_moved"))
    return tuple(code for code in CODES if code in found)


def _problems(route: Route, request: Request) -> dict[str, Json]:
    if route.scope is None:
        return {}
    return _by_status(codes_of(route, request))


def _by_status(codes: Iterable[str]) -> dict[str, Json]:
    by_status: dict[int, list[str]] = defaultdict(list)
    for code in codes:
        by_status[CODES[code].status].append(code)
    return {str(status): _problem(codes) for status, codes in sorted(by_status.items())}


def _problem(codes: list[str]) -> Json:
    own: Json = {"properties": {"code": {"enum": codes}}}
    schema: Json = {"allOf": [{"$ref": f"{PLACE}ProblemBody"}, own]}
    return {"description": ", ".join(codes), "content": {"application/problem+json": {"schema": schema}}}


if __name__ == "__main__":
    sys.stdout.write(write_json(document(), indent=1) + "\n")

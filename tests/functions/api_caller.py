"""Calls the API as the gateway does: proxy events in, after the authoriser has answered."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from chalice.app import Chalice
from tests.functions.promised import check_promised

ALL_SCOPES = "read pause write"
FRESH = "fresh"
"""Stands for a key that was never sent before."""
_KEYS = count(1)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text, parse_float=_no_float)


def _no_float(text: str) -> None:
    raise AssertionError(f"the API answered with a number with a point: {text}")


def _variables(resource: str, path: str) -> dict[str, str]:
    """What the gateway reads out of ``path``: the parts that ``resource`` has in braces."""
    parts = zip(resource.split("/"), path.split("/"), strict=True)
    return {part[1:-1]: value for part, value in parts if part.startswith("{")}


def _headers(key: str | None, if_match: str | None) -> dict[str, str]:
    sent = {"Idempotency-Key": f"key-{next(_KEYS):08}" if key == FRESH else key, "If-Match": if_match}
    return {name: value for name, value in sent.items() if value is not None}


@dataclass
class ApiCaller:
    app: Chalice
    scopes: str | None = ALL_SCOPES
    extra: dict[str, Any] = field(default_factory=dict)
    promised: bool = True
    """Every answer is held against the API's own document, whatever a test looks at beside."""
    principal: str = "abcdefgh"

    def ask(self, method: str, path: str, resource: str, body: str = "{}", if_match: str | None = None) -> Answer:
        """Any method; a body goes with all but GET."""
        text = None if method == "GET" else body
        return self._call(method, path, resource, {}, text, _headers(FRESH, if_match))

    def get(self, path: str, resource: str | None = None, **query: object) -> Answer:
        return self._call("GET", path, resource, {name: str(value) for name, value in query.items()}, None)

    def post(self, path: str, body: object, key: str | None = FRESH, if_match: str | None = None) -> Answer:
        text = body if isinstance(body, str) else json.dumps(body)
        return self._call("POST", path, None, {}, text, _headers(key, if_match))

    def put(
        self, path: str, body: object, resource: str, if_match: str | None = None, key: str | None = FRESH
    ) -> Answer:
        text = body if isinstance(body, str) else json.dumps(body)
        return self._call("PUT", path, resource, {}, text, _headers(key, if_match))

    def post_to(
        self, path: str, body: object, resource: str, if_match: str | None = None, key: str | None = FRESH
    ) -> Answer:
        """POST to a path with a variable part."""
        return self._call("POST", path, resource, {}, json.dumps(body), _headers(key, if_match))

    def _call(
        self,
        method: str,
        path: str,
        resource: str | None,
        query: dict[str, str],
        body: str | None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        context: dict[str, Any] = {"httpMethod": method, "resourcePath": resource or path, "path": f"/local{path}"}
        if self.scopes is not None:
            context["authorizer"] = {"principalId": self.principal, "scopes": self.scopes}
        event = {
            "resource": resource or path,
            "path": path,
            "httpMethod": method,
            "headers": {"content-type": "application/json", **(headers or {})},
            "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} or None,
            "pathParameters": _variables(resource, path) if resource else None,
            "body": body,
            "isBase64Encoded": False,
            "stageVariables": None,
            "requestContext": context,
            **self.extra,
        }
        answer = self.app(event, None)
        found = Answer(answer["statusCode"], answer["headers"], answer["body"])
        if self.promised:
            check_promised(method, resource or path, found.status, found.headers["Content-Type"], found.text)
        return found

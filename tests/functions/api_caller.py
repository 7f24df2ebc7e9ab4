"""Calls the API as the gateway does: proxy events in, after the authoriser has answered."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chalice.app import Chalice

ALL_SCOPES = "read pause write"


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


@dataclass
class ApiCaller:
    app: Chalice
    scopes: str | None = ALL_SCOPES
    extra: dict[str, Any] = field(default_factory=dict)

    def get(self, path: str, resource: str | None = None, **query: object) -> Answer:
        return self._call("GET", path, resource, {name: str(value) for name, value in query.items()}, None)

    def post(self, path: str, body: object) -> Answer:
        return self._call("POST", path, None, {}, body if isinstance(body, str) else json.dumps(body))

    def _call(self, method: str, path: str, resource: str | None, query: dict[str, str], body: str | None) -> Answer:
        context: dict[str, Any] = {"httpMethod": method, "resourcePath": resource or path, "path": f"/local{path}"}
        if self.scopes is not None:
            context["authorizer"] = {"principalId": "abcdefgh", "scopes": self.scopes}
        last = path.rsplit("/", 1)[1]
        event = {
            "resource": resource or path,
            "path": path,
            "httpMethod": method,
            "headers": {"content-type": "application/json"},
            "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} or None,
            "pathParameters": {"order_id": last} if resource else None,
            "body": body,
            "isBase64Encoded": False,
            "stageVariables": None,
            "requestContext": context,
            **self.extra,
        }
        answer = self.app(event, None)
        return Answer(answer["statusCode"], answer["headers"], answer["body"])

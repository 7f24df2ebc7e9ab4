"""The API behind a loopback socket, as its gateway serves it: the authoriser is asked, the policy applied, the path
taken apart, the function given an event, and a long answer compressed. Throttling it leaves out.
"""

import base64
import fnmatch
import gzip
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from chalice.app import Chalice

from undertow.api.authorize import policy
from undertow.api.routes import ROUTES, Route
from undertow.ports import Token, Tokens

STAGE: Final = "preview"
_API: Final = "arn:aws:execute-api:local:000000000000:preview"
COMPRESSED_FROM_BYTES: Final = 1_024
_METHODS: Final = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")


def route_of(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The route that a path belongs to, exact parts before variable ones, and the variables' values."""
    parts = path.split("/")
    for route in sorted(ROUTES, key=lambda route: route.path.count("{")):
        wanted = route.path.split("/")
        fits = len(wanted) == len(parts) and all(
            want == part or (want.startswith("{") and part) for want, part in zip(wanted, parts, strict=True)
        )
        if fits and route.method == method:
            variables = {want[1:-1]: part for want, part in zip(wanted, parts, strict=True) if want.startswith("{")}
            return route, variables
    return None


@dataclass(slots=True)
class Gateway:
    """``held`` is taken while the function runs: the tables in memory are for one at a time."""

    app: Chalice
    tokens: Tokens
    held: Lock

    def answer(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Mapping[str, str], bytes]:
        address = urlsplit(target)
        path = address.path.removeprefix(f"/{STAGE}") or "/"
        found = route_of(method, path)
        if found is None:
            return _refused(403, "Missing Authentication Token")
        route, variables = found
        context: dict[str, Any] = {"httpMethod": method, "resourcePath": route.path, "path": f"/{STAGE}{path}"}
        with self.held:
            if route.scope is not None:
                presented = headers.get("authorization", "")
                if not presented:
                    return _refused(401, "Unauthorized")
                token = self._token(presented)
                if token is None:
                    return _refused(401, "Unauthorized")
                decided = policy(token, f"{_API}/{STAGE}/{method}{path}")
                if not _allows(decided, f"{_API}/{STAGE}/{method}{path}"):
                    return _refused(403, "User is not authorized to access this resource")
                context["authorizer"] = {"principalId": decided["principalId"], **decided["context"]}
            event = _event(method, path, route, variables, address.query, headers, body, context)
            answered = self.app(event, None)
        return answered["statusCode"], _flat(answered), _body(answered)

    def _token(self, presented: str) -> Token | None:
        is_bearer = presented.startswith("Bearer ")
        return self.tokens.verify(presented.removeprefix("Bearer ")) if is_bearer else None


def _allows(decided: Mapping[str, Any], arn: str) -> bool:
    """Deny before allow, and nothing without allow."""
    effects = {
        statement["Effect"]
        for statement in decided["policyDocument"]["Statement"]
        if any(fnmatch.fnmatchcase(arn, resource) for resource in statement["Resource"])
    }
    return effects == {"Allow"}


def _event(
    method: str,
    path: str,
    route: Route,
    variables: Mapping[str, str],
    query: str,
    headers: Mapping[str, str],
    body: bytes,
    context: Mapping[str, Any],
) -> dict[str, Any]:
    text: str | None
    try:
        text, encoded = body.decode() or None, False
    except UnicodeDecodeError:
        text, encoded = base64.b64encode(body).decode(), True
    return {
        "resource": route.path,
        "path": path,
        "httpMethod": method,
        "headers": dict(headers),
        "multiValueQueryStringParameters": parse_qs(query, keep_blank_values=True) or None,
        "pathParameters": dict(variables) or None,
        "body": text,
        "isBase64Encoded": encoded,
        "stageVariables": None,
        "requestContext": dict(context),
    }


def _flat(answered: Mapping[str, Any]) -> Mapping[str, str]:
    many = {name: ", ".join(values) for name, values in (answered.get("multiValueHeaders") or {}).items()}
    return {**many, **(answered.get("headers") or {})}


def _body(answered: Mapping[str, Any]) -> bytes:
    body = answered.get("body") or ""
    return base64.b64decode(body) if answered.get("isBase64Encoded") else str(body).encode()


def _refused(status: int, message: str) -> tuple[int, Mapping[str, str], bytes]:
    return status, {"Content-Type": "application/json"}, f'{{"message": "{message}"}}'.encode()


def serve(gateway: Gateway, port: int, on_ready: Callable[[int], None] = lambda _: None) -> ThreadingHTTPServer:
    """A server on loopback that is not running yet: call ``serve_forever``. Port 0 takes any that is free."""

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _handle(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = self.rfile.read(length)
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, told, answer = gateway.answer(self.command, self.path, headers, body)
            if len(answer) >= COMPRESSED_FROM_BYTES and "gzip" in headers.get("accept-encoding", ""):
                answer, told = gzip.compress(answer), {**told, "Content-Encoding": "gzip"}
            self.send_response(status)
            for name, value in told.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            if self.command != "HEAD":
                with suppress(BrokenPipeError, ConnectionResetError):  # the browser went on to another page
                    self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: whoever wants to know looks into the browser."""

    for method in _METHODS:
        setattr(Door, f"do_{method}", Door._handle)
    server = ThreadingHTTPServer(("127.0.0.1", port), Door)
    on_ready(server.server_address[1])
    return server

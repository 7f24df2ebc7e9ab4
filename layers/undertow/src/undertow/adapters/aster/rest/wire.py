"""One call to the venue: budget, encoding, signature, exchange, and what the answer means."""

import json
import logging
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote_plus

import httpx

from undertow.adapters.aster import strict
from undertow.adapters.aster.budget import Budget
from undertow.adapters.aster.errors import AsterError, OutcomeUnknown, refusal, transport_failure
from undertow.adapters.aster.rest.endpoints import Endpoint, Params
from undertow.adapters.aster.signing import SECURITY, AsterAuth
from undertow.adapters.aster.strict import BadFrame
from undertow.adapters.aster.tally import WeightTally
from undertow.domain.numbers import plain

JsonObject = dict[str, Any]
JsonArray = list[Any]

TIMEOUT: Final = httpx.Timeout(connect=2.0, read=5.0, write=5.0, pool=1.0)
LIMITS: Final = httpx.Limits(max_connections=10, max_keepalive_connections=5, keepalive_expiry=30.0)
_HEADERS: Final = {"User-Agent": "undertow", "Accept": "application/json"}
_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}


def open_http(base_url: str, transport: httpx.BaseTransport | None = None) -> httpx.Client:
    """A client for one venue host: four explicit time limits in seconds, no redirects, no retries of its own."""
    for name in ("httpx", "httpcore"):
        logger = logging.getLogger(name)
        # Below WARNING httpx logs whole URLs, and a signed GET carries its signature there.
        logger.setLevel(max(logger.level, logging.WARNING))
        logger.addFilter(_no_request_details)
    return httpx.Client(
        base_url=base_url,
        transport=transport,
        timeout=TIMEOUT,
        limits=LIMITS,
        follow_redirects=False,
        headers=_HEADERS,
    )


def _no_request_details(record: logging.LogRecord) -> bool:
    """Keep URLs and headers out even where somebody lowers the level of these loggers again."""
    return record.levelno >= logging.WARNING


class Wire:
    """Sends endpoints to one host with one set of credentials."""

    def __init__(self, http: httpx.Client, auth: AsterAuth, budget: Budget, tally: WeightTally) -> None:
        self._http = http
        self._auth = auth
        self._budget = budget
        self._tally = tally

    def object(self, endpoint: Endpoint, params: Params) -> JsonObject:
        """The answer where the venue gives an object. Raises the errors of ``errors``."""
        body = self.any(endpoint, params)
        if not isinstance(body, dict):
            raise OutcomeUnknown("the answer was not an object")
        return body

    def array(self, endpoint: Endpoint, params: Params) -> JsonArray:
        """The answer where the venue gives an array, also of one element if it left the brackets out."""
        body = self.any(endpoint, params)
        return body if isinstance(body, list) else [body]

    def any(self, endpoint: Endpoint, params: Params) -> JsonObject | JsonArray:
        generation = self._auth.generation
        path = endpoint.paths.get(generation)
        if path is None:
            raise ValueError(f"{endpoint.method} {next(iter(endpoint.paths.values()))} does not exist in {generation}")
        request = self._request(endpoint, path, encode(params))
        weight = endpoint.weight(params)
        admitted_at_ms = self._budget.admit(weight, endpoint.orders(params), endpoint.priority(params))
        self._tally.asked(admitted_at_ms, f"{endpoint.method} {path}", weight)
        try:
            response = self._http.send(request, auth=self._auth)
        except httpx.RequestError as error:
            raise transport_failure(error) from error
        self._budget.observe(response.headers, admitted_at_ms)
        told = self._budget.weight_told(response.headers, admitted_at_ms)
        if told is not None:
            self._tally.told(admitted_at_ms, *told)
        return self._meaning(response)

    def _request(self, endpoint: Endpoint, path: str, parameters: str) -> httpx.Request:
        extensions = {SECURITY: endpoint.security[self._auth.generation]}
        if endpoint.method == "GET":
            url = f"{path}?{parameters}" if parameters else path
            return self._http.build_request("GET", url, extensions=extensions)
        return self._http.build_request(
            endpoint.method, path, content=parameters.encode("ascii"), headers=_FORM, extensions=extensions
        )

    def _meaning(self, response: httpx.Response) -> JsonObject | JsonArray:
        status = response.status_code
        body = _json(response.content)
        code, text = _error_in(body)
        if status in (418, 429):
            raise self._budget.limited(status, code or 0, text, response.headers.get("retry-after"))
        if code is not None:
            raise refusal(code, text, status)
        if not 200 <= status < 300 or not isinstance(body, dict | list):
            raise OutcomeUnknown(f"the answer was not readable (HTTP {status})", status)
        return body


def error_of(element: Any) -> AsterError | None:
    """The error that stands for one element of a batch's answer, or None if the element is no error."""
    code, text = _error_in(element)
    return None if code is None else refusal(code, text, 200)


_needs_no_escape: Final = re.compile(r"[A-Za-z0-9_.~-]*").fullmatch


def encode(params: Params) -> str:
    """``params`` url-encoded in the order given, once and for all: these are the bytes that get signed."""
    texts = [(name, text_of(value)) for name, value in params.items() if value is not None]
    # As urllib's urlencode writes it; most values need no escaping, and to look first is three times as fast.
    return "&".join([f"{name}={text if _needs_no_escape(text) else quote_plus(text)}" for name, text in texts])


def text_of(value: Any) -> str:
    """``value`` as the venue reads it. Raises TypeError for floats: money is never one."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list | tuple | Mapping):
        return json.dumps(_texts_within(value), separators=(",", ":"), ensure_ascii=False)
    raise TypeError(f"a parameter was a {type(value).__name__}")


def _texts_within(value: Any) -> Any:
    """Lists and objects with every scalar as the venue reads it; integers of a list of ids stay numbers."""
    if isinstance(value, Mapping):
        return {name: _texts_within(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list | tuple):
        return [inner if type(inner) is int else _texts_within(inner) for inner in value]
    return text_of(value)


def _json(content: bytes) -> Any:
    """The decoded body, or None where it is not the JSON we can read: HTML, cut off, nested without end, NaN."""
    try:
        return strict.decode(content)
    except BadFrame:
        return None


def _error_in(body: Any) -> tuple[int | None, str]:
    """Code and text if ``body`` is the venue's error object. Success also has a ``code``: 200, at times as text."""
    if not isinstance(body, dict):
        return None, ""
    code = body.get("code")
    text = str(body.get("msg", ""))[:300]
    if isinstance(code, str) and code.removeprefix("-").isascii() and code.removeprefix("-").isdecimal():
        code = int(code)
    return (code, text) if type(code) is int and code < 0 else (None, text)

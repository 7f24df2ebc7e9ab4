"""A request and a response, apart from any socket."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Json = Any
"""What `json.dumps` takes: dicts with text keys, lists, texts, numbers, booleans, None."""


@dataclass(frozen=True, slots=True)
class Request:
    """``query`` and ``body`` are the raw texts, for they are what was signed. Header names are lower case."""

    method: str
    path: str
    query: str = ""
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    address: str = "127.0.0.1"


class Delivery(StrEnum):
    """What becomes of the response on its way."""

    ANSWER = "answer"
    HANG = "hang"
    """Nothing is ever sent; the client's patience decides."""
    RESET = "reset"
    """The connection is cut."""


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    delivery: Delivery = Delivery.ANSWER


def answer(status: int, content: Json, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON response; letters beyond ASCII stay as they are, as the venue sends them."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Response(status, text.encode(), {"content-type": "application/json;charset=UTF-8", **(headers or {})})


def refusal(status: int, code: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    return answer(status, {"code": code, "msg": message}, headers)

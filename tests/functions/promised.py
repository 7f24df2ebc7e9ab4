"""Holds an answer of the API against what the API's own document promises of it."""

import json
from functools import cache
from typing import Any

import jsonschema_rs

from undertow.api.openapi import document
from undertow.domain.json_text import write_json


@cache
def promised() -> dict[str, Any]:
    """The document as a reader of it has it."""
    read: dict[str, Any] = json.loads(write_json(document()))
    return read


def check_promised(method: str, path: str, status: int, content_type: str, text: str) -> None:
    """``path`` is the route's. Raises AssertionError for what the document does not have."""
    operation = promised()["paths"][path][method.lower()]
    where = f"{method} {path} {status}"
    assert str(status) in operation["responses"], f"{where} is not in the document: {text[:300]}"
    kind = content_type.partition(";")[0]
    contents = operation["responses"][str(status)].get("content", {})
    assert kind in contents, f"{where}: {kind} is not in the document"
    if "json" in kind:
        found = list(_validator(method.lower(), path, str(status), kind).iter_errors(json.loads(text)))
        assert not found, f"{where}: {[(list(one.instance_path), one.message[:300]) for one in found[:3]]}"


@cache
def _validator(method: str, path: str, status: str, kind: str) -> jsonschema_rs.Draft202012Validator:
    schema = promised()["paths"][path][method]["responses"][status]["content"][kind]["schema"]
    return jsonschema_rs.Draft202012Validator({"allOf": [schema], "components": promised()["components"]})

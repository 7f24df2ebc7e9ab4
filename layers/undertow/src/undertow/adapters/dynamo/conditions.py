"""What must hold for a write, and what it changes, as DynamoDB expressions.

Every name is aliased, since many words are reserved.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Condition:
    expression: str
    names: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)

    def request(self) -> dict[str, Any]:
        return expression_request({"ConditionExpression": self.expression}, self.names, self.values)


@dataclass(frozen=True, slots=True)
class Update:
    """An update expression. Its names may be those of a condition beside it, if they mean the same."""

    expression: str
    names: Mapping[str, str]
    values: Mapping[str, Any]


def expression_request(
    expressions: Mapping[str, str], names: Mapping[str, str], values: Mapping[str, Any]
) -> dict[str, Any]:
    """The part of a request that holds expressions; empty maps of names or values are refused and so left out."""
    request: dict[str, Any] = dict(expressions)
    if names:
        request["ExpressionAttributeNames"] = dict(names)
    if values:
        request["ExpressionAttributeValues"] = dict(values)
    return request


ABSENT: Final = Condition("attribute_not_exists(#pk)", {"#pk": "pk"})


def stored_version(version: int) -> Condition:
    """The row is still at ``version``; 0 means that there is none."""
    return at_version(version) if version else ABSENT


def at_version(version: int) -> Condition:
    """There is a row, and it is at ``version``."""
    return Condition("#version = :version", {"#version": "version"}, {":version": {"N": str(version)}})


def not_later(attribute: str, time_ms: int) -> Condition:
    """There is no row yet, or ``attribute`` of it is not later than ``time_ms``."""
    return _by_time("<=", attribute, time_ms)


def earlier(attribute: str, time_ms: int) -> Condition:
    """There is no row yet, or ``attribute`` of it is earlier than ``time_ms``."""
    return _by_time("<", attribute, time_ms)


def _by_time(comparison: str, attribute: str, time_ms: int) -> Condition:
    return Condition(
        f"attribute_not_exists(#pk) OR #time {comparison} :time",
        {"#pk": "pk", "#time": attribute},
        {":time": {"N": str(time_ms)}},
    )

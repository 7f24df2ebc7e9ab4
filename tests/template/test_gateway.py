"""What the gateway does by itself: whom it asks, what it keeps, and how it refuses."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from undertow.api.codes import CODES
from undertow.api.problems import Problem

KINDS = (
    "UNAUTHORIZED",
    "ACCESS_DENIED",
    "MISSING_AUTHENTICATION_TOKEN",
    "THROTTLED",
    "REQUEST_TOO_LARGE",
    "INTEGRATION_TIMEOUT",
    "DEFAULT_4XX",
    "DEFAULT_5XX",
)


@pytest.fixture
def api(template: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = template["Resources"]["DashboardApi"]["Properties"]
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_a_refusal_of_the_gateway_looks_as_one_of_ours(api: dict[str, Any], kind: str) -> None:
    response = api["GatewayResponses"][kind]
    body = json.loads(response["ResponseTemplates"]["application/json"])
    assert body["status"] == response["StatusCode"] == CODES[body["code"]].status
    assert body == Problem(body["status"], body["code"], body["title"], body["detail"]).body
    headers = response["ResponseParameters"]["Headers"]
    assert headers["Content-Type"] == "'application/problem+json'"
    assert headers["Cache-Control"] == "'no-store'"
    assert headers["X-Content-Type-Options"] == "'nosniff'"
    assert headers["Strict-Transport-Security"].startswith("'max-age=")
    assert all(re.fullmatch(r"'[^']*'", value) for value in headers.values())


def test_every_kind_of_refusal_is_one_of_these(api: dict[str, Any]) -> None:
    assert set(api["GatewayResponses"]) == set(KINDS)


def test_whoever_has_no_token_is_told_which_kind_to_bring(api: dict[str, Any]) -> None:
    assert api["GatewayResponses"]["UNAUTHORIZED"]["ResponseParameters"]["Headers"]["WWW-Authenticate"] == "'Bearer'"


def test_access_logs_hold_no_header_and_no_query(api: dict[str, Any]) -> None:
    _, setting, _ = api["AccessLogSetting"]["Fn::If"]
    fields = json.loads(setting["Format"])
    told = set(re.findall(r"\$context\.[A-Za-z.]+", setting["Format"]))
    assert fields["who"] == "$context.authorizer.principalId"
    assert not [name for name in told if "header" in name.lower() or "query" in name.lower() or "token" in name.lower()]
    assert "\n" not in setting["Format"]


def test_the_gateway_itself_logs_no_requests(api: dict[str, Any]) -> None:
    (settings,) = api["MethodSettings"]
    assert (settings["LoggingLevel"], settings["DataTraceEnabled"]) == ("OFF", False)


def test_access_logs_end_after_as_many_days_as_all_logs(template: dict[str, Any]) -> None:
    assert template["Resources"]["AccessLogGroup"]["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}


@pytest.mark.parametrize(
    ("header", "passes"),
    [
        ("Bearer ut_abcdefgh_" + "a" * 43, True),
        ("Bearer " + ".".join(["e" * 40] * 3), True),
        ("Bearer hello", False),
        ("Bearer  " + "a" * 50, False),
        ("bearer " + "a" * 50, False),
        ("Basic " + "a" * 50, False),
        ("Bearer " + "a" * 5_000, False),
        ("Bearer " + "a" * 50 + "\n", False),
        ("Bearer " + "a" * 50 + " x", False),
    ],
)
def test_what_cannot_be_a_token_never_reaches_the_authoriser(api: dict[str, Any], header: str, passes: bool) -> None:
    expression = api["Auth"]["Authorizers"]["Token"]["Identity"]["ValidationExpression"]
    assert (re.fullmatch(expression, header) is not None) is passes

"""The authoriser: every route against every kind of token."""

import fnmatch
import re
from collections.abc import Mapping
from typing import Any

import pytest

from undertow.adapters.memory import SettableClock
from undertow.adapters.memory.parameters import MemoryParameters
from undertow.adapters.ssm.tokens import DAY_MS, SsmTokens
from undertow.api.authorize import Unauthorized, authorizer
from undertow.api.routes import ROUTES, Route, Scope

SINGLE = ("read", "pause", "write")
API = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/paper"


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(1_700_000_000_000)


@pytest.fixture
def tokens(clock: SettableClock) -> SsmTokens:
    return SsmTokens(MemoryParameters(), "/undertow/test", clock)


def header(tokens: SsmTokens, clock: SettableClock, kind: str) -> str | None:
    """The header that a caller of ``kind`` sends."""
    if kind == "none":
        return None
    if kind == "malformed":
        return "Bearer hello"
    if kind == "unknown":
        return "Bearer ut_aaaaaaaa_" + "a" * 43
    scopes = frozenset({"read", "pause", "write"} if kind not in SINGLE else {kind})
    token, text = tokens.create(scopes, days=1)
    if kind == "revoked":
        tokens.revoke(token.id)
    if kind == "expired":
        clock.advance(DAY_MS)
    return {"basic": "Basic ", "lower": "bearer ", "twice": "Bearer Bearer "}.get(kind, "Bearer ") + text


def allows(policy: Mapping[str, Any], arn: str) -> bool:
    """As the gateway judges: an explicit deny first, then any allow, else no."""
    (statement,) = policy["policyDocument"]["Statement"]
    matches = any(fnmatch.fnmatchcase(arn, pattern) for pattern in statement["Resource"])
    return statement["Effect"] == "Allow" and matches


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
@pytest.mark.parametrize("kind", ["read", "pause", "write", "all"])
def test_a_token_opens_exactly_the_routes_of_its_scopes(
    tokens: SsmTokens, clock: SettableClock, kind: str, route: Route
) -> None:
    arn = f"{API}/{route.method}{re.sub(r'{[a-z_]+}', 'abc', route.path)}"
    event = {"type": "TOKEN", "authorizationToken": header(tokens, clock, kind), "methodArn": arn}
    policy = authorizer(lambda: tokens)(event, None)
    expected = route.scope is not None and (kind == "all" or kind == route.scope.value)
    assert allows(policy, arn) is expected


@pytest.mark.parametrize("kind", ["none", "malformed", "unknown", "basic", "expired", "revoked", "lower", "twice"])
def test_who_brings_no_valid_token_is_told_so_in_the_word_that_the_gateway_understands(
    tokens: SsmTokens, clock: SettableClock, kind: str
) -> None:
    event = {"authorizationToken": header(tokens, clock, kind), "methodArn": f"{API}/GET/api/positions"}
    with pytest.raises(Unauthorized, match=r"^Unauthorized$"):
        authorizer(lambda: tokens)(event, None)


@pytest.mark.parametrize("kind", ["read", "pause", "write", "all"])
def test_no_token_opens_what_is_not_in_the_table(tokens: SsmTokens, clock: SettableClock, kind: str) -> None:
    event = {"authorizationToken": header(tokens, clock, kind), "methodArn": f"{API}/GET/api/positions"}
    policy = authorizer(lambda: tokens)(event, None)
    for arn in (
        f"{API}/GET/api/secrets",
        f"{API}/DELETE/api/positions",
        f"{API}/POST/api/positions",
        f"{API}/GET/",
        API.replace("/paper", "/live") + "/GET/api/positions",
        API.replace("a1b2c3d4e5", "other") + "/GET/api/positions",
    ):
        assert not allows(policy, arn)


def test_the_answer_holds_for_every_route_because_the_gateway_keeps_it(tokens: SsmTokens, clock: SettableClock) -> None:
    event = {"authorizationToken": header(tokens, clock, "read"), "methodArn": f"{API}/GET/api/positions"}
    policy = authorizer(lambda: tokens)(event, None)
    readable = [route for route in ROUTES if route.scope is Scope.READ]
    assert len(policy["policyDocument"]["Statement"][0]["Resource"]) == len(readable)


def test_the_api_is_told_who_calls_and_with_which_scopes(tokens: SsmTokens, clock: SettableClock) -> None:
    event = {"authorizationToken": header(tokens, clock, "all"), "methodArn": f"{API}/GET/api/positions"}
    policy = authorizer(lambda: tokens)(event, None)
    assert policy["context"] == {"scopes": "read pause write"}
    assert policy["principalId"] == tokens.all()[0].id


def test_a_token_with_an_unknown_scope_opens_nothing(tokens: SsmTokens) -> None:
    _, text = tokens.create(frozenset({"admin"}), days=1)
    event = {"authorizationToken": f"Bearer {text}", "methodArn": f"{API}/GET/api/positions"}
    policy = authorizer(lambda: tokens)(event, None)
    assert policy["policyDocument"]["Statement"][0]["Effect"] == "Deny"


def test_the_token_store_is_opened_once(tokens: SsmTokens) -> None:
    opened = []

    def opening() -> SsmTokens:
        opened.append(1)
        return tokens

    handler = authorizer(opening)
    for _ in range(3):
        with pytest.raises(Unauthorized):
            handler({"authorizationToken": None, "methodArn": f"{API}/GET/api/positions"}, None)
    assert len(opened) == 1

"""Turns a bearer token into the policy that API Gateway enforces."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from undertow.api.routes import Scope, open_to
from undertow.ports import Token
from undertow.services.callers import Verifies

Policy = Mapping[str, Any]

_BEARER: Final = "Bearer "


class Unauthorized(Exception):
    """No token, or one that is not valid. This very text makes the gateway answer 401, not with an error of ours."""

    def __init__(self) -> None:
        super().__init__("Unauthorized")


def authorizer(make: Callable[[], Verifies]) -> Callable[[Mapping[str, Any], object], Policy]:
    """A TOKEN authoriser that opens the token store once, at the first event."""
    opened: list[Verifies] = []

    def lambda_handler(event: Mapping[str, Any], _context: object) -> Policy:
        if not opened:
            opened.append(make())
        presented = str(event.get("authorizationToken") or "")
        token = opened[0].verify(presented.removeprefix(_BEARER)) if presented.startswith(_BEARER) else None
        if token is None:
            raise Unauthorized
        return policy(token, str(event["methodArn"]))

    return lambda_handler


def policy(token: Token | None, method_arn: str) -> Policy:
    """What ``token`` may call at the API stage of ``method_arn``; nothing at all without one.

    The gateway keeps the answer for a while and applies it to every route, so it must list all that the token may
    call and not only the call at hand.
    """
    api, stage, *_ = method_arn.split("/")
    if token is None:
        return _answer("nobody", "Deny", [f"{api}/{stage}/*"], "")
    scopes = [scope for scope in Scope if scope.value in token.scopes]
    resources = [
        f"{api}/{stage}/{route.method}{_any_variable(route.path)}"
        for route in open_to(scopes)
        if route.scope is not None
    ]
    if not resources:
        return _answer(token.id, "Deny", [f"{api}/{stage}/*"], "")
    return _answer(token.id, "Allow", resources, " ".join(scopes))


def _any_variable(path: str) -> str:
    return "/".join("*" if part.startswith("{") else part for part in path.split("/"))


def _answer(principal: str, effect: str, resources: Iterable[str], scopes: str) -> Policy:
    statement = {"Effect": effect, "Action": "execute-api:Invoke", "Resource": list(resources)}
    return {
        "principalId": principal,
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": {"scopes": scopes},
    }

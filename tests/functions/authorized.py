"""The door as the gateway keeps it: the authoriser's answer, its policy, and only then the function."""

import fnmatch
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chalice.app import Chalice
from tests.functions.api_caller import Answer, ApiCaller

from undertow.api.authorize import Unauthorized

ARN = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/paper"

UNAUTHORIZED = Answer(401, {}, json.dumps({"code": "unauthorized"}))
DENIED = Answer(403, {}, json.dumps({"code": "scope_missing"}))


@dataclass
class Gateway:
    """``ask`` calls with the Authorization header that a caller sends, None for no header."""

    app: Chalice
    authorize: Callable[[Mapping[str, Any], object], Mapping[str, Any]]

    def ask(
        self,
        method: str,
        path: str,
        resource: str,
        header: str | None,
        *,
        is_public: bool,
        body: str = "{}",
        if_match: str | None = None,
    ) -> Answer:
        if is_public:
            return ApiCaller(self.app, scopes=None).ask(method, path, resource, body, if_match)
        if header is None:
            return UNAUTHORIZED
        arn = f"{ARN}/{method}{path}"
        try:
            policy = self.authorize({"type": "TOKEN", "authorizationToken": header, "methodArn": arn}, None)
        except Unauthorized:
            return UNAUTHORIZED
        if not allows(policy, arn):
            return DENIED
        caller = ApiCaller(self.app, scopes=policy["context"]["scopes"], principal=policy["principalId"])
        return caller.ask(method, path, resource, body, if_match)


def allows(policy: Mapping[str, Any], arn: str) -> bool:
    """A matching deny wins; without a matching allow it is denied as well. A star stands for anything, slashes too."""
    effects = {
        statement["Effect"]
        for statement in policy["policyDocument"]["Statement"]
        if statement["Action"] == "execute-api:Invoke"
        and any(fnmatch.fnmatchcase(arn, pattern) for pattern in statement["Resource"])
    }
    return effects == {"Allow"}

"""Who a user pool's token belongs to (a JWT, signed with RS256), and what the person's groups allow.

Verifying: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
"""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from undertow.adapters.cognito.keys import KeyFetch
from undertow.adapters.cognito.rs256 import PublicKey, is_signed
from undertow.domain.json_text import Json, NotJson, read_object
from undertow.ports import Clock, Token

ALGORITHM: Final = "RS256"
ASK_AGAIN_MS: Final = 60_000
"""Keys are rotated: a token may name one that is not known yet. Whoever makes names up makes us ask once a minute."""
CLOCK_LEAD_MS: Final = 60_000
_ARN: Final = re.compile(r"arn:[a-z-]+:cognito-idp:([a-z0-9-]+):[0-9]{12}:userpool/([A-Za-z0-9_-]+)", re.ASCII)
_NAME: Final = re.compile(r"[A-Za-z0-9_.@+-]{1,64}", re.ASCII)
_PART: Final = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Pool:
    """``client`` is the app client whose tokens are taken: a pool may serve other applications too."""

    issuer: str
    client: str
    group_prefix: str

    @classmethod
    def of(cls, arn: str, client: str, stage: str) -> "Pool":
        """Raises ValueError for what is no ARN of a pool, or without a client."""
        parts = _ARN.fullmatch(arn)
        if parts is None or not client:
            raise ValueError("a user pool needs its ARN and the id of an app client")
        return cls(f"https://cognito-idp.{parts[1]}.amazonaws.com/{parts[2]}", client, f"undertow-{stage}-")


@dataclass(slots=True)
class PoolPeople:
    pool: Pool
    fetch: KeyFetch
    clock: Clock
    _keys: Mapping[str, PublicKey] = field(default_factory=dict)
    _asked_ms: int | None = None

    def verify(self, text: str) -> Token | None:
        """The person, named ``user:NAME``; None for a token that is not valid now. Raises KeysUnavailable."""
        parts = text.split(".")
        if len(parts) != 3 or not all(map(_PART.fullmatch, parts)):
            return None
        try:
            head, claims = read_object(_decoded(parts[0]).decode()), read_object(_decoded(parts[1]).decode())
            signature = _decoded(parts[2])
        except (NotJson, UnicodeDecodeError, binascii.Error):
            return None
        key = self._key(head.get("kid")) if head.get("alg") == ALGORITHM else None
        if key is None or not is_signed(f"{parts[0]}.{parts[1]}", signature, key):
            return None
        return self._person(claims)

    def _person(self, claims: Mapping[str, Json]) -> Token | None:
        now_ms = self.clock.now_ms()
        begins_ms, ends_ms = _moment(claims.get("iat")), _moment(claims.get("exp"))
        name = claims.get("username", claims.get("cognito:username", claims.get("sub")))
        valid = (
            claims.get("iss") == self.pool.issuer
            and self._is_for_us(claims)
            and begins_ms is not None
            and ends_ms is not None
            and begins_ms <= now_ms + CLOCK_LEAD_MS
            and now_ms < ends_ms
        )
        if not valid or not isinstance(name, str) or _NAME.fullmatch(name) is None:
            return None
        return Token(f"user:{name}", self._scopes(claims.get("cognito:groups")), begins_ms or 0, ends_ms or 0, None)

    def _is_for_us(self, claims: Mapping[str, Json]) -> bool:
        """An access token names its client in another field than an identity token."""
        named = {"access": "client_id", "id": "aud"}.get(str(claims.get("token_use")))
        return named is not None and claims.get(named) == self.pool.client

    def _scopes(self, groups: Json) -> frozenset[str]:
        """Which scopes there are is the routes' affair: what they do not know opens nothing."""
        if not isinstance(groups, Sequence) or isinstance(groups, str):
            return frozenset()
        prefix = self.pool.group_prefix
        return frozenset(str(group).removeprefix(prefix) for group in groups if str(group).startswith(prefix))

    def _key(self, name: Json) -> PublicKey | None:
        if not isinstance(name, str):
            return None
        now_ms = self.clock.now_ms()
        if name not in self._keys and (self._asked_ms is None or now_ms - self._asked_ms >= ASK_AGAIN_MS):
            self._asked_ms = now_ms
            self._keys = read_keys(self.fetch(f"{self.pool.issuer}/.well-known/jwks.json"))
        return self._keys.get(name)


def read_keys(text: str) -> Mapping[str, PublicKey]:
    """The pool's public keys by name. What is no such key is left out."""
    try:
        listed = read_object(text).get("keys")
    except NotJson:
        return {}
    rows = listed if isinstance(listed, Sequence) and not isinstance(listed, str) else ()
    return {str(row["kid"]): key for row in rows if isinstance(row, Mapping) and (key := _public_key(row)) is not None}


def _public_key(row: Mapping[str, Json]) -> PublicKey | None:
    if row.get("kty") != "RSA" or row.get("use") != "sig" or "kid" not in row:
        return None
    try:
        modulus, exponent = (int.from_bytes(_decoded(str(row[name])), "big") for name in ("n", "e"))
    except (KeyError, ValueError):
        return None
    key = PublicKey(modulus, exponent)
    return key if key.is_strong else None


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _moment(value: Json) -> int | None:
    """Claims count seconds."""
    return value * 1000 if type(value) is int and 0 <= value < 10**11 else None

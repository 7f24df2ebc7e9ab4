"""API tokens. The store holds a digest of each secret, so that reading the store does not let anybody in."""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from undertow.adapters.ssm.parameters import Parameters
from undertow.domain.json_text import Json, NotJson, read_object, write_json
from undertow.ports import Clock, Token

DAY_MS: Final = 86_400_000
_ID_BYTES: Final = 5
_SECRET_BYTES: Final = 32
_TEXT: Final = re.compile(r"ut_([a-z2-7]{8})_([A-Za-z0-9_-]{43})", re.ASCII)


@dataclass(frozen=True, slots=True)
class SsmTokens:
    """``prefix`` is the stage's path. ``random_bytes`` gives so many unguessable bytes."""

    parameters: Parameters
    prefix: str
    clock: Clock
    random_bytes: Callable[[int], bytes] = secrets.token_bytes

    def create(self, scopes: frozenset[str], days: int) -> tuple[Token, str]:
        now_ms = self.clock.now_ms()
        token = Token(
            id=base64.b32encode(self.random_bytes(_ID_BYTES)).decode().lower(),
            scopes=scopes,
            created_at_ms=now_ms,
            expires_at_ms=now_ms + days * DAY_MS,
            revoked_at_ms=None,
        )
        secret = base64.urlsafe_b64encode(self.random_bytes(_SECRET_BYTES)).decode().rstrip("=")
        self.parameters.write_secret(self._name(token.id), _to_text(token, _digest(secret)))
        return token, f"ut_{token.id}_{secret}"

    def verify(self, text: str) -> Token | None:
        parts = _TEXT.fullmatch(text)
        if parts is None:
            return None
        found = self._find(parts[1])
        if found is None:
            return None
        token, digest = found
        same = hmac.compare_digest(digest, _digest(parts[2]))
        return token if same and token.is_valid(self.clock.now_ms()) else None

    def still_reads(self, token: str, now_ms: int) -> bool:
        found = self._find(token)
        return found is not None and found[0].is_valid(now_ms) and "read" in found[0].scopes

    def all(self) -> Sequence[Token]:
        """Oldest first."""
        found = (_from_text(stored.value) for stored in self.parameters.below(f"{self.prefix}/tokens"))
        return sorted((token for token, _ in found), key=lambda token: (token.created_at_ms, token.id))

    def revoke(self, token: str) -> Token | None:
        found = self._find(token)
        if found is None or found[0].revoked_at_ms is not None:
            return found[0] if found is not None else None
        revoked = replace(found[0], revoked_at_ms=self.clock.now_ms())
        self.parameters.write_secret(self._name(token), _to_text(revoked, found[1]))
        return revoked

    def _name(self, token: str) -> str:
        return f"{self.prefix}/tokens/{token}"

    def _find(self, token: str) -> tuple[Token, str] | None:
        if re.fullmatch("[a-z2-7]{8}", token) is None:
            return None
        stored = self.parameters.read(self._name(token))
        return None if stored is None else _from_text(stored.value)


class ForeignToken(Exception):
    """What is stored under a token's name is no token of ours."""


def _digest(secret: str) -> str:
    """A plain hash is enough for 256 random bits: there is nothing to guess."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _to_text(token: Token, digest: str) -> str:
    return write_json(
        {
            "id": token.id,
            "digest": digest,
            "scopes": sorted(token.scopes),
            "created_at_ms": token.created_at_ms,
            "expires_at_ms": token.expires_at_ms,
            "revoked_at_ms": token.revoked_at_ms,
        }
    )


def _from_text(text: str) -> tuple[Token, str]:
    try:
        fields = read_object(text)
        scopes, digest = fields["scopes"], fields["digest"]
        if not isinstance(scopes, Sequence) or isinstance(scopes, str) or not isinstance(digest, str):
            raise ForeignToken("its scopes or its digest are missing")
        token = Token(
            id=str(fields["id"]),
            scopes=frozenset(str(scope) for scope in scopes),
            created_at_ms=_time(fields["created_at_ms"]),
            expires_at_ms=_time(fields["expires_at_ms"]),
            revoked_at_ms=None if fields["revoked_at_ms"] is None else _time(fields["revoked_at_ms"]),
        )
    except (NotJson, KeyError) as error:
        raise ForeignToken(str(error)) from error
    return token, digest


def _time(value: Json) -> int:
    if type(value) is not int:
        raise ForeignToken("a time is no whole number")
    return value

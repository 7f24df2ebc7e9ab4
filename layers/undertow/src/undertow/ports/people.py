"""Tokens and secrets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from undertow.domain.ids import AccountId


@dataclass(frozen=True, slots=True)
class Token:
    """What is kept of an API token. Its secret is not: a token is shown once, when it is made."""

    id: str
    scopes: frozenset[str]
    created_at_ms: int
    expires_at_ms: int
    revoked_at_ms: int | None

    def is_valid(self, now_ms: int) -> bool:
        return self.revoked_at_ms is None and now_ms < self.expires_at_ms


class TokenList(Protocol):
    """What may be known of the tokens by one that can make none."""

    def all(self) -> Sequence[Token]:
        """Oldest first. Raises DocumentsUnavailable."""
        ...


class Tokens(TokenList, Protocol):
    def create(self, scopes: frozenset[str], days: int) -> tuple[Token, str]:
        """A new token and its text, which cannot be had again."""
        ...

    def verify(self, text: str) -> Token | None:
        """The valid token that ``text`` belongs to, or None, without saying why."""
        ...

    def still_reads(self, token: str, now_ms: int) -> bool:
        """Whether the token of this id is valid and may read: for what it opened earlier."""
        ...

    def revoke(self, token: str) -> Token | None:
        """None when there is no such token. Revoking twice keeps the first time."""
        ...


class Uses(Protocol):
    """When each caller was let in last, as far as it was noted: a note every ten minutes is enough."""

    def note(self, caller: str, time_ms: int) -> None:
        """An earlier time never replaces a later one."""
        ...

    def last(self) -> Mapping[str, int]:
        """By caller, as audit rows name one."""
        ...


class Secrets(Protocol):
    def put(self, account: AccountId, text: str) -> None:
        """Store the exchange credentials of ``account``, a JSON text. Raises BadDocument, which shows no value."""
        ...

    def known(self, account: AccountId) -> bool: ...

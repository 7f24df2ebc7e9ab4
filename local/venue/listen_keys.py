"""Listen keys: one per account, 60 minutes long, extended by every POST and PUT."""

from dataclasses import dataclass, field
from random import Random
from typing import Final

from undertow.domain.ids import AccountId

LIFE_MS: Final = 60 * 60 * 1000
_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@dataclass(slots=True)
class _Life:
    key: str
    expires_at_ms: int


@dataclass(slots=True)
class ListenKeys:
    """The stream door asks ``account_of`` when a socket opens and ``take_expired`` every second or so."""

    random: Random
    _lives: dict[AccountId, _Life] = field(default_factory=dict)
    _expired: list[tuple[AccountId, str]] = field(default_factory=list)

    def open(self, account: AccountId, now_ms: int) -> str:
        """The account's key, extended; a new one only when there is none."""
        life = self._living(account, now_ms)
        if life is None:
            life = _Life("".join(self.random.choices(_ALPHABET, k=64)), 0)
            self._lives[account] = life
        life.expires_at_ms = now_ms + LIFE_MS
        return life.key

    def extend(self, account: AccountId, now_ms: int) -> bool:
        """False when the account has no living key."""
        life = self._living(account, now_ms)
        if life is not None:
            life.expires_at_ms = now_ms + LIFE_MS
        return life is not None

    def close(self, account: AccountId, now_ms: int) -> bool:
        """False when there was none. Sockets on the key are closed by the stream door: they find it gone."""
        return self._living(account, now_ms) is not None and self._lives.pop(account, None) is not None

    def expire(self, account: AccountId) -> None:
        """End the account's key at once, as its sixty minutes would."""
        life = self._lives.pop(account, None)
        if life is not None:
            self._expired.append((account, life.key))

    def account_of(self, key: str, now_ms: int) -> AccountId | None:
        """Whose key it is; None for a key that never was or is no more."""
        for account, life in self._lives.items():
            if life.key == key and now_ms < life.expires_at_ms:
                return account
        return None

    def take_expired(self, now_ms: int) -> list[tuple[AccountId, str]]:
        """Accounts and keys that ran out since the last call: each is told ``listenKeyExpired`` once."""
        for account in [account for account, life in self._lives.items() if now_ms >= life.expires_at_ms]:
            self.expire(account)
        taken, self._expired = self._expired, []
        return taken

    def _living(self, account: AccountId, now_ms: int) -> _Life | None:
        life = self._lives.get(account)
        if life is not None and now_ms >= life.expires_at_ms:
            self.expire(account)
            return None
        return life

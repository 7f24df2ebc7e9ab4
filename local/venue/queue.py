"""Requests that the venue has taken in and not executed yet, by account and nonce."""

from dataclasses import dataclass, field

from undertow.domain.ids import AccountId

Key = tuple[AccountId, int]


@dataclass(slots=True)
class Queue:
    _waiting: set[Key] = field(default_factory=set)
    _withdrawn: set[Key] = field(default_factory=set)

    def add(self, account: AccountId, nonce: int) -> None:
        self._waiting.add((account, nonce))

    def take(self, account: AccountId, nonce: int) -> bool:
        """Take it out for execution. False when it was withdrawn meanwhile."""
        waits = (account, nonce) in self._waiting
        self._waiting.discard((account, nonce))
        return waits

    def withdraw(self, account: AccountId, nonce: int) -> bool:
        """Make sure that it is never executed. False when nothing waits under this nonce."""
        if not self.take(account, nonce):
            return False
        self._withdrawn.add((account, nonce))
        return True

    def was_withdrawn(self, account: AccountId, nonce: int) -> bool:
        return (account, nonce) in self._withdrawn

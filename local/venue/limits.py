"""Request weight per address and order count per account, in fixed minutes; 429 first, then bans that grow."""

from dataclasses import dataclass, field
from typing import Final

MINUTE_MS: Final = 60_000
FIRST_BAN_MS: Final = 120_000
LONGEST_BAN_MS: Final = 3 * 24 * 60 * 60 * 1000


@dataclass(slots=True)
class _Minute:
    number: int = -1
    used: int = 0

    def add(self, amount: int, now_ms: int) -> int:
        """What was used in the current minute, with ``amount`` added."""
        if self.number != now_ms // MINUTE_MS:
            self.number, self.used = now_ms // MINUTE_MS, 0
        self.used += amount
        return self.used


@dataclass(slots=True)
class _Caller:
    weight: _Minute = field(default_factory=_Minute)
    ignored: int = 0
    """Requests sent on after a 429."""
    banned_until_ms: int = 0
    bans: int = 0


@dataclass(slots=True)
class TooMany(Exception):
    """``retry_after_s`` is None where the venue does not say when to come back."""

    status: int
    code: int
    message: str
    retry_after_s: int | None


@dataclass(slots=True)
class Limits:
    """``patience`` is how many requests after a 429 an address may send before it is banned."""

    weight_per_minute: int = 2_400
    orders_per_minute: int = 1_200
    patience: int = 10
    refused: int = 0
    """Requests that came while their address was told to wait."""
    _callers: dict[str, _Caller] = field(default_factory=dict)
    _orders: dict[str, _Minute] = field(default_factory=dict)

    def enter(self, address: str, weight: int, now_ms: int) -> int:
        """Count a request. Returns the weight used this minute; raises TooMany."""
        caller = self._callers.setdefault(address, _Caller())
        if self.is_banned(address, now_ms):
            self.refused += 1
            raise self._banned(caller, now_ms)
        used = caller.weight.add(weight, now_ms)
        if used <= self.weight_per_minute:
            caller.ignored = 0
            return used
        if caller.ignored:
            self.refused += 1
        caller.ignored += 1
        if caller.ignored > self.patience:
            self.ban(address, now_ms)
            raise self._banned(caller, now_ms)
        message = f"Too many requests; current limit is {self.weight_per_minute} requests per minute."
        raise TooMany(429, -1003, message, _seconds_to_next_minute(now_ms))

    def is_banned(self, address: str, now_ms: int) -> bool:
        return address in self._callers and now_ms < self._callers[address].banned_until_ms

    def exhaust(self, address: str, now_ms: int) -> None:
        """Use up the rest of the address's minute."""
        self._callers.setdefault(address, _Caller()).weight.add(self.weight_per_minute, now_ms)

    def ban(self, address: str, now_ms: int) -> None:
        """Two minutes for the first time, twice as long each further time, three days at most."""
        caller = self._callers.setdefault(address, _Caller())
        caller.banned_until_ms = now_ms + min(FIRST_BAN_MS * 2**caller.bans, LONGEST_BAN_MS)
        caller.bans += 1
        caller.ignored = 0

    def count_orders(self, account: str, orders: int, now_ms: int) -> int:
        """Count orders of an account. Returns how many it placed this minute; raises TooMany."""
        minute = self._orders.setdefault(account, _Minute())
        used = minute.add(orders, now_ms)
        if used > self.orders_per_minute:
            minute.add(-orders, now_ms)
            message = f"Too many new orders; current limit is {self.orders_per_minute} orders per minute."
            raise TooMany(429, -1015, message, None)
        return used

    def _banned(self, caller: _Caller, now_ms: int) -> TooMany:
        until_ms = caller.banned_until_ms
        return TooMany(
            418,
            -1003,
            f"Way too many requests; IP banned until {until_ms}. Please use the websocket for live updates.",
            -(-(until_ms - now_ms) // 1000),
        )


def _seconds_to_next_minute(now_ms: int) -> int:
    return -(-(MINUTE_MS - now_ms % MINUTE_MS) // 1000)

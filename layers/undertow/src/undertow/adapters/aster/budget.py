"""How much we may still ask of the venue: request weight per IP address, orders per account, and bans.

Limits are learned from ``exchangeInfo.rateLimits``, consumption from our own count and from the response headers,
which also see what other processes behind the same address or account use. Of every limit ``buffer_pct`` is never used,
and of the rest ``reserved_pct`` is kept for protective requests, so that entries cannot starve a stop loss.
"""

import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from undertow.adapters.aster import strict
from undertow.adapters.aster.errors import TOO_MANY_ORDERS, Banned, HeldBack, RateLimited
from undertow.adapters.aster.strict import BadFrame
from undertow.domain.contact import MINUTE_MS

BUFFER_PCT: Final = 10
RESERVED_PCT: Final = 30
FIRST_BAN_MS: Final = 120_000
LONGEST_BAN_MS: Final = 3 * 24 * 3_600_000

_BAN_TEXT: Final = re.compile(r"until\s+(\d{13})")
_UNIT_MS: Final = {"SECOND": 1000, "MINUTE": MINUTE_MS, "HOUR": 3_600_000, "DAY": 86_400_000}
_HEADER_UNIT: Final = {1000: "S", MINUTE_MS: "M", 3_600_000: "H", 86_400_000: "D"}


class Priority(StrEnum):
    NORMAL = "normal"
    PROTECTIVE = "protective"
    """Exits, stops, cancels and the reads they need. May use the reserved share."""


class LimitKind(StrEnum):
    WEIGHT = "REQUEST_WEIGHT"
    ORDERS = "ORDERS"


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most ``limit`` per ``count`` units of ``unit_ms``."""

    kind: LimitKind
    unit_ms: int
    count: int
    limit: int

    @property
    def interval_ms(self) -> int:
        return self.unit_ms * self.count

    @property
    def header(self) -> str:
        name = "used-weight" if self.kind is LimitKind.WEIGHT else "order-count"
        return f"x-mbx-{name}-{self.count}{_HEADER_UNIT[self.unit_ms]}".lower()


DEFAULT_LIMITS: Final = (
    RateLimit(LimitKind.WEIGHT, MINUTE_MS, 1, 2400),
    RateLimit(LimitKind.ORDERS, MINUTE_MS, 1, 1200),
)
"""As documented; in force until exchangeInfo was read."""


def parse_rate_limits(rows: Iterable[Any]) -> tuple[RateLimit, ...]:
    """``exchangeInfo.rateLimits``; kinds we do not count (RAW_REQUEST) are left out. Raises BadFrame."""
    counted = [row for row in rows if strict.text(row, "rateLimitType") in tuple(LimitKind)]
    limits = tuple(
        RateLimit(
            strict.choice(row, "rateLimitType", LimitKind),
            strict.named(row, "interval", _UNIT_MS),
            strict.integer(row, "intervalNum"),
            strict.integer(row, "limit"),
        )
        for row in counted
    )
    for limit in limits:
        if limit.count < 1 or limit.limit < 1:
            raise BadFrame("admits nothing", "rateLimits", f"{limit.limit} per {limit.count}")
    return limits


@dataclass(slots=True)
class _Window:
    number: int = -1
    used: int = 0


@dataclass(frozen=True, slots=True)
class BudgetState:
    """What another process needs to know to respect the same limits. Times are epoch milliseconds."""

    blocked_until_ms: int
    orders_blocked_until_ms: int
    used: Mapping[str, int]
    """Consumption of the current windows by the name of the response header that reports it."""


class Budget:
    """Admits or holds back requests. ``now_ms`` is the venue's time, so that its minutes are our minutes."""

    def __init__(
        self, now_ms: Callable[[], int], buffer_pct: int = BUFFER_PCT, reserved_pct: int = RESERVED_PCT
    ) -> None:
        if not (0 <= buffer_pct < 100 and 0 <= reserved_pct < 100):
            raise ValueError(f"buffer_pct {buffer_pct} and reserved_pct {reserved_pct} must be within 0..99")
        self._now_ms = now_ms
        self._buffer_pct = buffer_pct
        self._reserved_pct = reserved_pct
        self._windows: dict[RateLimit, _Window] = {limit: _Window() for limit in DEFAULT_LIMITS}
        self._blocked_until_ms = 0
        self._orders_blocked_until_ms = 0
        self._next_ban_ms = FIRST_BAN_MS
        self._lock = threading.Lock()

    # --- before a request ---------------------------------------------------------------------------------------

    def admit(self, weight: int, orders: int, priority: Priority) -> int:
        """Count a request in and return the time it was admitted, or raise HeldBack and count nothing."""
        with self._lock:
            now_ms = self._now_ms()
            if now_ms < self._blocked_until_ms:
                raise HeldBack("the venue blocked this address", self._blocked_until_ms, entries_only=False)
            if orders and now_ms < self._orders_blocked_until_ms:
                reason = "the venue blocked orders of this account"
                raise HeldBack(reason, self._orders_blocked_until_ms, entries_only=True)
            costs = [(limit, weight if limit.kind is LimitKind.WEIGHT else orders) for limit in self._windows]
            for limit, cost in costs:
                if cost and self._used(limit, now_ms) + cost > self.share(limit, priority):
                    reason = f"{limit.kind} of this minute is used up"
                    # Our own count, not the venue's word: it is no reason to keep others from a stop.
                    raise HeldBack(reason, _window_end_ms(limit, now_ms), entries_only=True)
            for limit, cost in costs:
                self._windows[limit].used += cost
            return now_ms

    def share(self, limit: RateLimit, priority: Priority) -> int:
        """How much of ``limit`` requests of ``priority`` may use."""
        usable = limit.limit * (100 - self._buffer_pct) // 100
        return usable if priority is Priority.PROTECTIVE else usable * (100 - self._reserved_pct) // 100

    def _used(self, limit: RateLimit, now_ms: int) -> int:
        window = self._windows[limit]
        number = now_ms // limit.interval_ms
        # Forwards only: a clock that steps back must not open a window that is already used.
        if number > window.number:
            window.number, window.used = number, 0
        return window.used

    # --- after a response ---------------------------------------------------------------------------------------

    def observe(self, headers: Mapping[str, str], admitted_at_ms: int) -> None:
        """Take over what the venue counted, if its answer still belongs to the current window."""
        with self._lock:
            now_ms = self._now_ms()
            for limit, window in self._windows.items():
                counted = headers.get(limit.header, "")
                if counted.isdecimal() and admitted_at_ms // limit.interval_ms == now_ms // limit.interval_ms:
                    window.used = max(self._used(limit, now_ms), int(counted))

    def weight_told(self, headers: Mapping[str, str], admitted_at_ms: int) -> tuple[int, int] | None:
        """Weight that the venue counted in the minute of the request, and its limit.

        None where the answer does not say, or came in another minute, so that nobody knows of which it speaks.
        """
        with self._lock:
            if self._now_ms() // MINUTE_MS != admitted_at_ms // MINUTE_MS:
                return None
            for limit in self._windows:
                counted = headers.get(limit.header, "")
                if limit.kind is LimitKind.WEIGHT and limit.interval_ms == MINUTE_MS and counted.isdecimal():
                    return int(counted), limit.limit
        return None

    def limited(self, http_status: int, code: int, text: str, retry_after: str | None) -> RateLimited:
        """Block what a 429 or 418 forbids, and return it as an error."""
        with self._lock:
            now_ms = self._now_ms()
            if http_status == 418:
                self._blocked_until_ms = max(self._blocked_until_ms, self._ban_end_ms(text, retry_after, now_ms))
                return Banned(code, text, http_status, self._blocked_until_ms)
            until_ms = _retry_at_ms(retry_after, now_ms) or (now_ms // MINUTE_MS + 1) * MINUTE_MS
            if code == TOO_MANY_ORDERS:
                self._orders_blocked_until_ms = max(self._orders_blocked_until_ms, until_ms)
                return RateLimited(code, text, http_status, self._orders_blocked_until_ms, orders_only=True)
            self._blocked_until_ms = max(self._blocked_until_ms, until_ms)
            return RateLimited(code, text, http_status, self._blocked_until_ms)

    def _ban_end_ms(self, text: str, retry_after: str | None, now_ms: int) -> int:
        """The text names the end of a ban; if it does not, assume the documented escalation from 2 min to 3 days."""
        named = _BAN_TEXT.search(text)
        if named:
            return max(now_ms + 1000, min(int(named[1]), now_ms + LONGEST_BAN_MS))
        assumed_ms, self._next_ban_ms = self._next_ban_ms, min(self._next_ban_ms * 2, LONGEST_BAN_MS)
        return _retry_at_ms(retry_after, now_ms) or now_ms + assumed_ms

    # --- shared state -------------------------------------------------------------------------------------------

    def learn(self, limits: Iterable[RateLimit]) -> None:
        """Replace the limits, keeping what was counted. A kind that is not listed keeps its documented limit."""
        with self._lock:
            given = tuple(limits)
            kinds = {limit.kind for limit in given}
            kept = (*given, *(limit for limit in DEFAULT_LIMITS if limit.kind not in kinds))
            old = {limit.header: window for limit, window in self._windows.items()}
            self._windows = {limit: old.get(limit.header, _Window()) for limit in kept}

    @property
    def blocked_until_ms(self) -> int:
        """No request may be sent before this time; zero or past when nothing is blocked."""
        return self._blocked_until_ms

    def state(self) -> BudgetState:
        with self._lock:
            now_ms = self._now_ms()
            used = {limit.header: self._used(limit, now_ms) for limit in self._windows}
            return BudgetState(self._blocked_until_ms, self._orders_blocked_until_ms, used)


def _window_end_ms(limit: RateLimit, now_ms: int) -> int:
    return (now_ms // limit.interval_ms + 1) * limit.interval_ms


def _retry_at_ms(retry_after: str | None, now_ms: int) -> int | None:
    """``Retry-After`` in seconds, at most the longest ban; the other form of the header (a date) is not documented here
    and is ignored.
    """
    if retry_after is None or not retry_after.isascii() or not retry_after.isdecimal() or len(retry_after) > 7:
        return None
    return now_ms + min(max(1, int(retry_after)) * 1000, LONGEST_BAN_MS)

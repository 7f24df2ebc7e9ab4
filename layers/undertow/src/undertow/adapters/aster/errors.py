"""What can go wrong between us and Aster, sorted by what is known about the request afterwards.

    AsterError
    ├── NotSent                    the request provably never left: sending it later is safe
    │   ├── ConnectFailed          no connection was made
    │   └── HeldBack               our own budget or breaker refused, until a given time
    ├── OutcomeUnknown             it may have been executed: 503, other 5xx, -1001, -1006, -1007, time-out, reset,
    │                              a body that cannot be read. Never send again; ask by client id
    └── Refused                    the venue answered no, with a code: it was not executed
        ├── ClockSkew              -1021: our timestamp is outside the window
        ├── NonceSpent             -4225: the nonce is too old, used before, or was cancelled
        ├── BadCredentials         key, signature, permission or address list
        └── RateLimited            429, until a given time; orders_only when only the account's order count is used up
            └── Banned             418: every request from this address, until a given time

Messages never hold a URL, a parameter or a header: those carry signatures and keys.
"""

from typing import Final

import httpx

UNKNOWN_OUTCOME_CODES: Final = frozenset({-1000, -1001, -1006, -1007})
"""Codes that say nothing about execution. -1000 is Aster's catch-all; only its signature texts are evidence."""

CREDENTIAL_CODES: Final = frozenset({-1002, -1011, -1022, -2014, -2015})
SIGNATURE_TEXT: Final = "signature check failed"

INVALID_TIMESTAMP: Final = -1021
NONCE_EXPIRED: Final = -4225
TOO_MANY_REQUESTS: Final = -1003
TOO_MANY_ORDERS: Final = -1015
CANCEL_REJECTED: Final = -2011
NO_SUCH_ORDER: Final = -2013
CLIENT_ID_IS_OPEN: Final = -4116
"""Not in the venue's list of codes; the venues it derives from answer so to an id that an open order has."""
WOULD_TRIGGER: Final = -2021
UNKNOWN_PATH: Final = -5000
"""``Path ..., Method ... is invalid``: the venue has no such endpoint."""
MARGIN_TYPE_UNCHANGED: Final = -4046
POSITION_MODE_UNCHANGED: Final = -4059
POSITION_SIDE_MISMATCH: Final = -4061
"""The account is in the other position mode than the order was made for."""


class AsterError(Exception):
    """Root of the tree above."""


class NotSent(AsterError):
    """The request never left this process."""


class ConnectFailed(NotSent):
    """No connection to the venue could be made."""


class HeldBack(NotSent):
    """The budget refused to send before ``until_ms`` (epoch milliseconds, venue's time).

    ``entries_only``: the venue has not forbidden everything, so this says nothing about exits and reads of others.
    """

    def __init__(self, reason: str, until_ms: int, *, entries_only: bool) -> None:
        super().__init__(f"{reason}, held back until {until_ms}")
        self.reason = reason
        self.until_ms = until_ms
        self.entries_only = entries_only


class OutcomeUnknown(AsterError):
    """The request was, or may have been, sent and no evidence tells what became of it."""

    def __init__(self, reason: str, http_status: int | None = None, code: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.http_status = http_status
        self.code = code


class Refused(AsterError):
    """The venue refused the request, with its own ``code`` (negative) and text. It had no effect."""

    def __init__(self, code: int, text: str, http_status: int) -> None:
        super().__init__(f"{code} {text}")
        self.code = code
        self.text = text
        self.http_status = http_status


class ClockSkew(Refused):
    """-1021. Measure the offset again; one more try is safe, because this one was refused."""


class NonceSpent(Refused):
    """-4225. Also the answer to a duplicate of bytes that were executed: ask for the order before another try."""


class BadCredentials(Refused):
    """Key, agent, signature or address list. Trying again cannot help; a person must act."""


class RateLimited(Refused):
    """429. ``until_ms`` is when to call again; ``orders_only`` leaves reads and cancels free."""

    def __init__(self, code: int, text: str, http_status: int, until_ms: int, orders_only: bool = False) -> None:
        super().__init__(code, text, http_status)
        self.until_ms = until_ms
        self.orders_only = orders_only


class Banned(RateLimited):
    """418. Calling before ``until_ms`` makes the ban longer."""


def refusal(code: int, text: str, http_status: int) -> Refused | OutcomeUnknown:
    """The error that answer ``code`` with ``text`` stands for; rate limits are the budget's to judge."""
    if code in CREDENTIAL_CODES or (code == -1000 and SIGNATURE_TEXT in text.lower()):
        return BadCredentials(code, text, http_status)
    # A 5xx comes from the exchange's inside, after the request went in; 408 is its -1007 by another name.
    if code in UNKNOWN_OUTCOME_CODES or http_status >= 500 or http_status == 408:
        return OutcomeUnknown(f"the venue answered {http_status} with {code} {text}", http_status, code)
    if code == INVALID_TIMESTAMP:
        return ClockSkew(code, text, http_status)
    if code == NONCE_EXPIRED:
        return NonceSpent(code, text, http_status)
    return Refused(code, text, http_status)


def transport_failure(error: httpx.RequestError) -> AsterError:
    """What a failed exchange means: only a failure to get a connection proves that nothing was sent."""
    name = type(error).__name__
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        return ConnectFailed(f"no connection ({name})")
    return OutcomeUnknown(f"no answer ({name})")

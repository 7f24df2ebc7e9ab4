"""The headers that every answer carries."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

_FIXED: Final = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def security_headers(live_url: str) -> Mapping[str, str]:
    """``live_url`` is the address of the socket of live events, empty where there is none.

    The page's fonts are texts in its style sheets, hence the data addresses.
    """
    connect = " ".join(("'self'", *_origin(live_url)))
    policy = (
        f"default-src 'none'; script-src 'self'; style-src 'self'; connect-src {connect}; img-src 'self' data:; "
        "font-src 'self' data:; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"
    )
    return {"Content-Security-Policy": policy, **_FIXED}


def _origin(live_url: str) -> tuple[str, ...]:
    """Raises ValueError for what is no address of a socket: a policy is not put together of anything."""
    if not live_url:
        return ()
    parts = urlsplit(live_url)
    if parts.scheme not in ("ws", "wss") or not parts.hostname or any(mark in parts.netloc for mark in " ;,'\"@"):
        raise ValueError(f"{live_url!r} is no address of a socket, such as wss://host/stage")
    return (f"{parts.scheme}://{parts.netloc}",)

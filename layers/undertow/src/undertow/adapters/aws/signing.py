"""Signature Version 4 for a POST of a JSON body to the root of a service, which is all that the JSON protocol asks.

https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

ALGORITHM: Final = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Credentials:
    """``token`` and ``expires_at_ms`` are None for keys that do not end."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)
    expires_at_ms: int | None = None


def signed_headers(
    service: str,
    region: str,
    host: str,
    headers: Mapping[str, str],
    body: bytes,
    credentials: Credentials,
    now_ms: int,
) -> dict[str, str]:
    """``headers`` with date, host, token and authorization added. Names must be lower case and without duplicates."""
    stamp = datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
    all_headers = {**headers, "host": host, "x-amz-date": stamp}
    if credentials.token is not None:
        all_headers["x-amz-security-token"] = credentials.token
    names = ";".join(sorted(all_headers))
    canonical_headers = "".join(f"{name}:{all_headers[name].strip()}\n" for name in sorted(all_headers))
    canonical = f"POST\n/\n\n{canonical_headers}\n{names}\n{hashlib.sha256(body).hexdigest()}"
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    to_sign = f"{ALGORITHM}\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{credentials.secret_key}".encode()
    for part in (stamp[:8], region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    all_headers["authorization"] = (
        f"{ALGORITHM} Credential={credentials.access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
    )
    return all_headers

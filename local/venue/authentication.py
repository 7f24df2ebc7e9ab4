"""Who signed a request: V1 (HMAC over query and body) and V3 (EIP-712 by an agent, with a nonce in microseconds)."""

import hashlib
import hmac
import re
from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from coincurve import PublicKey
from local.venue.credentials import Credentials
from local.venue.http import Request
from local.venue.parameters import Parameters
from local.venue.queue import Queue

from undertow.adapters.aster.signing import MAINNET_CHAIN_ID, address_of, eip712_digest, recover_public_key
from undertow.adapters.paper.errors import ExchangeError

_SIGNATURE: Final = re.compile(r"(?:^|&)signature=([^&]*)$")
NONCES_KEPT: Final = 100
NONCE_WINDOW_US: Final = 10_000_000
_DEFAULT_RECV_WINDOW_MS: Final = 5_000
_MAX_RECV_WINDOW_MS: Final = 60_000
_AHEAD_MS: Final = 1_000
_WITHDRAWING: Final = ("/noop", "/guardedCancelOrder", "/guardedBatchOrders")


@dataclass(slots=True)
class Doorman:
    """``nonce_window_us`` is how far a nonce may be from the venue's clock, both ways."""

    accounts: Sequence[Credentials]
    queue: Queue = field(default_factory=Queue)
    chain_id: int = MAINNET_CHAIN_ID
    nonce_window_us: int = NONCE_WINDOW_US
    _nonces: dict[str, list[int]] = field(default_factory=dict)

    def by_key(self, request: Request) -> Credentials:
        """The owner of the API key in the header; no signature asked."""
        key = request.headers.get("x-mbx-apikey", "")
        if not key:
            raise ExchangeError(-2014, "API-key format invalid.", 401)
        for known in self.accounts:
            if hmac.compare_digest(known.api_key.encode(), key.encode()):
                return known
        raise ExchangeError(-2015, "Invalid API-key, IP, or permissions for action.", 401)

    def by_signature(self, request: Request, parameters: Parameters, now_ms: int) -> Credentials:
        """The account that signed ``request``, by whichever generation its shape shows."""
        if "x-mbx-apikey" in request.headers:
            return self._by_hmac(request, parameters, now_ms)
        return self._by_agent(request, parameters, now_ms)

    def _by_hmac(self, request: Request, parameters: Parameters, now_ms: int) -> Credentials:
        owner = self.by_key(request)
        if request.path.startswith("/fapi/v3/"):
            raise ExchangeError(-2015, "Invalid API-key, IP, or permissions for action.", 401)
        signature = parameters.text("signature")
        timestamp = parameters.integer("timestamp")
        window = parameters.optional_integer("recvWindow")
        self._check_time(timestamp, _DEFAULT_RECV_WINDOW_MS if window is None else window, now_ms)
        # Query and body are joined without a separator, and the signature is the last parameter of one of them.
        signed = _SIGNATURE.sub("", request.query) + _SIGNATURE.sub("", request.body)
        expected = hmac.new(owner.api_secret.encode(), signed.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected.encode(), signature.lower().encode()):
            raise ExchangeError(-1022, "Signature for this request is not valid.")
        return owner

    def _check_time(self, timestamp: int, window_ms: int, now_ms: int) -> None:
        if not 0 < window_ms <= _MAX_RECV_WINDOW_MS:
            raise ExchangeError(-1021, "recvWindow must be within 1 and 60000.")
        if timestamp >= now_ms + _AHEAD_MS:
            raise ExchangeError(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
        if now_ms - timestamp > window_ms:
            raise ExchangeError(-1021, "Timestamp for this request is outside of the recvWindow.")

    def _by_agent(self, request: Request, parameters: Parameters, now_ms: int) -> Credentials:
        signer, nonce = parameters.text("signer"), parameters.integer("nonce")
        text = _signed_text(request)
        owner = self._owner(signer, parameters.optional("user"))
        if self._recovered(text, parameters.text("signature")) != signer.lower():
            raise ExchangeError(-1000, "Signature check failed")
        # A request under the nonce of one that is still queued withdraws that one, and the nonce stays spent.
        withdraws = request.path.endswith(_WITHDRAWING) and self.queue.withdraw(owner.account, nonce)
        if not withdraws:
            self._spend(signer.lower(), nonce, now_ms)
        return owner

    def _owner(self, signer: str, user: str | None) -> Credentials:
        """The account ``signer`` acts for: the named wallet's, if it approved that agent, or the agent's own."""
        for known in self.accounts:
            if known.may_sign(signer) and (user is None or user.lower() == known.user.lower()):
                return known
        raise ExchangeError(-1002, "You are not authorized to execute this request.", 401)

    def _recovered(self, text: str, signature: str) -> str:
        try:
            raw = bytes.fromhex(signature.removeprefix("0x").removeprefix("0X"))
            return _address(recover_public_key(eip712_digest(text.encode(), self.chain_id), raw).format())
        except ValueError:
            raise ExchangeError(-1000, "Signature check failed") from None

    def _spend(self, signer: str, nonce: int, now_ms: int) -> None:
        """Each nonce once: the newest hundred are kept, and nothing older than those is taken any more."""
        if abs(nonce - now_ms * 1000) > self.nonce_window_us:
            raise ExchangeError(-4225, "Nonce Expired")
        kept = self._nonces.setdefault(signer, [])
        if nonce in kept or (len(kept) >= NONCES_KEPT and nonce < kept[0]):
            raise ExchangeError(-4225, "Nonce Expired")
        if len(kept) >= NONCES_KEPT:
            kept.pop(0)
        insort(kept, nonce)


@lru_cache(maxsize=1_000)
def _address(public_key: bytes) -> str:
    """In lower case. The same few agents sign everything, so their addresses are computed once."""
    return address_of(PublicKey(public_key)).lower()


def _signed_text(request: Request) -> str:
    """Everything before ``&signature=`` in the query or the body. Parameters outside of it would be unsigned."""
    carrying = [text for text in (request.query, request.body) if text]
    if len(carrying) != 1 or _SIGNATURE.search(carrying[0]) is None:
        raise ExchangeError(-1000, "Signature check failed")
    return _SIGNATURE.sub("", carrying[0])

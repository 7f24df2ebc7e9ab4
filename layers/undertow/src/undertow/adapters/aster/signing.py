"""The two generations of request signatures, each an ``httpx.Auth``.

V3 (default): an agent key signs the url-encoded parameters as EIP-712 typed data ``Message{msg}``; freshness is a nonce
in microseconds. V1: HMAC-SHA256 over query + body; freshness is ``timestamp`` and ``recvWindow`` in milliseconds.

Both sign the very bytes that are sent: parameters are encoded once, before the signer sees them, and never again.
"""

import hashlib
import hmac
import re
import threading
from collections.abc import Callable, Generator
from enum import StrEnum
from functools import cache
from typing import ClassVar, Final

import httpx
from coincurve import PrivateKey, PublicKey
from Crypto.Hash import keccak as _keccak

SECURITY: Final = "aster.security"
"""Key of the request extension that says how a request must be authenticated. Absent means not at all."""

MAINNET_CHAIN_ID: Final = 1666
TESTNET_CHAIN_ID: Final = 714
MOST_AHEAD_US: Final = 5_000_000
"""How far ahead of its clock the venue takes a nonce: 10 s by its documentation, 5 s by an earlier one."""
NONCES_REMEMBERED: Final = 5_000
"""More than two minutes of requests at the whole weight limit: what was made before that lies behind the clock even
where it was 60 s ahead, the widest window announced."""


class Generation(StrEnum):
    """Generation of the API. It decides the paths as well as the signature."""

    V1 = "v1"
    V3 = "v3"


class Security(StrEnum):
    NONE = "none"
    KEY = "key"
    """The API key header of V1 without a signature. V3 has no such thing and sends the request as it is."""
    SIGNED = "signed"


# --- EIP-712 ---------------------------------------------------------------------------------------------------------


def keccak256(data: bytes) -> bytes:
    return _keccak.new(data=data, digest_bits=256).digest()


_DOMAIN_TYPE: Final = b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
_MESSAGE_TYPE_HASH: Final = keccak256(b"Message(string msg)")


@cache
def domain_separator(chain_id: int) -> bytes:
    """Hash of the domain ``AsterSignTransaction`` version 1 on ``chain_id`` with the zero contract."""
    return keccak256(
        keccak256(_DOMAIN_TYPE)
        + keccak256(b"AsterSignTransaction")
        + keccak256(b"1")
        + chain_id.to_bytes(32, "big")
        + bytes(32)
    )


def struct_hash(msg: bytes) -> bytes:
    return keccak256(_MESSAGE_TYPE_HASH + keccak256(msg))


def eip712_digest(msg: bytes, chain_id: int) -> bytes:
    """The 32 bytes an agent signs for the url-encoded parameters ``msg``."""
    return keccak256(b"\x19\x01" + domain_separator(chain_id) + struct_hash(msg))


def recover_public_key(digest: bytes, signature: bytes) -> PublicKey:
    """The key that made ``signature`` (r, s, v; 65 bytes, v 27 or 28) over ``digest``.

    Raises ValueError when the bytes are no such signature.
    """
    if len(signature) != 65 or signature[64] not in (27, 28):
        raise ValueError("a signature is 65 bytes that end in 27 or 28")
    compact = signature[:64] + bytes([signature[64] - 27])
    return PublicKey.from_signature_and_message(compact, digest, hasher=None)


def address_of(public_key: PublicKey) -> str:
    """Address of ``public_key`` with the mixed-case checksum of EIP-55."""
    plain = keccak256(public_key.format(compressed=False)[1:])[12:].hex()
    check = keccak256(plain.encode()).hex()
    return "0x" + "".join(c.upper() if int(nibble, 16) > 7 else c for c, nibble in zip(plain, check, strict=False))


_NAMES_A_NONCE: Final = re.compile(r"(?:^|&)nonce=")

# --- signers ---------------------------------------------------------------------------------------------------------


class Nonces:
    """Microsecond nonces, each greater than the one before, for one agent key in one process.

    ``now_ms`` is the venue's time as far as we know it (our clock plus the measured offset). The venue keeps nonces
    per signer, so two processes must not make the same one: ``lane`` (0 to 999) is the sub-millisecond part that
    tells processes apart.

    Where an offset measured too high is put right, the nonces made under it lie ahead of the venue's clock. Within the
    window the next ones go on from there; beyond it the venue would refuse them until time has caught up, so they
    start again from the time, past every one that was made already.
    """

    def __init__(self, now_ms: Callable[[], int], lane: int = 0) -> None:
        if not 0 <= lane <= 999:
            raise ValueError(f"lane was {lane}, must be within 0..999")
        self._now_ms = now_ms
        self._lane = lane
        self._last = 0
        self._made: dict[int, None] = {}
        self._lock = threading.Lock()

    def allocate(self) -> int:
        with self._lock:
            now_us = self._now_ms() * 1000 + self._lane
            nonce = now_us if self._last - now_us > MOST_AHEAD_US else max(self._last + 1, now_us)
            while nonce in self._made:
                nonce += 1
            self._last = nonce
            self._made[nonce] = None
            if len(self._made) > NONCES_REMEMBERED:
                del self._made[next(iter(self._made))]
            return nonce


class AgentKeyAuth(httpx.Auth):
    """V3: signs with the private key of an agent (API wallet) on behalf of the main wallet ``user``."""

    generation: ClassVar = Generation.V3
    requires_request_body = True

    def __init__(self, user: str, private_key: str, nonces: Nonces, chain_id: int = MAINNET_CHAIN_ID) -> None:
        self._key = _private_key(private_key)
        self.user = user
        self.signer = address_of(self._key.public_key)
        self._nonces = nonces
        self._tail = f"&user={user}&signer={self.signer}"
        self._prefix = b"\x19\x01" + domain_separator(chain_id)

    def __repr__(self) -> str:
        return f"AgentKeyAuth(user={self.user}, signer={self.signer})"

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if request.extensions.get(SECURITY, Security.NONE) is Security.SIGNED:
            yield _with_parameters(request, self.signed(_parameters_of(request)))
        else:
            yield request

    def signed(self, parameters: str) -> str:
        """``parameters`` with nonce, user, signer and signature behind them. No parameters is the empty text.

        A request that names a nonce itself, to withdraw what is queued under it, is signed under that one.
        """
        fresh = "" if _NAMES_A_NONCE.search(parameters) else f"&nonce={self._nonces.allocate()}"
        msg = f"{parameters}{fresh}{self._tail}".lstrip("&")
        return f"{msg}&signature={self.signature(msg)}"

    def signature(self, msg: str) -> str:
        # The digest of eip712_digest, with the constant part joined once: an order is signed on the hot path.
        digest = keccak256(self._prefix + struct_hash(msg.encode()))
        signature = self._key.sign_recoverable(digest, hasher=None)
        return f"0x{signature[:64].hex()}{signature[64] + 27:02x}"


def _private_key(text: str) -> PrivateKey:
    digits = text.removeprefix("0x")
    # The library pads short keys, and a key cut off while copying would sign as somebody else.
    if len(digits) == 64:
        try:
            return PrivateKey(bytes.fromhex(digits))
        except ValueError:
            # Without the cause: its text could show part of the key.
            raise ValueError("the agent key is not a key of the curve in hexadecimal") from None
    raise ValueError(f"the agent key is not 64 hexadecimal digits but {len(digits)} letters")


class ApiKeyAuth(httpx.Auth):
    """V1: an API key in a header and, where the endpoint wants it, an HMAC signature as the last parameter."""

    generation: ClassVar = Generation.V1
    requires_request_body = True

    def __init__(self, api_key: str, secret: str, now_ms: Callable[[], int], recv_window_ms: int = 5000) -> None:
        if not 0 < recv_window_ms <= 60_000:
            raise ValueError(f"recv_window_ms was {recv_window_ms}, must be within 1..60000")
        self._api_key = api_key
        self._mac = hmac.new(secret.encode(), digestmod=hashlib.sha256)
        self._now_ms = now_ms
        self._recv_window_ms = recv_window_ms

    def __repr__(self) -> str:
        return f"ApiKeyAuth(api_key={self._api_key[:4]}...)"

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        security = request.extensions.get(SECURITY, Security.NONE)
        if security is Security.SIGNED:
            request = _with_parameters(request, self.signed(_parameters_of(request)))
        if security is not Security.NONE:
            request.headers["X-MBX-APIKEY"] = self._api_key
        yield request

    def signed(self, parameters: str) -> str:
        """``parameters`` with recvWindow, timestamp and signature behind them."""
        text = f"{parameters}&recvWindow={self._recv_window_ms}&timestamp={self._now_ms()}".lstrip("&")
        return f"{text}&signature={self.signature(text)}"

    def signature(self, text: str) -> str:
        """Hexadecimal HMAC of query and body joined without a separator, as the venue checks it."""
        mac = self._mac.copy()
        mac.update(text.encode())
        return mac.hexdigest()


class NoCredentials(httpx.Auth):
    """For public market data only; the venue refuses everything else."""

    generation: ClassVar = Generation.V3

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        yield request


AsterAuth = AgentKeyAuth | ApiKeyAuth | NoCredentials


def _parameters_of(request: httpx.Request) -> str:
    return (request.url.query if request.method == "GET" else request.content).decode("ascii")


def _with_parameters(request: httpx.Request, parameters: str) -> httpx.Request:
    """``request`` with its parameters replaced, in the query of a GET and in the form body of everything else."""
    raw = parameters.encode("ascii")
    if request.method == "GET":
        request.url = request.url.copy_with(query=raw)
        return request
    headers = request.headers.copy()
    headers.pop("content-length", None)
    return httpx.Request(request.method, request.url, headers=headers, content=raw, extensions=request.extensions)

"""Verifying RS256: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, 8.2.2). Nothing here is secret, and nothing is signed."""

import hashlib
from dataclasses import dataclass
from typing import Final

USUAL_EXPONENT: Final = 65_537
LEAST_BITS: Final = 2_048
MOST_BITS: Final = 4_096
_NAMES_SHA256: Final = bytes.fromhex("3031300d060960864801650304020105000420")


@dataclass(frozen=True, slots=True)
class PublicKey:
    modulus: int
    exponent: int

    @property
    def is_strong(self) -> bool:
        return self.exponent == USUAL_EXPONENT and LEAST_BITS <= self.modulus.bit_length() <= MOST_BITS


def is_signed(text: str, signature: bytes, key: PublicKey) -> bool:
    """The whole padded block is made anew and compared: no signature is taken apart, so nothing can be smuggled in."""
    length = (key.modulus.bit_length() + 7) // 8
    number = int.from_bytes(signature, "big")
    if len(signature) != length or number >= key.modulus:
        return False
    told = _NAMES_SHA256 + hashlib.sha256(text.encode()).digest()
    wanted = b"\x00\x01" + b"\xff" * (length - len(told) - 3) + b"\x00" + told
    return pow(number, key.exponent, key.modulus).to_bytes(length, "big") == wanted
